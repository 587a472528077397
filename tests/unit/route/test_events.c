/* backend/route/events.c: what others do rings, what we do does not. */
#include "world.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

static int rings(pic__backend *b)
{
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

        return poll(&p, 1, 1000) == 1 ? b->ops->drain(b) & ~PIC__DRAIN_NETS : -1;
}

static pic__backend *ready(void)
{
        pic__backend *b = backend();

        assert_true(fcntl(b->ops->event_fd(b), F_GETFD) & FD_CLOEXEC);
        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", ""), 0);
        assert_int_equal(add(b, ADDR, "pic0 fd00::1/64", ""), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        assert_int_equal(add(b, ROUTE, "192.168.9.0/24", "dev=pic0"), 0);
        assert_int_equal(add(b, ROUTE, "fd09::/64", "dev=pic0"), 0);
        assert_int_equal(add(b, SYSCTL, "net.ipv4.ip_forward", "1"), 0);
        assert_int_equal(add(b, SYSCTL, "net.ipv6.conf.all.forwarding", "1"), 0);
        return b;
}

static void own_changes(void **state)
{
        pic__backend *b = ready();

        (void)state;
        usleep(50000);
        assert_int_equal(b->ops->drain(b), 0);
        assert_int_equal(step(b, LINK, "pic0", "up mtu=1420", "up mtu=1400", NULL), 0);
        assert_int_equal(take(b, ADDR, "pic0 fd00::1/64", ""), 0);
        assert_int_equal(take(b, ROUTE, "192.168.9.0/24", "dev=pic0"), 0);
        assert_int_equal(take(b, SYSCTL, "net.ipv4.ip_forward", "1"), 0);
        usleep(50000);
        assert_int_equal(b->ops->drain(b), 0);
        assert_int_equal(b->ops->drain(b), 0);
        b->ops->free(b);
}

static void others(void **state)
{
        static const char *const bad[] = { "ip link set pic0 mtu 1300",
                                           "ip addr add 10.77.0.1/24 dev pic0",
                                           "ip addr del fd00::1/64 dev pic0",
                                           "ip route del 192.168.9.0/24",
                                           "ip route replace 192.168.9.0/24 dev lan0",
                                           "ip route flush dev pic0 proto kernel",
                                           "ip -6 route del fd00::/64 dev pic0",
                                           "sysctl -q -w net.ipv6.conf.pic0.disable_ipv6=1",
                                           "ip -6 route add fd0a::/64 dev pic0 proto 112",
                                           "sysctl -q -w net.ipv4.ip_forward=0",
                                           "sysctl -q -w net.ipv6.conf.all.forwarding=0",
                                           "ip link set pic0 down",
                                           "ip link set pic0 alias other",
                                           "ip link del pic0" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__auto_items pic__items items = PIC__ITEMS_INIT;
                pic__backend *b = ready();

                assert_int_equal(b->ops->observe(b, &items, NULL), 0);
                (void)b->ops->drain(b);
                assert_int_equal(must(bad[i]), 0);
                if (rings(b) != 1)
                        fail_msg("not heard: %s", bad[i]);
                assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                b->ops->free(b);
                (void)sh("ip route del 192.168.9.0/24 2>/dev/null; ip link del pic0 2>/dev/null; ip tuntap add pic0 "
                         "mode tun; sysctl -q -w "
                         "net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0");
        }
}

static void foreign(void **state)
{
        pic__backend *b = ready();

        (void)state;
        (void)b->ops->drain(b);
        assert_int_equal(must("ip addr add 10.88.0.1/24 dev lan0; ip link set lan0 mtu 1300; ip route add 10.99.0.0/16 "
                              "dev lan0; "
                              "ip -6 addr add fd88::1/64 dev lan0; ip link set far0 down; sysctl -q -w "
                              "net.ipv4.conf.lan0.rp_filter=1"),
                         0);
        assert_int_equal(rings(b), 0);
        /* Of ours, but nothing of it changed. */
        assert_int_equal(must("ip link set pic0 txqueuelen 77"), 0);
        assert_true(rings(b) <= 0);
        b->ops->free(b);
}

/* What keeps packets of exits in: its going is told as what leaves no time. */
static void exits(void **state)
{
        static const struct {
                const char *command;
                int told;
        } all[] = {
                { "ip route flush table 1001", PIC__DRAIN_OPEN },
                { "ip -6 route flush table 1001", PIC__DRAIN_OPEN },
                { "ip route replace default dev lan0 metric 4278198272 table 1001", PIC__DRAIN_OPEN },
                { "ip rule del pref 4001", PIC__DRAIN_OPEN },
                { "ip -6 rule del pref 4001", PIC__DRAIN_OPEN },
                { "ip rule flush; ip rule add pref 32766 lookup main", PIC__DRAIN_OPEN },
                { "ip route del default via 169.254.96.6 table 1001", 1 },
                { "ip -6 route del default via fd70:6963:78::1:2 table 1001", 1 },
                { "ip rule add pref 4001 lookup 1007 proto 112", 1 },
                { "ip link set picx1 down", 1 },
                { "ip link del picx1", 1 },
                { "ip addr add 169.254.96.9/30 dev picx1", 0 },
                { "ip link set picx1 txqueuelen 77", 0 },
                { "ip rule add pref 5000 lookup 77", 0 },
                { "ip route add 198.51.100.0/24 via 169.254.96.6 table 1001", 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__auto_items pic__items items = PIC__ITEMS_INIT;
                pic__auto_attached pic__attached nets = PIC__VEC_INIT;
                pic__backend *b = backend();
                int got;

                assert_int_equal(must(EXIT_DEVICES), 0);
                assert_int_equal(add(b, FLOOR, "1001 4", "unreachable") | add(b, FLOOR, "1001 6", "unreachable"), 0);
                assert_int_equal(add(b, RULE, "4001 4", "mark=0x1010/0x1ff0 table=1001"), 0);
                assert_int_equal(add(b, RULE, "4001 6", "mark=0x1010/0x1ff0 table=1001"), 0);
                assert_int_equal(add(b, DEFAULT, "1001 4", WAY1) | add(b, DEFAULT, "1001 6", WAY61), 0);
                usleep(20000);
                assert_int_equal(b->ops->drain(b) & ~PIC__DRAIN_NETS, 0); /* all of it ours */
                assert_int_equal(b->ops->observe(b, &items, NULL), 0);
                assert_int_equal(b->ops->attached(b, &nets, NULL), 0);
                assert_int_equal(must(all[i].command), 0);
                usleep(20000);
                got = b->ops->drain(b);
                /* Not: the networks are others. Its far end is, in this test, a device of the machine's. */
                if (strstr(all[i].command, "link") != NULL)
                        got &= ~PIC__DRAIN_NETS;
                if (got != all[i].told)
                        fail_msg("%s: %d", all[i].command, got);
                assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                b->ops->free(b);
                (void)sh("ip link del picx1 2>/dev/null; ip link del picx2; ip route flush table 1001; ip rule del "
                         "pref 5000 2>/dev/null");
        }
}

/* When some were lost the worst is assumed of what closes, if there is any. */
static void exits_and_lost(void **state)
{
        pic__backend *b = backend();
        int i = 4096;

        (void)state;
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable"), 0);
        assert_int_equal(setsockopt(b->ops->event_fd(b), SOL_SOCKET, SO_RCVBUFFORCE, &i, sizeof(i)), 0);
        assert_int_equal(must("for i in $(seq 250); do echo route add 10.$((i%250)).7.0/24 dev lan0 proto 99; "
                              "echo route del 10.$((i%250)).7.0/24 dev lan0 proto 99; done | ip -batch -"),
                         0);
        assert_int_equal(rings(b), PIC__DRAIN_OPEN);
        b->ops->free(b);
}

/* What may change the networks that the machine is attached to, and what cannot; whether it did is for who asks. */
static void networks(void **state)
{
        static const struct {
                const char *command;
                int told;
        } all[] = {
                { "ip addr add 198.51.100.5/24 dev lan0", 1 },
                { "ip addr add 192.168.44.5/24 dev lan0", 0 },
                { "ip -6 addr add 2001:db8:9::5/64 dev lan0 nodad", 1 },
                { "ip route add 203.0.113.0/24 dev lan0", 1 },
                { "ip route replace 203.0.113.0/24 via 192.168.44.9", 1 },
                { "ip route replace 203.0.113.0/24 via 192.168.44.10", 0 },
                { "ip route add 192.0.2.0/24 via 192.168.44.9", 0 },
                { "ip -6 route add 2001:db8:a::/48 dev lan0", 1 },
                { "ip -6 route add 2001:db8:b::/48 via 2001:db8:9::9", 0 },
                { "ip route del 203.0.113.0/24", 0 }, /* it led on */
                { "ip addr del 198.51.100.5/24 dev lan0", 1 },
                { "ip -6 route del 2001:db8:a::/48 dev lan0", 1 },
                { "ip link set far0 address 02:00:00:00:00:07", 1 },
        };
        pic__backend *b = ready();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__auto_attached pic__attached nets = PIC__VEC_INIT;

                usleep(20000);
                (void)b->ops->drain(b);
                assert_int_equal(b->ops->attached(b, &nets, NULL), 0);
                assert_int_equal(must(all[i].command), 0);
                usleep(20000);
                if ((b->ops->drain(b) & PIC__DRAIN_NETS) != (all[i].told ? PIC__DRAIN_NETS : 0))
                        fail_msg("%s", all[i].command);
        }
        b->ops->free(b);
}

/* A device of ours that we have not seen; and a flood that overflows the queue. */
static void unseen_and_lost(void **state)
{
        pic__backend *b = backend();
        int i;

        (void)state;
        assert_int_equal(must("ip link set pic0 alias pic up"), 0);
        assert_int_equal(rings(b), 1);
        i = 4096;
        assert_int_equal(setsockopt(b->ops->event_fd(b), SOL_SOCKET, SO_RCVBUFFORCE, &i, sizeof(i)), 0);
        for (i = 0; i < 2; i++)
                assert_int_equal(must("for i in $(seq 250); do echo route add 10.$((i%250)).7.0/24 dev lan0 proto 99; "
                                      "echo route del 10.$((i%250)).7.0/24 dev lan0 proto 99; done | ip -batch -"),
                                 0);
        assert_int_equal(rings(b), 1);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(own_changes),    TEST(others), TEST(foreign),
                                            TEST(networks),       TEST(exits),  TEST(exits_and_lost),
                                            TEST(unseen_and_lost) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
