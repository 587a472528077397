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
static int server = -1, listener = -1, stream = -1;
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
             { "home.example", "192.168.1.5", "fd12::5" },
             { "nas.lan", "192.168.1.5", "" },
             { "nat64.example", "203.0.113.4", "64:ff9b::cb00:7104" },
             { "crowd.example", "+100", "" },
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

static size_t put_crowd(uint8_t *msg, size_t at, unsigned count)
{
        char text[32];
        unsigned i;
        size_t len = 0;

        for (i = 0; i < count; i++) {
                snprintf(text, sizeof(text), "198.51.100.%u", 1 + (i + questions * 37) % count);
                len += put_record(msg + at + len, 0, text);
        }
        msg[7] = (uint8_t)count;
        return len;
}

/* The answer in the question's place, or 0: silence. */
static size_t answer(uint8_t *msg, ssize_t n)
{
        char name[128] = "", list[128];
        size_t at = 12, len = 0;
        const char *found;
        char *one, *rest = list;

        if (n < 16)
                return 0;
        questions++;
        while (msg[at] != 0) {
                len += (size_t)snprintf(name + len, sizeof(name) - len, "%s%.*s", len > 0 ? "." : "", msg[at],
                                        (const char *)&msg[at + 1]);
                at += msg[at] + 1u;
        }
        found = lookup(name, msg[at + 2] == 28);
        if (found == NULL)
                return 0;
        snprintf(list, sizeof(list), "%s", found);
        len = at + 5;
        msg[2] = 0x81;
        msg[3] = 0x80;
        msg[7] = msg[9] = msg[11] = 0; /* whatever it said beside the question */
        if (list[0] == '+')            /* so many, each time in another order */
                return len + put_crowd(msg, len, (unsigned)atoi(list + 1));
        while ((one = strsep(&rest, " ")) != NULL) {
                if (one[0] == '\0')
                        continue;
                len += put_record(msg + len, msg[at + 2] == 28, one);
                msg[7]++;
        }
        return len;
}

