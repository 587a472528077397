/* backend/exit/wireguard.c on a real far end: devices' packets come out there with the tunnel's address, both families;
 * nothing on the outer wire but the carrier's own; another far end is told to a running tunnel. */
#include "world.h"

#include "sys/clock.h"

static void open_all(void **state)
{
        pic__backend *b;

        (void)setup(state);
        if (far_open() < 0) {
                printf("SKIP: no far end\n");
                exit(77);
        }
        b = backend();
        must(b, NULL, WG_VALUE, WG_SECRET);
        lead_in();
        *state = b;
}

static int begin(void **state)
{
        open_all(state);
        return 0;
}

static int end(void **state)
{
        pic__backend *b = *state;

        b->ops->free(b);
        world_close();
        return 0;
}

static const char *child_of(const char *name)
{
        static char pid[16];

        snprintf(pid, sizeof(pid), "%d", atoi(said("cat %s/exit/1/exit1-%s.pid", world_dir, name)));
        return pid;
}

static void carries(void **state)
{
        (void)state;
        assert_string_equal(who_am_i("198.51.100.10", "tcp", "3"), "10.66.0.2");
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        assert_string_equal(who_am_i("2001:db8:100::10", "tcp", "3"), "fd66::2");
        assert_string_equal(who_am_i("2001:db8:100::10", "udp", "3"), "fd66::2");
        assert_int_equal(sh("ping -q -c1 -W2 198.51.100.10 >/dev/null && ping -q -c1 -W2 2001:db8:100::10 >/dev/null"),
                         0);
        /* Full packets: segments fit, and one that is too large is told how large it may be. */
        assert_int_equal(sh("ping -q -c1 -W2 -M do -s 1392 198.51.100.10 >/dev/null"), 0);
        assert_int_not_equal(sh("ping -q -c1 -W2 -M do -s 1393 198.51.100.10 >/dev/null 2>&1"), 0);
        assert_non_null(strstr(said("ping -c1 -W2 -M do -s 1400 198.51.100.10 2>&1"), "mtu"));
}

/* The far end reached at its own outer address by a device: inside the tunnel too. */
static void far_end_as_goal(void **state)
{
        (void)state;
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        assert_int_equal(sh("ip route replace 192.0.2.66/32 via 169.254.96.6 dev picx1"), 0);
        assert_string_equal(who_am_i("192.0.2.66", "udp", "3"), "10.66.0.2");
}

/* Everything but the carrier's packets that is seen on the wire while the carrier dies and comes back. */
static void dies(void **state)
{
        pic__backend *b = *state;
        int i;

        if (by_kernel())
                skip();
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        assert_int_equal(sh("cd %s && { tcpdump -Uni wan0 -w cap 'not arp and not (ip6 dst net ff00::/8) and not icmp6 "
                            "and not (udp port 51820)' "
                            "2>/dev/null & echo $! >dump.pid; } && sleep 0.4",
                            world_dir),
                         0);
        assert_int_equal(sh("kill -9 %s", child_of("wireguard")), 0);
        for (i = 0; i < 5; i++) {
                (void)who_am_i("198.51.100.10", "udp", "0.1");
                (void)who_am_i("198.51.100.10", "tcp", "0.1");
                (void)who_am_i("2001:db8:100::10", "udp", "0.1");
        }
        /* The backend starts it again by itself. */
        for (i = 0; i < 100; i++) {
                b->ops->drain(b);
                if (strcmp(who_am_i("198.51.100.10", "udp", "0.1"), "10.66.0.2") == 0)
                        break;
        }
        printf("dead carrier: back after %d looks\n", i);
        assert_true(i < 100);
        assert_string_equal(who_am_i("2001:db8:100::10", "udp", "3"), "fd66::2");
        assert_string_equal(seen(b), WG_VALUE);
        assert_int_equal(sh("sleep 0.3; kill $(cat %s/dump.pid); sleep 0.1", world_dir), 0);
        assert_string_equal(said("tcpdump -nr %s/cap 2>/dev/null", world_dir), "");
}

