/* Shows: libfido2 is found, or said to be missing; it takes signatures of the three algorithms that browsers use, made
 * by OpenSSL and libsodium, and refuses them when one bit is another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "authenticator.h"
#include "engine/fido.h"

static void missing(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__fido_load("libno-such-thing.so.1", &err), PIC_UNSUPPORTED);
        assert_string_equal(pic_error_hint(err), "apt install libfido2-1");
        pic_error_free(err);
        assert_int_equal(pic__fido_load("libc.so.6", NULL), PIC_UNSUPPORTED);
        assert_int_equal(pic__fido_load(NULL, NULL), 0);
        assert_int_equal(pic__fido_load(NULL, NULL), 0);
}

static void bytes_of(EVP_PKEY *key, const char *name, uint8_t *to, int len)
{
        BIGNUM *n = NULL;

        assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
        assert_int_equal(BN_bn2binpad(n, to, len), len);
        BN_free(n);
}

/* Authenticator data with that key in it, and libfido2's view of it. */
static void read_key(const soft *s, const uint8_t *cose, size_t len, pic__fido_key *ret)
{
        uint8_t auth[512];
        size_t at = soft_head(s, 0x40, auth);
        pic_error *err = NULL;

        memset(auth + at, 0, 18);
        auth[at + 17] = 16;
        memcpy(auth + at + 18, s->id, 16);
        memcpy(auth + at + 34, cose, len);
        if (pic__fido_key_of((pic__bytes){ auth, at + 34 + len }, ret, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        assert_int_equal(ret->id_len, 16);
        assert_memory_equal(ret->id, s->id, 16);
}

static void sign(EVP_PKEY *key, const soft *s, uint8_t auth[37], uint8_t hash[32], uint8_t *to, size_t *len)
{
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        uint8_t text[37 + 32];

        (void)soft_head(s, 0, auth);
        memset(hash, 7, 32);
        memcpy(text, auth, 37);
        memcpy(text + 37, hash, 32);
        assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(EVP_DigestSign(ctx, to, len, text, sizeof(text)), 1);
        EVP_MD_CTX_free(ctx);
}

static void check(const pic__fido_key *key, EVP_PKEY *pair, const soft *s)
{
        uint8_t auth[37], signature[600];
        pic__fido_signed all = { .key = key, .rp = "localhost", .auth = { auth, 37 } };
        pic__fido_key other = *key;

        all.signature = (pic__bytes){ signature, sizeof(signature) };
        sign(pair, s, auth, all.client_hash, signature, &all.signature.len);
        assert_int_equal(pic__fido_check(&all, NULL), 1);
        all.client_hash[3] ^= 1;
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        all.client_hash[3] ^= 1;
        auth[36] ^= 1; /* the counter */
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        auth[36] ^= 1;
        auth[32] ^= 4; /* that it was the owner */
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        auth[32] ^= 4;
        all.rp = "localhost.example";
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        all.rp = "localhost";
        signature[all.signature.len - 1] ^= 1;
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        signature[all.signature.len - 1] ^= 1;
        all.signature.len--;
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        all.signature.len++;
        other.alg = other.alg == PIC__COSE_RS256 ? PIC__COSE_ES256 : PIC__COSE_RS256;
        all.key = &other;
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        other = *key;
        other.bytes[5] ^= 1;
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        other = *key;
        other.alg = -37;
        assert_int_equal(pic__fido_check(&all, NULL), 0);
        all.key = key;
        assert_int_equal(pic__fido_check(&all, NULL), 1);
}

static const soft some = { .rp = "localhost", .id = "fifteen letters", .count = 1 };

static void es256(void **state)
{
        static const uint8_t head[] = { 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32 };
        EVP_PKEY *pair = EVP_EC_gen("P-256");
        uint8_t cose[10 + 32 + 3 + 32];
        pic__fido_key key;

        (void)state;
        memcpy(cose, head, 10);
        bytes_of(pair, OSSL_PKEY_PARAM_EC_PUB_X, cose + 10, 32);
        memcpy(cose + 42, "\x22\x58\x20", 3);
        bytes_of(pair, OSSL_PKEY_PARAM_EC_PUB_Y, cose + 45, 32);
        read_key(&some, cose, sizeof(cose), &key);
        assert_int_equal(key.alg, PIC__COSE_ES256);
        check(&key, pair, &some);
        EVP_PKEY_free(pair);
}

static void rs256(void **state)
{
        static const uint8_t head[] = { 0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0 };
        EVP_PKEY *pair = EVP_RSA_gen(2048);
        uint8_t cose[11 + 256 + 5];
        pic__fido_key key;

        (void)state;
        memcpy(cose, head, 11);
        bytes_of(pair, OSSL_PKEY_PARAM_RSA_N, cose + 11, 256);
        memcpy(cose + 267, "\x21\x43\x01\x00\x01", 5);
        read_key(&some, cose, sizeof(cose), &key);
        assert_int_equal(key.alg, PIC__COSE_RS256);
        check(&key, pair, &some);
        EVP_PKEY_free(pair);
}

static void eddsa(void **state)
{
        soft s = some;
        said made, to;
        pic__fido_key key;
        pic__fido_signed all = { .key = &key, .rp = "localhost" };

        (void)state;
        s.origin = "http://localhost";
        s.challenge = "x";
        soft_create(&s, &made);
        assert_int_equal(pic__fido_key_of((pic__bytes){ made.auth, made.auth_len }, &key, NULL), 0);
        assert_int_equal(key.alg, PIC__COSE_EDDSA);
        soft_get(&s, &to);
        all.auth = (pic__bytes){ to.auth, to.auth_len };
        all.signature = (pic__bytes){ to.signature, 64 };
        pic__sha256(to.client, strlen(to.client), all.client_hash);
        assert_int_equal(pic__fido_check(&all, NULL), 1);
        to.signature[40] ^= 1;
        assert_int_equal(pic__fido_check(&all, NULL), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(missing), cmocka_unit_test(es256), cmocka_unit_test(rs256),
                                            cmocka_unit_test(eddsa) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
