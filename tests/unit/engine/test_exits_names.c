/* Names of far ends, asked of a name server of this test's own in a network namespace. No thread: nothing waits, so one
 * program is both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/exits_names.h"

#define S PIC__SECOND
#define T0 (1000 * S)

static char conf[] = "/tmp/pic-names-XXXXXX";
static int server = -1;
static unsigned questions;

/* What the world's names mean. Addresses with a blank between them; NULL: silence. */
static struct {
        const char *name, *four, *six;
} zone[] = { { "vpn.example", "203.0.113.7", "2001:db8::7" },
             { "many.example", "203.0.113.9 203.0.113.8", "" },
             { "evil.example", "127.0.0.1 169.254.1.1", "::1 fe80::1 ff02::1" },
             { "mixed.example", "10.1.0.9 203.0.113.5", "" },
             { "device.example", "10.1.0.9", "" },
             { "none.example", "", "" },
             { "silent.example", NULL, NULL } };

static const char *lookup(const char *name, int six)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(zone); i++)
                if (strcmp(zone[i].name, name) == 0)
                        return six ? zone[i].six : zone[i].four;
        return "";
}

static size_t put_record(uint8_t *out, int six, const char *address)
{
        static const uint8_t head[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4 };

        memcpy(out, head, sizeof(head));
        out[3] = six ? 28 : 1;
        out[11] = six ? 16 : 4;
        assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, address, out + 12), 1);
        return 12 + (six ? 16 : 4);
}

