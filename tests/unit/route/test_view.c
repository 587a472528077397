/* backend/route/view.c: the kernel's answers as values. */
#include "world.h"

#include <linux/rtnetlink.h>
#include <netlink/attr.h>

static pic__route_nl nl;

static int open_all(void **state)
{
        (void)setup(state);
        return pic__route_nl_open(&nl, NULL);
}

static int close_all(void **state)
{
        pic__route_nl_close(&nl);
        return cleanup(state);
}

static void links(void **state)
{
        static const char *const aliases[] = { "pic", "pic main", "picture frame", "uplink" };
        static const int ours[] = { 1, 1, 0, 0 };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(aliases); i++) {
                PIC__AUTO(pic__route_links_free) pic__route_links v = PIC__VEC_INIT;
                const pic__route_link *l;
                char command[96];

                snprintf(command, sizeof(command), "ip link set pic0 alias '%s' mtu 1400", aliases[i]);
                assert_int_equal(must(command), 0);
                assert_int_equal(pic__route_get_links(&nl, &v, NULL), 0);
                l = pic__route_link_named(&v, "pic0");
                assert_non_null(l);
                assert_int_equal(l->ours, ours[i]);
                assert_int_equal(l->aliased, !ours[i]);
                assert_int_equal(l->mtu, 1400);
                assert_ptr_equal(pic__route_link_at(&v, l->index), l);
                assert_null(pic__route_link_named(&v, "pic1"));
                assert_null(pic__route_link_at(&v, 12345));
        }
}

/* An exit's device is never ours to this backend, whatever its alias says. */
static void exits(void **state)
{
        static const char *const names[] = { "picx",   "picx0",          "picx256", "picx01", "picx1a",
                                             "picx-1", "picx4294967297", "pic0",    "picy1",  "" };
        PIC__AUTO(pic__route_links_free) pic__route_links v = PIC__VEC_INIT;
        PIC__AUTO(pic__route_routes_free) pic__route_routes routes = PIC__VEC_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(names); i++)
                assert_int_equal(pic__route_exit_named(names[i]), 0);
        assert_int_equal(pic__route_exit_named("picx1"), 1);
        assert_int_equal(pic__route_exit_named("picx255"), 255);
        assert_int_equal(must(EXIT_DEVICES " && ip link set picx2 alias other"), 0);
        assert_int_equal(pic__route_get_links(&nl, &v, NULL), 0);
        assert_true(pic__route_link_named(&v, "picx1")->exit == 1 && pic__route_link_named(&v, "picx1")->marked);
        assert_true(pic__route_link_named(&v, "picx2")->exit == 2 && !pic__route_link_named(&v, "picx2")->marked);
        assert_false(pic__route_link_named(&v, "picx1")->ours);
        assert_int_equal(pic__route_link_named(&v, "pic0")->exit, 0);
        /* A table that is not there is an empty one. */
        assert_int_equal(pic__route_get_table(&nl, 4, 1001, &routes, NULL), 0);
        assert_int_equal(pic__route_get_table(&nl, 6, 1001, &routes, NULL), 0);
        assert_int_equal(routes.count, 0);
        assert_int_equal(must("ip route add default dev lan0 metric 7 table 1001; ip route add 198.51.100.0/24 dev "
                              "lan0 table 1002; ip -6 route add default dev lan0 table 1001"),
                         0);
        assert_int_equal(pic__route_get_table(&nl, 4, 1001, &routes, NULL), 0);
        assert_int_equal(routes.count, 1);
        assert_true(routes.at[0].metric == 7 && routes.at[0].to.len == 0 && routes.at[0].table == 1001);
        assert_int_equal(pic__route_get_table(&nl, 6, 1001, &routes, NULL), 0);
        assert_int_equal(routes.count, 2);
        assert_int_equal(routes.at[1].metric, 1024);
}

static int has_addr(const pic__route_addrs *v, const char *text, int kernel)
{
        char at[PIC__PREFIX_TEXT];
        size_t i;

        for (i = 0; i < v->count; i++)
                if (v->at[i].kernel == kernel && strcmp(pic__prefix_print(&v->at[i].at, at), text) == 0)
                        return 1;
        return 0;
}

