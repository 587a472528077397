/* backend/dns/stats.c */
#include "world.h"

#include "backend/dns/stats.h"

static void one_number(void **state)
{
        static const char text[] = "total.num.queries=12\nnum.queries=3\ntotal.num.queries_ip_ratelimited=7\nbroken\n";

        (void)state;
        assert_int_equal(pic__dns_stat(text, "total.num.queries"), 12);
        assert_int_equal(pic__dns_stat(text, "num.queries"), 3);
        assert_int_equal(pic__dns_stat(text, "broken"), 0);
        assert_int_equal(pic__dns_stat(text, "absent"), 0);
}

/* A part of what unbound 1.17 said. */
static const char some[] = "thread0.num.queries=9\ntotal.num.queries=9\ntotal.num.cachehits=4\ntotal.num.cachemiss=5\n"
                           "total.requestlist.current.user=1\ntotal.recursion.time.avg=0.012345\n"
                           "total.recursion.time.median=0.0102\ntime.elapsed=17.420111\nmem.cache.rrset=66072\n"
                           "mem.cache.message=1000\nnum.query.type.A=7\nnum.query.type.AAAA=2\nnum.query.type.MX=0\n"
                           "num.answer.rcode.NOERROR=8\nnum.answer.rcode.NXDOMAIN=1\nnum.answer.rcode.REFUSED=0\n"
                           "num.answer.secure=3\nnum.answer.bogus=0\nnum.rpz.action.rpz-nxdomain=2\nnum.query.type.";

static void as_json(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json out = PIC__JSON(&text);

        (void)state;
        pic__json_open(&out, '{');
        pic__dns_stats_put(some, &out);
        pic__json_close(&out, '}');
        assert_string_equal(pic__buf_str(&text),
                            "{\"since_s\":17,\"queries\":9,\"cache_hits\":4,\"cache_misses\":5,\"waiting\":1,"
                            "\"validated\":3,\"bogus\":0,\"memory\":67072,\"average_ms\":12,\"median_ms\":10,"
                            "\"types\":{\"A\":7,\"AAAA\":2},\"codes\":{\"NOERROR\":8,\"NXDOMAIN\":1},"
                            "\"blocked\":{\"rpz-nxdomain\":2}}");
}

static void pings(void **state)
{
        static const char infra[] =
                "127.0.0.7 . ttl 899 ping 0 var 94 rtt 376 rto 752 tA 1\n192.0.2.1@853 . ttl 1 ping 12 var 3 rtt 50 "
                "rto 50\n192.0.2.1 . expired rto 752\n2001:db8::1 corp.example. ttl 1 ping 7 var 3\n";

        (void)state;
        assert_int_equal(pic__dns_stats_ping(infra, "127.0.0.7"), -1);
        assert_int_equal(pic__dns_stats_ping(infra, "192.0.2.1@853"), 12);
        assert_int_equal(pic__dns_stats_ping(infra, "192.0.2.1"), -1);
        assert_int_equal(pic__dns_stats_ping(infra, "2001:db8::1"), 7);
        assert_int_equal(pic__dns_stats_ping("", "2001:db8::1"), -1);
        assert_int_equal(pic__dns_stats_removed("ok removed 3 rrsets, 2 messages and 1 key entries\n"), 5);
        assert_int_equal(pic__dns_stats_removed("ok\n"), 0);
        assert_int_equal(pic__dns_stats_waited("thread #0\n#   type cl name    seconds    module status\n"
                                               "  0   NS IN . - iterator wait for 193.0.14.129\n"
                                               "  1    A IN x1.example. 3.021550 iterator wants NS IN .\n"
                                               "  2 AAAA IN x2.example. 0.500000 iterator wants NS IN .\n"),
                         3021);
        assert_int_equal(pic__dns_stats_waited("thread #0\n"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(one_number), cmocka_unit_test(as_json),
                                            cmocka_unit_test(pings) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
