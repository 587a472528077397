/* ChaCha20-Poly1305 (RFC 8439), by OpenSSL, which uses the processor's wide registers for both halves (libsodium 1.0.18
 * has half the speed here); by libsodium where that cannot. */
#ifndef PIC_SYS_AEAD_H
#define PIC_SYS_AEAD_H

#include <stddef.h>
#include <stdint.h>

enum { PIC__AEAD_TAG = 16 };

/* box has len + PIC__AEAD_TAG bytes. */
void pic__aead_seal(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *plain, size_t len, uint8_t *box);
/* plain has len - PIC__AEAD_TAG bytes. -1: it is not what was sealed; plain is zeros then. */
int pic__aead_open(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *box, size_t len, uint8_t *plain);

#endif
