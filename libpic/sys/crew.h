/* Many jobs of one kind in a few threads, the caller's among them. */
#ifndef PIC_SYS_CREW_H
#define PIC_SYS_CREW_H

#include <stddef.h>

#include "base/err.h"

/* Job i; others run beside it. */
typedef int (*pic__crew_job)(void *arg, size_t i, pic_error **err);

/* Does jobs 0 to count - 1 in at most that many threads; where no thread is to be had, in fewer. What one of them
 * failed with; then those that were not begun are left out. */
int pic__crew_run(size_t count, unsigned threads, pic__crew_job job, void *arg, pic_error **err);

#endif
