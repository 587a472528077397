/* Opening (what is wrong with the directory, the key, the store), events, taking down. */
#include "fixture.h"

static int try_open(const char *dir, const cell *c, pic_error **err)
{
        const pic__engine_opts opts = { .dir = dir, .fake = 1, .clock = &c->clock };
        pic__engine *e = NULL;
        int r = pic__engine_open(&opts, &e, err);

        pic__engine_unref(e);
        return r;
}

static void expect(const cell *c, int code)
{
        pic_error *err = NULL;

        assert_int_equal(try_open(c->dir, c, &err), code);
        assert_int_equal(pic_error_code(err), code);
        assert_non_null(pic_error_hint(err));
        pic_error_free(err);
}

static void test_open(void **state)
{
        static const char other[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
        char path[128];
        pic_error *err = NULL;
        cell c;

        (void)state;
        cell_make(&c);
        assert_int_equal(try_open(c.dir, &c, NULL), 0);
        snprintf(path, sizeof(path), "%s/key", c.dir);
        assert_int_equal(pic__file_write(path, other, sizeof(other) - 1, 0600, NULL), 0);
        expect(&c, PIC_CORRUPT); /* another cell's key */
        assert_int_equal(pic__file_write(path, "no key", 6, 0600, NULL), 0);
        expect(&c, PIC_CORRUPT);
        assert_int_equal(unlink(path), 0);
        expect(&c, PIC_DENIED);
        cell_drop(&c);
        assert_int_equal(mkdir(c.dir, 0700), 0);
        expect(&c, PIC_NOTFOUND);
        cell_drop(&c);
        assert_int_equal(try_open("/nowhere/at/all", &c, &err), PIC_NOTFOUND);
        pic_error_free(err);
        assert_null(pic__engine_unref(NULL));
}

static void test_open_no_memory(void **state)
{
        unsigned long n;
        cell c;
        int r = PIC_NOMEM;

        (void)state;
        cell_make(&c);
        for (n = 1; r != 0 && n < 2000; n++) {
                pic__mem_fail_at(n);
                r = try_open(c.dir, &c, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        cell_drop(&c);
}

static void test_events(void **state)
{
        int fds[8];
        size_t steps;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_fds(e, fds, 8), PIC__BACKENDS);
        assert_int_equal(pic__engine_fds(e, fds, 2), 2);
        assert_int_equal(pic__engine_looks(e), 0);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(pic__engine_looks(e), 1);
        (void)pic__engine_event(e);
        assert_false(pic__engine_event(e));
        pic__fake_tamper(e->backends[PIC__B_ROUTE], PIC__I_ROUTE_ADDR, "pic0 10.77.0.1/16", NULL);
        assert_true(pic__engine_event(e));
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0);
        assert_int_equal(steps, 1);
        pic__engine_tick(e);
        pic__engine_tidy(e);
        assert_false(pic__engine_stopping(e));
        pic__engine_stop(e);
        assert_true(pic__engine_stopping(e));
        pic__engine_unref(e);
        cell_drop(&c);
}

static int torn[PIC__BACKENDS], turns;
static int fail_down(pic__backend *b, int keep_block, pic_error **err)
{
        (void)keep_block;
        torn[b->id] = ++turns;
        return pic__fail(err, PIC_BACKEND, "%s will not go", pic__backend_names[b->id]);
}

static void test_teardown(void **state)
{
        pic__items left = PIC__ITEMS_INIT;
        pic__backend_ops ops[PIC__BACKENDS];
        const pic__backend_ops *real[PIC__BACKENDS];
        pic_error *err = NULL;
        size_t i;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(pic__engine_teardown(e, 1, NULL), 0);
        assert_int_equal(pic__engine_applied(e), -1);
        assert_int_equal(pic__engine_next_due(e), 0);
        cell_world(e, &left);
        for (i = 0; i < left.count; i++) /* only what blocks stays */
                assert_int_equal(pic__item_kinds[left.at[i].kind].backend, PIC__B_NFT);
        pic__items_wipe(&left);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(pic__engine_teardown(e, 0, NULL), 0);
        assert_int_equal(cell_world(e, &left), 0);
        pic__items_wipe(&left);
        for (i = 0; i < PIC__BACKENDS; i++) {
                real[i] = e->backends[i]->ops;
                ops[i] = *real[i];
                ops[i].teardown = fail_down;
                e->backends[i]->ops = &ops[i];
        }
        assert_int_equal(pic__engine_teardown(e, 0, &err), PIC_BACKEND); /* one failing keeps none of the others */
        assert_int_equal(turns, PIC__BACKENDS);
        assert_int_equal(torn[PIC__B_WG], 1);
        assert_int_equal(torn[PIC__B_NFT], PIC__BACKENDS);
        assert_non_null(strstr(pic_error_message(err), "wg"));
        pic_error_free(err);
        for (i = 0; i < PIC__BACKENDS; i++)
                e->backends[i]->ops = real[i];
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_open),
                cmocka_unit_test(test_open_no_memory),
                cmocka_unit_test(test_events),
                cmocka_unit_test(test_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