static void addresses(void **state)
{
        PIC__AUTO(pic__route_addrs_free) pic__route_addrs v = PIC__VEC_INIT;
        size_t i, made_up = 0;
        int wait;

        (void)state;
        assert_int_equal(must("ip addr add 10.1.0.1/16 dev lan0 && ip addr add 10.9.0.1 peer 10.9.0.2/32 dev lan0 && "
                              "ip addr add fd00::1/64 dev lan0 nodad"),
                         0);
        for (wait = 0; wait < 100 && sh("ip addr show dev lan0 | grep -q fe80") != 0; wait++)
                usleep(50000);
        assert_int_equal(pic__route_get_addrs(&nl, &v, NULL), 0);
        assert_true(has_addr(&v, "10.1.0.1/16", 0));
        assert_true(has_addr(&v, "10.9.0.1/32", 0)); /* its own, not the other end's */
        assert_true(has_addr(&v, "fd00::1/64", 0));
        for (i = 0; i < v.count; i++)
                made_up += v.at[i].kernel != 0;
        assert_true(made_up >= 1); /* fe80::… of a veth that is up */
}

static const pic__route_route *route_to(const pic__route_routes *v, const char *text)
{
        char to[PIC__PREFIX_TEXT];
        size_t i;

        for (i = 0; i < v->count; i++)
                if (strcmp(pic__prefix_print(&v->at[i].to, to), text) == 0)
                        return &v->at[i];
        return NULL;
}

static void routes(void **state)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes all = PIC__VEC_INIT, own = PIC__VEC_INIT;
        const pic__route_route *r;
        char via[PIC__ADDR_TEXT];

        (void)state;
        assert_int_equal(must("ip addr add 10.1.0.1/16 dev lan0 && ip addr add fd00::1/64 dev lan0 nodad && "
                              "ip route add default via 10.1.0.9 && ip route add 172.16.0.0/12 nexthop via 10.1.0.7 "
                              "nexthop via 10.1.0.8 && "
                              "ip route add 10.5.0.0/16 dev lan0 proto 112 table 4000 && ip route add unreachable "
                              "10.6.0.0/16 proto 112 && "
                              "ip -6 route add fd05::/48 via fd00::9 proto 112"),
                         0);
        assert_int_equal(pic__route_get_routes(&nl, 0, &all, NULL), 0);
        assert_int_equal(pic__route_get_routes(&nl, PIC__ROUTE_PROTOCOL, &own, NULL), 0);
        assert_int_equal(own.count, 3);
        assert_non_null(route_to(&all, "0.0.0.0/0"));
        r = route_to(&all, "172.16.0.0/12");
        assert_non_null(r);
        assert_true(r->index > 0); /* the first of several hops */
        r = route_to(&own, "10.5.0.0/16");
        assert_int_equal(r->table, 4000);
        assert_int_equal(route_to(&own, "10.6.0.0/16")->type, RTN_UNREACHABLE);
        r = route_to(&own, "fd05::/48");
        assert_string_equal(pic__addr_print(&r->via, via), "fd00::9");
}

static struct nl_msg *message(int type, const void *header, size_t len)
{
        struct nl_msg *m = pic__route_nl_msg(type, 0, header, len);

        assert_non_null(m);
        return m;
}

