/* Shows: UTF-8 by RFC 3629, at every border; no byte is read past the length given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
        const char *text;
        size_t len; /* of the first character; 0: malformed */
} cases[] = {
        { "", 0 },
        { "a", 1 },
        { "\x7f", 1 },
        { "\x80", 0 },
        { "\xc0\x80", 0 },
        { "\xc1\xbf", 0 },
        { "\xc2\x80", 2 },
        { "\xc2", 0 },
        { "\xc2x", 0 },
        { "\xdf\xbf", 2 },
        { "\xe0\x9f\xbf", 0 },
        { "\xe0\xa0\x80", 3 },
        { "\xe0\xa0", 0 },
        { "\xed\x9f\xbf", 3 },
        { "\xed\xa0\x80", 0 },
        { "\xef\xbf\xbf", 3 },
        { "\xf0\x8f\xbf\xbf", 0 },
        { "\xf0\x90\x80\x80", 4 },
        { "\xf0\x90\x80", 0 },
        { "\xf4\x8f\xbf\xbf", 4 },
        { "\xf4\x90\x80\x80", 0 },
        { "\xf5\x80\x80\x80", 0 },
        { "\xff", 0 },
};

static void borders(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(pic__utf8_len(cases[i].text), cases[i].len);
}

static void whole_texts(void **state)
{
        (void)state;
        assert_true(pic__utf8_valid("", 0));
        assert_true(pic__utf8_valid("zürich 日本 😀", strlen("zürich 日本 😀")));
        assert_false(pic__utf8_valid("a\0b", 3));
        assert_false(pic__utf8_valid("ab\xe2\x82", 4));
        assert_false(pic__utf8_valid("\xe2\x82\xac", 2));
        assert_int_equal(pic__utf8_span("abc\xff"
                                        "de",
                                        6),
                         3);
        assert_int_equal(pic__utf8_span("é\0é", 5), 2);
}

/* Every well-formed and cut text in memory that ends exactly there: a sanitizer sees a byte read too far. */
static void exact_memory(void **state)
{
        const char *text = "x\xf0\x9f\x98\x80";
        size_t n;

        (void)state;
        for (n = 0; n <= 5; n++) {
                char *copy = malloc(n > 0 ? n : 1);

                assert_non_null(copy);
                memcpy(copy, text, n);
                assert_int_equal(pic__utf8_valid(copy, n), n <= 1 || n == 5);
                free(copy);
        }
}

static void printable(void **state)
{
        (void)state;
        assert_true(pic__utf8_printable(""));
        assert_true(pic__utf8_printable("Großmutter's tablet 📱"));
        assert_true(pic__utf8_printable("\xc2\xa0"));
        assert_false(pic__utf8_printable("a\nb"));
        assert_false(pic__utf8_printable("a\x1b[31m"));
        assert_false(pic__utf8_printable("a\x7f"));
        assert_false(pic__utf8_printable("\xc2\x9b"));
        assert_false(pic__utf8_printable("\xff"));
        assert_false(pic__utf8_printable("a\xe2\x80\xa9")); /* U+2029 */
        assert_false(pic__utf8_printable("a\xe2\x80\xae"
                                         "b"));             /* U+202E: what follows reads backwards */
        assert_false(pic__utf8_printable("a\xe2\x81\xa7")); /* U+2067 */
        assert_true(pic__utf8_printable("a\xe2\x80\x8f\xe2\x80\xaf\xe2\x81\xaa\xe2\x80\xa7")); /* beside them */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(borders),
                cmocka_unit_test(whole_texts),
                cmocka_unit_test(exact_memory),
                cmocka_unit_test(printable),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