static void another_far_end(void **state)
{
        pic__backend *b = *state;
        char was[16];

        snprintf(was, sizeof(was), "%s", child_of("wireguard"));
        must(b, WG_VALUE, WG_AT("192.0.2.66:51820", ""), WG_SECRET);
        assert_string_equal(child_of("wireguard"), was);
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        assert_non_null(strstr(said("nsenter --net=%s/exit/1/ns nft list ruleset", world_dir), "192.0.2.66"));
        /* Not known any more: nothing goes out, and nothing is started again either. */
        must(b, WG_AT("192.0.2.66:51820", ""), WG_AT("", ""), WG_SECRET);
        assert_string_equal(child_of("wireguard"), was);
        assert_string_not_equal(who_am_i("198.51.100.10", "udp", "0.5"), "10.66.0.2");
        must(b, WG_AT("", ""), WG_VALUE, WG_SECRET);
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        /* Another size: the same process. */
        must(b, WG_VALUE, WG_AT("192.0.2.10:51820", "1280"), WG_SECRET);
        assert_non_null(strstr(said("nsenter --net=%s/exit/1/ns ip link show tun0", world_dir), "mtu 1280"));
        assert_string_equal(child_of("wireguard"), was);
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
}

static unsigned mtu_inside(void)
{
        return (unsigned)atoi(said("nsenter --net=%s/exit/1/ns cat /sys/class/net/tun0/mtu 2>/dev/null || "
                                   "nsenter --net=%s/exit/1/ns ip -o link show tun0 | sed 's/.* mtu //'",
                                   world_dir, world_dir));
}

static void follows(pic__backend *b, unsigned mtu)
{
        int i;

        for (i = 0; i < 60 && mtu_inside() != mtu; i++) {
                b->ops->drain(b);
                (void)sh("sleep 0.05");
        }
        assert_int_equal(mtu_inside(), mtu);
}

/* The way outside gets narrower and wider while it carries; what does not fit is told to who sends it. */
static void fits_its_way(void **state)
{
        pic__backend *b = *state;

        assert_int_equal(mtu_inside(), 1420);
        assert_int_equal(sh("ip link set wan0 mtu 1492"), 0); /* PPPoE */
        follows(b, 1412);
        assert_int_equal(sh("ping -q -c1 -W2 -M do -s 1384 198.51.100.10 >/dev/null"), 0);
        assert_non_null(strstr(said("ping -c1 -W2 -M do -s 1385 198.51.100.10 2>&1"), "mtu"));
        assert_int_equal(sh("ip route add 192.0.2.10/32 dev wan0 mtu 1400"), 0);
        follows(b, 1320);
        assert_string_equal(who_am_i("2001:db8:100::10", "tcp", "3"), "fd66::2");
        /* Too narrow for IPv6 inside: its outer packets are cut, and none is lost. */
        assert_int_equal(sh("ip route replace 192.0.2.10/32 dev wan0 mtu 1280"), 0);
        follows(b, 1280);
        assert_int_equal(sh("ping -q -c1 -W2 -M do -s 1232 2001:db8:100::10 >/dev/null || "
                            "ping -q -c1 -W2 -M do -s 1232 2001:db8:100::10 >/dev/null"),
                         0);
        assert_int_equal(sh("ip route del 192.0.2.10/32 dev wan0 && ip link set wan0 mtu 1500"), 0);
        follows(b, 1420);
        assert_string_equal(seen(b), WG_VALUE);
        /* Another far end by a narrower way, and a wish that wins. */
        assert_int_equal(sh("ip route add 192.0.2.66/32 dev wan0 mtu 1460"), 0);
        must(b, WG_VALUE, WG_AT("192.0.2.66:51820", ""), WG_SECRET);
        assert_int_equal(mtu_inside(), 1380);
        must(b, WG_AT("192.0.2.66:51820", ""), WG_AT("192.0.2.66:51820", "1300"), WG_SECRET);
        assert_int_equal(sh("ip route del 192.0.2.66/32 dev wan0"), 0);
        b->ops->drain(b);
        assert_int_equal(mtu_inside(), 1300);
}

/* The far end by IPv6, and a wire that takes no more than IPv6 must: full packets arrive all the same. */
static void narrow_ipv6(void **state)
{
        pic__backend *b = *state;

        assert_int_equal(sh("ip addr add 2001:db8:5::1/64 dev wan0 nodad"), 0);
        assert_int_equal(sh(FAR "sh -c 'ip addr add 2001:db8:5::10/64 dev up0 nodad; ip link set up0 mtu 1280; ip -6 "
                                "route add fd70:6963:78::/48 via 2001:db8:5::1'",
                            world_dir),
                         0);
        assert_int_equal(sh("ip link set wan0 mtu 1280"), 0);
        must(b, WG_VALUE, WG_AT("[2001:db8:5::10]:51820", ""), WG_SECRET);
        assert_int_equal(mtu_inside(), 1280);
        assert_string_equal(who_am_i("2001:db8:100::10", "tcp", "3"), "fd66::2");
        (void)sh(
                "ping -q -c1 -W1 -M do -s 1232 2001:db8:100::10 >/dev/null"); /* the first tells the carrier's socket */
        assert_int_equal(sh("ping -q -c2 -i0.2 -W2 -M do -s 1232 2001:db8:100::10 >/dev/null"), 0);
        assert_int_equal(sh("ip link set wan0 mtu 1492"), 0);
        follows(b, 1412);
}

