/* Ways out by a real OpenVPN server, over UDP and TCP, by both families. */
#include "farends.h"

#include "backend/exit/ovpn_state.h"

#define OPENVPN                       \
        "name=o type=openvpn " LINKS1 \
        " families=46 zones=home.internal remote=%s user=%s remotes=vpn.example.net:1194/udp"

static char profile[16384];

static const char *value(const char *remote, const char *user)
{
        static char text[2][1024];
        static int which;

        which = !which;
        snprintf(text[which], sizeof(text[0]), OPENVPN, remote, user);
        return text[which];
}

static const char *secret(const char *password)
{
        static char text[17000];

        snprintf(text, sizeof(text), "password=%s profile=%s", password, profile);
        return text;
}

static int prepare(void)
{
        return shell(
                "set -e; cd %s; "
                "openssl ecparam -name prime256v1 -genkey -noout -out ca.key; "
                "openssl req -x509 -new -key ca.key -subj /CN=ca -days 30 -out ca.crt 2>/dev/null; "
                "for n in server client; do openssl ecparam -name prime256v1 -genkey -noout -out $n.key; "
                "openssl req -new -key $n.key -subj /CN=$n -out $n.csr 2>/dev/null; "
                "printf 'extendedKeyUsage=%%sAuth\\nkeyUsage=digitalSignature\\n' $n >ext; "
                "openssl x509 -req -in $n.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile ext "
                "-out $n.crt 2>/dev/null; done; openvpn --genkey tls-crypt tc.key; "
                "printf '#!/bin/sh\\n[ \"$(tail -n1 \"$1\")\" = \"pa ss\" ]\\n' >verify; chmod 755 verify; "
                "{ echo 'remote-cert-tls server'; for b in ca cert:client.crt key:client.key tls-crypt:tc.key; do "
                "f=${b#*:}; t=${b%%%%:*}; [ $t = ca ] && f=ca.crt; echo \"<$t>\"; cat $f; echo \"</$t>\"; done; } "
                ">profile; "
                "cat >base.conf <<'F'\n"
                "dev-type tun\nserver 10.91.0.0 255.255.255.0\ntopology subnet\ndh none\nca ca.crt\n"
                "cert server.crt\nkey server.key\ntls-crypt tc.key\nkeepalive 1 3\nverb 3\n"
                "push \"redirect-gateway def1\"\npush \"route 10.99.0.0 255.255.0.0\"\npush \"dhcp-option DNS " WEB4
                "\"\nF\n",
                far_dir);
}

/* `more` are lines of its configuration. */
static pid_t start_server(const char *more)
{
        const char *argv[] = { "openvpn", "--cd", far_dir, "--config", "server.conf", NULL };

        assert_int_equal(shell("cd %s && cp base.conf server.conf && printf '%s' >>server.conf", far_dir, more), 0);
        return far_run(argv);
}

#define UDP4 "proto udp\\nlocal " FAR4 "\\nport 1194\\ndev tun5\\nexplicit-exit-notify 1\\n"
#define TCP6 "proto tcp6-server\\nlocal " FAR6 "\\nport 1195\\ndev tun6\\nserver-ipv6 fd91::/64\\n"
#define AUTH "script-security 2\\nauth-user-pass-verify ./verify via-file\\n"

static int has_addr(pic__backend *b, const char *addr)
{
        return shell("nsenter --net=%s/ns ip -o addr show dev tun0 | grep -qF ' %s/'", ((pic__exit *)b)->at[1]->dir,
                     addr) == 0;
}

/* As the engine: ticks, and what is not as it should be is made anew. */
static void stands_until(pic__backend *b, const char *v, const char *hidden, const char *addr, unsigned ms)
{
        for (; ms > 0; ms = ms > 100 ? ms - 100 : 0) {
                pic__auto_items pic__items items = PIC__ITEMS_INIT;

                if (has_addr(b, addr))
                        return;
                if (b->ops->tick != NULL)
                        b->ops->tick(b);
                if (b->ops->drain != NULL)
                        b->ops->drain(b);
                assert_int_equal(b->ops->observe(b, &items, NULL), 0);
                if (items.count == 1 && strcmp(items.at[0].value, v) != 0)
                        step(b, items.at[0].value, v, hidden);
                nap(100);
        }
        shell("for f in %s/* %s/openvpn.log; do echo \"== $f\"; tail -n 30 \"$f\"; done", far_log, far_dir);
        fail_msg("no %s", addr);
}

