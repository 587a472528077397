/* Shows: one-time codes are those of RFC 6238, a step before and after counts, and base32 goes there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sys/crypto.h"
#include "sys/otp.h"

/* RFC 6238, appendix B, SHA-1; the last six digits. */
static void known(void **state)
{
        static const struct {
                int64_t time;
                const char *code;
        } cases[] = { { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
                      { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" } };
        const uint8_t *secret = (const uint8_t *)"12345678901234567890";
        char code[PIC__OTP_CODE];
        int64_t step;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                assert_int_equal(pic__otp_code(secret, 20, cases[i].time / 30, code, NULL), 0);
                assert_string_equal(code, cases[i].code);
                assert_int_equal(pic__otp_find(secret, 20, cases[i].time, code, &step, NULL), 0);
                assert_int_equal(step, cases[i].time / 30);
                assert_int_equal(pic__otp_find(secret, 20, cases[i].time + 30, code, &step, NULL), 0);
                assert_int_equal(step, cases[i].time / 30);
                assert_int_equal(pic__otp_find(secret, 20, cases[i].time - 30, code, &step, NULL), 0);
                assert_int_equal(step, cases[i].time / 30);
                assert_int_equal(pic__otp_find(secret, 20, cases[i].time + 60, code, &step, NULL), 0);
                assert_int_equal(step, -1);
        }
        assert_int_equal(pic__otp_find(secret, 20, 59, "28708", &step, NULL), 0);
        assert_int_equal(step, -1);
        assert_int_equal(pic__otp_find(secret, 20, 59, "2870820", &step, NULL), 0);
        assert_int_equal(step, -1);
}

static void base32(void **state)
{
        char *text = NULL, long_text[200];
        uint8_t out[PIC__OTP_MAX];
        pic_error *err = NULL;
        size_t len = 0;

        (void)state;
        assert_int_equal(pic__base32((const uint8_t *)"foobarfoobar", 12, &text, NULL), 0);
        assert_string_equal(text, "MZXW6YTBOJTG633CMFZA");
        assert_int_equal(pic__unbase32(text, out, sizeof(out), &len, NULL), 0);
        assert_int_equal(len, 12);
        assert_memory_equal(out, "foobarfoobar", 12);
        pic__free(text);
        assert_int_equal(pic__unbase32("mzxw 6ytb ojtg 633c mfza", out, sizeof(out), &len, NULL), 0);
        assert_int_equal(len, 12);
        assert_int_equal(pic__unbase32("MZXW6YTB", out, sizeof(out), &len, &err), PIC_VALUE); /* too short */
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__unbase32("not base32 at all!!", out, sizeof(out), &len, &err), PIC_VALUE);
        pic_error_free(err);
        err = NULL;
        memset(long_text, 'A', 199);
        long_text[199] = '\0';
        assert_int_equal(pic__unbase32(long_text, out, sizeof(out), &len, &err), PIC_VALUE);
        pic_error_free(err);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(known), cmocka_unit_test(base32) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
