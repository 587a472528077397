/* A machine of its own for the process that asks and all that it starts. */
#ifndef PIC_DRILL_APART_H
#define PIC_DRILL_APART_H

#include <sys/types.h>

#include "base/err.h"

/* Comes back in a new process, the first one of the new machine; the one that called waits for it, and ends as it does.
 * PIC_DENIED: that may not be made here. */
int pic__drill_apart(pic_error **err);
/* The calling process ends with the one that started it. */
int pic__drill_bound(pid_t parent);

#endif
