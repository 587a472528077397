/* Copies beside a cell's store that nobody else sees: while they are made they may have a name, then they have none,
 * and end with the descriptor. They are locked, so that whoever was killed leaves a file that the next one knows to be
 * nobody's. */
#ifndef PIC_ENGINE_ASIDE_H
#define PIC_ENGINE_ASIDE_H

#include <stdint.h>

#include "base/err.h"

void pic__aside_clean(const char *dir); /* what is left of those who were killed */
/* An empty one with a name (pic__free), which the caller removes. PIC_IO, PIC_DENIED, PIC_BUSY, PIC_NOMEM. */
int pic__aside_make(const char *dir, char **ret_path, int *ret_fd, pic_error **err);

/* Files copied one behind the other into one without a name: what is taken does not change any more, at the price of
 * room on the disk instead of memory. */
typedef struct pic__aside {
        int fd; /* -1: none yet */
        uint64_t len;
} pic__aside;
/* *ret_size bytes from where its end was. PIC_VALUE: longer than `max`; PIC_CONFLICT: no plain file. */
int pic__aside_add(pic__aside *a, const char *dir, const char *path, uint64_t max, uint64_t *ret_size, pic_error **err);

#endif
