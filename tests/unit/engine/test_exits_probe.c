/* Probes against servers of this test's own, in a network namespace: answered, lost, refused, many at once. No thread:
 * a probe never waits, so one program is both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/exits_probe.h"
#include "sys/crypto.h"

#define MS ((pic_time)1000)
#define S ((pic_time)1000000)
#define LIMIT (2700 * MS)

struct server {
        int fd;
        uint16_t port;
        struct sockaddr_in from;
        uint8_t msg[1024];
        size_t len;
};

static void open_server(struct server *s, int type)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
        socklen_t size = sizeof(at);

        s->fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &size), 0);
        s->port = ntohs(at.sin_port);
        if (type == SOCK_STREAM)
                assert_int_equal(listen(s->fd, 600), 0);
}

static pic__probe_target target; /* who is asked */

static pic__probe_opts opts_to(const struct server *s)
{
        target = (pic__probe_target){ { 4, { 127, 0, 0, 1 } }, s->port };
        return (pic__probe_opts){
                .targets = &target, .count = 1, .mark = 0x1010, .tries = PIC__PROBE_TRIES, .limit = LIMIT
        };
}

static void hear(struct server *s)
{
        socklen_t size = sizeof(s->from);
        ssize_t n = recvfrom(s->fd, s->msg, sizeof(s->msg), MSG_DONTWAIT, (struct sockaddr *)&s->from, &size);

        s->len = n < 0 ? 0 : (size_t)n;
}

static size_t s_len(const struct server *s)
{
        return s->len;
}

static void say(struct server *s)
{
        s->msg[2] |= 0x80;
        assert_int_equal(sendto(s->fd, s->msg, s->len, 0, (struct sockaddr *)&s->from, sizeof(s->from)), s->len);
}

static void test_answered(void **state)
{
        int i;
        pic__probe p = PIC__PROBE_INIT;
        struct server s;
        pic__probe_opts o;

        (void)state;
        open_server(&s, SOCK_DGRAM);
        o = opts_to(&s);
        assert_int_equal(pic__probe_start(&p, &o, 1000, NULL), 0);
        assert_true(p.next == 1000 + LIMIT / 9 && p.fd >= 0);
        assert_int_equal(pic__probe_turn(&p, 1100), PIC__PROBE_OUT);
        hear(&s);
        assert_int_equal(s.len, 17);
        s.msg[0] ^= 0x55; /* somebody else's */
        say(&s);
        s.msg[0] ^= 0x55;
        say(&s);
        assert_int_equal(pic__probe_turn(&p, 1000 + 20 * MS), PIC__PROBE_ANSWERED);
        assert_true(p.latency == 20 * MS && p.missed == 0 && p.code == 0 && p.fd >= 0 && p.next == 0);
        assert_int_equal(pic__probe_turn(&p, 1000 + 30 * MS), PIC__PROBE_ANSWERED);
        say(&s); /* once more: taken by the socket, not refused by the machine; and not for the next one */
        i = p.fd;
        assert_int_equal(pic__probe_start(&p, &o, S, NULL), 0);
        assert_true(p.fd == i);
        assert_int_equal(pic__probe_turn(&p, S + MS), PIC__PROBE_OUT);
        o.mark = 0x1020;
        assert_int_equal(pic__probe_start(&p, &o, S, NULL), 0);
        assert_int_equal(pic__probe_turn(&p, S + MS), PIC__PROBE_OUT);
        pic__probe_end(&p);
        assert_int_equal(p.fd, -1);
        close(s.fd);
}

