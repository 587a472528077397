/* Door to libsodium, third part: what the keys of encrypted files are made of. HKDF (RFC 5869), X25519 (RFC 7748),
 * scrypt (RFC 7914). */
#ifndef PIC_SYS_CIPHER_H
#define PIC_SYS_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* HMAC-SHA-256 of two pieces, one after the other; either may be empty. */
void pic__hmac256(const void *key, size_t key_len, const void *a, size_t a_len, const void *b, size_t b_len,
                  uint8_t out[32]);
/* HKDF-SHA-256: 32 bytes of a secret, for one use. */
void pic__hkdf256(const uint8_t *secret, size_t secret_len, const uint8_t *salt, size_t salt_len, const char *use,
                  uint8_t out[32]);
/* -1: the point is of low order, and the secret would be zeros. */
int pic__x25519(const uint8_t secret[32], const uint8_t point[32], uint8_t out[32]);
void pic__x25519_base(const uint8_t secret[32], uint8_t out[32]);
/* scrypt with N = 2^log_n (1 to 30), r = 8, p = 1: takes 2^log_n KiB of memory. PIC_NOMEM, PIC_VALUE. */
int pic__scrypt(const char *password, size_t len, const uint8_t *salt, size_t salt_len, unsigned log_n, uint8_t out[32],
                pic_error **err);

#endif
