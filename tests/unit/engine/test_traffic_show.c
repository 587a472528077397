/* Every hour is there, also where nothing passed; who is gone has a number; too many are refused. */
#include "counting.h"

#include "engine/traffic.h"

#define HOUR 3600
#define T0 (NOW / PIC__SECOND)

static void add(pic__stats *st, enum pic__counted kind, int64_t id, uint64_t rx, int64_t at)
{
        const uint64_t bytes[2] = { rx, 1 };

        assert_int_equal(pic__stats_add(st, kind, id, bytes, at * PIC__SECOND, NULL), 0);
}

static void test_shown(void **state)
{
        pic__traffic_query q = { .span = PIC__SPAN_HOUR, .from_to = { T0 - 2 * HOUR, T0 + HOUR } };
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic_error *err = NULL;
        pic__stats *st = NULL;
        pic__engine *e;
        int64_t anna;
        cell c;

        (void)state;
        e = counting_begin(&c);
        anna = pic__snap_named(e->snap, PIC__PEER, "anna")->id;
        assert_int_equal(pic__stats_open(c.dir, 1, &st, NULL, NULL), 0);
        assert_int_equal(pic__stats_begin(st, NULL), 0);
        add(st, PIC__COUNTED_PEER, anna, 10, T0);
        add(st, PIC__COUNTED_PEER, anna, 20, T0 - 2 * HOUR);
        add(st, PIC__COUNTED_PEER, 999, 5, T0 - 2 * HOUR);
        add(st, PIC__COUNTED_PEER, anna, 77, T0 - 3 * HOUR); /* outside */
        assert_int_equal(pic__stats_end(st, NULL), 0);
        assert_int_equal(pic__traffic_json(st, e->snap, &q, &j, NULL), 0);
        assert_string_equal(pic__buf_str(&text),
                            "{\"span\":\"hour\",\"since\":\"2027-01-15T06:00:00Z\",\"until\":\"2027-01-15T09:00:00Z\","
                            "\"rx\":35,\"tx\":3,\"buckets\":["
                            "{\"from\":\"2027-01-15T06:00:00Z\",\"rx\":25,\"tx\":2},"
                            "{\"from\":\"2027-01-15T07:00:00Z\",\"rx\":0,\"tx\":0},"
                            "{\"from\":\"2027-01-15T08:00:00Z\",\"rx\":10,\"tx\":1}],"
                            "\"peers\":[{\"name\":\"anna\",\"id\":1,\"rx\":30,\"tx\":2},"
                            "{\"name\":null,\"id\":999,\"rx\":5,\"tx\":1}],\"connections\":[]}");
        q.peer = "nobody";
        assert_int_equal(pic__traffic_json(st, e->snap, &q, &j, &err), PIC_NOTFOUND);
        pic_error_free(err);
        err = NULL;
        q.peer = NULL;
        q.from_to[0] = T0 - 500 * HOUR;
        assert_int_equal(pic__traffic_json(st, e->snap, &q, &j, &err), PIC_VALUE);
        pic_error_free(err);
        q.from_to[0] = q.from_to[1] + HOUR; /* nothing between them */
        pic__buf_clear(&text);
        j = (pic__json)PIC__JSON(&text);
        assert_int_equal(pic__traffic_json(NULL, e->snap, &q, &j, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&text), "\"buckets\":[]"));
        pic__buf_free(&text);
        pic__stats_unref(st);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_shown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
