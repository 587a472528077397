/* Shows: one grant's reach: by host number inside the cell's networks, by address outside, by name for peers. */
#include "plan/reach.h"
#include "sample.h"

static void make(pic__derive *d, const char *text, pic__reach *ret)
{
        const char *rule;
        pic__grant g;

        if (text != NULL)
                assert_int_equal(pic__grant_parse(text, &g, &rule), 0);
        assert_int_equal(pic__reach_make(d, text != NULL ? &g : NULL, ret, NULL), 0);
}

static int has(const pic__boxes *boxes, pic__u128 at, uint8_t proto, uint16_t port)
{
        size_t i;

        for (i = 0; i < boxes->count; i++)
                if (pic__box_has(&boxes->at[i], at, proto, port))
                        return 1;
        return 0;
}

static void inside_and_outside(void **state)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        PIC__AUTO(pic__reach_free) pic__reach wide = { .named = PIC__VEC_INIT };
        PIC__AUTO(pic__reach_free) pic__reach peers = { .named = PIC__VEC_INIT };
        PIC__AUTO(pic__reach_free) pic__reach lan = { .named = PIC__VEC_INIT };
        PIC__AUTO(pic__reach_free) pic__reach always = { .named = PIC__VEC_INIT };
        SNAP_AUTO s = sample_snap();

        (void)state;
        assert_int_equal(pic__derive_open(&d, s, NULL, NULL, NULL), 0);
        make(&d, "10.0.0.0/14:tcp/80", &wide); /* the cell's 10.1.0.0/16 is in the middle of it */
        assert_int_equal(wide.in[PIC__V4].count, 1);
        assert_true(has(&wide.in[PIC__V4], 0, 6, 80) && has(&wide.in[PIC__V4], 65535, 6, 80));
        assert_true(has(&wide.out[PIC__V4], 0x0a000001, 6, 80) && has(&wide.out[PIC__V4], 0x0a020000, 6, 80));
        assert_false(has(&wide.out[PIC__V4], 0x0a010001, 6, 80) || has(&wide.out[PIC__V4], 0x0a000001, 6, 81));
        make(&d, "peers", &peers);
        assert_int_equal(peers.out[PIC__V4].count + peers.out[PIC__V6].count, 0);
        assert_true(has(&peers.in[PIC__V6], 2, 1, 0));
        assert_false(has(&peers.in[PIC__V6], 1, 1, 0));
        make(&d, "lan", &lan);
        assert_int_equal(lan.in[PIC__V4].count, 0);
        assert_true(has(&lan.out[PIC__V4], 0xc0a80001, 6, 80));
        make(&d, NULL, &always);
        assert_true(has(&always.in[PIC__V4], 1, 17, 53) && has(&always.in[PIC__V6], 1, 58, 0));
        assert_false(has(&always.in[PIC__V4], 1, 6, 22) || has(&always.in[PIC__V6], 1, 1, 0));
}

static void by_name(void **state)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        PIC__AUTO(pic__reach_free) pic__reach group = { .named = PIC__VEC_INIT };
        SNAP_AUTO s = sample_snap();
        pic__prefix net;
        pic__addr a;
        pic__u128 n;

        (void)state;
        sample_put(s, PIC__PEER, 30, "name=c address4=10.1.0.4 groups=kids subnets=192.168.9.0/24");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=kids");
        sample_put(s, PIC__PEER, 25, "name=b address4=10.1.0.3 groups=other");
        assert_int_equal(pic__derive_open(&d, s, NULL, NULL, NULL), 0);
        make(&d, "group:kids", &group);
        assert_int_equal(group.named.count, 2);
        assert_true(pic__ids_have(&group.named, 20) && pic__ids_have(&group.named, 30));
        assert_false(pic__ids_have(&group.named, 25) || pic__ids_have(&group.named, 31) ||
                     pic__ids_have(&group.named, 1));
        assert_true(has(&group.out[PIC__V4], 0xc0a80905, 6, 80)); /* and what is behind c */
        assert_int_equal(pic__prefix_parse("10.1.0.0/16", &net), 0);
        assert_int_equal(pic__addr_parse("10.1.2.3", &a), 0);
        assert_int_equal(pic__host_number(&net, &a, &n), 0);
        assert_true(n == 0x203);
        assert_int_equal(pic__addr_parse("10.2.2.3", &a), 0);
        assert_int_equal(pic__host_number(&net, &a, &n), -1);
}

static int make_once(void *data)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        PIC__AUTO(pic__reach_free) pic__reach reach = { .named = PIC__VEC_INIT };
        pic__grant g = { .to = PIC__TO_GROUP, .name = "kids" }, lan = { .to = PIC__TO_LAN };
        int r = pic__derive_open(&d, data, NULL, NULL, NULL);

        if (r == 0)
                r = pic__reach_make(&d, &g, &reach, NULL);
        if (r == 0) {
                pic__reach_free(&reach);
                r = pic__reach_make(&d, &lan, &reach, NULL);
        }
        return r;
}

static void without_memory(void **state)
{
        SNAP_AUTO s = sample_snap();

        (void)state;
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=kids subnets=192.168.9.0/24");
        sample_nomem(make_once, s);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(inside_and_outside), cmocka_unit_test(by_name),
                                            cmocka_unit_test(without_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
