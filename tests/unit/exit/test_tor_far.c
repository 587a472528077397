/* A way out by a real, private Tor network: three authorities that are relays and exits too, all in the far namespace.
 * Slow: they vote every ten seconds, and a client can build circuits after the second vote. */
#include "farends.h"

#include <sys/mount.h>

#define TOR "name=t type=tor " LINKS1 " families=46 zones=home.internal country= bridges="

static int prepare(void)
{
        return shell(
                "cd %s; F='nsenter --net=/proc/%d/ns/net'; echo 'nameserver " WEB4 "' >resolv; :>auths; "
                "for i in 1 2 3; do n=n$i; ip=203.0.113.1$i; $F ip addr add $ip/24 dev wan0; mkdir -p $n/keys; "
                "$F ip addr add 2001:db8:1::1$i/64 dev wan0 nodad; chmod 700 $n $n/keys; "
                "(cd $n/keys; echo pw | tor-gencert --create-identity-key --passphrase-fd 0 -m 12 -a $ip:7000 "
                "-i authority_identity_key -s authority_signing_key -c authority_certificate >/dev/null 2>&1); "
                "cat >$n.rc <<E\n"
                "DataDirectory $PWD/$n\nNickname $n\nTestingTorNetwork 1\nAssumeReachable 1\n"
                "PathsNeededToBuildCircuits 0.67\nTestingDirAuthVoteExit *\nTestingDirAuthVoteGuard *\n"
                "TestingDirAuthVoteHSDir *\nV3AuthNIntervalsValid 2\nLog notice file $PWD/$n.log\nShutdownWaitLength "
                "0\n"
                "RunAsDaemon 0\nSocksPort 0\nAddress $ip\nOutboundBindAddress $ip\nORPort $ip:5000\nDirPort $ip:7000\n"
                "ORPort [2001:db8:1::1$i]:5000\nContactInfo a@b.c\nAuthoritativeDirectory 1\nV3AuthoritativeDirectory "
                "1\n"
                "TestingV3AuthInitialVotingInterval 5\nTestingV3AuthInitialVoteDelay 2\nTestingV3AuthInitialDistDelay "
                "2\n"
                "V3AuthVotingInterval 10\nV3AuthVoteDelay 2\nV3AuthDistDelay 2\nExitRelay 1\nIPv6Exit 1\n"
                "ExitPolicyRejectPrivate 0\nExitPolicy accept *:*\nServerDNSResolvConfFile $PWD/resolv\n"
                "ServerDNSDetectHijacking 0\nE\n"
                "fp=$(tor --list-fingerprint -f $n.rc --ORPort $ip:5000 --DirAuthority 'x 127.0.0.1:1 "
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' 2>/dev/null | tail -1 | cut -d' ' -f2- | tr -d ' '); "
                "v3=$(grep fingerprint $n/keys/authority_certificate | cut -d' ' -f2); "
                "[ -n \"$fp\" ] && [ -n \"$v3\" ] || exit 1; "
                "echo \"DirAuthority $n orport=5000 no-v2 v3ident=$v3 $ip:7000 $fp\" >>auths; done; "
                "for n in n1 n2 n3; do cat auths >>$n.rc; done",
                far_dir, (int)far_pids[0]);
}

/* A tor that knows this network instead of the real one: found first in PATH, in a mount namespace of this test's. All
 * else is what the backend says. */
static int other_tor(void)
{
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("tmpfs", "/usr/local/sbin", "tmpfs", 0, "mode=755") < 0)
                return -1;
        return shell(
                "cd /usr/local/sbin; cp %s/auths defaults; "
                "printf 'TestingTorNetwork 1\\nPathsNeededToBuildCircuits 0.67\\n' >>defaults; "
                "printf '#!/bin/sh\\nshift 2\\nexec /usr/bin/tor --defaults-torrc /usr/local/sbin/defaults \"$@\"\\n' "
                ">tor; chmod 755 tor; chmod 644 defaults",
                far_dir);
}

/* One of the three asks the web server, by either family of its own. */
static void by_tor(const char *addr)
{
        const char *got = "";
        int left;

        for (left = 40; left > 0; left--) {
                got = fetch(addr, 80, 2000);
                if (strncmp(got, "you are 203.0.113.1", 19) == 0 || strncmp(got, "you are 2001:db8:", 17) == 0 ||
                    strcmp(got, "you are " WEB4) == 0 || strcmp(got, "you are " WEB6) == 0)
                        return;
                nap(250);
        }
        shell("tail -n 40 %s/exit1-tor.log", far_log);
        fail_msg("%s: '%s'", addr, got);
}

static void whole(void **state)
{
        uint8_t slots[PIC__EXIT_SLOTS + 1] = { 0 };
        pic__backend *b = backend();
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const char *onion;
        char conf[3][96];
        size_t i;
        int left;

        (void)state;
        for (i = 0; i < 3; i++) {
                const char *argv[] = { "/usr/bin/tor", "-f", conf[i], NULL };

                snprintf(conf[i], sizeof(conf[i]), "%s/n%zu.rc", far_dir, i + 1);
                far_run(argv);
        }
        step(b, NULL, TOR, NULL);
        routes();
        /* Devices ask all the while, and its first look for a directory is in vain: it looks again. */
        for (left = 300; left > 0 && shell("grep -q 'Bootstrapped 100' %s/exit1-tor.log", far_log) != 0; left--) {
                look_after(b);
                (void)fetch(WEB4, 80, 200);
                nap(50);
        }
        assert_true(left > 0);
        powerless(b);
        by_tor(WEB4);
        by_tor(WEB6);
        /* Names: by the last relay; those in .onion get an address to connect to. */
        assert_string_equal(ask_exit("who.example.net"), "192.0.2.99");
        onion = ask_exit("duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion");
        if (strncmp(onion, "198.18.", 7) != 0 && strncmp(onion, "198.19.", 7) != 0)
                fail_msg("%s", onion);
        /* Its guards outlive a boot, and not the connection. */
        ((pic__exit *)b)->at[1]->look = 1;
        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        assert_int_equal(shell("grep -q TorVersion %s/keep/1-tor", far_dir), 0);
        step(b, TOR, NULL, NULL);
        slots[1] = 1; /* it is turned off */
        b->ops->keep(b, slots);
        assert_int_equal(shell("test -s %s/keep/1-tor", far_dir), 0);
        slots[1] = 0;
        b->ops->keep(b, slots);
        assert_int_equal(shell("test ! -e %s/keep", far_dir), 0);
        b->ops->free(b);
}

int main(void)
{
        static const char *const programs[] = { "tor", "tor-gencert", "unbound", "dig", NULL };
        const struct CMUnitTest tests[] = { FAR_TEST(whole) };
        int r = far_open(programs);

        if (r != 0)
                return r;
        if (prepare() != 0 || other_tor() != 0) {
                printf("SKIP: no private Tor network here\n");
                far_close();
                return 77;
        }
        r = cmocka_run_group_tests(tests, NULL, NULL);
        far_close();
        return r;
}
