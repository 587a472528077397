/* When the agent acts next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "engine/pace.h"

#define S PIC__SECOND
#define MS ((pic_time)1000)

static void test_interval(void **state)
{
        pic__pace p;

        (void)state;
        pic__pace_start(&p, 100 * S, 60 * S);
        assert_true(pic__pace_next(&p) == 160 * S);
        assert_false(pic__pace_look_due(&p, 159 * S));
        assert_true(pic__pace_look_due(&p, 160 * S));
        pic__pace_looked(&p, 160 * S, 0);
        assert_true(pic__pace_next(&p) == 220 * S);
}

static void test_events(void **state)
{
        pic__pace p;

        (void)state;
        pic__pace_start(&p, 100 * S, 60 * S);
        pic__pace_event(&p, 101 * S);
        pic__pace_event(&p, 101 * S + 40 * MS); /* the same burst: does not put it off */
        assert_true(pic__pace_next(&p) == 101 * S + 50 * MS);
        pic__pace_looked(&p, 101 * S + 60 * MS, 1);
        pic__pace_event(&p, 101 * S + 70 * MS);
        assert_true(pic__pace_next(&p) == 102 * S + 60 * MS); /* a second apart */
        pic__pace_looked(&p, 102 * S + 60 * MS, 1);           /* found something again: 2 s */
        pic__pace_event(&p, 102 * S + 70 * MS);
        assert_true(pic__pace_next(&p) == 104 * S + 60 * MS);
        pic__pace_looked(&p, 104 * S + 60 * MS, 0); /* nothing: peace */
        pic__pace_event(&p, 110 * S);
        assert_true(pic__pace_next(&p) == 110 * S + 50 * MS);
}

/* Somebody who undoes our work all the time does not get us to work all the time. */
static void test_fight(void **state)
{
        pic_time now = 100 * S;
        int looks = 0;
        pic__pace p;

        (void)state;
        pic__pace_start(&p, now, 1000 * S);
        while (now < 400 * S) {
                pic__pace_event(&p, now);
                now = pic__pace_next(&p);
                pic__pace_looked(&p, now, 3);
                looks++;
        }
        assert_true(looks >= 8 && looks <= 13);
}

static void test_retries(void **state)
{
        pic_time gap = S, now = 10 * S;
        pic__pace p;
        int i;

        (void)state;
        pic__pace_start(&p, now, 1000 * S);
        for (i = 0; i < 10; i++) {
                pic__pace_looked(&p, now, -1);
                assert_true(pic__pace_next(&p) == now + gap);
                pic__pace_applied(&p, now + gap / 2, 0); /* neither does, nor lengthen it, somebody's own attempt */
                assert_true(pic__pace_next(&p) == now + gap);
                now += gap;
                gap = gap * 2 < 60 * S ? gap * 2 : 60 * S;
        }
        pic__pace_applied(&p, now, 1);
        assert_true(p.retry_at == 0);
        pic__pace_applied(&p, now, 0);
        assert_true(pic__pace_next(&p) == now + S);
}

/* A trouble that stays does not keep other things from being put right; and when it is our own attempts that make the
 * events, they become rare. */
static void test_events_in_trouble(void **state)
{
        pic_time now = 100 * S;
        int looks = 0;
        pic__pace p;

        (void)state;
        pic__pace_start(&p, now, 1000 * S);
        while (now < 300 * S) { /* by retries, silent ones */
                pic__pace_looked(&p, now, -1);
                now = pic__pace_next(&p);
        }
        pic__pace_looked(&p, now, -1);
        pic__pace_event(&p, now + 5 * S);
        assert_true(pic__pace_next(&p) == now + 5 * S + 50 * MS);
        for (now += 5 * S; now < 900 * S; looks++) {
                pic__pace_event(&p, now);
                now = pic__pace_next(&p);
                pic__pace_looked(&p, now, -1);
        }
        assert_true(looks >= 12 && looks <= 40);
}

/* Changes in a row put the look off, but not for ever. */
static void test_busy(void **state)
{
        pic_time now;
        pic__pace p;

        (void)state;
        pic__pace_start(&p, 100 * S, 60 * S);
        pic__pace_busy(&p, 110 * S);
        assert_true(pic__pace_next(&p) == 160 * S); /* far enough */
        pic__pace_busy(&p, 159 * S);
        assert_true(pic__pace_next(&p) == 162 * S);
        for (now = 159 * S; !pic__pace_look_due(&p, now); now += S)
                pic__pace_busy(&p, now);
        assert_true(now == 340 * S);
        pic__pace_looked(&p, now, 0);
        assert_true(pic__pace_next(&p) == 400 * S);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_interval), cmocka_unit_test(test_events),
                                            cmocka_unit_test(test_fight),    cmocka_unit_test(test_retries),
                                            cmocka_unit_test(test_busy),     cmocka_unit_test(test_events_in_trouble) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
