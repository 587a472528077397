/* The way in as far as tar: a backup's bytes, out of age if they are in it, out of zstd; or a tar as it is. */
#ifndef PIC_BACKUP_FLOW_H
#define PIC_BACKUP_FLOW_H

#include "age/keys.h"

typedef struct pic__flow pic__flow;
/* More of a file: 1 with some, 0 at its end, negative an error. */
typedef int (*pic__flow_source)(void *arg, const void **ret_data, size_t *ret_len, pic_error **err);

/* keys NULL: only what is not encrypted opens. max_work as pic__age_open_new(). */
int pic__flow_new(const pic__age_keys *keys, unsigned max_work, pic__flow_source source, void *arg, pic__flow **ret,
                  pic_error **err);
/* 1 with bytes that are valid until the next call; 0: the end, and all of it was well. PIC_SYNTAX, PIC_UNSUPPORTED,
 * PIC_DENIED, PIC_CORRUPT as pic__age_open_put(), with detail "part", which is "zstd" too. */
int pic__flow_next(pic__flow *f, const void **ret_data, size_t *ret_len, pic_error **err);
int pic__flow_encrypted(const pic__flow *f); /* known after the first bytes */
void pic__flow_free(pic__flow *f);

#endif
