/* Encrypting: plain bytes are pushed in, a file comes out of the sink. */
#ifndef PIC_AGE_SEAL_H
#define PIC_AGE_SEAL_H

#include "age/payload.h"

typedef struct pic__age_sealer pic__age_sealer;

/* The header goes to the sink at once. log_n: the passphrase's work factor, 0: PIC__AGE_WORK. PIC_INVALID: nobody could
 * open it; PIC_CONFLICT: a passphrase and recipients; PIC_VALUE: a work factor over 30; PIC_NOMEM; what the sink
 * answers. */
int pic__age_seal_new(const pic__age_keys *keys, unsigned log_n, int armor, pic__age_sink sink, void *arg,
                      pic__age_sealer **ret, pic_error **err);
int pic__age_seal_put(pic__age_sealer *s, const void *data, size_t len, pic_error **err);
int pic__age_seal_end(pic__age_sealer *s, pic_error **err); /* the last chunk: without it there is no file */
void pic__age_seal_free(pic__age_sealer *s);                /* wipes it. Takes NULL */

#endif
