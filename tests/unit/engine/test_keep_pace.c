/* engine/keep_pace.c: schedules, missed runs, failures, clocks that jump, and when one is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/keep_pace.h"

#define S PIC__SECOND
#define H (3600 * S)
#define D (24 * H)
#define T0 (1795651200 * S) /* 2026-11-26T00:00:00Z */

static void table(void **state)
{
        static const struct {
                pic__keep_pace p;
                pic_time now, next;
                int stale;
        } all[] = {
                { { .every = 0, .at = -1, .since = T0 }, T0 + 9 * D, 0, 0 },
                { { .every = D, .at = -1, .since = T0 }, T0 + H, T0, 0 },         /* a new one: at once */
                { { .every = D, .at = -1, .since = T0 }, T0 + 2 * D + S, T0, 1 }, /* and none came */
                { { .every = D, .at = -1, .since = T0, .good = T0 }, T0 + H, T0 + D, 0 },
                { { .every = D, .at = -1, .since = T0, .good = T0 }, T0 + 3 * D, T0 + D, 1 }, /* missed: due */
                { { .every = D, .at = -1, .since = T0, .good = T0, .tried = T0 + D, .failures = 1 },
                  T0 + D,
                  T0 + D + 300 * S,
                  0 },
                { { .every = D, .at = -1, .since = T0, .good = T0, .tried = T0 + D, .failures = 99 },
                  T0 + D,
                  T0 + D + 6 * H,
                  0 },
                { { .every = H, .at = -1, .since = T0, .good = T0, .tried = T0 + H, .failures = 99 },
                  T0 + H,
                  T0 + 2 * H,
                  0 },
                /* the clock was put back: what lies ahead is due now */
                { { .every = D, .at = -1, .since = T0, .good = T0 + 9 * D }, T0 + H, T0, 0 },
                { { .every = D, .at = -1, .since = T0 + 9 * D, .good = T0 + 9 * D }, T0, T0, 0 },
                { { .every = D, .at = -1, .since = T0, .tried = T0 + 9 * D, .failures = 1 }, T0 + H, T0 + H, 0 },
                /* each day at 03:30 (UTC here) */
                { { .every = D, .at = 210, .since = T0, .good = T0 }, T0, T0 + 3 * H + 1800 * S, 0 },
                { { .every = D, .at = 210, .since = T0, .good = T0 + 8 * H },
                  T0 + 9 * H,
                  T0 + D + 3 * H + 1800 * S,
                  0 },
        };
        size_t i;

        (void)state;
        setenv("TZ", "UTC", 1);
        tzset();
        for (i = 0; i < PIC__COUNT(all); i++) {
                if (pic__keep_next(&all[i].p, all[i].now) != all[i].next)
                        fail_msg("row %zu: %lld s, not %lld", i,
                                 (long long)((pic__keep_next(&all[i].p, all[i].now) - T0) / S),
                                 (long long)((all[i].next - T0) / S));
                assert_int_equal(pic__keep_stale(&all[i].p, all[i].now), all[i].stale);
        }
}

/* Two nights of a zone in which the clock is changed: each night has one backup, and the day is not skipped. */
static void summer(void **state)
{
        pic__keep_pace p = { .every = D, .at = 150, .since = 1, .good = 1806195600 * S }; /* 2027-03-28, 02:00 CET */
        pic_time last;
        int i;

        (void)state;
        setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        tzset();
        last = p.good;
        for (i = 0; i < 400; i++) {
                p.good = pic__keep_next(&p, p.good);
                assert_true(p.good > last && p.good - last <= 26 * H);
                last = p.good;
        }
        assert_true(last - 1806195600 * S > 398 * D);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(summer) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
