/* backend/exit/cable.c: both ends, again and again; what is in the way. */
#include "world.h"

static void both_ends(void **state)
{
        pic__backend *b = backend();
        pic__exit_space *s;

        (void)state;
        assert_int_equal(sh("ip link add picx1~ type veth peer name left"), 0); /* of one who was killed */
        must(b, NULL, WG_VALUE, WG_SECRET);
        s = ((pic__exit *)b)->at[1];
        assert_true(pic__cable_stands(s));
        assert_true(s->nsid >= 0);
        assert_int_not_equal(sh("ip link show picx1~ 2>/dev/null"), 0);
        assert_int_equal(sh("ip -br addr show picx1 | grep -q '169.254.96.5/30.*fd70:6963:78::1:1/112'"), 0);
        assert_int_not_equal(sh("ip -br addr show picx1 | grep -q fe80"), 0);
        assert_string_equal(said("cat /proc/sys/net/ipv4/conf/picx1/rp_filter"), "2\n");
        assert_string_equal(said("cat /proc/sys/net/ipv6/conf/picx1/accept_ra"), "0\n");
        assert_int_equal(sh("ip link show picx1 | grep -q 'alias pic'"), 0);
        assert_int_not_equal(sh("ping -q -c1 -W1 169.254.96.6 >/dev/null"), 0); /* the exit answers nothing but names */
        assert_int_equal(pic__cable_lay(s, &s->conf, NULL), 0);
        assert_string_equal(seen(b), WG_VALUE);
        pic__cable_cut(s);
        pic__cable_cut(s);
        assert_false(pic__cable_stands(s));
        assert_int_equal(pic__cable_lay(s, &s->conf, NULL), 0);
        assert_true(pic__cable_stands(s));
        b->ops->free(b);
}

static void in_the_way(void **state)
{
        pic__backend *b = backend();
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(sh("ip link add picx1 type veth peer name other"), 0);
        assert_int_equal(step(b, "1", NULL, WG_VALUE, WG_SECRET, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "picx1"));
        assert_non_null(pic_error_hint(err));
        pic_error_free(err);
        assert_null(seen(b));
        assert_int_equal(sh("ip link show picx1 >/dev/null"), 0);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(both_ends), TEST(in_the_way) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