/* Lost datagrams cost tries, and the answer tells which; one that is late counts. */
static void test_tries(void **state)
{
        pic__probe p = PIC__PROBE_INIT;
        struct server s;
        pic__probe_opts o;
        unsigned i;

        (void)state;
        open_server(&s, SOCK_DGRAM);
        o = opts_to(&s);
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        for (i = 0; i < PIC__PROBE_TRIES; i++) {
                hear(&s);
                assert_int_equal(s.len, 17);
                hear(&s);
                assert_int_equal(s.len, 0);
                if (i < 8)
                        assert_int_equal(pic__probe_turn(&p, (pic_time)(i + 1) * 300 * MS), PIC__PROBE_OUT);
        }
        assert_true(p.next == LIMIT);
        assert_int_equal(pic__probe_turn(&p, LIMIT - 1), PIC__PROBE_OUT);
        hear(&s);
        assert_int_equal(s.len, 0);
        assert_int_equal(pic__probe_turn(&p, LIMIT), PIC__PROBE_LOST);
        assert_true(p.error == 0 && p.tries == PIC__PROBE_TRIES);
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0); /* the answer to the third is here */
        (void)pic__probe_turn(&p, 300 * MS);
        (void)pic__probe_turn(&p, 600 * MS);
        for (i = 0; i < 3; i++)
                hear(&s);
        say(&s);
        assert_int_equal(pic__probe_turn(&p, 650 * MS), PIC__PROBE_ANSWERED);
        assert_true(p.latency == 50 * MS && p.missed == 2);
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0); /* that to the first comes after the fifth was sent */
        hear(&s);
        for (i = 1; i < 5; i++)
                assert_int_equal(pic__probe_turn(&p, i * 300 * MS), PIC__PROBE_OUT);
        say(&s);
        assert_int_equal(pic__probe_turn(&p, 1250 * MS), PIC__PROBE_ANSWERED);
        assert_true(p.latency == 1250 * MS && p.missed == 0);
        close(s.fd);
}

/* Every third try is another's, and each of them may answer. */
static void test_targets(void **state)
{
        pic__probe_target both[2];
        pic__probe p = PIC__PROBE_INIT;
        struct server a, b, c;
        pic__probe_opts o;
        unsigned i;

        (void)state;
        open_server(&a, SOCK_DGRAM);
        open_server(&b, SOCK_DGRAM);
        open_server(&c, SOCK_DGRAM);
        o = opts_to(&a);
        both[0] = target;
        (void)opts_to(&b);
        both[1] = target;
        o.targets = both;
        o.count = 2;
        o.first = 1;
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        for (i = 1; i < 4; i++)
                assert_int_equal(pic__probe_turn(&p, i * 300 * MS), PIC__PROBE_OUT);
        hear(&a);
        assert_int_equal(s_len(&a), 17);
        hear(&b);
        assert_int_equal(s_len(&b), 17);
        c.from = b.from; /* somebody who was not asked knows the id */
        c.len = b.len;
        memcpy(c.msg, b.msg, b.len);
        say(&c);
        assert_int_equal(pic__probe_turn(&p, 910 * MS), PIC__PROBE_OUT);
        say(&b);
        assert_int_equal(pic__probe_turn(&p, 950 * MS), PIC__PROBE_ANSWERED);
        assert_true(p.latency == 950 * MS && p.missed == 0);
        close(a.fd);
        close(b.fd);
        close(c.fd);
}

/* What the way there says is remembered, and ends only who is in a hurry. */
static void test_refused(void **state)
{
        pic__probe p = PIC__PROBE_INIT;
        struct server s;
        pic__probe_opts o;

        (void)state;
        open_server(&s, SOCK_DGRAM);
        o = opts_to(&s);
        close(s.fd);
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_int_equal(pic__probe_turn(&p, 1), PIC__PROBE_OUT);
        assert_int_equal(p.error, ECONNREFUSED);
        assert_int_equal(pic__probe_turn(&p, LIMIT), PIC__PROBE_LOST);
        assert_int_equal(p.error, ECONNREFUSED);
        o.hasty = 1;
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_int_equal(pic__probe_turn(&p, 1), PIC__PROBE_LOST);
        assert_true(p.error == ECONNREFUSED && p.fd == -1);
        target.to = (pic__addr){ 4, { 198, 51, 100, 1 } }; /* no way there */
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_true(p.state == PIC__PROBE_LOST && p.error == ENETUNREACH && p.fd == -1);
        o.device = "picx1"; /* not there: not by another one */
        target.to = (pic__addr){ 4, { 127, 0, 0, 1 } };
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_true(p.state == PIC__PROBE_LOST && p.error == ENODEV);
        target.to = (pic__addr){ 6, { [15] = 1 } };
        o.device = "lo";
        o.tcp = 1;
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_int_equal(pic__probe_turn(&p, 1), PIC__PROBE_LOST);
        assert_int_equal(p.error, ECONNREFUSED);
}

