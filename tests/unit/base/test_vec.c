/* Shows: arrays grow, keep what they hold, and survive running out of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/vec.h"

static void grows(void **state)
{
        PIC__VEC(int) v = PIC__VEC_INIT;
        int i;

        (void)state;
        for (i = 0; i < 1000; i++)
                assert_int_equal(pic__vec_push(&v, i * 3), 0);
        assert_int_equal(v.count, 1000);
        for (i = 0; i < 1000; i++)
                assert_int_equal(v.at[i], i * 3);
        pic__vec_free(&v);
        assert_null(v.at);
        assert_int_equal(v.count, 0);
}

static void structs(void **state)
{
        struct pair {
                int a, b;
        };
        PIC__VEC(struct pair) v = PIC__VEC_INIT;

        (void)state;
        assert_int_equal(pic__vec_push(&v, (struct pair){ 1, 2 }), 0);
        assert_int_equal(v.at[0].b, 2);
        pic__vec_free(&v);
}

static void refused(void **state)
{
        PIC__VEC(int) v = PIC__VEC_INIT;
        size_t room = SIZE_MAX / 4;
        void *at = NULL;

        (void)state;
        pic__mem_fail_at(1);
        assert_int_equal(pic__vec_push(&v, 1), -1);
        assert_int_equal(v.count, 0);
        pic__mem_fail_at(0);
        assert_int_equal(pic__vec_push(&v, 1), 0);
        assert_int_equal(v.at[0], 1);
        pic__vec_free(&v);
        assert_int_equal(pic__vec_grow(&at, &room, room, 64), -1); /* would overflow */
        assert_null(at);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(grows), cmocka_unit_test(structs),
                                            cmocka_unit_test(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
