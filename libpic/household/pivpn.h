/* What PiVPN keeps beside its server's file: setupVars.conf (words of a shell) and configs/clients.txt (a device a
 * line: name, public key, when it was made, its address as a number). */
#ifndef PIC_HOUSEHOLD_PIVPN_H
#define PIC_HOUSEHOLD_PIVPN_H

#include "household/household.h"

#define PIC__PIVPN_TEXT ((size_t)4 << 20)

void pic__pivpn_vars(pic__household *h, const char *text, size_t len, const char *file);
/* The devices were indexed: pic__household_index(). */
void pic__pivpn_clients(pic__household *h, const char *text, size_t len, const char *file);

#endif