static void udp(void **state)
{
        const char *v = value(FAR4 ":1194/udp", "");
        pic__backend *b = backend();
        const pic__exit_space *s;
        pid_t pid;

        (void)state;
        step(b, NULL, v, secret(""));
        s = ((pic__exit *)b)->at[1];
        /* Nothing goes into the tunnel as long as it has no address: it would have the link's, and keep it. */
        assert_int_not_equal(
                shell("nsenter --net=%s/ns sh -c 'ip route; ip -6 route' | grep -q 'default dev tun0'", s->dir), 0);
        pid = start_server(UDP4);
        stands_until(b, v, secret(""), "10.91.0.2", 12000);
        routes();
        fetch_until(WEB4, 80, "you are 10.91.0.2", 4000);
        powerless(b);
        assert_string_equal(ask_exit("who.example.net"), "192.0.2.99"); /* of the server that was pushed */
        /* A family that the server did not give is refused at once, and the packet fits the tunnel. */
        assert_string_equal(fetch(WEB6, 80, 1000), "refused: Connection refused");
        assert_int_equal(shell("nsenter --net=%s/ns ip link show dev tun0 | grep -q 'mtu 1400'", s->dir), 0);
        assert_int_equal(shell("ping -c1 -W1 -M do -s 1420 " WEB4 " 2>&1 | grep -q 'mtu *= *1400'"), 0);
        /* It goes away and comes back: it is dialled again, and addresses stay. */
        far_end(pid);
        nap(500);
        assert_string_equal(fetch(WEB4, 80, 300), "refused: Connection timed out");
        pid = start_server(UDP4);
        fetch_until(WEB4, 80, "you are 10.91.0.2", 12000);
        /* Another network there. */
        far_end(pid);
        assert_int_equal(shell("sed -i s/10.91.0.0/10.92.0.0/ %s/base.conf", far_dir), 0);
        pid = start_server(UDP4);
        stands_until(b, v, secret(""), "10.92.0.2", 12000);
        fetch_until(WEB4, 80, "you are 10.92.0.2", 4000);
        assert_int_equal(shell("sed -i s/10.92.0.0/10.91.0.0/ %s/base.conf", far_dir), 0);
        step(b, v, NULL, NULL);
        far_end(pid);
        b->ops->free(b);
}

