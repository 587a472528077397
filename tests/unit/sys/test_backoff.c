/* Waits between restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/backoff.h"

#define SECOND ((pic_time)1000000)

static void doubles_and_stops_at_thirty_seconds(void **state)
{
        static const unsigned waits[] = { 0, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };
        pic__backoff b = { .streak = 0 };
        pic_time now = 5 * SECOND;
        size_t i;

        (void)state;
        assert_int_equal(pic__backoff_left(&b, now), 0);
        for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
                pic__backoff_death(&b, now);
                assert_int_equal(pic__backoff_left(&b, now), waits[i]);
                now += (pic_time)waits[i] * 1000;
                assert_int_equal(pic__backoff_left(&b, now), 0);
        }
        for (i = 0; i < 100; i++)
                pic__backoff_death(&b, now);
        assert_int_equal(pic__backoff_left(&b, now), 30000);
        assert_int_equal(pic__backoff_left(&b, now + 10 * SECOND), 20000);
}

static void a_quiet_minute_forgives(void **state)
{
        pic__backoff b = { .streak = 0 };

        (void)state;
        pic__backoff_death(&b, SECOND);
        pic__backoff_death(&b, 2 * SECOND);
        assert_int_equal(pic__backoff_left(&b, 2 * SECOND), 100);
        pic__backoff_death(&b, 63 * SECOND);
        assert_int_equal(pic__backoff_left(&b, 63 * SECOND), 0);
}

/* Who lived long enough is started at once, however often; who was not started at all has not lived. */
static void a_good_life_forgives(void **state)
{
        pic__backoff b = { .most_ms = 5000, .well_ms = 8000 };
        pic_time now = SECOND;
        int i;

        (void)state;
        for (i = 0; i < 3; i++) {
                pic__backoff_start(&b, now);
                now += 8 * SECOND;
                pic__backoff_death(&b, now);
                assert_int_equal(pic__backoff_left(&b, now), 0);
        }
        pic__backoff_start(&b, now);
        pic__backoff_death(&b, now += 7 * SECOND);
        assert_int_equal(pic__backoff_left(&b, now), 100);
        pic__backoff_death(&b, now += 9 * SECOND);
        assert_int_equal(pic__backoff_left(&b, now), 200);
        for (i = 0; i < 40; i++)
                pic__backoff_death(&b, now);
        assert_int_equal(pic__backoff_left(&b, now), 5000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(doubles_and_stops_at_thirty_seconds),
                cmocka_unit_test(a_quiet_minute_forgives),
                cmocka_unit_test(a_good_life_forgives),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
