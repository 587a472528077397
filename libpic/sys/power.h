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

#endif