/* What does not fit 512 bytes is asked again over TCP. */
static void serve_udp(void)
{
        uint8_t msg[4096];
        struct sockaddr_in from;
        socklen_t size = sizeof(from);
        ssize_t n = recvfrom(server, msg, 512, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        size_t len = answer(msg, n);

        if (len > 512) {
                len = (size_t)n;
                msg[2] |= 2;
                msg[7] = 0;
        }
        if (len > 0)
                assert_int_equal(sendto(server, msg, len, 0, (struct sockaddr *)&from, size), len);
}

/* One question at a time: its length comes before it. */
static void serve_tcp(void)
{
        uint8_t msg[4096];
        size_t len;
        int fd;

        if (stream < 0) {
                stream = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                return;
        }
        if (recv(stream, msg, 2, 0) == 2) {
                len = answer(msg + 2, recv(stream, msg + 2, (size_t)msg[0] << 8 | msg[1], 0));
                msg[0] = (uint8_t)(len >> 8);
                msg[1] = (uint8_t)len;
                assert_int_equal(send(stream, msg, len + 2, MSG_NOSIGNAL), len + 2);
                return;
        }
        fd = stream;
        stream = -1;
        close(fd);
}

/* Until nothing is asked any more, or for so many real milliseconds. */
static void work(pic__names *n, pic_time now, int most)
{
        int quiet = 0;

        for (; most > 0 && quiet < 3; most -= 5) {
                struct pollfd fds[] = { { pic__names_fd(n), POLLIN, 0 },
                                        { server, POLLIN, 0 },
                                        { stream < 0 ? listener : stream, POLLIN, 0 } };

                pic__names_turn(n, now);
                quiet = poll(fds, 3, 5) == 0 ? quiet + 1 : 0;
                serve_udp();
                if (fds[2].revents != 0)
                        serve_tcp();
        }
        pic__names_turn(n, now);
}

static pic__far ours(const char *name, const pic__addr *a, pic__buf *reason, void *data)
{
        char text[PIC__ADDR_TEXT];

        (void)data;
        if (a->family == 4 && a->bytes[0] == 10) {
                pic__buf_putf(reason, "%s, which is a device's", pic__addr_print(a, text));
                return PIC__FAR_BACK;
        }
        if (name == NULL || pic__far_is_local(name) || (a->bytes[0] != 192 && a->bytes[0] != 0xfd))
                return PIC__FAR_GOOD;
        pic__buf_putf(reason, "%s, which is in private space", pic__addr_print(a, text));
        return PIC__FAR_NEAR;
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

/* A name of the internet that turns to the home network is not followed; an address that is written is. */
static void test_home(void **state)
{
        pic__names *n = open_names();
        const pic_error *why;

        (void)state;
        want(n, 1, "home.example:51820");
        want(n, 2, "192.168.1.5:51820");
        want(n, 3, "nas.lan:51820");
        want(n, 4, "vpn.example:51820");
        want(n, 5, "nat64.example:51820");
        work(n, T0, 1000);
        assert_string_equal(pic__names_remote(n, 1), "");
        why = pic__names_trouble(n, 1);
        assert_int_equal(pic_error_code(why), PIC_CONFLICT);
        assert_string_equal(pic_error_message(why),
                            "the far end home.example is at 192.168.1.5, which is in private space");
        assert_non_null(strstr(pic_error_hint(why), "Write the address itself as endpoint, if that is meant."));
        assert_string_equal(pic__names_remote(n, 2), "192.168.1.5:51820");
        assert_string_equal(pic__names_remote(n, 3), "192.168.1.5:51820");
        assert_string_equal(pic__names_remote(n, 5), "203.0.113.4:51820,[64:ff9b::cb00:7104]:51820");
        zone[0].four = "192.168.1.5";
        zone[0].six = "";
        work(n, T0 + 300 * S, 1000);
        assert_string_equal(pic__names_remote(n, 4), "203.0.113.7:51820,[2001:db8::7]:51820");
        assert_int_equal(pic_error_code(pic__names_trouble(n, 4)), PIC_CONFLICT);
        zone[0].four = "203.0.113.7";
        zone[0].six = "2001:db8::7";
        pic__names_unref(n);
}

static unsigned places(const char *list)
{
        unsigned count = list[0] != '\0';

        for (; *list != '\0'; list++)
                count += *list == ',';
        return count;
}

/* An exit's item holds 64 far ends (backend/exit/value.h): more would make it one that nobody can read. */
static void test_crowd(void **state)
{
        pic__names *n = open_names();
        char *first;

        (void)state;
        want(n, 1, "crowd.example:1");
        want(n, 2,
             "crowd.example:1/udp,crowd.example:2/udp,crowd.example:3/udp,crowd.example:4/udp,"
             "crowd.example:5/udp,vpn.example:6/udp");
        want(n, 3, "1.0.0.1:1,1.0.0.2:1,crowd.example:1");
        work(n, T0, 2000);
        if (pic__names_remote(n, 1) == NULL)
                fail_msg("%s", pic_error_message(pic__names_trouble(n, 1)));
        assert_int_equal(places(pic__names_remote(n, 1)), 16);
        assert_true(places(pic__names_remote(n, 2)) > 16 && places(pic__names_remote(n, 2)) <= 64);
        assert_int_equal(places(pic__names_remote(n, 3)), 18);
        first = strdup(pic__names_remote(n, 1));
        pic__names_doubt(n, 1, 1, T0 + 5 * S);
        work(n, T0 + 300 * S, 2000); /* shuffled: the same ones are used */
        assert_string_equal(pic__names_remote(n, 1), first);
        free(first);
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
                cmocka_unit_test(test_home),          cmocka_unit_test(test_crowd),   cmocka_unit_test(test_resolves),
                cmocka_unit_test(test_refuses),       cmocka_unit_test(test_keeps),   cmocka_unit_test(test_doubt),
                cmocka_unit_test(test_nothing_known), cmocka_unit_test(test_silence),
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
        listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (ioctl(server, SIOCSIFFLAGS, &lo) < 0 || bind(server, (struct sockaddr *)&at, sizeof(at)) < 0 ||
            bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 8) < 0)
                return 1;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        unlink(conf);
        return r;
}
