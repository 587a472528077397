/* Capabilities of the next programs that we start. The agent's children get few (engine/privileges.h); what makes a
 * namespace takes more. Between these two calls what this thread starts gets all that it may give: only for programs
 * that are told by us what to do, and that give it up before they become something else. Without anything to give
 * (tests, an agent that kept all) nothing happens. */
#ifndef PIC_SYS_POWER_H
#define PIC_SYS_POWER_H

#include <stdint.h>

/* Answers what was given, for pic__power_back. */
uint64_t pic__power_give(void);
void pic__power_back(uint64_t given);

/* AppArmor binds programs by their path: Debian's profiles of unbound and chronyd know the files of the machine's own
 * service and refuse a cell's. What setpriv is told, so that one that we start with less power anyway is not bound by
 * them; NULL where there is no AppArmor. */
const char *pic__power_unbound(void);

#endif
