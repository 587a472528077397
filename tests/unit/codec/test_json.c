/* Shows: JSON by RFC 8259, no more and no less: jansson is the judge; every error has its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"

static const char *const good[][2] = {
        { "{}", "{}" },
        { " [ ] ", "[]" },
        { "{\"a\":1,\"b\":[true,false,null]}", "{a:1,b:[true,false,~]}" },
        { "\"x\"", "'x'" },
        { "-0.5e+10", "-0.5e+10" },
        { "0", "0" },
        { "12345678901", "12345678901" },
        { "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "{a:'\"\\/\b\f\n\r\t'}" },
        { "\"\\u00e9\\u20ac\\ud83d\\ude00\\u0041\"", "'é€😀A'" },
        { "\"zürich\"", "'zürich'" },
        { "{\"a\":{\"a\":{\"a\":[[]]}}}", "{a:{a:{a:[[]]}}}" },
        { "\t\r\n{ \"a\" : 1 , \"b\" : 2 }\n", "{a:1,b:2}" },
        { "{\"\":1}", "{:1}" },
        { "\"\\u007f\x7f\"", "'\x7f\x7f'" },
        { "1E5", "1E5" },
};

static const struct {
        const char *text;
        unsigned line, column;
        const char *words;
} bad[] = {
        { "", 1, 1, "ends too early" },
        { "  ", 1, 3, "ends too early" },
        { "{", 1, 2, "ends too early" },
        { "{a:1}", 1, 2, "key in double quotes" },
        { "{\"a\":1,}", 1, 8, "key in double quotes" },
        { "[1,]", 1, 4, "not a value" },
        { "[1 2]", 1, 4, "',' or ']'" },
        { "{\"a\" 1}", 1, 6, "':'" },
        { "{\"a\":1 \"b\":2}", 1, 8, "',' or '}'" },
        { "{\"a\":1,\n \"b\":2,\n \"a\":3}", 3, 2, "'a' is there already, in line 1" },
        { "[01]", 1, 3, "',' or ']'" },
        { "[-]", 1, 3, "not a value" },
        { "[1.]", 1, 4, "point" },
        { "[1.e5]", 1, 4, "point" },
        { "[1e]", 1, 4, "exponent" },
        { "[1e+]", 1, 5, "exponent" },
        { "[.5]", 1, 2, "not a value" },
        { "[+1]", 1, 2, "not a value" },
        { "[NaN]", 1, 2, "not a value" },
        { "[tru]", 1, 2, "not a value" },
        { "tru", 1, 1, "not a value" },
        { "['a']", 1, 2, "not a value" },
        { "[1] x", 1, 5, "must end here" },
        { "{} {}", 1, 4, "must end here" },
        { "\"a\nb\"", 1, 3, "control character" },
        { "\"a\tb\"", 1, 3, "control character" },
        { "\"abc", 1, 5, "ends too early" },
        { "\"\\x\"", 1, 3, "escape" },
        { "\"\\u12g4\"", 1, 6, "hexadecimal" },
        { "\"\\ud83d\"", 1, 8, "surrogate" },
        { "\"\\ud83d\\u0041\"", 1, 14, "surrogate" },
        { "\"\\ude00\"", 1, 8, "surrogate" },
        { "\"\\u0000\"", 1, 1, "NUL" },
        { "{\"\\u0000\":1}", 1, 2, "NUL" },
        { "// c\n{}", 1, 1, "not a value" },
        { "[\"é\", x]", 1, 7, "not a value" },
        { "[1\n,2\n,\n x]", 4, 2, "not a value" },
        { "\xef\xbb\xbf{}", 1, 1, "not a value" },
        { "\"\xff\"", 1, 2, "UTF-8" },
        { "\"", 1, 2, "ends too early" },
        { "\"\\", 1, 3, "ends too early" },
};

static int judge(const char *text)
{
        json_t *j = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

        if (j == NULL)
                return 0;
        json_decref(j);
        return 1;
}

static void taken(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
                pic__doc *d = NULL;
                pic__buf b = PIC__BUF_INIT;
                pic_error *err = NULL;

                if (pic__doc_json(good[i][0], strlen(good[i][0]), "t", &d, &err) < 0)
                        fail_msg("%s: %s", good[i][0], pic_error_message(err));
                assert_true(judge(good[i][0]));
                dump(pic__doc_root(d), &b);
                assert_string_equal(pic__buf_str(&b), good[i][1]);
                pic__buf_free(&b);
                pic__doc_unref(d);
        }
}

static void refused(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                pic__doc *d = NULL;
                pic_error *err = NULL;
                char place[64];

                if (pic__doc_json(bad[i].text, strlen(bad[i].text), "t.json", &d, &err) != PIC_SYNTAX)
                        fail_msg("taken: %s", bad[i].text);
                assert_false(judge(bad[i].text));
                snprintf(place, sizeof(place), "t.json:%u:%u: ", bad[i].line, bad[i].column);
                if (strncmp(pic_error_message(err), place, strlen(place)) != 0 ||
                    strstr(pic_error_message(err), bad[i].words) == NULL)
                        fail_msg("%s: %s (wanted %s%s)", bad[i].text, pic_error_message(err), place, bad[i].words);
                pic_error_free(err);
        }
}

/* The text in memory that ends exactly there: a sanitizer sees a byte read too far. */
static int ours(const char *text, size_t len)
{
        char *copy = malloc(len > 0 ? len : 1);
        pic__doc *d = NULL;
        pic_error *err = NULL;
        int r;

        assert_non_null(copy);
        memcpy(copy, text, len);
        r = pic__doc_json(copy, len, "t", &d, &err);
        assert_int_equal(pic_error_code(err), r);
        pic__doc_unref(d);
        pic_error_free(err);
        free(copy);
        return r == 0;
}

