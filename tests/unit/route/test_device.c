/* backend/route/device.c: a device of ours, its state and addresses. */
#include "world.h"

static void up_and_down(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_null(seen(b, LINK, "pic0"));
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        assert_string_equal(seen(b, LINK, "pic0"), "up mtu=1420");
        assert_int_equal(sh("ip link show pic0 | grep -q 'alias pic$'"), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), PIC_CONFLICT);
        assert_int_equal(step(b, LINK, "pic0", "up mtu=1420", "up mtu=1300", NULL), 0);
        assert_string_equal(seen(b, LINK, "pic0"), "up mtu=1300");
        assert_int_equal(take(b, LINK, "pic0", "up mtu=1300"), 0);
        assert_null(seen(b, LINK, "pic0"));
        assert_int_equal(take(b, LINK, "pic0", "up mtu=1300"), PIC_NOTFOUND);
        assert_int_equal(step(b, LINK, "pic0", "up mtu=1420", "up mtu=1300", NULL), PIC_NOTFOUND);
        b->ops->free(b);
}

static void no_made_up_address(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("sysctl -q -w net.ipv6.conf.pic0.disable_ipv6=1"), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        assert_string_equal(setting("net.ipv6.conf.pic0.disable_ipv6"), "0");
        assert_int_not_equal(sh("ip addr show dev pic0 | grep -q fe80"), 0);
        assert_int_equal(add(b, ADDR, "pic0 fd00::1/64", ""), 0);
        assert_int_equal(sh("ip addr show dev pic0 | grep fd00::1/64 | grep -q nodad"), 0);
        b->ops->free(b);
}

static void not_there(void **state)
{
        pic__auto_err pic_error *err = NULL, *foreign = NULL;
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(step(b, LINK, "pic7", NULL, "up mtu=1420", &err), PIC_NOTFOUND);
        assert_non_null(pic_error_hint(err));
        assert_int_equal(add(b, ADDR, "pic7 10.1.0.1/16", ""), PIC_NOTFOUND);
        /* What went with its device is gone. */
        assert_int_equal(take(b, LINK, "pic7", "up mtu=1420"), 0);
        assert_int_equal(take(b, ADDR, "pic7 10.1.0.1/16", ""), 0);
        assert_int_equal(must("ip link set pic0 alias 'uplink to Bonn'"), 0);
        assert_int_equal(step(b, LINK, "pic0", NULL, "up mtu=1420", &foreign), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_hint(foreign), "ip link show pic0"));
        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", ""), PIC_CONFLICT);
        assert_int_equal(take(b, ADDR, "pic0 10.1.0.1/16", ""), PIC_NOTFOUND);
        assert_int_equal(sh("ip link show pic0 | grep -q Bonn"), 0);
        b->ops->free(b);
}

static void addresses(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", ""), 0);
        assert_int_equal(add(b, ADDR, "pic0 fd00::1/48", ""), 0);
        assert_int_equal(step(b, ADDR, "pic0 10.1.0.1/16", NULL, "", &err), PIC_CONFLICT);
        assert_string_equal(pic_error_detail(err, "errno"), "17");
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        assert_string_equal(seen(b, ADDR, "pic0 10.1.0.1/16"), "");
        assert_string_equal(seen(b, ADDR, "pic0 fd00::1/48"), "");
        assert_int_equal(take(b, ADDR, "pic0 10.1.0.1/16", ""), 0);
        assert_int_equal(take(b, ADDR, "pic0 10.1.0.1/16", ""), PIC_NOTFOUND);
        assert_int_equal(must("ip link set pic0 down"), 0);
        assert_null(seen(b, ADDR, "pic0 fd00::1/48"));
        assert_int_equal(take(b, ADDR, "pic0 fd00::1/48", ""), 0);
        b->ops->free(b);
}

/* Somebody takes away the route that came with an address, or turns IPv6 off: the address is set anew, with all. */
static void lonely(void **state)
{
        static const char *const keys[] = { "pic0 10.1.0.1/16", "pic0 fd00::1/48", "pic0 10.2.0.1/32" };
        pic__backend *b = backend();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(keys); i++)
                assert_int_equal(add(b, ADDR, keys[i], ""), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        assert_int_equal(must("ip route flush dev pic0 proto kernel; ip -6 route del fd00::/48 dev pic0"), 0);
        assert_string_equal(seen(b, ADDR, keys[2]), ""); /* has no network */
        for (i = 0; i < 2; i++) {
                assert_string_equal(seen(b, ADDR, keys[i]), PIC__ROUTE_LONELY);
                assert_int_equal(step(b, ADDR, keys[i], PIC__ROUTE_LONELY, "", NULL), 0);
                assert_string_equal(seen(b, ADDR, keys[i]), "");
                assert_int_equal(step(b, ADDR, keys[i], "", PIC__ROUTE_LONELY, NULL), 0); /* undone: stays good */
                assert_string_equal(seen(b, ADDR, keys[i]), "");
        }
        assert_int_equal(must("ip route show | grep -q '10.1.0.0/16 dev pic0' && ip -6 route show | grep -q fd00::/48"),
                         0);
        assert_int_equal(must("sysctl -q -w net.ipv6.conf.pic0.disable_ipv6=1"), 0);
        assert_null(seen(b, ADDR, keys[1]));
        assert_int_equal(add(b, ADDR, keys[1], ""), 0);
        assert_string_equal(seen(b, ADDR, keys[1]), "");
        b->ops->free(b);
}

static void bad_items(void **state)
{
        static const char *const links[] = { "",         "up",           "down mtu=1400", "up mtu=",
                                             "up mtu=0", "up mtu=99999", "up mtu=1400x",  "up mtu=-1" };
        static const char *const addrs[] = {
                "", "pic0", "pic0 ", "pic0 10.1.0.1", " 10.1.0.1/16", "averyveryverylongname 10.1.0.1/16"
        };
        pic__backend *b = backend();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(links); i++)
                assert_int_equal(add(b, LINK, "pic0", links[i]), PIC_INVALID);
        for (i = 0; i < PIC__COUNT(addrs); i++)
                assert_int_equal(add(b, ADDR, addrs[i], ""), PIC_INVALID);
        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", "preferred"), PIC_INVALID);
        assert_int_equal(step(b, ADDR, "pic0 10.1.0.1/16", "", "", NULL), PIC_INVALID);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(up_and_down), TEST(no_made_up_address),
                                            TEST(not_there),   TEST(addresses),
                                            TEST(lonely),      TEST(bad_items) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
