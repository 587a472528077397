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

/* What an agent does that looks each five minutes, while the clock jumps a year and (perhaps) back again: how many
 * backups are made, and whether one was taken for too old without being it. */
static void jumps(void **state)
{
        static const struct {
                pic_time every, first, second; /* what the clock is put by after a day, and after another */
                int at, fails, runs;
        } all[] = {
                { D, 0, 0, -1, 0, 4 },
                { D, 365 * D, 0, -1, 0, 4 },        /* 365 were missed: one is made at once, and each day one again */
                { D, -365 * D, 0, -1, 0, 4 },       /* the last one lies ahead: one is made at once */
                { D, 365 * D, -365 * D, -1, 0, 5 }, /* each jump costs one at most */
                { D, -365 * D, 365 * D, -1, 0, 5 },
                { H, 365 * D, -365 * D, -1, 0, 74 },
                { D, 365 * D, -365 * D, 210, 0, 6 }, /* each day at 03:30 */
                { D, 365 * D, -365 * D, -1, 1, 40 }, /* a place that is gone: tried again each six hours at last */
        };
        size_t i;

        (void)state;
        setenv("TZ", "UTC", 1);
        tzset();
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__keep_pace p = { .every = all[i].every, .at = all[i].at, .since = T0 };
                pic_time now = T0, gone;
                int runs = 0;

                for (gone = 0; gone < 3 * D; gone += 300 * S, now += 300 * S) {
                        pic_time next;

                        now += gone == D ? all[i].first : gone == 2 * D ? all[i].second : 0;
                        next = pic__keep_next(&p, now);
                        if (next == 0 || next > now)
                                continue;
                        runs++;
                        p.tried = now;
                        p.failures = all[i].fails ? p.failures + 1 : 0;
                        if (!all[i].fails) {
                                p.good = now;
                                assert_false(pic__keep_stale(&p, now)); /* whatever the clock did */
                                assert_true(pic__keep_next(&p, now) > now);
                        }
                }
                if (runs > all[i].runs || runs < (all[i].fails ? 8 : 3))
                        fail_msg("row %zu: %d backups", i, runs);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(summer),
                                            cmocka_unit_test(jumps) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
