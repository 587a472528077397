/* How devices reach the page, as it is told. */
#include "certs_world.h"

#include "codec/doc.h"
#include "codec/json_in.h"
#include "engine/frontstate.h"

static pic__front_fact told;

static void tell(pic__backend *b, pic__front_fact *ret)
{
        (void)b;
        *ret = told;
}

static pic__doc *state_of(pic__engine *e)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__doc *doc = NULL;

        assert_int_equal(pic__engine_front(e, &j, NULL), 0);
        assert_int_equal(pic__doc_json(text.data, text.len, "front", &doc, NULL), 0);
        return doc;
}

static void as_it_is(void **state)
{
        static const char *const plain[] = { NULL };
        const pic__backend_ops *real;
        pic__backend_ops ops;
        const pic__node *n;
        certs_world w;
        pic__doc *d;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_int_equal(pic__engine_apply(w.e, NULL, NULL), 0);
        d = state_of(w.e);
        n = pic__doc_root(d);
        assert_true(pic__node_bool(n, "wished", 0) && pic__node_bool(n, "ready", 0) && pic__node_bool(n, "serving", 0));
        assert_string_equal(pic__node_str(n, "url", ""), "https://home.internal/");
        assert_string_equal(pic__node_str(n, "trust", ""), "http://home.internal/trust");
        assert_int_equal(pic__node_list(n, "addresses")->count, 2);
        assert_string_equal(pic__node_str(n, "trouble", "none"), "none");
        pic__doc_unref(d);

        real = w.e->backends[PIC__B_FRONT]->ops;
        ops = *real;
        ops.front = tell;
        w.e->backends[PIC__B_FRONT]->ops = &ops;
        snprintf(told.trouble, sizeof(told.trouble), "a port is taken");
        snprintf(told.mend, sizeof(told.mend), "take it back");
        d = state_of(w.e);
        n = pic__doc_root(d);
        assert_false(pic__node_bool(n, "serving", 1));
        assert_string_equal(pic__node_str(n, "trouble", ""), "a port is taken");
        assert_string_equal(pic__node_str(n, "hint", ""), "take it back");
        pic__doc_unref(d);
        w.e->backends[PIC__B_FRONT]->ops = real;
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(as_it_is) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
