/* Shows: texts for people and for JSON: widths, wrapping, cutting, times, sizes, what is no UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

static char *shown;
static FILE *out;

static void begin(void)
{
        static size_t size;

        free(shown);
        shown = NULL;
        out = open_memstream(&shown, &size);
        assert_non_null(out);
}

static void json(void **state)
{
        static const struct {
                const char *text, *json;
        } cases[] = {
                { "a", "\"a\"" },
                { "\"\\\n\t\x7f", "\"\\\"\\\\\\n\\u0009\\u007f\"" },
                { "ü€😀", "\"ü€😀\"" },
                { "\xff\xc0\xaf", "\"\\ufffd\\ufffd\\ufffd\"" },
                { "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" }, /* half a pair */
                { "", "\"\"" },
                { NULL, "null" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                begin();
                text_json(out, cases[i].text);
                fclose(out);
                assert_string_equal(shown, cases[i].json);
        }
}

static void widths(void **state)
{
        (void)state;
        assert_int_equal(text_is_utf8(), 1);
        assert_int_equal(text_width(""), 0);
        assert_int_equal(text_width("über"), 4);
        assert_int_equal(text_width("日本"), 4);
        assert_int_equal(text_width("e\u0301"), 1); /* an accent of its own takes no column */
        assert_int_equal(text_width("\xff"), 1);
        begin();
        assert_int_equal(text_put(out, "über uns", 5), 5);
        fputc('|', out);
        assert_int_equal(text_put(out, "日本語", 4), 3); /* half a character is none */
        fputc('|', out);
        assert_int_equal(text_put(out, "über", 4), 4);
        fclose(out);
        assert_string_equal(shown, "über…|日…|über");
}

/* In another locale nothing of ours needs UTF-8. */
static void another_locale(void **state)
{
        (void)state;
        assert_non_null(setlocale(LC_CTYPE, "C"));
        assert_int_equal(text_is_utf8(), 0);
        assert_int_equal(text_width("über"), 4);
        begin();
        assert_int_equal(text_put(out, "a long text", 5), 5);
        fclose(out);
        assert_string_equal(shown, "a lo.");
        assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void wrapping(void **state)
{
        (void)state;
        begin();
        text_wrap(out, "one two  three four", 2, 10);
        text_wrap(out, "", 2, 10);
        text_wrap(out, "a-word-that-is-longer-than-the-line b", 0, 10);
        text_wrap(out, "b one,two,three,four c", 1, 10);
        fclose(out);
        assert_string_equal(shown, "one two\n  three\n  four\n\na-word-that-is-longer-than-the-line\nb\n"
                                   "b\n one,two,\n three,\n four c\n");
}

static void times(void **state)
{
        char buf[64];

        (void)state;
        assert_int_equal(text_duration("10s"), 10000);
        assert_int_equal(text_duration("500ms"), 500);
        assert_int_equal(text_duration("2m"), 120000);
        assert_int_equal(text_duration("1h"), 3600000);
        assert_int_equal(text_duration("7"), 7000);
        assert_int_equal(text_duration("24h"), 86400000);
        assert_int_equal(text_duration("25h"), -1);
        assert_int_equal(text_duration("-1s"), -1);
        assert_int_equal(text_duration(""), -1);
        assert_int_equal(text_duration("10x"), -1);
        assert_int_equal(text_duration("99999999999999999999"), -1);
        assert_string_equal(text_ago("2026-01-01T00:00:00Z", 1767225600 + 5, buf, sizeof(buf)), "5 s ago");
        assert_string_equal(text_ago("2026-01-01T00:00:00Z", 1767225600 + 600, buf, sizeof(buf)), "10 min ago");
        assert_string_equal(text_ago("2026-01-01T00:00:00Z", 1767225600 + 36000, buf, sizeof(buf)), "10 h ago");
        assert_string_equal(text_ago("2026-01-01T00:00:00Z", 1767225600 + 864000, buf, sizeof(buf)), "10 days ago");
        assert_string_equal(text_ago("2026-01-01T00:00:00Z", 1767225600 - 5, buf, sizeof(buf)), "0 s ago");
        assert_string_equal(text_ago(NULL, 0, buf, sizeof(buf)), "never");
        assert_string_equal(text_ago("", 0, buf, sizeof(buf)), "never");
}

static void sizes(void **state)
{
        char buf[64];

        (void)state;
        assert_string_equal(text_bytes(0, buf, sizeof(buf)), "0 B");
        assert_string_equal(text_bytes(1023, buf, sizeof(buf)), "1023 B");
        assert_string_equal(text_bytes(1536, buf, sizeof(buf)), "1.5 KiB");
        assert_string_equal(text_bytes(UINT64_C(1) << 40, buf, sizeof(buf)), "1.0 TiB");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(json),     cmocka_unit_test(widths), cmocka_unit_test(another_locale),
                cmocka_unit_test(wrapping), cmocka_unit_test(times),  cmocka_unit_test(sizes),
        };
        int r;

        assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
        r = cmocka_run_group_tests(tests, NULL, NULL);
        free(shown);
        return r;
}
