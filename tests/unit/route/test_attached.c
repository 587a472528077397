/* backend/route/attached.c: which networks the host is attached to, of both families, and which not. */
#include "world.h"

static void expect_(pic__backend *b, const char *want, int line)
{
        pic__auto_attached pic__attached nets = PIC__VEC_INIT, host = PIC__VEC_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        assert_int_equal(b->ops->attached(b, &nets, NULL), 0);
        assert_int_equal(pic__route_host_attached(&host, NULL), 0);
        assert_true(pic__attached_same(&nets, &host));
        pic__attached_print(&nets, &text);
        if (strcmp(pic__buf_str(&text), want) != 0)
                fail_msg("line %d: %s--- wanted:\n%s", line, pic__buf_str(&text), want);
}
#define EXPECT(b, want) expect_((b), (want), __LINE__)

static void addresses(void **state)
{
        pic__backend *b = backend();

        (void)state;
        EXPECT(b, "");
        assert_int_equal(
                must("ip addr add 198.51.100.5/24 dev lan0; ip addr add 192.168.9.1/24 dev lan0; "
                     "ip -6 addr add 2001:db8:1::5/64 dev lan0 nodad; ip -6 addr add fd01::5/64 dev lan0 nodad; "
                     "ip addr add 203.0.113.5/32 dev lan0; ip -6 addr add 2001:db8:2::5/128 dev lan0 nodad; "
                     "ip addr add 192.0.2.1/24 dev lo; ip addr add 169.254.3.4/16 dev lan0"),
                0);
        EXPECT(b, "198.51.100.0/24\n2001:db8:1::/64\n");
        assert_int_equal(must("ip link set lan0 down"), 0); /* IPv6 addresses go with it */
        EXPECT(b, "198.51.100.0/24\n");
        assert_int_equal(must("ip link set lan0 up; ip addr del 198.51.100.5/24 dev lan0; "
                              "ip addr add 198.51.100.5/24 noprefixroute dev lan0"),
                         0);
        EXPECT(b, "198.51.100.0/24\n");
        assert_int_equal(must("ip addr add 203.0.114.1 peer 203.0.115.1/24 dev lan0"), 0);
        EXPECT(b, "198.51.100.0/24\n203.0.115.0/24\n"); /* the far end's */
        b->ops->free(b);
}

static void routes(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(
                must("ip addr add 192.168.9.1/24 dev lan0; ip -6 addr add fd01::1/64 dev lan0 nodad; "
                     "ip route add 198.51.100.0/24 dev lan0; ip route add 203.0.113.7/32 dev lan0; "
                     "ip route add 192.0.2.0/24 via 192.168.9.9; ip route add default via 192.168.9.9; "
                     "ip route add 0.0.0.0/1 dev lan0; ip route add 198.18.0.0/15 dev lan0 table 77; "
                     "ip route add unreachable 100.70.0.0/16; ip route add blackhole 100.71.0.0/16; "
                     "ip -6 route add 2001:db8:1::/64 dev lan0; ip -6 route add 2001:db8:2::/64 via fd01::9; "
                     "ip -6 route add 2000::/3 dev lan0; ip route add 100.72.0.0/16 via inet6 fe80::1 dev lan0"),
                0);
        EXPECT(b, "198.18.0.0/15\n198.51.100.0/24\n203.0.113.7/32\n2001:db8:1::/64\n");
        assert_int_equal(must("ip route add 100.80.0.0/16 nexthop via 192.168.9.9 nexthop dev far0; "
                              "ip route add 100.81.0.0/16 nexthop via 192.168.9.9 nexthop via 192.168.9.10; "
                              "ip route replace 198.51.100.0/24 via 192.168.9.9"),
                         0);
        EXPECT(b, "100.80.0.0/16\n198.18.0.0/15\n203.0.113.7/32\n2001:db8:1::/64\n");
        b->ops->free(b);
}

/* The cables to exits lead into the machine itself. */
static void exits(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must(EXIT_DEVICES " && ip addr add 198.51.100.5/24 dev picx1 && ip route add 203.0.113.0/24 "
                                           "dev picx1 && ip addr add 192.0.3.1/24 dev lan0"),
                         0);
        EXPECT(b, "192.0.3.0/24\n");
        b->ops->free(b);
}

/* What a line or another tunnel carries is not what one is attached to; but the network of its address is. */
static void point_to_point(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(
                must("ip tuntap add ppp9 mode tun; ip addr add 203.0.113.2 peer 203.0.113.1/32 dev ppp9; "
                     "ip link set ppp9 up; ip route add default dev ppp9; ip route add 198.51.100.0/24 dev ppp9; "
                     "ip -6 route add 2001:db8:5::/48 dev ppp9"),
                0);
        EXPECT(b, "");
        assert_int_equal(must("ip addr add 198.18.7.1/24 dev ppp9"), 0);
        EXPECT(b, "198.18.7.0/24\n");
        assert_int_equal(must("ip link del ppp9"), 0);
        EXPECT(b, "");
        b->ops->free(b);
}

/* Ours is never one: its networks and routes have rights of their own. */
static void ours(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(add(b, ADDR, "pic0 198.51.100.1/24", ""), 0);
        assert_int_equal(add(b, ADDR, "pic0 2001:db8:7::1/64", ""), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        assert_int_equal(add(b, ROUTE, "203.0.113.0/24", "dev=pic0"), 0);
        EXPECT(b, "");
        b->ops->free(b);
}

static char wide[512];

static void note(const pic__prefix *net, const char *device, void *data)
{
        char text[PIC__PREFIX_TEXT];

        (void)data;
        snprintf(wide + strlen(wide), sizeof(wide) - strlen(wide), "%s %s\n", pic__prefix_print(net, text), device);
}

static void too_wide(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("ip tuntap add ppp9 mode tun; ip link set ppp9 up; ip route add 0.0.0.0/1 dev lan0; "
                              "ip route add 128.0.0.0/1 dev ppp9; ip -6 route add 2000::/3 dev lan0"),
                         0);
        wide[0] = '\0';
        assert_int_equal(pic__route_too_wide((pic__route *)b, note, NULL, NULL), 0);
        assert_string_equal(wide, "0.0.0.0/1 lan0\n2000::/3 lan0\n");
        b->ops->free(b);
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        assert_int_equal(must("ip addr add 198.51.100.5/24 dev lan0"), 0);
        for (n = 1; r < 0 && n < 60; n++) {
                pic__auto_attached pic__attached nets = PIC__VEC_INIT;

                pic__mem_fail_at(n);
                r = pic__route_host_attached(&nets, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        assert_true(n > 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(addresses), TEST(routes),   TEST(exits),    TEST(point_to_point),
                                            TEST(ours),      TEST(too_wide), TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
