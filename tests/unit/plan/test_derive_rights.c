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

static int wide_has(pic__snap *s, const char *grants, const char *address)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        PIC__AUTO(pic__rights_free) pic__rights r = PIC__RIGHTS_INIT;
        int family = strchr(address, ':') != NULL ? PIC__V6 : PIC__V4, has;
        pic__rangevec v = PIC__VEC_INIT;
        char text[32], *word, *save = NULL;

        assert_int_equal(pic__derive_open(&d, s, NULL, NULL, NULL), 0);
        snprintf(text, sizeof(text), "%s", grants);
        for (word = strtok_r(text, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save))
                add(&d, word, &r);
        assert_int_equal(pic__derive_wide(&d, &r, family, &v, NULL), 0);
        has = covers(&v, address);
        pic__vec_free(&v);
        return has;
}

/* What the machine is attached to is lan, whatever its addresses; the cell's and what is behind devices stay apart. */
static void attached(void **state)
{
        static const char *const edges[] = { "8.8.7.255", "8.8.9.0", "2001:db8:0:ffff::1", "2001:db8:2::1" };
        static const char *const inside[] = { "8.8.8.0", "8.8.8.255", "100.70.3.4", "2001:db8:1::1",
                                              "2001:db8:1:ffff:ffff:ffff:ffff:ffff" };
        static const char *const apart[] = { "10.1.0.9",        "192.168.9.7", "fd77::1",   "127.0.0.1",
                                             "169.254.169.254", "fe80::1",     "224.0.0.1", "100.64.0.1" };
        SNAP_AUTO s = world();
        size_t i;

        (void)state;
        sample_attach(
                s, "8.8.8.0/24\n8.8.8.64/26\n100.70.0.0/16\n2001:db8:1::/48\n10.0.0.0/8\n169.254.0.0/16\nfe80::/64\n");
        for (i = 0; i < PIC__COUNT(edges); i++) {
                assert_true(wide_has(s, "internet", edges[i]) && wide_has(s, "internet,lan", edges[i]));
                assert_false(wide_has(s, "lan", edges[i]));
        }
        for (i = 0; i < PIC__COUNT(inside); i++) {
                assert_false(wide_has(s, "internet", inside[i]));
                assert_true(wide_has(s, "lan", inside[i]) && wide_has(s, "internet,lan", inside[i]));
        }
        for (i = 0; i < PIC__COUNT(apart); i++)
                assert_false(wide_has(s, "internet,lan", apart[i]));
        sample_attach(s, "");
        assert_true(wide_has(s, "internet", "8.8.8.8") && !wide_has(s, "lan", "8.8.8.8"));
        sample_attach(s, "0.0.0.0/0\n0.0.0.0/1\n2000::/3\n");
        assert_true(wide_has(s, "internet", "8.8.8.8") && wide_has(s, "internet", "2001:db8::1"));
        sample_attach(s, "192.0.0.0/8\n"); /* around a device's network and private ones */
        assert_true(wide_has(s, "lan", "192.1.1.1") && !wide_has(s, "lan", "192.168.9.7"));
        assert_false(wide_has(s, "internet", "192.1.1.1"));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(one_by_one), cmocka_unit_test(wide),
                                            cmocka_unit_test(attached) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
