/* Shows: time as text and back, against the C library's calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/time.h"

static void against_libc(void **state)
{
        time_t t;

        (void)state;
        for (t = 1; t < (time_t)253402300799; t += (time_t)86400 * 37 + 12347) {
                char want[32], text[PIC__TIME_TEXT];
                struct tm tm;
                pic_time back;

                gmtime_r(&t, &tm);
                strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
                assert_string_equal(pic__time_print(t * PIC__SECOND + 999999, text), want);
                assert_int_equal(pic__time_parse(text, &back), 0);
                assert_int_equal(back, t * PIC__SECOND);
        }
}

static void forms(void **state)
{
        static const struct {
                const char *text;
                int ok;
                int64_t seconds;
        } cases[] = {
                { "1970-01-01", 1, 0 },
                { "2027-01-31", 1, 1801353600 },
                { "2027-01-31T23:59", 1, 1801439940 },
                { "2027-01-31T23:59Z", 1, 1801439940 },
                { "2027-01-31T23:59:59", 1, 1801439999 },
                { "2027-01-31T23:59:59Z", 1, 1801439999 },
                { "2024-02-29", 1, 1709164800 },
                { "2000-02-29", 1, 951782400 },
                { "9999-12-31", 1, 253402214400 },
                { "2100-02-29", 0, 0 },
                { "2023-02-29", 0, 0 },
                { "1969-12-31", 0, 0 },
                { "10000-01-01", 0, 0 },
                { "2027-13-01", 0, 0 },
                { "2027-00-01", 0, 0 },
                { "2027-01-00", 0, 0 },
                { "2027-04-31", 0, 0 },
                { "2027-1-31", 0, 0 },
                { "2027-01-31T24:00", 0, 0 },
                { "2027-01-31T23:60", 0, 0 },
                { "2027-01-31T23:59:60", 0, 0 },
                { "2027-01-31T23:59:59Zx", 0, 0 },
                { "2027-01-31T23:59:59+01:00", 0, 0 },
                { "2027-01-31T23", 0, 0 },
                { "2027-01-31T", 0, 0 },
                { "2027-01-31 23:59", 0, 0 },
                { "2027/01/31", 0, 0 },
                { "2027-01/31", 0, 0 },
                { "2027", 0, 0 },
                { "", 0, 0 },
                { "tomorrow", 0, 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic_time t = -7;

                assert_int_equal(pic__time_parse(cases[i].text, &t), cases[i].ok ? 0 : -1);
                assert_int_equal(t, cases[i].ok ? cases[i].seconds * PIC__SECOND : -7);
        }
}

static void never(void **state)
{
        char text[PIC__TIME_TEXT];

        (void)state;
        assert_string_equal(pic__time_print(0, text), "");
        assert_string_equal(pic__time_print(-5, text), "");
        assert_string_equal(pic__time_print(INT64_MAX, text), "");
        assert_string_equal(pic__time_print((pic_time)253402300799 * PIC__SECOND, text), "9999-12-31T23:59:59Z");
        assert_string_equal(pic__time_print((pic_time)253402300800 * PIC__SECOND, text), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(against_libc), cmocka_unit_test(forms),
                                            cmocka_unit_test(never) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
