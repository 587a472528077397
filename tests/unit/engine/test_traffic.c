/* When the agent counts, what it writes, and that it loses nothing when it cannot. */
#include "counting.h"

#include "engine/traffic.h"

#define MINUTE (60 * PIC__SECOND)

static void pass(uint64_t n)
{
        counting.rx[0] += n;
        counting.tx[0] += 2 * n;
}

/* Bytes that came from anna in the last days, as the file has them. */
static int64_t told(const cell *c, pic__engine *e)
{
        const pic__traffic_query q = { .peer = "anna",
                                       .span = PIC__SPAN_DAY,
                                       .from_to = { (c->now - 10 * 1440 * MINUTE) / PIC__SECOND,
                                                    (c->now + 1440 * MINUTE) / PIC__SECOND } };
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        int64_t rx = -1;
        const char *at;

        assert_int_equal(pic__traffic_read(e->dir, e->snap, &q, &j, NULL), 0);
        at = strstr(pic__buf_str(&text), "\"rx\":");
        assert_non_null(at);
        rx = strtoll(at + 5, NULL, 10);
        pic__buf_free(&text);
        return rx;
}

static void later(cell *c, pic__engine *e, pic_time by)
{
        c->now += by;
        pic__engine_traffic_tick(e);
}

static void test_counting(void **state)
{
        pic__engine *e;
        cell c;

        (void)state;
        e = counting_begin(&c);
        pass(1000); /* before there was a file: nobody knows when */
        later(&c, e, PIC__SECOND);
        assert_int_equal(told(&c, e), 0);
        pass(10);
        later(&c, e, MINUTE); /* not yet */
        assert_int_equal(told(&c, e), 0);
        later(&c, e, 5 * MINUTE);
        assert_int_equal(told(&c, e), 10);
        counting.rx[0] = 3; /* made anew */
        later(&c, e, 5 * MINUTE);
        assert_int_equal(told(&c, e), 13);
        counting.fails = 1; /* nobody answers: no news, and no loss */
        pass(100);
        later(&c, e, 5 * MINUTE);
        counting.fails = 0;
        later(&c, e, 5 * MINUTE);
        assert_int_equal(told(&c, e), 113);
        pass(5);
        pic__engine_traffic_end(e); /* with the agent */
        assert_int_equal(told(&c, e), 118);
        pass(7); /* while none runs */
        later(&c, e, 5 * MINUTE);
        assert_int_equal(told(&c, e), 125);
        c.now -= 600 * MINUTE; /* the clock is put back */
        pass(1);
        e->clock = &c.clock;
        later(&c, e, 606 * MINUTE);
        assert_int_equal(told(&c, e), 126);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_not_written(void **state)
{
        char path[128], aside[160];
        pic__engine *e;
        cell c;

        (void)state;
        e = counting_begin(&c);
        later(&c, e, PIC__SECOND);
        pic__engine_traffic_end(e);
        snprintf(path, sizeof(path), "%s/%s", c.dir, PIC__STATS_FILE);
        snprintf(aside, sizeof(aside), "%s.aside", path);
        assert_int_equal(rename(path, aside), 0);
        assert_int_equal(mkdir(path, 0700), 0); /* cannot be opened */
        later(&c, e, 5 * MINUTE);
        pass(50);
        later(&c, e, 5 * MINUTE);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(rename(aside, path), 0);
        later(&c, e, 5 * MINUTE);
        assert_int_equal(told(&c, e), 50);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* What an engine is asked that is no agent's: it reads. */
static void test_asked(void **state)
{
        const pic__traffic_query q = { .span = PIC__SPAN_HOUR,
                                       .from_to = { NOW / PIC__SECOND, NOW / PIC__SECOND + 3600 } };
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__engine *e;
        cell c;

        (void)state;
        e = counting_begin(&c);
        pass(5);
        assert_int_equal(pic__engine_traffic(e, &q, &j, NULL), 0);
        assert_non_null(
                strstr(pic__buf_str(&text), "\"rx\":0,\"tx\":0,\"buckets\":[{\"from\":\"2027-01-15T08:00:00Z\""));
        later(&c, e, PIC__SECOND);
        pass(5);
        c.now += 4 * PIC__SECOND;
        pic__buf_clear(&text);
        j = (pic__json)PIC__JSON(&text);
        assert_int_equal(pic__engine_traffic(e, &q, &j, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&text), "\"rx\":5,\"tx\":10"));
        pic__buf_free(&text);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_counting),
                cmocka_unit_test(test_not_written),
                cmocka_unit_test(test_asked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
