/* Clocks: the real ones move and agree with the system; the fake one is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "base/time.h"
#include "sys/clock.h"

static void real(void **state)
{
        pic_time a = pic__clock_real.mono(pic__clock_real.data), b;
        pic_time wall = pic__clock_real.now(pic__clock_real.data);
        struct timespec nap = { 0, 2000000 };

        (void)state;
        assert_true(wall / PIC__SECOND >= time(NULL) - 2 && wall / PIC__SECOND <= time(NULL) + 2);
        nanosleep(&nap, NULL);
        b = pic__clock_real.mono(pic__clock_real.data);
        assert_true(b - a >= 2000);
        assert_true(pic__clock_real.now(NULL) > wall);
}

static void fake(void **state)
{
        pic_time now = 7;
        pic__clock c = pic__clock_fake(&now);

        (void)state;
        assert_int_equal(c.now(c.data), 7);
        now = 9 * PIC__SECOND;
        assert_int_equal(c.now(c.data), 9 * PIC__SECOND);
        assert_int_equal(c.mono(c.data), 9 * PIC__SECOND);
}

/* The kernel's word, the same that anybody gets. */
static void kept(void **state)
{
        (void)state;
        assert_in_range(pic__clock_kept(), 0, 1);
        assert_int_equal(pic__clock_kept(), pic__clock_kept());
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(real), cmocka_unit_test(fake), cmocka_unit_test(kept) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
