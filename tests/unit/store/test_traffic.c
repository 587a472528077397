/* Counters that begin anew, clocks that jump, bounds by number and by size. */
#include "help.h"

#include "store/stats_i.h"

#define HOUR (3600 * PIC__SECOND)
#define DAY (24 * HOUR)
#define NOW (20000 * DAY + 10 * HOUR)

static pic__stats *st;

static int open_st(void **state)
{
        if (new_dir(state) < 0)
                return -1;
        return pic__stats_open(test_dir, 1, &st, NULL, NULL) < 0 ? -1 : pic__stats_begin(st, NULL);
}

static int drop_st(void **state)
{
        pic__stats_abort(st);
        pic__stats_unref(st);
        return drop_dir(state);
}

static void counter(int64_t id, uint64_t rx, uint64_t tx, uint64_t want_rx, uint64_t want_tx)
{
        const uint64_t now[2] = { rx, tx };
        uint64_t came[2];

        assert_true(pic__stats_counter(st, PIC__COUNTED_PEER, id, now, 0, came, NULL) >= 0);
        assert_int_equal(came[0], want_rx);
        assert_int_equal(came[1], want_tx);
}

static void test_counters(void **state)
{
        const uint64_t there[2] = { 7000, 9000 };
        uint64_t came[2];
        int first = -1;

        (void)state;
        assert_int_equal(pic__stats_boot(st, "boot-1", &first, NULL), 1);
        assert_int_equal(first, 1);
        /* nobody knows since when this one counts */
        assert_int_equal(pic__stats_counter(st, PIC__COUNTED_PEER, 1, there, 1, came, NULL), 1);
        assert_int_equal(came[0] + came[1], 0);
        counter(1, 7000, 9000, 0, 0);
        counter(1, 7100, 9000, 100, 0);
        counter(2, 50, 60, 50, 60); /* a new device */
        counter(1, 10, 20, 10, 20); /* it was added anew */
        counter(1, 11, 3, 11, 3);   /* one of both fell: both began anew */
        counter(1, 11, 3, 0, 0);
        counter(1, UINT64_MAX, 3, (uint64_t)PIC__NUMBER_MAX - 11, 0); /* nonsense stays a number */
        counter(1, 0, 0, 0, 0);
        counter(1, 5, 5, 5, 5);
        assert_int_equal(pic__stats_boot(st, "boot-1", &first, NULL), 0);
        assert_int_equal(first, 0);
        assert_int_equal(pic__stats_boot(st, "boot-2", &first, NULL), 1);
        assert_int_equal(first, 0);
        counter(2, 70, 80, 70, 80); /* more than before, and all of it of this boot */
}

struct seen {
        pic__traffic_row at[1000];
        size_t count;
};

static int take(const pic__traffic_row *row, void *data)
{
        struct seen *s = data;

        assert_true(s->count < 1000);
        s->at[s->count++] = *row;
        return 0;
}

static void add(int64_t id, uint64_t rx, uint64_t tx, pic_time when)
{
        const uint64_t bytes[2] = { rx, tx };

        assert_int_equal(pic__stats_add(st, PIC__COUNTED_PEER, id, bytes, when, NULL), 0);
}

static size_t ask(enum pic__span span, int64_t id, pic_time from, pic_time to, struct seen *s)
{
        const int64_t range[2] = { from / PIC__SECOND, to / PIC__SECOND };

        s->count = 0;
        assert_int_equal(pic__stats_traffic(st, span, PIC__COUNTED_PEER, id, range, take, s, NULL), 0);
        return s->count;
}

