/* Owns: the choice between two libraries. OpenSSL may fail for want of memory, which its answer does not tell from a
 * wrong tag: then libsodium, which needs none, has the last word. */
#include "sys/aead.h"

#include <limits.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

/* 1: done. */
static int seal_fast(EVP_CIPHER_CTX *c, const uint8_t *key, const uint8_t *nonce, const uint8_t *plain, size_t len,
                     uint8_t *box)
{
        int n = 0;

        return c != NULL && len <= INT_MAX && EVP_EncryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
               EVP_EncryptUpdate(c, box, &n, plain, (int)len) == 1 && (size_t)n == len &&
               EVP_EncryptFinal_ex(c, box + len, &n) == 1 &&
               EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, PIC__AEAD_TAG, box + len) == 1;
}

void pic__aead_seal(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *plain, size_t len, uint8_t *box)
{
        EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

        if (!seal_fast(c, key, nonce, plain, len, box))
                (void)crypto_aead_chacha20poly1305_ietf_encrypt(box, NULL, plain, len, NULL, 0, NULL, nonce, key);
        EVP_CIPHER_CTX_free(c);
}

static int open_fast(EVP_CIPHER_CTX *c, const uint8_t *key, const uint8_t *nonce, const uint8_t *box, size_t len,
                     uint8_t *plain)
{
        uint8_t tag[PIC__AEAD_TAG], none[1];
        int n = 0;

        memcpy(tag, box + len, sizeof(tag));
        return c != NULL && len <= INT_MAX && EVP_DecryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
               EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, PIC__AEAD_TAG, tag) == 1 &&
               EVP_DecryptUpdate(c, plain, &n, box, (int)len) == 1 && (size_t)n == len &&
               EVP_DecryptFinal_ex(c, none, &n) == 1;
}

int pic__aead_open(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *box, size_t len, uint8_t *plain)
{
        EVP_CIPHER_CTX *c;
        int r;

        if (len < PIC__AEAD_TAG)
                return -1;
        c = EVP_CIPHER_CTX_new();
        r = open_fast(c, key, nonce, box, len - PIC__AEAD_TAG, plain)
                    ? 0
                    : crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, box, len, NULL, 0, nonce, key);
        EVP_CIPHER_CTX_free(c);
        return r;
}
