/* The secret by which the cell's own front proxy is known to who serves behind it. */
#ifndef PIC_ENGINE_FRONT_H
#define PIC_ENGINE_FRONT_H

#include <sys/types.h>

#include "base/err.h"

#define PIC__FRONT_FILE "front" /* in the run directory */
#define PIC__FRONT_FORMER "front.former"

/* A new one: 0640, of the cell's owner, and for its group where there is one. */
int pic__front_make(const char *run_dir, uid_t owner, pic_error **err);
/* 1: that is it. */
int pic__front_is(const char *run_dir, const char *text);

#endif
