/* Shows: the limits of a document hold for both formats, and reaching one costs little. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "codec/build.h"

static void refused(const char *text, size_t len, int json, const char *words)
{
        pic__doc *d = NULL;
        pic_error *err = NULL;
        int r = json ? pic__doc_json(text, len, "t", &d, &err) : pic__doc_yaml(text, len, "t", &d, &err);

        assert_int_equal(r, PIC_SYNTAX);
        if (strstr(pic_error_message(err), words) == NULL)
                fail_msg("%s", pic_error_message(err));
        pic_error_free(err);
}

static void too_long(void **state)
{
        size_t len = PIC__DOC_TEXT + 1;
        char *text = malloc(len);

        (void)state;
        assert_non_null(text);
        memset(text, ' ', len);
        refused(text, len, 1, "longer than 8 MiB");
        refused(text, len, 0, "longer than 8 MiB");
        free(text);
}

static void nested(char *text, int depth, int json)
{
        int i;

        text[0] = '\0';
        for (i = 0; i < depth; i++)
                strcat(text, json || i % 2 == 0 ? "[" : "[ ");
        for (i = 0; i < depth; i++)
                strcat(text, "]");
}

static void too_deep(void **state)
{
        char text[1024];
        int json;

        (void)state;
        for (json = 0; json < 2; json++) {
                pic__doc *d = NULL;

                nested(text, PIC__DOC_DEPTH, json);
                assert_int_equal(json ? pic__doc_json(text, strlen(text), "t", &d, NULL)
                                      : pic__doc_yaml(text, strlen(text), "t", &d, NULL),
                                 0);
                pic__doc_unref(d);
                nested(text, PIC__DOC_DEPTH + 1, json);
                refused(text, strlen(text), json, "deeper than 64 levels");
        }
}

static void too_many(void **state)
{
        size_t n = PIC__DOC_NODES, i;
        char *text = malloc(n * 3 + 8);
        int json;

        (void)state;
        assert_non_null(text);
        text[0] = '[';
        for (i = 0; i < n; i++)
                memcpy(text + 1 + 3 * i, "1, ", 3);
        memcpy(text + 1 + 3 * n, "1]", 3);
        for (json = 0; json < 2; json++)
                refused(text, 3 * n + 3, json, "more than 1000000 values");
        free(text);
}

static void hostile_brackets(void **state)
{
        size_t len = 1 << 20;
        char *text = malloc(len);
        clock_t from = clock();

        (void)state;
        assert_non_null(text);
        memset(text, '[', len);
        refused(text, len, 1, "deeper");
        refused(text, len, 0, "deeper");
        memset(text, '{', len);
        refused(text, len, 0, "");
        assert_true(clock() - from < 5 * CLOCKS_PER_SEC);
        free(text);
}

/* Many keys in one map, and a line of many megabytes: both in linear time. */
static void wide(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic__doc *d = NULL;
        clock_t from = clock();
        int i;

        (void)state;
        pic__buf_putc(&b, '{');
        for (i = 0; i < 200000; i++)
                pic__buf_putf(&b, "%s\"key %d\": %d", i > 0 ? ", " : "", i, i);
        pic__buf_putc(&b, '}');
        assert_int_equal(pic__doc_json(b.data, b.len, "t", &d, NULL), 0);
        assert_int_equal(pic__doc_root(d)->count, 200000);
        assert_true(clock() - from < 10 * CLOCKS_PER_SEC);
        pic__doc_unref(d);
        pic__buf_free(&b);
}

static void place_of(void **state)
{
        static const char text[] = "ab\nzü€d";
        pic__place at;

        (void)state;
        at = pic__place_of(text, strlen(text), 0);
        assert_int_equal(at.line, 1);
        assert_int_equal(at.column, 1);
        at = pic__place_of(text, strlen(text), strlen(text) - 1);
        assert_int_equal(at.line, 2);
        assert_int_equal(at.column, 4);
        at = pic__place_of(text, strlen(text), 1000);
        assert_int_equal(at.column, 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(too_long),         cmocka_unit_test(too_deep), cmocka_unit_test(too_many),
                cmocka_unit_test(hostile_brackets), cmocka_unit_test(wide),     cmocka_unit_test(place_of),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
