/* Bech32 (BIP 173), without its limit of length. */
#ifndef PIC_AGE_BECH32_H
#define PIC_AGE_BECH32_H

#include <stdint.h>

#include "base/buf.h"

/* The text of `len` bytes behind a prefix ("age"), in lower case; in upper case when the prefix is. */
void pic__bech32_put(const char *prefix, const uint8_t *data, size_t len, pic__buf *out);
/* -1: it is none, or of another prefix, in another case than the prefix's, or not of exactly `len` bytes. */
int pic__bech32_get(const char *prefix, const char *text, size_t text_len, uint8_t *data, size_t len);

#endif
