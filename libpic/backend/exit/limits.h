/* What the programs of an exit may take of the machine. */
#ifndef PIC_BACKEND_EXIT_LIMITS_H
#define PIC_BACKEND_EXIT_LIMITS_H

#include <stddef.h>

#include "backend/exit/carrier.h"

#define PIC__EXIT_TASKS 256u /* processes and threads of one user id, unless its program says more */
#define PIC__EXIT_LIMITS 9   /* words at most */

/* What is put before a program: limits, never above those that we have ourselves, and that it dies before others when
 * memory is short. Fills words and at, which points into words; how many. */
size_t pic__limits_argv(const pic__process_spec *spec, char words[PIC__EXIT_LIMITS][32],
                        const char *at[PIC__EXIT_LIMITS]);

#endif
