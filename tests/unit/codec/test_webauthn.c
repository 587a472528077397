/* Shows: names that browsers have passkeys for; clientDataJSON, attestation objects and authenticator data are taken
 * when whole, and refused when a byte is missing, too many, or of another form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "codec/webauthn.h"

static void names(void **state)
{
        static const struct {
                const char *origin, *rp; /* NULL: no passkeys there */
                int code;
        } all[] = {
                { "http://localhost:3000", "localhost", 0 },
                { "http://localhost", "localhost", 0 },
                { "https://cell.example", "cell.example", 0 },
                { "https://a-b.cell.example:8443", "a-b.cell.example", 0 },
                { "http://cell.example", NULL, PIC_BADSTATE },
                { "http://127.0.0.1:3000", NULL, PIC_BADSTATE },
                { "https://192.0.2.1", NULL, PIC_BADSTATE },
                { "https://[2001:db8::1]:3000", NULL, PIC_BADSTATE },
                { "https://Cell.example", NULL, PIC_BADSTATE },
                { "https://", NULL, PIC_BADSTATE },
                { "https://a..b", NULL, PIC_BADSTATE },
                { "https://a.example.", NULL, PIC_BADSTATE },
                { "https://a.example/", NULL, PIC_BADSTATE },
                { "https://a.example:", NULL, PIC_VALUE },
                { "https://a.example:x", NULL, PIC_VALUE },
                { "ftp://a.example", NULL, PIC_VALUE },
                { "localhost:3000", NULL, PIC_VALUE },
                { "", NULL, PIC_VALUE },
        };
        char rp[PIC__RP_TEXT];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic_error *err = NULL;

                if (pic__rp_of(all[i].origin, rp, &err) != all[i].code)
                        fail_msg("%s", all[i].origin);
                if (all[i].rp != NULL)
                        assert_string_equal(rp, all[i].rp);
                pic_error_free(err);
        }
}

static int client(const char *text, pic__client_data *ret)
{
        pic_error *err = NULL;
        int r = pic__client_data_read((const uint8_t *)text, strlen(text), ret, &err);

        assert_int_equal(r, pic_error_code(err));
        pic_error_free(err);
        return r;
}

static void browsers(void **state)
{
        static const char *const bad[] = {
                "",
                "{",
                "[]",
                "7",
                "{\"type\":\"a\",\"challenge\":\"b\"}",
                "{\"type\":1,\"challenge\":\"b\",\"origin\":\"c\"}",
                "{\"type\":\"a\",\"type\":\"a\",\"challenge\":\"b\",\"origin\":\"c\"}",
                "{\"type\":\"a\",\"challenge\":\"b\",\"origin\":\"c\"} x",
        };
        pic__client_data c;
        size_t i;

        (void)state;
        assert_int_equal(client("{\"type\":\"a\",\"challenge\":\"b\",\"origin\":\"c\",\"other\":[1]}", &c), 0);
        assert_string_equal(c.type, "a");
        assert_string_equal(c.challenge, "b");
        assert_string_equal(c.origin, "c");
        assert_int_equal(c.cross, 0);
        pic__client_data_free(&c);
        assert_int_equal(client("{\"type\":\"a\",\"challenge\":\"b\",\"origin\":\"c\",\"crossOrigin\":false}", &c), 0);
        assert_int_equal(c.cross, 0);
        pic__client_data_free(&c);
        assert_int_equal(client("{\"type\":\"a\",\"challenge\":\"b\",\"origin\":\"c\",\"crossOrigin\":true}", &c), 0);
        assert_int_equal(c.cross, 1);
        pic__client_data_free(&c);
        assert_int_equal(client("{\"type\":\"a\",\"challenge\":\"b\",\"origin\":\"c\",\"crossOrigin\":\"false\"}", &c),
                         0);
        assert_int_equal(c.cross, 1);
        pic__client_data_free(&c);
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (client(bad[i], &c) != PIC_SYNTAX)
                        fail_msg("%s", bad[i]);
}

/* A head, an id of two bytes, a key that is a map of one, an extension. */
static const uint8_t whole[] = {
        1,    2,    3,    4,    5,    6,   7,  8,  9,  10, 11, 12, 13,   14, 15, 16, 17, 18, 19,  20,
        21,   22,   23,   24,   25,   26,  27, 28, 29, 30, 31, 32, 0xc5, 0,  0,  1,  2, /* flags, counter */
        0,    0,    0,    0,    0,    0,   0,  0,  0,  0,  0,  0,  0,    0,  0,  0,  0,  2,  'i', 'd', /* model, id */
        0xa1, 1,    0x42, 7,    7,                                                                     /* key */
        0xa1, 0x61, 'x',  0x82, 0xf5, 0x20                                                             /* extensions */
};

static int auth(const uint8_t *data, size_t len, pic__auth_data *ret)
{
        uint8_t *copy = malloc(len > 0 ? len : 1); /* so that a byte too far is seen */
        int r;

        assert_non_null(copy);
        memcpy(copy, data, len);
        r = pic__auth_data_read(copy, len, ret, NULL);
        free(copy);
        return r;
}

