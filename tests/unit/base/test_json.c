/* Shows: JSON out is JSON: commas, escapes, bad UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"

static void all_of_it(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        (void)state;
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", "anna");
        pic__json_kstr(&j, "none", NULL);
        pic__json_kint(&j, "min", INT64_MIN);
        pic__json_kbool(&j, "on", 2);
        pic__json_key(&j, "list");
        pic__json_open(&j, '[');
        pic__json_int(&j, 1);
        pic__json_bool(&j, 0);
        pic__json_null(&j);
        pic__json_raw(&j, "{\"x\":[]}");
        pic__json_open(&j, '[');
        pic__json_close(&j, ']');
        pic__json_str(&j, "end");
        pic__json_close(&j, ']');
        pic__json_close(&j, '}');
        assert_string_equal(pic__buf_str(&b),
                            "{\"name\":\"anna\",\"none\":null,\"min\":-9223372036854775808,\"on\":true,"
                            "\"list\":[1,false,null,{\"x\":[]},[],\"end\"]}");
        pic__buf_free(&b);
}

static void escapes(void **state)
{
        static const char *const cases[][2] = {
                { "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
                { "\n\t\x01\x7f", "\"\\n\\u0009\\u0001\\u007f\"" },
                { "zürich 😀", "\"zürich 😀\"" },
                { "x\xff\xc3z", "\"x\xef\xbf\xbd\xef\xbf\xbdz\"" },
                { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
                { "", "\"\"" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic__buf b = PIC__BUF_INIT;
                pic__json j = PIC__JSON(&b);

                pic__json_str(&j, cases[i][0]);
                assert_string_equal(pic__buf_str(&b), cases[i][1]);
                pic__buf_free(&b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(all_of_it), cmocka_unit_test(escapes) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