static void tells_its_fault(void **state)
{
        pic__carrier_env env = { .slot = 1, .log_dir = world_log };
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        pic__exit *b = (pic__exit *)*state;
        pic__arena arena = PIC__ARENA_INIT;

        env = pic__space_env(b->at[1], &arena);
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        pic__carrier_wireguard.fault(&b->at[1]->conf, &env, &why);
        assert_string_equal(pic__buf_str(&why), "");
        must(*state, WG_VALUE, WG_AT("", ""), WG_SECRET);
        pic__carrier_wireguard.fault(&b->at[1]->conf, &env, &why);
        assert_string_equal(pic__buf_str(&why), "the address of the far end is not known");
        pic__arena_free(&arena);
}

/* One that is stopped, or wants to keep us: nobody waits for it for long. */
static void hangs(void **state)
{
        pic__backend *b = *state;
        pic__auto_buf pic__buf why = PIC__BUF_INIT, again = PIC__BUF_INIT;
        pic_time began = pic__clock_real.mono(NULL), took;

        assert_int_equal(sh("p=%s; kill -STOP $p && until grep -q 'State:.T' /proc/$p/status; do :; done; sleep 0.1",
                            child_of("wireguard")),
                         0);
        began = pic__clock_real.mono(NULL);
        b->ops->fault(b, "1", &why);
        took = pic__clock_real.mono(NULL) - began;
        assert_non_null(strstr(pic__buf_str(&why), "its program does not answer"));
        assert_true(took < 2000000);
        /* Nor is it asked again at once. */
        began = pic__clock_real.mono(NULL);
        b->ops->fault(b, "1", &again);
        assert_true(pic__clock_real.mono(NULL) - began < 200000);
        assert_string_equal(pic__buf_str(&again), pic__buf_str(&why));
        /* A change finds out, and gets another one in its place. */
        (void)step(b, "1", WG_VALUE, WG_AT("192.0.2.10:51820", "1300"), WG_SECRET, NULL);
        (void)step(b, "1", "changed", WG_AT("192.0.2.10:51820", "1300"), WG_SECRET, NULL);
        must(b, "changed", WG_AT("192.0.2.10:51820", "1300"), WG_SECRET);
        assert_string_equal(seen(b), WG_AT("192.0.2.10:51820", "1300"));
        lead_in();
        /* A first handshake that is lost is tried again after five seconds, and what waits for it goes then. */
        assert_string_equal(who_am_i("198.51.100.10", "udp", "12"), "10.66.0.2");
}

static void refuses(void **state)
{
        static const struct {
                const char *value, *secret;
        } bad[] = {
                { WG_VALUE, NULL },
                { WG_VALUE, "private_key=abc" },
                { WG_VALUE, "private_key=mA2BYKDz1Pk0Bmv5HTZe7sgLve2XQ70GOHGdqe9R6HI%3d preshared_key=x" },
                { "name=v type=wireguard " LINKS1 " families=4 addresses=10.66.0.2/32 peer_key=x", WG_SECRET },
                { "name=v type=wireguard " LINKS1 " peer_key=5AtVLqmK5YRjC3IMSXkBs4aJo0tDerMB8DJzsGCeF3w%3d",
                  WG_SECRET },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic_error *err = NULL;
                pic__exit_conf c;

                parse(&c, bad[i].value, bad[i].secret);
                assert_int_equal(pic__carrier_wireguard.check(&c, &err), PIC_VALUE);
                assert_non_null(strstr(pic_error_message(err), "connection v"));
                pic_error_free(err);
                pic__exit_conf_free(&c);
        }
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = { WITH(carries),         WITH(far_end_as_goal), WITH(dies),
                                            WITH(another_far_end), WITH(fits_its_way),    WITH(narrow_ipv6),
                                            WITH(tells_its_fault), WITH(hangs),           cmocka_unit_test(refuses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
