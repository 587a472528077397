/* Shows: what single grants add up to: boxes, peers by name, internet and lan without what is the cell's or behind
 * devices. */
#include "plan/derive_in.h"
#include "sample.h"

static pic__snap *world(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__GROUP, 50, "name=kids");
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 groups=kids");
        sample_put(s, PIC__PEER, 21, "name=off address4=10.1.0.3 address6=fd12:3456:789a::3 groups=kids enabled=no");
        sample_put(s, PIC__PEER, 22,
                   "name=site address4=10.1.0.4 address6=fd12:3456:789a::4 subnets=192.168.9.0/24,fd77::/64");
        return s;
}

static void add(pic__derive *d, const char *text, pic__rights *rights)
{
        const char *rule;
        pic__grant g;

        assert_int_equal(pic__grant_parse(text, &g, &rule), 0);
        assert_int_equal(pic__derive_grant(d, &g, rights, NULL), 0);
}

static void one_by_one(void **state)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        PIC__AUTO(pic__rights_free) pic__rights r = PIC__RIGHTS_INIT;
        SNAP_AUTO s = world();
        pic__box *b;

        (void)state;
        assert_int_equal(pic__derive_open(&d, s, NULL, NULL, NULL), 0);
        add(&d, "192.168.1.0/24:tcp/80-90", &r);
        b = &r.boxes[PIC__V4].at[0];
        assert_true(b->addr_lo == 0xc0a80100 && b->addr_hi == 0xc0a801ff);
        assert_int_equal(b->proto_lo, 6);
        assert_int_equal(b->port_lo, 80);
        assert_int_equal(b->port_hi, 90);
        add(&d, "[fd00::5]:icmp", &r);
        assert_int_equal(r.boxes[PIC__V6].at[0].proto_lo, 58); /* the other ICMP */
        add(&d, "peers", &r);
        assert_true(r.boxes[PIC__V4].at[1].addr_lo == 0x0a010002); /* behind the cell's own address */
        add(&d, "group:kids", &r);
        assert_int_equal(r.targets.count, 1); /* one of them is off */
        add(&d, "peer:site", &r);
        add(&d, "peer:off", &r);
        add(&d, "peer:nobody", &r);
        add(&d, "service:mail", &r);
        assert_int_equal(r.targets.count, 2);
        assert_int_equal(r.boxes[PIC__V4].count, 3); /* what is behind the site */
        assert_int_equal(r.internet + r.lan, 0);
        add(&d, "internet", &r);
        add(&d, "lan", &r);
        assert_int_equal(r.internet + r.lan, 2);
}

static int covers(const pic__rangevec *v, const char *text)
{
        pic__addr a;
        size_t i;

        assert_int_equal(pic__addr_parse(text, &a), 0);
        for (i = 0; i < v->count; i++)
                if (pic__addr_cmp(&a, &v->at[i].first) >= 0 && pic__addr_cmp(&a, &v->at[i].last) <= 0)
                        return 1;
        return 0;
}

static void wide(void **state)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        PIC__AUTO(pic__rights_free) pic__rights r = PIC__RIGHTS_INIT;
        pic__rangevec v4 = PIC__VEC_INIT, v6 = PIC__VEC_INIT;
        SNAP_AUTO s = world();

        (void)state;
        assert_int_equal(pic__derive_open(&d, s, NULL, NULL, NULL), 0);
        assert_int_equal(pic__derive_wide(&d, &r, PIC__V4, &v4, NULL), 0);
        assert_int_equal(v4.count, 0);
        add(&d, "lan", &r);
        assert_int_equal(pic__derive_wide(&d, &r, PIC__V4, &v4, NULL), 0);
        assert_int_equal(pic__derive_wide(&d, &r, PIC__V6, &v6, NULL), 0);
        assert_true(covers(&v4, "10.2.0.1") && covers(&v4, "192.168.8.255") && covers(&v6, "fd00::1"));
        assert_false(covers(&v4, "10.1.0.9") || covers(&v4, "192.168.9.7") || covers(&v4, "8.8.8.8"));
        assert_false(covers(&v6, "fd12:3456:789a::9") || covers(&v6, "fd77::1"));
        pic__vec_free(&v4);
        pic__vec_free(&v6);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(one_by_one), cmocka_unit_test(wide) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
