/* Door to libsodium: the only room that includes sodium.h. */
#ifndef PIC_SYS_CRYPTO_H
#define PIC_SYS_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

int pic__crypto_start(pic_error **err); /* once a process; thread-safe */
void pic__random(void *to, size_t len);
/* X25519 as WireGuard has it (clamped). */
void pic__wg_keypair(uint8_t secret[32], uint8_t public_key[32]);
void pic__wg_public(const uint8_t secret[32], uint8_t public_key[32]);
/* BLAKE2b-256. */
void pic__digest(const void *data, size_t len, uint8_t out[32]);
void pic__wipe(void *mem, size_t len);
int pic__same(const void *a, const void *b, size_t len); /* constant time: 1 equal */
void pic__hex(const void *data, size_t len, char *text); /* 2 * len + 1 bytes */

/* Sealed boxes (crypto_box_seal) to the agent's key. `context` ("peer/7/private_key") is inside and checked on opening,
 * so a sealed value moved to another row or column does not open. Sealed text is base64. */
int pic__seal(const uint8_t to[32], const char *context, const uint8_t *plain, size_t len, char **ret_text,
              pic_error **err);
int pic__unseal(const uint8_t key[32], const char *context, const char *text, uint8_t *plain, size_t max,
                size_t *ret_len, pic_error **err);
/* The same where the public half of `key` is known: half the cost. */
int pic__unseal_pair(const uint8_t public_key[32], const uint8_t key[32], const char *context, const char *text,
                     uint8_t *plain, size_t max, size_t *ret_len, pic_error **err);

#endif
