/* Shows: each primitive gives what its RFC's example gives, and refuses what it must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sys/cipher.h"
#include "sys/crypto.h"

static void is(const uint8_t *got, size_t len, const char *want)
{
        char text[129];

        pic__hex(got, len, text);
        assert_string_equal(text, want);
}

static void mac(void **state)
{
        uint8_t out[32];

        (void)state; /* RFC 4231, test case 2 */
        pic__hmac256("Jefe", 4, "what do ya want ", 16, "for nothing?", 12, out);
        is(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void hkdf(void **state)
{
        uint8_t secret[22], salt[13], out[32], zero[32] = { 0 }, other[32];
        size_t i;

        (void)state; /* RFC 5869, A.1 and A.3; the context of A.1 as a text */
        memset(secret, 0x0b, sizeof(secret));
        for (i = 0; i < sizeof(salt); i++)
                salt[i] = (uint8_t)i;
        pic__hkdf256(secret, sizeof(secret), salt, sizeof(salt), "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9", out);
        is(out, 32, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
        pic__hkdf256(secret, sizeof(secret), NULL, 0, "", out);
        is(out, 32, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
        pic__hkdf256(secret, sizeof(secret), zero, sizeof(zero), "", other); /* no salt is one of zeros */
        assert_memory_equal(out, other, 32);
}

static void x25519(void **state)
{
        /* RFC 7748, 6.1 */
        static const uint8_t alice[32] = { 0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
                                           0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
                                           0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a };
        uint8_t out[32], zero[32] = { 0 };

        (void)state;
        pic__x25519_base(alice, out);
        is(out, 32, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        assert_int_equal(pic__x25519(alice, zero, out), -1);
        zero[0] = 1;
        assert_int_equal(pic__x25519(alice, zero, out), -1);
        zero[0] = 9;
        assert_int_equal(pic__x25519(alice, zero, out), 0);
}

static void scrypt(void **state)
{
        uint8_t out[32], again[32];

        (void)state;
        assert_int_equal(pic__scrypt("pleaseletmein", 13, (const uint8_t *)"SodiumChloride", 14, 14, out, NULL), 0);
        is(out, 32, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"); /* RFC 7914, 12 */
        assert_int_equal(pic__scrypt("pleaseletmein", 13, (const uint8_t *)"SodiumChloride", 14, 1, again, NULL), 0);
        assert_memory_not_equal(out, again, 32);
        assert_int_equal(pic__scrypt("x", 1, out, 16, 0, out, NULL), PIC_VALUE);
        assert_int_equal(pic__scrypt("x", 1, out, 16, 31, out, NULL), PIC_VALUE);
}

static int start(void **state)
{
        (void)state;
        return pic__crypto_start(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(mac), cmocka_unit_test(hkdf), cmocka_unit_test(x25519),
                                            cmocka_unit_test(scrypt) };

        return cmocka_run_group_tests(tests, start, NULL);
}