/* What was not there at the first try is there at the second. */
static void test_comes_later(void **state)
{
        pic__probe p = PIC__PROBE_INIT;
        struct server s;
        pic__probe_opts o;

        (void)state;
        open_server(&s, SOCK_DGRAM);
        o = opts_to(&s);
        o.device = "dummy9";
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_true(p.state == PIC__PROBE_OUT && p.fd == -1 && p.error == ENODEV);
        o.device = NULL;
        p.opts.device = "lo";
        assert_int_equal(pic__probe_turn(&p, 300 * MS), PIC__PROBE_OUT);
        hear(&s);
        say(&s);
        assert_int_equal(pic__probe_turn(&p, 310 * MS), PIC__PROBE_ANSWERED);
        assert_true(p.missed == 1 && p.latency == 10 * MS);
        close(s.fd);
}

static void test_asks(void **state)
{
        static const pic__question q = { "myip.example.org", PIC__QUERY_A, 1 };
        static const char record[] = "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\x00\x71\x09";
        pic__probe p = PIC__PROBE_INIT;
        struct server s;
        pic__probe_opts o;

        (void)state;
        open_server(&s, SOCK_DGRAM);
        o = opts_to(&s);
        o.ask = &q;
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        hear(&s);
        memcpy(s.msg + s.len, record, sizeof(record) - 1);
        s.len += sizeof(record) - 1;
        s.msg[7] = 1;
        say(&s);
        assert_int_equal(pic__probe_turn(&p, 1), PIC__PROBE_ANSWERED);
        assert_string_equal(p.text, "203.0.113.9");
        close(s.fd);
}

/* What the far end of a stream reads; its descriptor. */
static int accept_query(struct server *s, uint8_t *msg, size_t size, ssize_t *len)
{
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

        assert_true(fd >= 0);
        *len = recv(fd, msg, size, 0);
        return fd;
}

static void test_stream(void **state)
{
        pic__probe p = PIC__PROBE_INIT;
        uint8_t msg[512];
        struct server s;
        pic__probe_opts o;
        ssize_t len, i;
        int fd;

        (void)state;
        open_server(&s, SOCK_STREAM);
        o = opts_to(&s);
        o.tcp = 1;
        o.tries = 2;
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_true(!p.streams[0].sent && p.next == LIMIT / 2);
        assert_int_equal(pic__probe_turn(&p, 1 * MS), PIC__PROBE_OUT);
        assert_true(p.streams[0].sent);
        fd = accept_query(&s, msg, sizeof(msg), &len);
        assert_true(len == 19 && msg[1] == 17);
        msg[4] |= 0x80;
        for (i = 0; i < len; i++) { /* byte by byte */
                assert_int_equal(pic__probe_turn(&p, 2 * MS), PIC__PROBE_OUT);
                assert_int_equal(send(fd, msg + i, 1, 0), 1);
        }
        assert_int_equal(pic__probe_turn(&p, 30 * MS), PIC__PROBE_ANSWERED);
        assert_true(p.latency == 30 * MS && p.streams[0].fd == -1 && p.streams[0].body == NULL);
        close(fd);
        close(s.fd);
}

/* A far end that hangs up, that says nonsense, that says nothing; and the second try. */
static void test_bad_streams(void **state)
{
        static const struct {
                const char *say;
                size_t len;
                int error;
        } cases[] = { { "", 0, ECONNRESET },
                      { "\0\0", 2, EBADMSG },
                      { "\xff\xff", 2, EBADMSG },
                      { "\0\x0c"
                        "aaaabbbbcccc",
                        14, EBADMSG },
                      { "\0\x0c"
                        "aaaa",
                        6, ECONNRESET } };
        pic__probe p = PIC__PROBE_INIT;
        uint8_t msg[512];
        struct server s;
        pic__probe_opts o;
        ssize_t len;
        size_t i;
        int fd;

        (void)state;
        open_server(&s, SOCK_STREAM);
        o = opts_to(&s);
        o.tcp = 1;
        o.tries = 2;
        o.hasty = 1;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
                (void)pic__probe_turn(&p, 1);
                fd = accept_query(&s, msg, sizeof(msg), &len);
                assert_int_equal(send(fd, cases[i].say, cases[i].len, 0), cases[i].len);
                close(fd);
                assert_int_equal(pic__probe_turn(&p, 2), PIC__PROBE_LOST);
                assert_int_equal(p.error, cases[i].error);
        }
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        assert_int_equal(pic__probe_turn(&p, LIMIT), PIC__PROBE_LOST);
        assert_int_equal(p.error, 0);
        o.hasty = 0; /* the first hangs up, the second answers */
        assert_int_equal(pic__probe_start(&p, &o, 0, NULL), 0);
        (void)pic__probe_turn(&p, 1);
        close(accept_query(&s, msg, sizeof(msg), &len)); /* of the one before */
        close(accept_query(&s, msg, sizeof(msg), &len));
        assert_int_equal(pic__probe_turn(&p, 2), PIC__PROBE_OUT);
        assert_true(p.streams[0].fd == -1 && p.error == ECONNRESET);
        assert_int_equal(pic__probe_turn(&p, LIMIT / 2), PIC__PROBE_OUT);
        (void)pic__probe_turn(&p, LIMIT / 2 + 1);
        fd = accept_query(&s, msg, sizeof(msg), &len);
        msg[4] |= 0x80;
        assert_int_equal(send(fd, msg, (size_t)len, 0), len);
        assert_int_equal(pic__probe_turn(&p, LIMIT / 2 + 30 * MS), PIC__PROBE_ANSWERED);
        assert_true(p.missed == 1 && p.latency == 30 * MS);
        close(fd);
        close(s.fd);
}