static void authenticators(void **state)
{
        uint8_t bent[sizeof(whole) + 1];
        pic__auth_data a;
        size_t i;

        (void)state;
        assert_int_equal(auth(whole, sizeof(whole), &a), 0);
        assert_int_equal(a.flags, 0xc5);
        assert_int_equal(a.count, 258);
        assert_memory_equal(a.rp, whole, 32);
        for (i = 0; i < sizeof(whole); i++)
                assert_int_equal(auth(whole, i, &a), PIC_SYNTAX);
        memcpy(bent, whole, sizeof(whole));
        bent[sizeof(whole)] = 0;
        assert_int_equal(auth(bent, sizeof(bent), &a), PIC_SYNTAX);
        bent[32] = 1; /* no credential, no extensions: nothing may follow */
        assert_int_equal(auth(bent, 37, &a), 0);
        assert_int_equal(auth(bent, 38, &a), PIC_SYNTAX);
        memcpy(bent, whole, sizeof(whole));
        bent[54] = 0; /* an id of no bytes */
        assert_int_equal(auth(bent, sizeof(whole), &a), PIC_SYNTAX);
        bent[53] = 4; /* one that is too long */
        assert_int_equal(auth(bent, sizeof(whole), &a), PIC_SYNTAX);
        memcpy(bent, whole, sizeof(whole));
        bent[57] = 0x81; /* the key is a list */
        assert_int_equal(auth(bent, sizeof(whole), &a), PIC_SYNTAX);
        bent[57] = 0xbf; /* of no definite length */
        assert_int_equal(auth(bent, sizeof(whole), &a), PIC_SYNTAX);
}

static int attests(const char *text, size_t len, size_t *ret_len)
{
        const uint8_t *data = NULL;
        uint8_t *copy = malloc(len > 0 ? len : 1);
        int r;

        assert_non_null(copy);
        memcpy(copy, text, len);
        r = pic__attestation_read(copy, len, &data, ret_len, NULL);
        if (r == 0)
                assert_true(*ret_len == 0 || (data >= copy && data + *ret_len <= copy + len));
        free(copy);
        return r;
}

#define OBJECT(text) (text), sizeof(text) - 1

static void attestations(void **state)
{
        static const char good[] = "\xa3\x63"
                                   "fmt\x64none\x67"
                                   "attStmt\xa0\x68"
                                   "authData\x43"
                                   "abc";
        size_t i, len = 0;

        (void)state;
        assert_int_equal(attests(OBJECT(good), &len), 0);
        assert_int_equal(len, 3);
        for (i = 0; i < sizeof(good) - 1; i++)
                assert_int_equal(attests(good, i, &len), PIC_SYNTAX);
        assert_int_equal(attests(good, sizeof(good), &len), PIC_SYNTAX);
        /* in another order */
        assert_int_equal(attests(OBJECT("\xa3\x68"
                                        "authData\x43"
                                        "abc\x63"
                                        "fmt\x64none\x67"
                                        "attStmt\xa0"),
                                 &len),
                         0);
        /* twice, of another type, unknown, attesting */
        assert_int_equal(attests(OBJECT("\xa3\x63"
                                        "fmt\x64none\x63"
                                        "fmt\x64none\x68"
                                        "authData\x43"
                                        "abc"),
                                 &len),
                         PIC_SYNTAX);
        assert_int_equal(attests(OBJECT("\xa3\x63"
                                        "fmt\x64none\x67"
                                        "attStmt\xa0\x68"
                                        "authData\x63"
                                        "abc"),
                                 &len),
                         PIC_SYNTAX);
        assert_int_equal(attests(OBJECT("\xa3\x63"
                                        "fmu\x64none\x67"
                                        "attStmt\xa0\x68"
                                        "authData\x43"
                                        "abc"),
                                 &len),
                         PIC_SYNTAX);
        assert_int_equal(attests(OBJECT("\xa3\x63"
                                        "fmt\x66packed\x67"
                                        "attStmt\xa0\x68"
                                        "authData\x43"
                                        "abc"),
                                 &len),
                         PIC_UNSUPPORTED);
        assert_int_equal(attests(OBJECT("\xa3\x63"
                                        "fmt\x64none\x67"
                                        "attStmt\xa1\x01\x02\x68"
                                        "authData\x43"
                                        "abc"),
                                 &len),
                         PIC_UNSUPPORTED);
        /* five levels */
        assert_int_equal(attests(OBJECT("\xa3\x63"
                                        "fmt\x64none\x67"
                                        "attStmt\xa1\x01\x81\x81\x81\x81\x01\x68"
                                        "authData\x43"
                                        "abc"),
                                 &len),
                         PIC_SYNTAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(browsers),
                                            cmocka_unit_test(authenticators), cmocka_unit_test(attestations) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
