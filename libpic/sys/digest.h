/* SHA-256 piece by piece, of what is large: by OpenSSL, which uses the processor's own instructions (libsodium 1.0.18
 * has a quarter of the speed here). */
#ifndef PIC_SYS_DIGEST_H
#define PIC_SYS_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct pic__digesting pic__digesting;

int pic__digesting_new(pic__digesting **ret, pic_error **err);
int pic__digesting_start(pic__digesting *d, pic_error **err); /* anew */
int pic__digesting_put(pic__digesting *d, const void *data, size_t len, pic_error **err);
int pic__digesting_end(pic__digesting *d, uint8_t out[32], pic_error **err);
void pic__digesting_free(pic__digesting *d); /* takes NULL */

#endif