/* Somebody's hand inside; how long it is until it carries again. */
static unsigned mended(pic__backend *b, const char *v, const char *what)
{
        struct timespec from, now;
        unsigned ms = 0;

        clock_gettime(CLOCK_MONOTONIC, &from);
        assert_int_equal(shell("nsenter --net=%s/ns sh -c '%s'", ((pic__exit *)b)->at[1]->dir, what), 0);
        do {
                pic__auto_items pic__items items = PIC__ITEMS_INIT;

                if (b->ops->drain(b))
                        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
                if (items.count == 1 && strcmp(items.at[0].value, v) != 0)
                        step(b, items.at[0].value, v, secret(""));
                clock_gettime(CLOCK_MONOTONIC, &now);
                ms = (unsigned)((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000);
        } while (ms < 20000 && strcmp(fetch(WEB4, 80, 200), "you are 10.91.0.2") != 0);
        printf("%s: %u ms\n", what, ms);
        return ms;
}

static void by_hand(void **state)
{
        const char *v = value(FAR4 ":1194/udp", "");
        pic__backend *b = backend();
        pid_t pid = start_server(UDP4), was;
        int i;

        (void)state;
        step(b, NULL, v, secret(""));
        stands_until(b, v, secret(""), "10.91.0.2", 6000);
        routes();
        fetch_until(WEB4, 80, "you are 10.91.0.2", 4000);
        was = pid_of(b, "openvpn");
        /* The log is full of questions: when it was connected is not in it any more. */
        for (i = 0; i < 400; i++)
                assert_int_equal(
                        shell("echo \"MANAGEMENT: CMD 'state' $(printf %%0100d 0)\" >>%s/exit1-openvpn.log", far_log),
                        0);
        assert_true(mended(b, v, "nft flush ruleset") < 4000);
        assert_true(mended(b, v, "ip addr flush dev tun0") < 4000);
        assert_true(mended(b, v, "nft flush ruleset; ip route flush table main") < 4000);
        assert_int_equal(pid_of(b, "openvpn"), was);
        assert_true(mended(b, v, "ip link del tun0") < 6000);
        assert_int_not_equal(was, pid_of(b, "openvpn"));
        was = pid_of(b, "openvpn");
        assert_true(mended(b, v, "ip link del tun0; ip tuntap add dev tun0 mode tun user 60602; ip link set tun0 up") <
                    6000);
        assert_int_not_equal(was, pid_of(b, "openvpn"));
        step(b, v, NULL, NULL);
        far_end(pid);
        b->ops->free(b);
}

/* The far end still holds the address that it gave, so who dials again gets the next one; nothing else changes. */
static void another_address(void **state)
{
        const char *v = value(FAR4 ":1194/udp", "");
        pic__backend *b = backend();
        pid_t pid = start_server(UDP4 "duplicate-cn\\nserver-ipv6 fd91::/64\\nkeepalive 2 60\\n"), was;
        pic__exit_space *at;
        int i;

        (void)state;
        step(b, NULL, v, secret(""));
        stands_until(b, v, secret(""), "10.91.0.2", 6000);
        routes();
        was = pid_of(b, "openvpn");
        at = ((pic__exit *)b)->at[1];
        for (i = 3; i <= 6; i++) {
                char addr[16], answer[32];

                snprintf(addr, sizeof(addr), "10.91.0.%d", i);
                snprintf(answer, sizeof(answer), "you are %s", addr);
                assert_int_equal(kill(was, SIGUSR1), 0);
                assert_int_equal(shell("for n in $(seq 100); do [ $(grep -c 'Sequence Completed' "
                                       "%s/exit1-openvpn.log) -ge %d ] && exit 0; sleep 0.1; done; exit 1",
                                       far_log, i - 1),
                                 0); /* nobody looks in between */
                /* Closed and opened between two looks of the kernel at its links, the device keeps its routes. */
                assert_int_equal(pic__rules_picture(at, PIC__OF_ROUTES, at->routes, NULL), 0);
                stands_until(b, v, secret(""), addr, 12000);
                fetch_until(WEB4, 80, answer, 4000);
        }
        assert_int_equal(pid_of(b, "openvpn"), was);
        step(b, v, NULL, NULL);
        far_end(pid);
        b->ops->free(b);
}

static void tcp6(void **state)
{
        /* The first far end is not there: it goes on to the next. */
        const char *v = value(FAR4 ":1199/udp,[" FAR6 "]:1195/tcp", "anna"), *w;
        pic__backend *b = backend();
        pid_t pid = start_server(TCP6 AUTH);

        (void)state;
        step(b, NULL, v, secret("pa%20ss"));
        stands_until(b, v, secret("pa%20ss"), "fd91::1000", 12000);
        routes();
        fetch_until(WEB4, 80, "you are 10.91.0.2", 4000);
        fetch_until(WEB6, 80, "you are fd91::1000", 4000);
        step(b, v, w = value("[" FAR6 "]:1195/tcp", "anna"), secret("wrong"));
        fault_until(b, "the far end does not take user and password", 6000);
        far_end(pid);
        step(b, w, v = value(FAR4 ":1198/udp", ""), secret(""));
        fault_until(b, "nobody listens at the far end's address and port", 6000);
        step(b, v, NULL, NULL);
        b->ops->free(b);
}

int main(void)
{
        static const char *const programs[] = { "openvpn", "openssl", "unbound", "dig", "ping", NULL };
        const struct CMUnitTest tests[] = { FAR_TEST(udp), FAR_TEST(by_hand), FAR_TEST(another_address),
                                            FAR_TEST(tcp6) };
        int r = far_open(programs);

        if (r != 0)
                return r;
        if (prepare() != 0) {
                far_close();
                return 77;
        }
        read_word("profile", profile, sizeof(profile));
        r = cmocka_run_group_tests(tests, NULL, NULL);
        far_close();
        return r;
}
