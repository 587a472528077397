/* backend/dns/root.c: without upstreams, and with a link that is up and carries nothing, names of the internet fail
 * soon and not never; what is the cell's own goes on, also after a restart of the agent; and it ends when the root is
 * back. */
#include "world.h"

#include <poll.h>
#include <time.h>

#define ALONE "listen=10.1.0.1 " ZONES " upstream= dnssec=no forward=corp.example/127.0.0.6 allow=10.1.0.0/16"
#define ROOTS                                                                                                    \
        "198.41.0.4 199.9.14.201 170.247.170.2 192.33.4.12 199.7.91.13 192.203.230.10 192.5.5.241 192.112.36.4 " \
        "198.97.190.53 192.36.148.17 192.58.128.30 193.0.14.129 199.7.83.42 202.12.27.33"
#define LOGGED ALONE " log=yes"

static int64_t now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* As the agent's loop does, but with more ticks, until that is so. */
static int turn(pic__backend *b, int dead, int ms)
{
        int64_t begin = now(), ticked = begin;

        while (((pic__dns *)b)->root.dead != dead && now() - begin < ms) {
                struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

                (void)poll(&p, 1, 50);
                (void)b->ops->drain(b);
                if (now() - ticked >= 500) {
                        b->ops->tick(b);
                        ticked = now();
                }
        }
        return (int)(now() - begin);
}

/* A root of our own, at all of its servers' addresses, and beside it the server of a zone of others. */
static void start(const char *dir, const char *zone, const char *addresses)
{
        char command[1200];

        snprintf(command, sizeof(command),
                 "mkdir -p %s/%s && cd %s/%s && cat >zone <<'E'\n@ 60 IN SOA ns.x a. 1 1 1 1 60\n@ 60 IN NS "
                 "ns.x\nns.x "
                 "60 IN A 198.41.0.4\nfirst.example 60 IN A 198.51.100.7\nx 60 IN A 198.51.100.8\nE\n"
                 "cat >conf <<E\nserver:\n zonesdir: \"$PWD\"\n username: \"\"\n database: \"\"\n zonelistfile: "
                 "\"$PWD/zl\"\n xfrdfile: \"$PWD/xf\"\n pidfile: \"../%s.pid\"\n rrl-ratelimit: 0\n"
                 "$(for a in %s; do echo \" ip-address: $a\"; done)\nremote-control:\n control-enable: no\nzone:\n "
                 "name: %s\n zonefile: zone\nE\n"
                 "nsd -c conf && sleep 0.2",
                 world_dir, dir, world_dir, dir, dir, addresses, zone);
        assert_int_equal(sh(command), 0);
}

static int ask_ms(const char *name, const char *want)
{
        int64_t begin = now();

        assert_string_equal(dig_at("@10.1.0.1 -p 5300", name), want);
        return (int)(now() - begin);
}

static int far_setup(void **state)
{
        if (setup(state) == 0 && sh("command -v nsd >/dev/null") == 0)
                return 0;
        printf("SKIP: needs root and nsd\n");
        exit(77);
}

static void silent_root(void **state)
{
        pic__backend *b = backend();
        int ms;

        (void)state;
        /* Nobody reads from there: it is sent, and gone. */
        assert_int_equal(sh("ip tuntap add up0 mode tun && ip addr add 192.0.2.2/24 dev up0 && ip link set up0 up && "
                            "ip route add default dev up0"),
                         0);
        start("corp", "corp.example", "127.0.0.6");
        must(b, SERVER, "main", NULL, ALONE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        b->ops->tick(b);
        assert_int_equal(((pic__dns *)b)->root.chooser.timer, 0); /* nobody asked for anything: nobody is asked */
        assert_int_equal(sh("dig @10.1.0.1 -p 5300 +tries=1 +time=1 first.example >/dev/null"), 9 << 8);
        b->ops->tick(b);
        ms = turn(b, 1, 6000);
        print_message("the root is found silent after %d ms\n", ms);
        assert_true(((pic__dns *)b)->root.dead && ms < 4000);
        ms = ask_ms("first.example", "status: SERVFAIL") + ask_ms("second.example", "status: SERVFAIL");
        print_message("two names of the internet fail in %d ms\n", ms);
        assert_true(ms < 1000);
        ask_ms("anna.home.internal", "10.1.0.2");
        ask_ms("x.corp.example", "198.51.100.8");
        must(b, SERVER, "main", ALONE, LOGGED); /* a reload */
        assert_true(ask_ms("third.example", "status: SERVFAIL") < 1000);
        b->ops->free(b);
        b = backend(); /* whoever comes after us knows it */
        assert_non_null(seen(b, SERVER, "main"));
        assert_int_equal(((pic__dns *)b)->root.dead, 1);
        assert_int_equal(sh("for a in " ROOTS "; do ip addr add $a dev lo; done"), 0);
        start("root", ".", ROOTS);
        ms = turn(b, 0, 6000);
        print_message("and back after %d ms\n", ms);
        assert_int_equal(((pic__dns *)b)->root.dead, 0);
        ask_ms("first.example", "198.51.100.7");
        ask_ms("anna.home.internal", "10.1.0.2");
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(silent_root, far_setup, cleanup) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
