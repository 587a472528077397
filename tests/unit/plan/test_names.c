/* Reverse names and zones. */
#include "plan/names.h"
#include "sample.h"

static void expect_ptr(const char *address, const char *want)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__addr a;

        assert_int_equal(pic__addr_parse(address, &a), 0);
        pic__ptr_name(&a, &out);
        assert_string_equal(pic__buf_str(&out), want);
}

static void expect_zones(const char *net, const char *want)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__prefix p;

        assert_int_equal(pic__prefix_parse(net, &p), 0);
        pic__reverse_zones(&p, &out);
        assert_string_equal(pic__buf_str(&out), want);
}

static void ptr_names(void **state)
{
        (void)state;
        expect_ptr("10.1.0.2", "2.0.1.10.in-addr.arpa.");
        expect_ptr("192.168.100.255", "255.100.168.192.in-addr.arpa.");
        expect_ptr("0.10.99.101", "101.99.10.0.in-addr.arpa.");
        expect_ptr("fd12:3456:789a::2", "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa.");
        expect_ptr("2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.");
}

static void zones_at_boundaries(void **state)
{
        (void)state;
        expect_zones("10.0.0.0/8", "10.in-addr.arpa");
        expect_zones("10.1.0.0/16", "1.10.in-addr.arpa");
        expect_zones("192.168.7.0/24", "7.168.192.in-addr.arpa");
        expect_zones("fd12:3456:789a::/48", "a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa");
        expect_zones("fd00::/8", "d.f.ip6.arpa");
        expect_zones("fd12:3450::/28", "5.4.3.2.1.d.f.ip6.arpa");
}

/* The longer boundary, as long as that is at most 16 zones. */
static void zones_between_boundaries(void **state)
{
        (void)state;
        expect_zones("10.2.0.0/15", "2.10.in-addr.arpa,3.10.in-addr.arpa");
        expect_zones("192.168.12.0/22",
                     "12.168.192.in-addr.arpa,13.168.192.in-addr.arpa,14.168.192.in-addr.arpa,15.168.192.in-addr.arpa");
        expect_zones("192.168.7.252/30", "252.7.168.192.in-addr.arpa,253.7.168.192.in-addr.arpa,254.7.168.192.in-addr."
                                         "arpa,255.7.168.192.in-addr.arpa");
        expect_zones("fd12::/15", "2.1.d.f.ip6.arpa,3.1.d.f.ip6.arpa");
        expect_zones(
                "fd12:3456:7898::/45",
                "8.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa,9.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa,a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa,"
                "b.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa,c.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa,d.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa,"
                "e.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa,f.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa");
        expect_zones("fd80::/9", "8.d.f.ip6.arpa,9.d.f.ip6.arpa,a.d.f.ip6.arpa,b.d.f.ip6.arpa,c.d.f.ip6.arpa,d.d.f.ip6."
                                 "arpa,e.d.f.ip6.arpa,f.d.f.ip6.arpa");
        expect_zones("172.16.0.0/12",
                     "16.172.in-addr.arpa,17.172.in-addr.arpa,18.172.in-addr.arpa,19.172.in-addr.arpa,20.172.in-addr."
                     "arpa,21.172.in-addr.arpa,"
                     "22.172.in-addr.arpa,23.172.in-addr.arpa,24.172.in-addr.arpa,25.172.in-addr.arpa,26.172.in-addr."
                     "arpa,27.172.in-addr.arpa,"
                     "28.172.in-addr.arpa,29.172.in-addr.arpa,30.172.in-addr.arpa,31.172.in-addr.arpa");
}

/* More than 16: the zone around. */
static void zones_around(void **state)
{
        (void)state;
        expect_zones("10.128.0.0/9", "10.in-addr.arpa");
        expect_zones("10.1.128.0/17", "1.10.in-addr.arpa");
        expect_zones("192.168.7.32/27", "7.168.192.in-addr.arpa");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ptr_names),
                cmocka_unit_test(zones_at_boundaries),
                cmocka_unit_test(zones_between_boundaries),
                cmocka_unit_test(zones_around),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
