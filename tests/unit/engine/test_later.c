/* What subsystems put off is done soon after, once for many changes. */
#include "fixture.h"

#define MS ((pic_time)1000)

static unsigned called;

static void count_later(pic__backend *b)
{
        (void)b;
        called++;
}

static void test_later(void **state)
{
        pic__backend_ops ops;
        pic__engine *e;
        cell c;
        int i;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        ops = *e->backends[PIC__B_NFT]->ops;
        ops.later = count_later;
        e->backends[PIC__B_NFT]->ops = &ops;
        called = 0;
        assert_true(pic__engine_later_due(e) == 0);
        pic__engine_put_off(e, PIC__B_DNS); /* never puts anything off */
        assert_true(pic__engine_later_due(e) == 0);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0); /* the first look: what a former agent left */
        assert_true(pic__engine_later_due(e) > c.now);
        assert_int_equal(called, 0);
        pic__engine_later(e);
        assert_int_equal(called, 1);
        assert_true(pic__engine_later_due(e) == 0);

        for (i = 0; i < 100; i++) { /* one change after the other: not for ever */
                pic__engine_put_off(e, PIC__B_NFT);
                assert_true(pic__engine_later_due(e) <= NOW + PIC__SECOND);
                assert_true(pic__engine_later_due(e) > c.now || c.now >= NOW + PIC__SECOND);
                c.now += 20 * MS;
        }
        pic__engine_later(e);
        assert_int_equal(called, 2);
        cell_add_peer(&c, "anna", NULL);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_true(pic__engine_later_due(e) > c.now && pic__engine_later_due(e) <= c.now + PIC__SECOND / 4);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_later) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
