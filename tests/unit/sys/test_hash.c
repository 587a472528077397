/* Shows: SHA-256, Ed25519 and base64 give what their standards' examples give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sys/crypto.h"
#include "sys/hash.h"

static void sha256(void **state)
{
        uint8_t out[32], again[32];
        char text[65];

        (void)state;
        pic__sha256("abc", 3, out); /* FIPS 180-4 */
        pic__hex(out, 32, text);
        assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        pic__sha256("\x01"
                    "abcd",
                    5, out);
        pic__sha256_tagged(1, "ab", 2, "cd", 2, again);
        assert_memory_equal(out, again, 32);
        pic__sha256_tagged(1, "abcd", 4, NULL, 0, again);
        assert_memory_equal(out, again, 32);
}

static void ed25519(void **state)
{
        /* RFC 8032, 7.1, test 2 */
        static const char *const want_key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        static const uint8_t seed[32] = { 0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
                                          0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
                                          0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb };
        uint8_t key[32], secret[64], signature[PIC__SIGNATURE], message = 0x72;
        char text[2 * PIC__SIGNATURE + 1];

        (void)state;
        pic__sign_pair(seed, key, secret);
        pic__hex(key, 32, text);
        assert_string_equal(text, want_key);
        pic__sign(&message, 1, secret, signature);
        pic__hex(signature, PIC__SIGNATURE, text);
        assert_string_equal(text, "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        assert_int_equal(pic__sign_check(&message, 1, key, signature), 1);
        message ^= 1;
        assert_int_equal(pic__sign_check(&message, 1, key, signature), 0);
}

static void base64(void **state)
{
        static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" } };
        char text[PIC__BASE64(3)];
        uint8_t back[3];
        size_t i, len;

        (void)state;
        for (i = 0; i < 4; i++) { /* RFC 4648, section 10 */
                pic__base64(pairs[i][0], strlen(pairs[i][0]), text);
                assert_string_equal(text, pairs[i][1]);
                assert_int_equal(pic__unbase64(text, strlen(text), back, sizeof(back), &len), 0);
                assert_int_equal(len, strlen(pairs[i][0]));
                assert_memory_equal(back, pairs[i][0], len);
        }
        assert_int_equal(pic__unbase64("Zm9vZg==", 8, back, sizeof(back), &len), -1); /* too long */
        assert_int_equal(pic__unbase64("Zg=", 3, back, sizeof(back), &len), -1);
        assert_int_equal(pic__unbase64("Zg==x", 5, back, sizeof(back), &len), -1);
        assert_int_equal(pic__unbase64("Z!==", 4, back, sizeof(back), &len), -1);
}

/* One text for each content: whatever byte is put in its place, it is either no base64 or other content. */
static void base64_is_one(void **state)
{
        static const uint8_t data[4] = { 0xfb, 0xff, 0x10, 0x41 };
        char text[PIC__BASE64(4)], again[PIC__BASE64(4)];
        uint8_t back[8];
        size_t at, len;
        int c;

        (void)state;
        pic__base64(data, sizeof(data), text);
        for (at = 0; text[at] != '\0'; at++) {
                char was = text[at];

                for (c = 0; c < 256; c++) {
                        text[at] = (char)c;
                        if (pic__unbase64(text, strlen(text) < at ? strlen(text) : 8, back, sizeof(back), &len) < 0)
                                continue;
                        pic__base64(back, len, again);
                        assert_string_equal(again, text);
                }
                text[at] = was;
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(sha256), cmocka_unit_test(ed25519),
                                            cmocka_unit_test(base64), cmocka_unit_test(base64_is_one) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
