/* A directory that is its maker's while it lives: its mark is locked, so that one of who was killed is known as such
 * and is removed by the next. */
#ifndef PIC_ENGINE_SCRATCH_H
#define PIC_ENGINE_SCRATCH_H

#include "base/err.h"

#define PIC__SCRATCH_MARK ".busy"

typedef struct pic__scratch {
        char *path; /* NULL: there is none (any more) */
        int mark;
} pic__scratch;
#define PIC__SCRATCH_INIT \
        {                 \
                NULL, -1  \
        }

/* Removes those of who was killed, whose paths begin so. */
void pic__scratch_clean(const char *begin);
/* That, and makes one: mode 0700. */
int pic__scratch_make(const char *begin, pic__scratch *ret, pic_error **err);
/* One with a mark that nobody holds any more comes from another place of this disk, and is the caller's: one step.
 * PIC_BUSY: it is somebody's; PIC_NOTFOUND, PIC_IO, PIC_DENIED, PIC_NOMEM: nothing has moved. */
int pic__scratch_take(const char *from, const char *begin, pic__scratch *ret, pic_error **err);
/* In memory, where this machine has such a place; in /tmp else. */
int pic__scratch_anywhere(pic__scratch *ret, pic_error **err);
/* Removes it, but for what had its path taken away. */
void pic__scratch_free(pic__scratch *s);
/* It is something from now on, and stays whatever becomes of its maker. */
void pic__scratch_unmark(const char *dir);

#endif