#define MANY 250

static void test_many(void **state)
{
        static pic__probe p[2 * MANY];
        pic__probe_target ends[2];
        struct pollfd fds[2 * MANY];
        struct server udp, tcp;
        pic__probe_opts o;
        size_t i;

        (void)state;
        open_server(&udp, SOCK_DGRAM);
        open_server(&tcp, SOCK_STREAM);
        (void)opts_to(&udp);
        ends[0] = target;
        (void)opts_to(&tcp);
        ends[1] = target;
        for (i = 0; i < 2 * MANY; i++) {
                o = opts_to(&udp);
                o.targets = &ends[i % 2];
                o.tries = 2;
                o.tcp = i % 2;
                o.mark = (uint32_t)(0x1010 + 0x10 * (i / 2));
                p[i] = (pic__probe)PIC__PROBE_INIT;
                assert_int_equal(pic__probe_start(&p[i], &o, 0, NULL), 0);
                if (i % 2 == 0) {
                        hear(&udp);
                        assert_int_equal(udp.len, 17);
                        say(&udp);
                }
        }
        for (i = 1; i < 2 * MANY; i += 2) {
                uint8_t msg[64];
                ssize_t len;
                int fd;

                (void)pic__probe_turn(&p[i], 1);
                fd = accept_query(&tcp, msg, sizeof(msg), &len);
                msg[4] |= 0x80;
                assert_int_equal(send(fd, msg, (size_t)len, 0), len);
                close(fd);
        }
        for (i = 0; i < 2 * MANY; i++)
                fds[i] = (struct pollfd){ .fd = i % 2 ? p[i].streams[0].fd : p[i].fd, .events = POLLIN };
        assert_int_equal(poll(fds, 2 * MANY, 1000), 2 * MANY);
        for (i = 0; i < 2 * MANY; i++)
                assert_int_equal(pic__probe_turn(&p[i], 2), PIC__PROBE_ANSWERED);
        close(udp.fd);
        close(tcp.fd);
}

/* A probe that cannot be marked would take the machine's own way and say that the exit lives. */
static int without_rights(void)
{
        pic__probe p = PIC__PROBE_INIT;
        struct server nobody = { .port = 53 };
        pic__probe_opts o = opts_to(&nobody);
        cap_t none = cap_init();

        if (cap_set_proc(none) != 0)
                return 1;
        cap_free(none);
        if (pic__probe_start(&p, &o, 0, NULL) != PIC_DENIED || p.fd != -1 || p.state != PIC__PROBE_IDLE)
                return 2;
        return 0;
}

static void test_unmarked(void **state)
{
        int status;
        pid_t child;

        (void)state;
        fflush(NULL);
        child = fork();
        if (child == 0)
                _exit(without_rights());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answered), cmocka_unit_test(test_tries),       cmocka_unit_test(test_refused),
                cmocka_unit_test(test_targets),  cmocka_unit_test(test_comes_later), cmocka_unit_test(test_asks),
                cmocka_unit_test(test_stream),   cmocka_unit_test(test_bad_streams), cmocka_unit_test(test_many),
                cmocka_unit_test(test_unmarked),
        };
        struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
        int fd;

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root for a network namespace of its own\n");
                return 77;
        }
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0 || pic__crypto_start(NULL) < 0)
                return 1;
        close(fd);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
