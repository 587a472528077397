/* Crypto: known answers (RFC 7748, BLAKE2b), sealed boxes that open only in their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sys/crypto.h"

static void unhex(const char *text, uint8_t *out, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++) {
                unsigned v;

                assert_int_equal(sscanf(text + 2 * i, "%2x", &v), 1);
                out[i] = (uint8_t)v;
        }
}

static void known_answers(void **state)
{
        uint8_t secret[32], want[32], got[32];
        char text[65];

        (void)state;
        /* RFC 7748, 6.1: Alice */
        unhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", secret, 32);
        unhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", want, 32);
        pic__wg_public(secret, got);
        assert_memory_equal(got, want, 32);
        /* b2sum -l 256 of "abc" */
        pic__digest("abc", 3, got);
        pic__hex(got, 32, text);
        assert_string_equal(text, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
        pic__hex("\x00\xff", 2, text);
        assert_string_equal(text, "00ff");
}

static void keys(void **state)
{
        uint8_t s1[32], p1[32], s2[32], p2[32], again[32];

        (void)state;
        pic__wg_keypair(s1, p1);
        pic__wg_keypair(s2, p2);
        assert_int_equal(s1[0] & 7, 0);
        assert_int_equal(s1[31] & 0xc0, 0x40);
        pic__wg_public(s1, again);
        assert_memory_equal(again, p1, 32);
        assert_memory_not_equal(s1, s2, 32);
        assert_int_equal(pic__same(p1, again, 32), 1);
        assert_int_equal(pic__same(p1, p2, 32), 0);
        pic__wipe(s1, 32);
        memset(again, 0, 32);
        assert_memory_equal(s1, again, 32);
        pic__random(s2, 32);
        assert_memory_not_equal(s2, again, 32);
}

static void seal_and_open(void **state)
{
        uint8_t key[32], to[32], other[32], plain[64];
        pic_error *err = NULL;
        char *text = NULL;
        size_t len = 99;

        (void)state;
        pic__wg_keypair(key, to);
        pic__wg_keypair(other, plain);
        assert_int_equal(pic__seal(to, "peer/7/private_key", (const uint8_t *)"hello", 5, &text, NULL), 0);
        assert_int_equal(pic__unseal(key, "peer/7/private_key", text, plain, sizeof(plain), &len, NULL), 0);
        assert_int_equal(len, 5);
        assert_memory_equal(plain, "hello", 5);
        /* another row, another column, a context that begins alike, another key */
        assert_int_equal(pic__unseal(key, "peer/8/private_key", text, plain, sizeof(plain), &len, &err), PIC_CORRUPT);
        assert_non_null(strstr(pic_error_message(err), "peer/8/private_key"));
        pic_error_free(pic__take(err));
        assert_int_equal(pic__unseal(key, "peer/7/private", text, plain, sizeof(plain), &len, NULL), PIC_CORRUPT);
        assert_int_equal(pic__unseal(key, "peer/7/private_key2", text, plain, sizeof(plain), &len, NULL), PIC_CORRUPT);
        assert_int_equal(pic__unseal(other, "peer/7/private_key", text, plain, sizeof(plain), &len, NULL), PIC_CORRUPT);
        /* no room */
        assert_int_equal(pic__unseal(key, "peer/7/private_key", text, plain, 4, &len, NULL), PIC_CORRUPT);
        assert_int_equal(pic__unseal(key, "peer/7/private_key", text, plain, 5, &len, NULL), 0);
        /* damaged, cut, no base64, empty */
        text[10] = text[10] == 'A' ? 'B' : 'A';
        assert_int_equal(pic__unseal(key, "peer/7/private_key", text, plain, 64, &len, NULL), PIC_CORRUPT);
        assert_int_equal(pic__unseal(key, "x", "AAAA", plain, 64, &len, NULL), PIC_CORRUPT);
        assert_int_equal(pic__unseal(key, "x", "no base64!", plain, 64, &len, NULL), PIC_CORRUPT);
        assert_int_equal(pic__unseal(key, "x", "", plain, 64, &len, NULL), PIC_CORRUPT);
        pic__free(text);
}

static void seal_nothing(void **state)
{
        uint8_t key[32], to[32], plain[1];
        char *a = NULL, *b = NULL;
        size_t len = 99;

        (void)state;
        pic__wg_keypair(key, to);
        assert_int_equal(pic__seal(to, "c", NULL, 0, &a, NULL), 0);
        assert_int_equal(pic__seal(to, "c", NULL, 0, &b, NULL), 0);
        assert_string_not_equal(a, b); /* a fresh key each time */
        assert_int_equal(pic__unseal(key, "c", a, plain, 0, &len, NULL), 0);
        assert_int_equal(len, 0);
        pic__free(a);
        pic__free(b);
        memset(to, 0, 32); /* low order: libsodium refuses */
        assert_int_equal(pic__seal(to, "c", NULL, 0, &a, NULL), PIC_INVALID);
}

static void out_of_memory(void **state)
{
        uint8_t key[32], to[32], plain[8];
        char *text = NULL;
        size_t len;
        unsigned long n;
        int r;

        (void)state;
        pic__wg_keypair(key, to);
        for (n = 1;; n++) {
                pic__mem_fail_at(n);
                r = pic__seal(to, "c", (const uint8_t *)"x", 1, &text, NULL);
                if (r == 0)
                        break;
                assert_int_equal(r, PIC_NOMEM);
        }
        assert_true(n > 1);
        for (n = 1;; n++) {
                pic__mem_fail_at(n);
                r = pic__unseal(key, "c", text, plain, 8, &len, NULL);
                if (r == 0)
                        break;
                assert_int_equal(r, PIC_NOMEM);
        }
        assert_true(n > 1);
        pic__mem_fail_at(0);
        pic__free(text);
}

static int start(void **state)
{
        (void)state;
        return pic__crypto_start(NULL) != 0 || pic__crypto_start(NULL) != 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(known_answers), cmocka_unit_test(keys),          cmocka_unit_test(seal_and_open),
                cmocka_unit_test(seal_nothing),  cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, start, NULL);
}
