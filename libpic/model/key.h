/* Keys of Curve25519 as text, and which of them are no keys. */
#ifndef PIC_MODEL_KEY_H
#define PIC_MODEL_KEY_H

#include <stdint.h>

/* Base64 of 32-byte keys, as wg(8) prints them: constant time in the key's bytes. decode: 0 or -1 (only the canonical
 * form). */
#define PIC__KEY_TEXT 45
void pic__key_encode(const uint8_t key[32], char text[PIC__KEY_TEXT]);
int pic__key_decode(const char *text, uint8_t key[32]);
int pic__key_low_order(
        const uint8_t key[32]); /* one of the 12 points of RFC 7748's small subgroups, all-zero included */
int pic__key_zero(const uint8_t key[32]);

#endif
