/* backend/exit/way.c: what a packet may have, by the routes and links of this namespace. */
#include "world.h"

#include "backend/exit/way.h"

static unsigned way(const char *remotes)
{
        static pic__exit_places to;
        char text[256], *word, *rest = text;

        memset(&to, 0, sizeof(to));
        snprintf(text, sizeof(text), "%s", remotes);
        while ((word = strsep(&rest, " ")) != NULL)
                if (*word != '\0')
                        assert_int_equal(pic__addr_parse(word, &to.at[to.count++].addr), 0);
        return pic__way_mtu(&to);
}

static void by_route_and_link(void **state)
{
        (void)state;
        assert_int_equal(sh("ip link add wan0 type veth peer name up0 && ip link set up0 up && ip link set wan0 up && "
                            "ip addr add 192.0.2.1/24 dev wan0 && ip addr add 2001:db8:1::1/64 dev wan0 nodad && "
                            "ip link add wan1 type veth peer name up1 && ip link set up1 up && ip link set wan1 up && "
                            "ip link set wan1 mtu 1280 && ip addr add 203.0.113.1/24 dev wan1"),
                         0);
        assert_int_equal(way(""), 0);
        assert_int_equal(way("198.51.100.1"), 0); /* no way there */
        assert_int_equal(way("2001:db8:2::1"), 0);
        assert_int_equal(sh("ip route add default via 192.0.2.2 && ip -6 route add default via 2001:db8:1::2"), 0);
        assert_int_equal(way("198.51.100.1"), 1500);
        assert_int_equal(way("2001:db8:2::1"), 1500);
        assert_int_equal(sh("ip route add 198.51.100.0/24 via 192.0.2.2 mtu 1440 && "
                            "ip -6 route add 2001:db8:2::/64 via 2001:db8:1::2 mtu 1380"),
                         0);
        assert_int_equal(way("198.51.100.1"), 1440);
        assert_int_equal(way("2001:db8:2::1"), 1380);
        assert_int_equal(way("198.51.100.1 2001:db8:2::1 9.9.9.9"), 1380);
        assert_int_equal(way("192.0.2.2 203.0.113.2"), 1280);
        assert_int_equal(sh("ip route add unreachable 198.51.100.9/32"), 0);
        assert_int_equal(way("198.51.100.9"), 0);
        assert_int_equal(way("198.51.100.9 198.51.100.1"), 1440);
        assert_true(way("127.0.0.1") > 1500);
}

/* Of PPPoE and the like a router tells IPv6 alone. */
static void by_router(void **state)
{
        (void)state;
        assert_int_equal(sh("ip link add wan0 type veth peer name up0 && ip link set up0 up && ip link set wan0 up && "
                            "ip addr add 2001:db8:1::1/64 dev wan0 nodad && ip addr add 192.0.2.1/24 dev wan0 && "
                            "sysctl -qw net.ipv6.conf.wan0.mtu=1492"),
                         0);
        assert_int_equal(way("2001:db8:1::2"), 1492);
        assert_int_equal(way("192.0.2.2"), 1500);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(by_route_and_link), TEST(by_router) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
