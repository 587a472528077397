/* What a carrier needs of the machine: its programs, and one directory that they may write to. */
#ifndef PIC_BACKEND_EXIT_NEEDS_H
#define PIC_BACKEND_EXIT_NEEDS_H

#include "backend/exit/carrier.h"

/* PIC_UNSUPPORTED, with the package as hint, when the program is not here. */
int pic__exit_program(const char *program, const char *package, pic_error **err);

#define PIC__EXIT_OWN "own" /* for sockets and state */
#define PIC__EXIT_OWN_HOME PIC__EXIT_HOME "/" PIC__EXIT_OWN
/* Makes it: 0700, the carrier's user's. Fine if it is there. */
int pic__exit_own_make(const pic__carrier_env *env, pic_error **err);

#endif
