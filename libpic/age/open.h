/* Decrypting: a file is pushed in, armored or not, and authenticated plain bytes come out of the sink. */
#ifndef PIC_AGE_OPEN_H
#define PIC_AGE_OPEN_H

#include "age/payload.h"

typedef struct pic__age_opener pic__age_opener;

/* The keys have to live as long. max_work: the highest work factor that is taken, 0: PIC__AGE_WORK_MAX. */
int pic__age_open_new(const pic__age_keys *keys, unsigned max_work, pic__age_sink sink, void *arg,
                      pic__age_opener **ret, pic_error **err);
/* PIC_SYNTAX, PIC_UNSUPPORTED, PIC_DENIED, PIC_CORRUPT with detail "part" (README); PIC_BADSTATE after a failure; what
 * the sink answers. */
int pic__age_open_put(pic__age_opener *o, const void *data, size_t len, pic_error **err);
int pic__age_open_end(pic__age_opener *o, pic_error **err); /* only what passed this was the whole file */
void pic__age_open_free(pic__age_opener *o);                /* wipes it. Takes NULL */

#endif