/* Good texts, broken at random: we and jansson must agree on every one. */
static void mutations(void **state)
{
        static const char alphabet[] = "{}[]\",:\\ut0123456789.eE+- \n\tdDfFn";
        unsigned seed = 7;
        size_t i, rounds;

        (void)state;
        for (rounds = 0; rounds < 2000; rounds++) {
                for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
                        char text[128];
                        size_t len = strlen(good[i][0]), changes = 1 + rounds % 3;

                        strcpy(text, good[i][0]);
                        while (changes-- > 0 && len > 0) {
                                seed = seed * 1664525u + 1013904223u;
                                text[(seed >> 8) % len] = alphabet[(seed >> 20) % (sizeof(alphabet) - 1)];
                        }
                        if (strstr(text, "\\u0000") != NULL) /* jansson's own rule for it differs in keys */
                                continue;
                        if (ours(text, len) != judge(text)) {
                                /* numbers over its range are an error of jansson's own: they are JSON */
                                json_error_t why;
                                json_t *j = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);

                                if (j == NULL && (json_error_code(&why) == json_error_numeric_overflow))
                                        continue;
                                fail_msg("no agreement on: %s", text);
                        }
                }
        }
}

static void cut_short(void **state)
{
        static const char text[] = "{\"a\":[1.5e3,\"\\ud83d\\ude00\",true,null,{\"é\":\"x\"}]}";
        size_t n;

        (void)state;
        for (n = 0; n < strlen(text); n++)
                assert_false(ours(text, n));
        assert_true(ours(text, strlen(text)));
}

static void out_of_memory(void **state)
{
        static const char text[] = "{\"a\":[1,\"\\u00e9\",true,null,{\"b\":\"x\"}]}";
        unsigned long n, made;

        (void)state;
        for (n = 1;; n++) {
                pic__doc *d = NULL;
                pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__doc_json(text, strlen(text), "t", &d, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_int_equal(pic_error_code(err), r);
                pic__doc_unref(d);
                pic_error_free(err);
                if (made < n)
                        break;
        }
        assert_true(n > 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(taken),     cmocka_unit_test(refused),       cmocka_unit_test(mutations),
                cmocka_unit_test(cut_short), cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
