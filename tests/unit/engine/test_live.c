/* What devices do now, by their keys; who cannot be asked is unknown. */
#include "counting.h"

#include "engine/live.h"

static void test_lives(void **state)
{
        pic__lives l = PIC__LIVES_INIT;
        pic__passed passed;
        pic__engine *e;
        cell c;

        (void)state;
        e = counting_begin(&c);
        counting.rx[1] = 7;
        counting.passed.tx[3] = 9;
        assert_int_equal(pic__lives_read(e, &l, NULL), 0);
        assert_int_equal(pic__lives_of(&l, pic__snap_named(e->snap, PIC__PEER, "bert"))->rx, 7);
        assert_int_equal(pic__lives_of(&l, pic__snap_named(e->snap, PIC__PEER, "anna"))->rx, 0);
        pic__lives_free(&l);
        assert_int_equal(pic__engine_passed(e, &passed, NULL), 0);
        assert_int_equal(passed.tx[3], 9);
        counting.fails = 1;
        l = (pic__lives)PIC__LIVES_INIT;
        assert_int_equal(pic__lives_read(e, &l, NULL), 0);
        assert_null(pic__lives_of(&l, pic__snap_named(e->snap, PIC__PEER, "bert")));
        pic__lives_free(&l);
        assert_int_equal(pic__engine_passed(e, &passed, NULL), PIC_BACKEND);
        counting.wg.live = NULL;
        counting.nft.passed = NULL;
        l = (pic__lives)PIC__LIVES_INIT;
        assert_int_equal(pic__lives_read(e, &l, NULL), 0);
        pic__lives_free(&l);
        assert_int_equal(pic__engine_passed(e, &passed, NULL), 0);
        assert_int_equal(passed.tx[3], 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_lives) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