/* What is of another kind, cut short or of another family is not taken. */
static void malformed(void **state)
{
        struct ifaddrmsg addr = { .ifa_family = AF_INET }, bridge = { .ifa_family = AF_BRIDGE };
        struct rtmsg route = { .rtm_family = AF_INET6 }, cached = { .rtm_family = AF_INET, .rtm_flags = RTM_F_CLONED };
        struct ifinfomsg info = { .ifi_index = 1 };
        uint8_t few[3] = { 10, 0, 0 };
        struct nl_msg *m;
        pic__route_link l;
        pic__route_addr a;
        pic__route_route r;

        (void)state;
        m = message(RTM_NEWADDR, &addr, 2);
        assert_int_equal(pic__route_read_link(nlmsg_hdr(m), &l), -1);
        assert_int_equal(pic__route_read_addr(nlmsg_hdr(m), &a), -1);
        assert_int_equal(pic__route_read_route(nlmsg_hdr(m), &r), -1);
        nlmsg_free(m);
        m = message(RTM_NEWADDR, &addr, sizeof(addr));
        assert_int_equal(pic__route_read_addr(nlmsg_hdr(m), &a), -1); /* no address */
        nla_put(m, IFA_LOCAL, 3, few);
        assert_int_equal(pic__route_read_addr(nlmsg_hdr(m), &a), -1); /* half of one */
        nlmsg_free(m);
        m = message(RTM_NEWADDR, &bridge, sizeof(bridge));
        nla_put(m, IFA_LOCAL, 3, few);
        assert_int_equal(pic__route_read_addr(nlmsg_hdr(m), &a), -1);
        nlmsg_free(m);
        m = message(RTM_NEWROUTE, &route, sizeof(route));
        assert_int_equal(pic__route_read_route(nlmsg_hdr(m), &r), 0); /* ::/0 */
        nla_put(m, RTA_MULTIPATH, 3, few);
        assert_int_equal(pic__route_read_route(nlmsg_hdr(m), &r), 0);
        assert_int_equal(r.index, 0);
        nla_put(m, RTA_GATEWAY, 3, few);
        assert_int_equal(pic__route_read_route(nlmsg_hdr(m), &r), -1);
        nlmsg_free(m);
        m = message(RTM_NEWROUTE, &cached, sizeof(cached));
        assert_int_equal(pic__route_read_route(nlmsg_hdr(m), &r), -1);
        nlmsg_free(m);
        m = message(RTM_NEWLINK, &info, sizeof(info));
        assert_int_equal(pic__route_read_link(nlmsg_hdr(m), &l), -1); /* no name */
        nlmsg_free(m);
}

/* Kernels before 5.18 do not tell who made an address. */
static void old_kernel(void **state)
{
        struct ifaddrmsg addr = { .ifa_family = AF_INET6, .ifa_prefixlen = 64, .ifa_index = 3 };
        uint8_t local[16] = { 0xfe, 0x80, [15] = 1 }, ula[16] = { 0xfd, [15] = 1 };
        struct nl_msg *m = message(RTM_NEWADDR, &addr, sizeof(addr));
        pic__route_addr a;

        (void)state;
        nla_put(m, IFA_ADDRESS, 16, local);
        assert_int_equal(pic__route_read_addr(nlmsg_hdr(m), &a), 0);
        assert_int_equal(a.kernel, 1);
        nlmsg_free(m);
        m = message(RTM_NEWADDR, &addr, sizeof(addr));
        nla_put(m, IFA_ADDRESS, 16, ula);
        assert_int_equal(pic__route_read_addr(nlmsg_hdr(m), &a), 0);
        assert_int_equal(a.kernel, 0);
        nlmsg_free(m);
}

static void parse(void **state)
{
        pic__prefix p;

        (void)state;
        assert_int_equal(pic__route_parse("10.1.0.1/16", &p), 0);
        assert_int_equal(p.addr.bytes[3], 1);
        assert_int_equal(pic__route_parse("fd00::/48", &p), 0);
        assert_int_equal(pic__route_parse("10.1.0.1", &p), -1);
        assert_int_equal(pic__route_parse("10.1.0.1/33", &p), -1);
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        for (n = 1; r < 0 && n < 50; n++) {
                PIC__AUTO(pic__route_links_free) pic__route_links l = PIC__VEC_INIT;
                PIC__AUTO(pic__route_addrs_free) pic__route_addrs a = PIC__VEC_INIT;
                PIC__AUTO(pic__route_routes_free) pic__route_routes v = PIC__VEC_INIT;

                pic__mem_fail_at(n);
                r = pic__route_get_links(&nl, &l, NULL);
                if (r == 0)
                        r = pic__route_get_addrs(&nl, &a, NULL);
                if (r == 0)
                        r = pic__route_get_routes(&nl, 0, &v, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        assert_true(n > 5);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)
        const struct CMUnitTest tests[] = { T(links),     T(exits),      T(addresses), T(routes),
                                            T(malformed), T(old_kernel), T(parse),     T(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
