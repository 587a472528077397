/* Shows: what libsodium makes is what we make, at every length, and nothing opens that was changed. */
#include "sys/aead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "sys/crypto.h"

enum { LONG = 65536 };

static uint8_t plain[LONG], box[LONG + PIC__AEAD_TAG], theirs[LONG + PIC__AEAD_TAG], back[LONG];

static void same(void **state)
{
        uint8_t key[32], nonce[12];
        size_t len;

        (void)state;
        pic__random(key, sizeof(key));
        pic__random(nonce, sizeof(nonce));
        pic__random(plain, sizeof(plain));
        for (len = 0; len <= LONG; len += len < 300 ? 1 : 9319) {
                pic__aead_seal(key, nonce, plain, len, box);
                (void)crypto_aead_chacha20poly1305_ietf_encrypt(theirs, NULL, plain, len, NULL, 0, NULL, nonce, key);
                assert_memory_equal(box, theirs, len + PIC__AEAD_TAG);
                assert_int_equal(pic__aead_open(key, nonce, box, len + PIC__AEAD_TAG, back), 0);
                assert_memory_equal(back, plain, len);
        }
}

static void refused(void **state)
{
        uint8_t key[32] = { 1 }, nonce[12] = { 2 }, one[20], text[4];
        size_t i;

        (void)state;
        pic__aead_seal(key, nonce, (const uint8_t *)"abcd", 4, one);
        assert_int_equal(pic__aead_open(key, nonce, one, 20, text), 0);
        assert_memory_equal(text, "abcd", 4);
        for (i = 0; i < 20; i++) {
                one[i] ^= 1;
                assert_int_equal(pic__aead_open(key, nonce, one, 20, text), -1);
                one[i] ^= 1;
                if (i < 16)
                        assert_int_equal(pic__aead_open(key, nonce, one, i, text), -1);
        }
        nonce[11] = 1;
        assert_int_equal(pic__aead_open(key, nonce, one, 20, text), -1);
        assert_memory_equal(text, "\0\0\0\0", 4);
}

static int start(void **state)
{
        (void)state;
        return pic__crypto_start(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(same), cmocka_unit_test(refused) };

        return cmocka_run_group_tests(tests, start, NULL);
}
