/* engine/keep_order.c: the last line of what the keeper said is its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json_in.h"
#include "engine/keep_i.h"

static void said(void **state)
{
        pic__doc *doc = NULL;
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__keep_said("at send 5\n{\"ok\":true,\"name\":\"a\"}\n", &doc, &err), 0);
        assert_string_equal(pic__node_str(pic__doc_root(doc), "name", ""), "a");
        pic__doc_unref(doc);
        assert_int_equal(pic__keep_said("{\"ok\":false,\"code\":-22,\"message\":\"m\",\"hint\":\"h\"}\n", &doc, &err),
                         -22);
        assert_string_equal(pic_error_message(err), "m");
        assert_string_equal(pic_error_hint(err), "h");
        pic_error_free(err);
        assert_int_equal(pic__keep_said("at send 5\n", &doc, NULL), PIC_BACKEND);
        assert_int_equal(pic__keep_said("", &doc, NULL), PIC_BACKEND);
        assert_int_equal(pic__keep_said("{\"ok\":tru", &doc, NULL), PIC_BACKEND);
        assert_int_equal(pic__keep_said("{\"ok\":false,\"code\":0}", &doc, NULL), PIC_BACKEND);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(said) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