static void test_asking(void **state)
{
        const int64_t range[2] = { (NOW - DAY) / PIC__SECOND, (NOW + DAY) / PIC__SECOND };
        const uint64_t exits[2] = { 5, 5 };
        static struct seen s;

        (void)state;
        add(1, 10, 1, NOW);
        add(1, 10, 1, NOW + HOUR / 2);
        add(2, 100, 2, NOW);
        add(1, 30, 3, NOW + HOUR);
        add(2, 1, 1, NOW - DAY);
        assert_int_equal(pic__stats_add(st, PIC__COUNTED_EXIT, 1, exits, NOW, NULL), 0);
        assert_int_equal(ask(PIC__SPAN_HOUR, 1, NOW - DAY, NOW + DAY, &s), 2);
        assert_int_equal(s.at[0].at, NOW / PIC__SECOND);
        assert_int_equal(s.at[0].rx, 20);
        assert_int_equal(s.at[1].tx, 3);
        assert_int_equal(ask(PIC__SPAN_HOUR, 1, NOW, NOW + HOUR, &s), 1); /* its end is outside */
        assert_int_equal(ask(PIC__SPAN_HOUR, 3, NOW - DAY, NOW + DAY, &s), 0);
        assert_int_equal(ask(PIC__SPAN_HOUR, 0, NOW - DAY, NOW + DAY, &s), 3);
        assert_int_equal(s.at[1].rx, 120);
        assert_int_equal(ask(PIC__SPAN_DAY, 0, NOW - 10 * HOUR, NOW, &s), 1);
        assert_int_equal(s.at[0].rx, 150);
        s.count = 0;
        assert_int_equal(pic__stats_totals(st, PIC__SPAN_HOUR, PIC__COUNTED_PEER, range, take, &s, NULL), 0);
        assert_int_equal(s.count, 2);
        assert_int_equal(s.at[0].at, 2);
        assert_int_equal(s.at[0].rx, 101);
        s.count = 0;
        assert_int_equal(pic__stats_totals(st, PIC__SPAN_DAY, PIC__COUNTED_EXIT, range, take, &s, NULL), 0);
        assert_int_equal(s.count, 1);
}

static int is_one(enum pic__counted kind, int64_t id, void *data)
{
        (void)data;
        return kind == PIC__COUNTED_PEER && id == 1;
}

static void prune(pic_time now)
{
        assert_int_equal(pic__stats_prune(st, now, is_one, NULL, NULL), 0);
}

static void test_bounds(void **state)
{
        static struct seen s;
        pic_time t;

        (void)state;
        for (t = 0; t < 500; t++)
                add(1, 1, 1, NOW + t * DAY);
        prune(NOW + 499 * DAY);
        assert_int_equal(ask(PIC__SPAN_DAY, 1, 0, NOW + 1000 * DAY, &s), PIC__STATS_DAYS);
        assert_int_equal(s.at[0].at, (NOW + 100 * DAY) / DAY * DAY / PIC__SECOND);
        assert_int_equal(ask(PIC__SPAN_HOUR, 1, 0, NOW + 1000 * DAY, &s), PIC__STATS_HOURS - 2);
        /* the clock is ten years ahead for an hour: two spans of each go, not all */
        add(1, 1, 1, NOW + 4000 * DAY);
        prune(NOW + 4000 * DAY);
        assert_int_equal(ask(PIC__SPAN_DAY, 1, 0, NOW + 1000 * DAY, &s), PIC__STATS_DAYS - 3);
        /* and in 1970: what is there is of the future, and stays */
        add(1, 1, 1, PIC__SECOND);
        prune(PIC__SECOND);
        assert_int_equal(ask(PIC__SPAN_DAY, 1, NOW, NOW + 1000 * DAY, &s), PIC__STATS_DAYS - 3);
        counter(1, 1, 1, 1, 1);
        counter(2, 1, 1, 1, 1);
        prune(NOW + 499 * DAY);
        counter(1, 1, 1, 0, 0);
        counter(2, 1, 1, 1, 1); /* is not there any more: its counter is forgotten */
}

/* With 10,000 devices that are never silent. */
static void test_size(void **state)
{
        int64_t pages = 0, size = 0, spare = 0;
        int t, id;

        (void)state;
        for (t = 0; t < 20; t++)
                for (id = 1; id <= 10000; id++) {
                        const uint64_t bytes[2] = { 100000000u + (unsigned)id, 2000000u + (unsigned)id };

                        assert_int_equal(pic__stats_add(st, PIC__COUNTED_PEER, id, bytes, NOW + t * DAY, NULL), 0);
                }
        assert_int_equal(pic__db_number(st->db, "PRAGMA page_count", &pages, NULL), 0);
        assert_int_equal(pic__db_number(st->db, "PRAGMA page_size", &size, NULL), 0);
        printf("%.1f bytes a row\n", (double)(pages * size) / (20 * 2 * 10000.0));
        assert_true(pages * size < 32 * 20 * 2 * 10000);
        prune(NOW + 20 * DAY);
        assert_int_equal(pic__db_number(st->db, "PRAGMA freelist_count", &spare, NULL), 0);
        assert_true((pages - spare) * size <= PIC__STATS_BYTES);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_counters, open_st, drop_st),
                cmocka_unit_test_setup_teardown(test_asking, open_st, drop_st),
                cmocka_unit_test_setup_teardown(test_bounds, open_st, drop_st),
                cmocka_unit_test_setup_teardown(test_size, open_st, drop_st),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
