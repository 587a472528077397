/* Owns: the making of keys, by libsodium. */
#include "sys/cipher.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

void pic__hmac256(const void *key, size_t key_len, const void *a, size_t a_len, const void *b, size_t b_len,
                  uint8_t out[32])
{
        crypto_auth_hmacsha256_state state;

        (void)crypto_auth_hmacsha256_init(&state, key_len > 0 ? key : "", key_len);
        if (a_len > 0)
                (void)crypto_auth_hmacsha256_update(&state, a, a_len);
        if (b_len > 0)
                (void)crypto_auth_hmacsha256_update(&state, b, b_len);
        (void)crypto_auth_hmacsha256_final(&state, out);
        sodium_memzero(&state, sizeof(state));
}

void pic__hkdf256(const uint8_t *secret, size_t secret_len, const uint8_t *salt, size_t salt_len, const char *use,
                  uint8_t out[32])
{
        static const uint8_t first = 1; /* 32 bytes are one block of the hash */
        uint8_t middle[32];

        pic__hmac256(salt, salt_len, secret, secret_len, NULL, 0, middle);
        pic__hmac256(middle, sizeof(middle), use, strlen(use), &first, 1, out);
        sodium_memzero(middle, sizeof(middle));
}

int pic__x25519(const uint8_t secret[32], const uint8_t point[32], uint8_t out[32])
{
        return crypto_scalarmult(out, secret, point);
}

void pic__x25519_base(const uint8_t secret[32], uint8_t out[32])
{
        /* Fails for no input: the base point has the full order. */
        (void)crypto_scalarmult_base(out, secret);
}

int pic__scrypt(const char *password, size_t len, const uint8_t *salt, size_t salt_len, unsigned log_n, uint8_t out[32],
                pic_error **err)
{
        if (log_n < 1 || log_n > 30)
                return pic__fail(err, PIC_VALUE, "a work factor is a number from 1 to 30, not %u", log_n);
        if (crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)password, len, salt, salt_len, UINT64_C(1) << log_n,
                                                  8, 1, out, 32) == 0)
                return 0;
        return pic__fail(err, PIC_NOMEM, "the passphrase's work factor %u takes %llu MiB of memory, which is not there",
                         log_n, (1ULL << log_n) >> 10);
}
