/* What status says: of a fresh engine, a settled one, one in trouble; online peers; quick with many. */
#include "fixture.h"

#include <time.h>

#include "codec/doc.h"
#include "codec/json_in.h"

static pic__doc *status(pic__engine *e, int peers)
{
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__doc *doc = NULL;

        assert_int_equal(pic__engine_status(e, peers, &j, NULL), 0);
        assert_int_equal(pic__doc_json(text.data, text.len, "status", &doc, NULL), 0);
        pic__buf_free(&text);
        return doc;
}

static const char *str(const pic__doc *d, const char *key)
{
        return pic__node_str(pic__doc_root(d), key, NULL);
}

static int64_t num(const pic__node *map, const char *key)
{
        return pic__node_int_or(map, key, -77);
}

static void test_states(void **state)
{
        static const char *const off[] = { "enabled", "false", NULL };
        cell c;
        pic__engine *e;
        pic__doc *d;
        const pic__node *n;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        cell_add_peer(&c, "bert", off);
        e = cell_open(&c);
        d = status(e, 1);
        assert_string_equal(str(d, "cell"), "home");
        assert_string_equal(str(d, "world"), "fake");
        assert_string_equal(str(d, "ready"), "false");
        assert_int_equal(num(pic__doc_root(d), "revision"), 3);
        assert_int_equal(num(pic__doc_root(d), "applied"), -1);
        pic__doc_unref(d);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        d = status(e, 1);
        assert_string_equal(str(d, "ready"), "true");
        assert_string_equal(str(d, "device"), "pic0");
        assert_string_equal(str(d, "endpoint"), "vpn.example.org:51820");
        assert_int_equal(num(pic__doc_root(d), "listen_port"), 51820);
        assert_int_equal(num(pic__node_map(pic__doc_root(d), "agent"), "pid"), getpid());
        n = pic__node_map(pic__doc_root(d), "counts");
        assert_int_equal(num(n, "peers"), 2);
        assert_int_equal(num(n, "active"), 1);
        assert_int_equal(num(n, "online"), 0);
        n = pic__node_list(pic__doc_root(d), "peers");
        assert_int_equal(n->count, 2);
        assert_string_equal(pic__node_str(n->first, "name", ""), "anna");
        assert_string_equal(pic__node_str(n->first, "address6", ""), "fd77::2");
        assert_int_equal(pic__node_get(n->first, "handshake")->type, PIC__N_NULL);
        assert_string_equal(pic__node_str(n->first->next, "active", ""), "false");
        pic__doc_unref(d);
        d = status(e, 0);
        assert_null(pic__node_get(pic__doc_root(d), "peers"));
        pic__doc_unref(d);
        pic__engine_unref(e);
        cell_drop(&c);
}

static char online_key[48];
static int live_one(pic__backend *b, const char *key, void (*fn)(const pic__live *live, void *data), void *data,
                    pic_error **err)
{
        pic__live live = { "", "192.0.2.1:40000", NOW - 10 * PIC__SECOND, 11, 22 };

        (void)b;
        (void)key;
        (void)err;
        snprintf(live.key, sizeof(live.key), "%s", online_key);
        fn(&live, data);
        return 0;
}

static int live_none(pic__backend *b, const char *key, void (*fn)(const pic__live *live, void *data), void *data,
                     pic_error **err)
{
        (void)b;
        (void)key;
        (void)fn;
        (void)data;
        return pic__fail(err, PIC_BACKEND, "cannot ask");
}

static void test_live(void **state)
{
        pic__backend_ops ops;
        const pic__backend_ops *real;
        const pic__node *anna;
        cell c;
        pic__engine *e;
        pic__doc *d;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        snprintf(online_key, sizeof(online_key), "%s",
                 pic__obj_text(pic__snap_named(e->snap, PIC__PEER, "anna"), "public_key"));
        real = e->backends[PIC__B_WG]->ops;
        ops = *real;
        ops.live = live_one;
        e->backends[PIC__B_WG]->ops = &ops;
        d = status(e, 1);
        assert_int_equal(num(pic__node_map(pic__doc_root(d), "counts"), "online"), 1);
        anna = pic__node_list(pic__doc_root(d), "peers")->first;
        assert_string_equal(pic__node_str(anna, "endpoint", ""), "192.0.2.1:40000");
        assert_string_equal(pic__node_str(anna, "handshake", ""), "2027-01-15T07:59:50Z");
        assert_int_equal(num(anna, "rx"), 11);
        assert_int_equal(num(anna, "tx"), 22);
        pic__doc_unref(d);
        c.now = NOW + 171 * PIC__SECOND;
        d = status(e, 0);
        assert_int_equal(num(pic__node_map(pic__doc_root(d), "counts"), "online"), 0);
        pic__doc_unref(d);
        ops.live = live_none; /* what cannot be asked is unknown, not the end of status */
        d = status(e, 1);
        pic__doc_unref(d);
        ops.live = NULL;
        d = status(e, 1);
        pic__doc_unref(d);
        e->backends[PIC__B_WG]->ops = real;
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_trouble(void **state)
{
        const pic__node *n;
        cell c;
        pic__engine *e;
        pic__doc *d;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        pic__fake_fail_at(e->backends[PIC__B_NFT], 1);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_BACKEND);
        d = status(e, 1);
        assert_string_equal(str(d, "ready"), "false");
        n = pic__node_map(pic__doc_root(d), "error");
        assert_string_equal(pic__node_str(n, "code", ""), "BACKEND");
        assert_non_null(strstr(pic__node_str(n, "message", ""), "told to fail"));
        pic__doc_unref(d);
        e->fake = 0; /* the carrier of a device that is not there is not known */
        d = status(e, 0);
        assert_null(str(d, "wg"));
        pic__doc_unref(d);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_no_memory(void **state)
{
        unsigned long n;
        cell c;
        pic__engine *e;
        int r = PIC_NOMEM;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        for (n = 1; r != 0 && n < 1000; n++) {
                pic__buf text = PIC__BUF_INIT;
                pic__json j = PIC__JSON(&text);

                pic__mem_fail_at(n);
                r = pic__engine_status(e, 1, &j, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic__buf_free(&text);
        }
        assert_int_equal(r, 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_states),
                cmocka_unit_test(test_live),
                cmocka_unit_test(test_trouble),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
