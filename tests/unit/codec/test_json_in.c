/* Shows: values of a message by key, with defaults for what is absent or of another type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "codec/json_in.h"

static void by_key(void **state)
{
        static const char text[] =
                "{\"s\":\"text\",\"n\":42,\"neg\":-9223372036854775808,\"big\":9223372036854775808,"
                "\"f\":1.5,\"t\":true,\"no\":false,\"nil\":null,\"m\":{\"x\":1},\"l\":[1],\"q\":\"7\"}";
        pic__doc *d = NULL;
        const pic__node *m;
        int64_t v = 5;

        (void)state;
        assert_int_equal(pic__doc_json(text, strlen(text), "t", &d, NULL), 0);
        m = pic__doc_root(d);
        assert_string_equal(pic__node_str(m, "s", NULL), "text");
        assert_string_equal(pic__node_str(m, "n", NULL), "42");
        assert_null(pic__node_str(m, "nil", NULL));
        assert_string_equal(pic__node_str(m, "m", "other"), "other");
        assert_string_equal(pic__node_str(NULL, "m", "other"), "other");
        assert_int_equal(pic__node_int(m, "n", &v), 0);
        assert_int_equal(v, 42);
        assert_int_equal(pic__node_int(m, "neg", &v), 0);
        assert_true(v == INT64_MIN);
        v = 5;
        assert_int_equal(pic__node_int(m, "big", &v), -1);
        assert_int_equal(pic__node_int(m, "f", &v), -1);
        assert_int_equal(pic__node_int(m, "q", &v), -1);
        assert_int_equal(pic__node_int(m, "t", &v), -1);
        assert_int_equal(pic__node_int(m, "x", &v), -1);
        assert_int_equal(v, 5);
        assert_int_equal(pic__node_int_or(m, "n", 1), 42);
        assert_int_equal(pic__node_int_or(m, "x", 1), 1);
        assert_int_equal(pic__node_bool(m, "t", 0), 1);
        assert_int_equal(pic__node_bool(m, "no", 1), 0);
        assert_int_equal(pic__node_bool(m, "s", 1), 1);
        assert_int_equal(pic__node_bool(m, "n", 7), 7);
        assert_int_equal(pic__node_bool(m, "x", -1), -1);
        assert_non_null(pic__node_map(m, "m"));
        assert_null(pic__node_map(m, "l"));
        assert_non_null(pic__node_list(m, "l"));
        assert_null(pic__node_list(m, "m"));
        assert_null(pic__node_list(m, "x"));
        pic__doc_unref(d);
}

static void again(void **state)
{
        static const char text[] = "{\"a\":[1,-2.5,\"x\\\"y\",true,null,{}],\"b\":{\"c\":[],\"n\":\"7\"}}";
        pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);
        pic__doc *d = NULL;

        (void)state;
        assert_int_equal(pic__doc_json(text, strlen(text), "t", &d, NULL), 0);
        pic__node_put(pic__doc_root(d), &j);
        assert_string_equal(pic__buf_str(&out), text);
        pic__buf_free(&out);
        pic__doc_unref(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_key), cmocka_unit_test(again) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
