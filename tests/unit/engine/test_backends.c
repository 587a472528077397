/* Which subsystems a world has: the fake one here; the real ones are made in a namespace of their own. */
#include <sched.h>

#include "fixture.h"

static void test_fake(void **state)
{
        cell c;
        pic__engine *e;
        char path[128];
        size_t i;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        for (i = 0; i < PIC__BACKENDS; i++)
                assert_int_equal(e->backends[i]->id, i);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        for (i = 0; i < PIC__BACKENDS; i++) {
                snprintf(path, sizeof(path), "%s/fake/%s", c.dir, pic__backend_names[i]);
                assert_int_equal(pic__file_exists(path), i != PIC__B_EXIT); /* no connections: nothing to keep */
        }
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_real(void **state)
{
        pic__items there = PIC__ITEMS_INIT;
        cell c;
        pic__engine *e = NULL;
        pic_error *err = NULL;
        size_t i;
        int r;

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                print_message("skipped: needs root for a network namespace\n");
                skip();
        }
        cell_make(&c);
        const pic__engine_opts opts = { .dir = c.dir, .clock = &c.clock };
        r = pic__engine_open(&opts, &e, &err);
        if (r < 0)
                fail_msg("open: %s", pic_error_message(err));
        for (i = 0; i < PIC__BACKENDS; i++)
                assert_int_equal(e->backends[i]->id, i);
        if (pic__engine_observe(e, &there, &err) < 0)
                fail_msg("observe: %s", pic_error_message(err));
        for (i = 0; i < there.count; i++) /* an empty namespace: at most settings, which are always there */
                assert_int_equal(there.at[i].kind, PIC__I_ROUTE_SYSCTL);
        pic__items_wipe(&there);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_fake), cmocka_unit_test(test_real) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