static void serve(void)
{
        uint8_t msg[1024];
        char name[128] = "", list[128];
        struct sockaddr_in from;
        socklen_t size = sizeof(from);
        ssize_t n = recvfrom(server, msg, 512, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        size_t at = 12, len = 0;
        const char *found;
        char *one, *rest = list;

        if (n < 16)
                return;
        questions++;
        while (msg[at] != 0) {
                len += (size_t)snprintf(name + len, sizeof(name) - len, "%s%.*s", len > 0 ? "." : "", msg[at],
                                        (const char *)&msg[at + 1]);
                at += msg[at] + 1u;
        }
        found = lookup(name, msg[at + 2] == 28);
        if (found == NULL)
                return;
        snprintf(list, sizeof(list), "%s", found);
        len = at + 5;
        msg[2] = 0x81;
        msg[3] = 0x80;
        msg[7] = msg[9] = msg[11] = 0; /* whatever it said beside the question */
        while ((one = strsep(&rest, " ")) != NULL) {
                if (one[0] == '\0')
                        continue;
                len += put_record(msg + len, msg[at + 2] == 28, one);
                msg[7]++;
        }
        assert_int_equal(sendto(server, msg, len, 0, (struct sockaddr *)&from, size), len);
}

/* Until nothing is asked any more, or for so many real milliseconds. */
static void work(pic__names *n, pic_time now, int most)
{
        int quiet = 0;

        for (; most > 0 && quiet < 3; most -= 5) {
                struct pollfd fds[] = { { pic__names_fd(n), POLLIN, 0 }, { server, POLLIN, 0 } };

                pic__names_turn(n, now);
                quiet = poll(fds, 2, 5) == 0 ? quiet + 1 : 0;
                serve();
        }
        pic__names_turn(n, now);
}

static int ours(const pic__addr *a, pic__buf *reason, void *data)
{
        char text[PIC__ADDR_TEXT];

        (void)data;
        if (a->family != 4 || a->bytes[0] != 10)
                return 0;
        pic__buf_putf(reason, "%s, which is a device's", pic__addr_print(a, text));
        return 1;
}

static pic__names *open_names(void)
{
        pic__names_opts opts = { .refuse = ours, .resolv_conf = conf };
        pic__names *n = NULL;

        questions = 0;
        assert_int_equal(pic__names_new(&opts, &n, NULL), 0);
        return n;
}

static void want(pic__names *n, unsigned slot, const char *wished)
{
        assert_int_equal(pic__names_set(n, slot, wished, T0, NULL), 0);
}

static void test_resolves(void **state)
{
        pic__names *n = open_names();

        (void)state;
        assert_true(pic__names_due(n, T0) == 0);
        want(n, 1, "vpn.example:51820");
        want(n, 2, "many.example:1194/udp,vpn.example:443/tcp");
        want(n, 3, "198.51.100.1:22");
        want(n, 255, "[2001:db8::1]:22");
        assert_true(pic__names_due(n, T0) == T0 && pic__names_remote(n, 1) == NULL);
        work(n, T0, 1000);
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.7:51820,[2001:db8::7]:51820");
        assert_string_equal(pic__names_remote(n, 2),
                            "203.0.113.8:1194/udp,203.0.113.9:1194/udp,203.0.113.7:443/tcp,[2001:db8::7]:443/tcp");
        assert_string_equal(pic__names_remote(n, 3), "198.51.100.1:22");
        assert_string_equal(pic__names_remote(n, 255), "[2001:db8::1]:22");
        assert_null(pic__names_trouble(n, 1));
        assert_true(pic__names_due(n, T0) == T0 + 300 * S);
        assert_int_equal(questions, 6);
        want(n, 1, "vpn.example:51820"); /* as before */
        want(n, 2, NULL);
        assert_true(pic__names_remote(n, 1) != NULL && pic__names_remote(n, 2) == NULL);
        assert_true(pic__names_due(n, T0) == T0 + 300 * S);
        want(n, 1, "");
        assert_true(pic__names_due(n, T0) == 0); /* addresses are not asked for */
        pic__names_unref(n);
}

static void test_refuses(void **state)
{
        pic__names *n = open_names();

        (void)state;
        want(n, 1, "evil.example:51820");
        want(n, 2, "device.example:51820");
        want(n, 3, "mixed.example:51820");
        want(n, 4, "127.0.0.1:22");
        want(n, 5, "10.1.0.9:22");
        want(n, 6, "localhost:22"); /* of /etc/hosts */
        work(n, T0, 1000);
        assert_string_equal(pic__names_remote(n, 1), "");
        assert_int_equal(pic_error_code(pic__names_trouble(n, 1)), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(pic__names_trouble(n, 1)), "127.0.0.1, which is loopback"));
        assert_string_equal(pic__names_remote(n, 2), "");
        assert_non_null(strstr(pic_error_message(pic__names_trouble(n, 2)), "10.1.0.9, which is a device's"));
        assert_non_null(pic_error_hint(pic__names_trouble(n, 2)));
        assert_string_equal(pic__names_remote(n, 3), "203.0.113.5:51820");
        assert_null(pic__names_trouble(n, 3));
        assert_string_equal(pic__names_remote(n, 4), "");
        assert_string_equal(pic__names_remote(n, 5), "");
        assert_string_equal(pic__names_remote(n, 6), "");
        pic__names_unref(n);
}

/* The last good answer outlives a name server that fails, and one that lies. */
static void test_keeps(void **state)
{
        pic__names *n = open_names();
        pic_time due;

        (void)state;
        want(n, 1, "vpn.example:51820");
        work(n, T0, 1000);
        zone[0].four = zone[0].six = "";
        work(n, T0 + 300 * S, 1000);
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.7:51820,[2001:db8::7]:51820");
        assert_int_equal(pic_error_code(pic__names_trouble(n, 1)), PIC_NOTFOUND);
        due = pic__names_due(n, T0 + 300 * S);
        assert_true(due == T0 + 330 * S);
        zone[0].four = "127.0.0.1";
        work(n, due, 1000);
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.7:51820,[2001:db8::7]:51820");
        assert_int_equal(pic_error_code(pic__names_trouble(n, 1)), PIC_CONFLICT);
        zone[0].four = "203.0.113.77 203.0.113.7"; /* it works with one of these: no news */
        work(n, due + 30 * S, 1000);
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.7:51820,[2001:db8::7]:51820");
        assert_null(pic__names_trouble(n, 1));
        zone[0].four = "203.0.113.78";
        work(n, due + 330 * S, 1000);
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.78:51820");
        zone[0].four = "203.0.113.7";
        zone[0].six = "2001:db8::7";
        pic__names_unref(n);
}

