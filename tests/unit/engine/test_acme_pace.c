/* Shows: with every try failing for 60 days no line of the table is passed, whoever restarts, mends and asks meanwhile;
 * who is asked when; and what a success, a rehearsal and "too often" do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/time.h"
#include "engine/acme_pace.h"

#define DAY (86400 * PIC__SECOND)
#define START ((pic_time)1790000000 * PIC__SECOND)
#define MOST 700
#define MINUTE (60 * PIC__SECOND)

struct log {
        pic__acme_try at[MOST];
        size_t count;
};

/* Every line, at every moment. */
static void check(const struct log *logs, size_t count)
{
        size_t l, i, k, c;

        for (l = 0; l < pic__acme_limits_count; l++) {
                const pic__acme_limit *lim = &pic__acme_limits[l];

                for (c = 0; c < count; c++)
                        for (i = 0; i < logs[c].count; i++) {
                                pic_time end = logs[c].at[i].at;
                                unsigned n = 0;
                                size_t d;

                                for (d = 0; d < count; d++)
                                        for (k = 0; (lim->all || d == c) && k < logs[d].count; k++) {
                                                const pic__acme_try *t = &logs[d].at[k];

                                                n += t->where == lim->where && (!lim->issued || t->issued) &&
                                                     t->at > end - lim->window && t->at <= end;
                                        }
                                assert_true(n <= lim->most);
                        }
        }
}

static void note(struct log *log, pic_time at, enum pic__acme_where where, int issued)
{
        assert_true(log->count < MOST);
        log->at[log->count++] = (pic__acme_try){ at, (unsigned char)where, (unsigned char)issued };
}

/* 60 days; `nag`: somebody resets the back-off at once. */
static size_t run(int second, int rehearsal, int nag, size_t certificates, pic_time step, struct log *logs)
{
        static pic__acme_track tracks[64];
        const pic__acme_track *all[64];
        pic_time now;
        size_t i, total = 0;

        memset(tracks, 0, sizeof(tracks));
        memset(logs, 0, certificates * sizeof(*logs));
        for (i = 0; i < certificates; i++)
                all[i] = &tracks[i];
        for (now = START; now < START + 60 * DAY; now += step)
                for (i = 0; i < certificates; i++) {
                        enum pic__acme_where where = pic__acme_next_where(&tracks[i], second, rehearsal);

                        if (pic__acme_next_at(&tracks[i], where, all, certificates, now) > now)
                                continue;
                        pic__acme_tried(&tracks[i], where, now);
                        pic__acme_failed(&tracks[i], 0, now);
                        note(&logs[i], now, where, 0);
                        total++;
                        if (nag)
                                pic__acme_again(&tracks[i]);
                }
        return total;
}

static void sixty_days(void **state)
{
        static struct log logs[30];
        size_t n;

        (void)state;
        n = run(0, 0, 0, 1, MINUTE, logs);
        assert_true(n >= 60 && n <= 65); /* five on the first day, then one a day */
        check(logs, 1);
        n = run(1, 1, 0, 1, MINUTE, logs);
        assert_true(n >= 60 && n <= 65);
        check(logs, 1);
        n = run(0, 0, 1, 1, MINUTE, logs);
        assert_true(n <= 60 * 10 + 10);
        check(logs, 1);
        (void)run(1, 1, 0, 30, 20 * MINUTE, logs);
        check(logs, 30);
}

