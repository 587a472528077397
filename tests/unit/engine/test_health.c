/* engine/health.c: one look a minute, whoever asks. */
#include "fixture.h"

#include "base/time.h"
#include "engine/health.h"

static void once_a_minute(void **state)
{
        const pic__findings *f;
        pic_time at, again;
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        f = pic__engine_health(e, &at);
        assert_non_null(f);
        assert_int_equal(f->list.count, 0);
        assert_int_equal(chmod(c.dir, 0705), 0);
        c.now += PIC__HEALTH_EVERY - 1;
        assert_int_equal(pic__engine_health(e, &again)->list.count, 0);
        assert_true(at == again);
        c.now += 1;
        assert_int_equal(pic__engine_health(e, &again)->list.count, 1);
        assert_true(again == at + PIC__HEALTH_EVERY);
        assert_int_equal(chmod(c.dir, 0700), 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(once_a_minute),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