/* In doubt it is asked for sooner, but no more than each 30 s. */
static void test_doubt(void **state)
{
        pic__names *n = open_names();

        (void)state;
        want(n, 1, "many.example:51820");
        work(n, T0, 1000);
        assert_int_equal(questions, 2);
        pic__names_doubt(n, 1, 1, T0 + 5 * S);
        assert_true(pic__names_due(n, T0 + 5 * S) == T0 + 30 * S);
        zone[1].four = "203.0.113.9 203.0.113.10"; /* it does not work with what it has: all that is new counts */
        work(n, T0 + 30 * S, 1000);
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.9:51820,203.0.113.10:51820");
        assert_true(pic__names_due(n, T0 + 30 * S) == T0 + 60 * S);
        pic__names_doubt(n, 1, 0, T0 + 40 * S);
        assert_true(pic__names_due(n, T0 + 40 * S) == T0 + 330 * S);
        pic__names_doubt(n, 1, 1, T0 + 100 * S); /* the last answer is old already */
        assert_true(pic__names_due(n, T0 + 100 * S) == T0 + 100 * S);
        zone[1].four = "203.0.113.9 203.0.113.8";
        pic__names_unref(n);
}

static void test_nothing_known(void **state)
{
        static const int gaps[] = { 2, 4, 8, 16, 30, 30 };
        pic__names *n = open_names();
        pic_time now = T0;
        size_t i;

        (void)state;
        want(n, 1, "none.example:51820");
        for (i = 0; i < PIC__COUNT(gaps); i++) {
                work(n, now, 1000);
                assert_true(pic__names_remote(n, 1) == NULL);
                assert_int_equal(pic_error_code(pic__names_trouble(n, 1)), PIC_NOTFOUND);
                assert_true(pic__names_due(n, now) == now + gaps[i] * S);
                now += gaps[i] * S;
        }
        pic__names_recall(n, 1, "203.0.113.50:51820"); /* what another agent knew */
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.50:51820");
        pic__names_recall(n, 1, "203.0.113.51:51820");
        pic__names_recall(n, 2, "203.0.113.51:51820");
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.50:51820");
        assert_null(pic__names_remote(n, 2));
        pic__names_unref(n);
}

/* A name server that says nothing keeps nobody else waiting, and is given up. */
static void test_silence(void **state)
{
        pic__names *n = open_names();
        int i;

        (void)state;
        want(n, 1, "silent.example:1");
        want(n, 2, "vpn.example:2");
        work(n, T0, 200);
        assert_null(pic__names_remote(n, 1));
        assert_non_null(pic__names_remote(n, 2));
        assert_true(pic__names_due(n, T0) > T0 && pic__names_due(n, T0) <= T0 + 3 * S);
        want(n, 1, "vpn.example:3"); /* the answer to the old wish is nobody's */
        work(n, T0, 200);
        assert_string_equal(pic__names_remote(n, 1), "203.0.113.7:3,[2001:db8::7]:3");
        want(n, 3, "silent.example:1");
        for (i = 0; i < 900 && pic__names_trouble(n, 3) == NULL; i++) /* c-ares has the machine's clock */
                work(n, T0, 100);
        assert_int_equal(pic_error_code(pic__names_trouble(n, 3)), PIC_TIMEOUT);
        want(n, 4, "silent.example:1");
        pic__names_turn(n, T0);
        pic__names_unref(n); /* with a question out */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_resolves), cmocka_unit_test(test_refuses),       cmocka_unit_test(test_keeps),
                cmocka_unit_test(test_doubt),    cmocka_unit_test(test_nothing_known), cmocka_unit_test(test_silence),
        };
        struct sockaddr_in at = { .sin_family = AF_INET,
                                  .sin_port = htons(53),
                                  .sin_addr = { htonl(INADDR_LOOPBACK) } };
        struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
        int fd, r;

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root for a network namespace of its own\n");
                return 77;
        }
        fd = mkstemp(conf);
        if (fd < 0 || dprintf(fd, "nameserver 127.0.0.1\n") < 0)
                return 1;
        close(fd);
        server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (ioctl(server, SIOCSIFFLAGS, &lo) < 0 || bind(server, (struct sockaddr *)&at, sizeof(at)) < 0)
                return 1;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        unlink(conf);
        return r;
}