static void order(void **state)
{
        pic__acme_track t = { 0 };
        const pic__acme_track *all[] = { &t };
        static const enum pic__acme_where both[] = { PIC__ACME_FIRST, PIC__ACME_FIRST, PIC__ACME_SECOND,
                                                     PIC__ACME_REHEARSAL, PIC__ACME_SECOND };
        size_t i;

        (void)state;
        for (i = 0; i < 5; i++) {
                assert_int_equal(pic__acme_next_where(&t, 1, 1), both[i]);
                pic__acme_tried(&t, both[i], START);
        }
        t.failures = 3;
        assert_int_equal(pic__acme_next_where(&t, 0, 0), PIC__ACME_FIRST);
        assert_int_equal(pic__acme_next_where(&t, 0, 1), PIC__ACME_REHEARSAL);
        memset(&t, 0, sizeof(t));
        t.failures = 3;
        pic__acme_tried(&t, PIC__ACME_REHEARSAL, START);
        pic__acme_done(&t, START);
        assert_int_equal(pic__acme_next_where(&t, 1, 1), PIC__ACME_FIRST); /* the real thing, at once */
        assert_int_equal(pic__acme_next_at(&t, PIC__ACME_FIRST, all, 1, START), START);
        pic__acme_tried(&t, PIC__ACME_FIRST, START);
        assert_true(t.failures == 5 && !t.rehearsed);
        pic__acme_done(&t, START);
        assert_true(t.failures == 0 && t.tries[t.count - 1].issued);
        pic__acme_done(&(pic__acme_track){ 0 }, START);
}

/* Killed in the middle of a try: it counts as failed. */
static void killed(void **state)
{
        pic__acme_track t = { 0 };
        const pic__acme_track *all[] = { &t };

        (void)state;
        pic__acme_tried(&t, PIC__ACME_FIRST, START);
        assert_true(pic__acme_next_at(&t, PIC__ACME_FIRST, all, 1, START) >= START + 900 * PIC__SECOND);
        pic__acme_failed(&t, 1, START); /* "too often" */
        assert_true(pic__acme_next_at(&t, PIC__ACME_FIRST, all, 1, START) >= START + DAY);
}

static void issued(void **state)
{
        pic__acme_track t = { 0 };
        const pic__acme_track *all[] = { &t };
        pic_time now = START;
        int i;

        (void)state;
        for (i = 0; i < 3; i++, now += 7200 * PIC__SECOND) {
                assert_true(pic__acme_next_at(&t, PIC__ACME_FIRST, all, 1, now) <= now);
                assert_null(pic__acme_held(&t, PIC__ACME_FIRST, all, 1, now));
                pic__acme_tried(&t, PIC__ACME_FIRST, now);
                pic__acme_done(&t, now);
        }
        assert_int_equal(pic__acme_next_at(&t, PIC__ACME_FIRST, all, 1, now), START + 7 * DAY);
        assert_true(pic__acme_held(&t, PIC__ACME_FIRST, all, 1, now)->issued);
        pic__acme_again(&t);
        assert_int_equal(pic__acme_next_at(&t, PIC__ACME_FIRST, all, 1, now), START + 7 * DAY);
        for (i = 0; i < 2 * PIC__ACME_TRIES; i++)
                pic__acme_tried(&t, PIC__ACME_REHEARSAL, now + i);
        assert_int_equal(t.count, PIC__ACME_TRIES);
        t.count = 1;
        t.tries[0].at = now + 400 * DAY; /* a clock that ran ahead: it holds nobody up for years */
        t.next = t.tries[0].at + DAY;
        assert_int_equal(pic__acme_next_at(&t, PIC__ACME_REHEARSAL, all, 1, now), now);
        assert_int_equal(pic__acme_until(now + DAY, now), now + DAY);
}

/* What is told: seldom enough at last, and soon enough at first. */
static void told(void **state)
{
        pic_time at = 0;
        unsigned n;

        (void)state;
        assert_int_equal(pic__acme_tell_at(1, 5), 5 + 10 * PIC__SECOND);
        for (n = 1; n < 100; n++) {
                assert_true(pic__acme_tell_at(n, at) > at && pic__acme_tell_at(n + 1, 0) >= pic__acme_tell_at(n, 0));
                at = pic__acme_tell_at(n, at);
        }
        assert_true(at > 90 * 5 * 3600 * PIC__SECOND);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(sixty_days), cmocka_unit_test(told),
                                            cmocka_unit_test(order), cmocka_unit_test(killed),
                                            cmocka_unit_test(issued) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
