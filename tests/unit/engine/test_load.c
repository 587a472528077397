/* Snapshots, opened secrets, the observed world; each with what can fail. */
#include "fixture.h"

static void test_load(void **state)
{
        static const char *const past[] = { "expires", "2020-01-01", NULL };
        pic__snap *s = NULL;
        pic_revision revision = 0;
        unsigned long n;
        int r = PIC_NOMEM;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        cell_add_peer(&c, "old", past);
        e = cell_open(&c);
        assert_int_equal(pic__engine_load(e, &s, &revision, NULL), 0);
        assert_int_equal(revision, 3);
        assert_int_equal(pic__snap_count(s, PIC__PEER), 2);
        assert_true(pic__snap_active(s, pic__snap_named(s, PIC__PEER, "anna")));
        assert_false(pic__snap_active(s, pic__snap_named(s, PIC__PEER, "old")));
        pic__snap_unref(s);
        for (n = 1; r != 0 && n < 3000; n++) {
                s = NULL;
                pic__mem_fail_at(n);
                r = pic__engine_load(e, &s, &revision, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        pic__snap_unref(s);
        pic__engine_trim();
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_secrets(void **state)
{
        pic__snap *s = NULL;
        pic_revision revision;
        pic__secrets secrets;
        uint8_t secret[32];
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        assert_int_equal(pic__engine_load(e, &s, &revision, NULL), 0);
        assert_null(pic__engine_secrets(e, &secrets)); /* the fake world has none */
        e->fake = 0;
        assert_ptr_equal(pic__engine_secrets(e, &secrets), &secrets);
        assert_int_equal(
                secrets.open(pic__snap_named(s, PIC__PEER, "anna"), "preshared_key", secret, secrets.data, NULL), 0);
        e->fake = 1;
        pic__snap_unref(s);
        pic__engine_unref(e);
        cell_drop(&c);
}

static int blind(pic__backend *b, pic__items *out, pic_error **err)
{
        (void)b;
        (void)out;
        return pic__fail(err, PIC_BACKEND, "cannot see");
}

static void test_observe(void **state)
{
        pic__items there = PIC__ITEMS_INIT;
        pic__backend_ops ops;
        const pic__backend_ops *real;
        pic_error *err = NULL;
        cell c;
        pic__engine *e;
        int device = 0;
        size_t i;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        real = e->backends[PIC__B_DNS]->ops;
        ops = *real;
        ops.observe = blind;
        e->backends[PIC__B_DNS]->ops = &ops;
        assert_int_equal(pic__engine_observe(e, &there, &err), PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "looking at dns");
        pic_error_free(err);
        pic__items_wipe(&there);
        /* an apply that cannot look says so, and makes what it can see */
        assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_BACKEND);
        e->backends[PIC__B_DNS]->ops = real;
        assert_true(cell_world(e, &there) > 0);
        for (i = 0; i < there.count; i++) {
                assert_int_not_equal(pic__item_kinds[there.at[i].kind].backend, PIC__B_DNS);
                device |= there.at[i].kind == PIC__I_WG_DEVICE;
        }
        assert_true(device);
        pic__items_wipe(&there);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_load),
                cmocka_unit_test(test_secrets),
                cmocka_unit_test(test_observe),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
