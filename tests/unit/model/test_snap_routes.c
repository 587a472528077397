/* Shows: routed networks that overlap the cell or each other are found: against a comparison of all pairs. */
#include "help.h"

static void against_pairs(void **state)
{
        int round;

        (void)state;
        for (round = 0; round < 300; round++) {
                enum { N = 12 };
                pic__snap *s = snap();
                pic__prefix p[N];
                int i, k, hit[N] = { 0 }, any = 0;

                put(s, CELL("mtu=1400"));
                for (i = 0; i < N; i++) {
                        char subnets[80], name[24], text[PIC__PREFIX_TEXT];

                        memset(&p[i], 0, sizeof(p[i]));
                        p[i].addr.family = rnd() % 4 ? 4 : 6;
                        p[i].addr.bytes[0] = (uint8_t)(p[i].addr.family == 4 ? 11 : 0xfc);
                        p[i].addr.bytes[1] = (uint8_t)rnd();
                        p[i].addr.bytes[2] = (uint8_t)rnd();
                        p[i].len = (uint8_t)(12 + rnd() % 12);
                        pic__prefix_mask(&p[i]);
                        snprintf(subnets, sizeof(subnets), "subnets=%s", pic__prefix_print(&p[i], text));
                        snprintf(name, sizeof(name), "name=p%d", i);
                        put(s, obj("peer", i + 1, name, subnets, NULL));
                }
                for (i = 0; i < N; i++)
                        for (k = 0; k < N; k++)
                                if (i != k && pic__prefix_overlaps(&p[i], &p[k]))
                                        any = hit[i] = 1;
                assert_int_equal(pic__snap_check(s, NULL, NULL), any ? PIC_CONFLICT : 0);
                for (i = 0; i < N; i++)
                        assert_int_equal(pic__snap_check(s, pic__snap_get(s, PIC__PEER, i + 1), NULL),
                                         hit[i] ? PIC_CONFLICT : 0);
                pic__snap_unref(s);
        }
}

static void messages(void **state)
{
        pic__snap *s = snap();
        pic_obj *o = obj("peer", 2, "name=bob",
                         "subnets=192.168.9.128/25,10.1.7.0/24,fd00::/8,10.77.0.0/16,10.77.1.0/24", NULL);
        pic__auto_err pic_error *err = NULL;

        (void)state;
        put(s, CELL("mtu=1400"));
        put(s, obj("peer", 1, "name=anna", "subnets=192.168.9.0/24,172.16.0.0/24", NULL));
        assert_int_equal(pic__snap_check(s, o, &err), PIC_CONFLICT);
        assert_true(says(err, "peer bob: subnets: '192.168.9.128/25' overlaps 192.168.9.0/24 of peer anna"));
        assert_true(says(err, "'10.1.7.0/24' overlaps the cell's network 10.1.0.0/16"));
        assert_true(says(err, "'fd00::/8' overlaps the cell's network fd00:1::/48"));
        assert_true(says(err, "overlaps 10.77"));
        assert_int_equal(pic__err_count(err), 4);
        put(s, o); /* the same is found from the other side */
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__snap_check(s, pic__snap_get(s, PIC__PEER, 1), &err), PIC_CONFLICT);
        assert_true(says(err, "peer anna: subnets: '192.168.9.0/24' overlaps 192.168.9.128/25 of peer bob"));
        assert_int_equal(pic__err_count(err), 1);
        pic__snap_unref(s);
}

RUN(T(against_pairs), T(messages))
