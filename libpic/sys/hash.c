/* Owns: SHA-256, Ed25519 and base64, by libsodium. */
#include "sys/hash.h"

#include <sodium.h>

#define BASE64 sodium_base64_VARIANT_ORIGINAL
#define BASE64RAW sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define BASE64URL sodium_base64_VARIANT_URLSAFE_NO_PADDING

void pic__sha256_tagged(uint8_t tag, const void *a, size_t a_len, const void *b, size_t b_len, uint8_t out[PIC__SHA256])
{
        crypto_hash_sha256_state state;

        (void)crypto_hash_sha256_init(&state);
        (void)crypto_hash_sha256_update(&state, &tag, 1);
        if (a_len > 0)
                (void)crypto_hash_sha256_update(&state, a, a_len);
        if (b_len > 0)
                (void)crypto_hash_sha256_update(&state, b, b_len);
        (void)crypto_hash_sha256_final(&state, out);
}

void pic__sha256(const void *data, size_t len, uint8_t out[PIC__SHA256])
{
        (void)crypto_hash_sha256(out, data, len);
}

void pic__sign_pair(const uint8_t seed[32], uint8_t public_key[32], uint8_t secret[64])
{
        (void)crypto_sign_seed_keypair(public_key, secret, seed);
}

void pic__sign(const void *data, size_t len, const uint8_t secret[64], uint8_t signature[PIC__SIGNATURE])
{
        (void)crypto_sign_detached(signature, NULL, data, len, secret);
}

int pic__sign_check(const void *data, size_t len, const uint8_t public_key[32], const uint8_t signature[PIC__SIGNATURE])
{
        return crypto_sign_verify_detached(signature, data, len, public_key) == 0;
}

void pic__base64(const void *data, size_t len, char *text)
{
        (void)sodium_bin2base64(text, PIC__BASE64(len), data, len, BASE64);
}

/* libsodium 1.0.18 takes some bytes over 0x7f for letters. */
static int is_alphabet(const char *text, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++) {
                char c = text[i];

                if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' &&
                    c != '=' && c != '-' && c != '_')
                        return 0;
        }
        return 1;
}

int pic__unbase64(const char *text, size_t text_len, void *out, size_t max, size_t *ret_len)
{
        return is_alphabet(text, text_len) &&
                               sodium_base642bin(out, max, text, text_len, NULL, ret_len, NULL, BASE64) == 0
                       ? 0
                       : -1;
}

void pic__base64url(const void *data, size_t len, char *text)
{
        (void)sodium_bin2base64(text, PIC__BASE64URL(len), data, len, BASE64URL);
}

int pic__unbase64url(const char *text, size_t text_len, void *out, size_t max, size_t *ret_len)
{
        return is_alphabet(text, text_len) &&
                               sodium_base642bin(out, max, text, text_len, NULL, ret_len, NULL, BASE64URL) == 0
                       ? 0
                       : -1;
}

void pic__base64raw(const void *data, size_t len, char *text)
{
        (void)sodium_bin2base64(text, PIC__BASE64RAW(len), data, len, BASE64RAW);
}

int pic__unbase64raw(const char *text, size_t text_len, void *out, size_t max, size_t *ret_len)
{
        return is_alphabet(text, text_len) &&
                               sodium_base642bin(out, max, text, text_len, NULL, ret_len, NULL, BASE64RAW) == 0
                       ? 0
                       : -1;
}
