/* Shows: reading of a document: keys, names, and places put into errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "codec/doc.h"

static void reading(void **state)
{
        static const char text[] = "{\"a\":{\"b\":1},\"c\":[2]}";
        pic__doc *d = NULL;
        const pic__node *root;

        (void)state;
        assert_int_equal(pic__doc_json(text, strlen(text), "some name", &d, NULL), 0);
        assert_string_equal(pic__doc_name(d), "some name");
        root = pic__doc_root(d);
        assert_int_equal(root->count, 2);
        assert_string_equal(pic__node_get(pic__node_get(root, "a"), "b")->text, "1");
        assert_null(pic__node_get(root, "x"));
        assert_null(pic__node_get(NULL, "a"));
        assert_null(pic__node_get(pic__node_get(root, "c"), "0"));
        assert_null(pic__doc_unref(d));
        assert_null(pic__doc_unref(NULL));
}

static void places(void **state)
{
        static const char text[] = "a:\n  key: value\n";
        pic__doc *d = NULL;
        pic_error *err = NULL;
        const pic__node *n;

        (void)state;
        assert_int_equal(pic__doc_yaml(text, strlen(text), "f.yaml", &d, NULL), 0);
        n = pic__node_get(pic__node_get(pic__doc_root(d), "a"), "key");
        pic__fail_value(&err, "peer 'a'", "key", "value", "is wrong");
        pic__hint(&err, "look");
        assert_int_equal(pic__doc_place(d, n, &err), PIC_VALUE);
        assert_string_equal(pic_error_message(err), "f.yaml:2:8: peer 'a': key: 'value' is wrong");
        assert_string_equal(pic_error_detail(err, "line"), "2");
        assert_string_equal(pic_error_detail(err, "column"), "8");
        assert_string_equal(pic_error_detail(err, "file"), "f.yaml");
        assert_string_equal(pic_error_detail(err, "field"), "key");
        assert_string_equal(pic_error_hint(err), "look");
        pic__fail(&err, PIC_NOTFOUND, "no such field");
        assert_int_equal(pic__doc_place_key(d, n, &err), PIC_NOTFOUND);
        assert_string_equal(pic_error_message(err), "f.yaml:2:3: no such field");
        pic__fail(&err, PIC_CONFLICT, "both");
        assert_int_equal(pic__doc_place(d, NULL, &err), PIC_CONFLICT);
        assert_string_equal(pic_error_message(err), "f.yaml: both");
        assert_null(pic_error_detail(err, "line"));
        pic_error_free(err);
        pic__doc_unref(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(reading), cmocka_unit_test(places) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
