/* Door to libsodium, second part: what an audit trail is made of. SHA-256 (FIPS 180-4) and Ed25519 (RFC 8032). */
#ifndef PIC_SYS_HASH_H
#define PIC_SYS_HASH_H

#include <stddef.h>
#include <stdint.h>

#define PIC__SHA256 32
#define PIC__SIGNATURE 64

/* Of a byte and up to two pieces after it (RFC 6962 puts 0 before a leaf and 1 before a node). */
void pic__sha256_tagged(uint8_t tag, const void *a, size_t a_len, const void *b, size_t b_len,
                        uint8_t out[PIC__SHA256]);
void pic__sha256(const void *data, size_t len, uint8_t out[PIC__SHA256]);

/* The key pair that belongs to a seed of 32 bytes. secret is seed and public key, as libsodium has it. */
void pic__sign_pair(const uint8_t seed[32], uint8_t public_key[32], uint8_t secret[64]);
void pic__sign(const void *data, size_t len, const uint8_t secret[64], uint8_t signature[PIC__SIGNATURE]);
int pic__sign_check(const void *data, size_t len, const uint8_t public_key[32],
                    const uint8_t signature[PIC__SIGNATURE]); /* 1: good */

/* Standard base64 with padding (RFC 4648 section 4). text has room for PIC__BASE64(len) bytes. */
#define PIC__BASE64(len) (((len) + 2) / 3 * 4 + 1)
void pic__base64(const void *data, size_t len, char *text);
/* -1 when it is none, or longer than max. */
int pic__unbase64(const char *text, size_t text_len, void *out, size_t max, size_t *ret_len);

/* base64url without padding (RFC 4648 section 5): for texts that stand in addresses and headers. */
#define PIC__BASE64URL(len) (((len)*4 + 2) / 3 + 1)
void pic__base64url(const void *data, size_t len, char *text);
int pic__unbase64url(const char *text, size_t text_len, void *out, size_t max, size_t *ret_len);

/* Standard base64 without padding. */
#define PIC__BASE64RAW(len) (((len)*4 + 2) / 3 + 1)
void pic__base64raw(const void *data, size_t len, char *text);
int pic__unbase64raw(const char *text, size_t text_len, void *out, size_t max, size_t *ret_len);

#endif
