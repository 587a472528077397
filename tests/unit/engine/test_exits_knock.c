/* Who takes connections is there, who refuses them or says nothing is not; all of those who are asked have to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/exits_knock.h"

/* Somebody at that address; -1: it cannot be had. Takes connections or, bound only, refuses them. */
static int somebody(int family, int takes, pic__far_end *ret)
{
        struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
        struct sockaddr *at = family == 4 ? (struct sockaddr *)&in4 : (struct sockaddr *)&in6;
        socklen_t size = family == 4 ? sizeof(in4) : sizeof(in6);
        int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (bind(fd, at, size) < 0 || (takes && listen(fd, 8) < 0) || getsockname(fd, at, &size) < 0) {
                close(fd);
                return -1;
        }
        *ret = (pic__far_end){ .addr = { .family = (uint8_t)family },
                               .port = ntohs(family == 4 ? in4.sin_port : in6.sin6_port) };
        memcpy(ret->addr.bytes, family == 4 ? (void *)&in4.sin_addr : (void *)&in6.sin6_addr, family == 4 ? 4 : 16);
        return fd;
}

static void nap(void)
{
        (void)poll(NULL, 0, 20);
}

static int asked(const pic__far_end *ends, size_t count)
{
        pic__knock k = { .count = 0 };
        int heard;

        pic__knock_start(&k, ends, count);
        nap();
        heard = pic__knock_heard(&k);
        assert_int_equal(pic__knock_heard(&k), heard);
        pic__knock_end(&k);
        assert_false(pic__knock_heard(&k));
        pic__knock_end(&k);
        return heard;
}

static void test_answers(void **state)
{
        pic__far_end ends[3];
        int there = somebody(4, 1, &ends[0]), shut = somebody(4, 0, &ends[1]), six = somebody(6, 1, &ends[2]);

        (void)state;
        assert_true(there >= 0 && shut >= 0);
        assert_false(asked(ends, 0));
        assert_true(asked(ends, 1));
        assert_false(asked(ends + 1, 1));
        assert_false(asked(ends, 2)); /* one of them is not enough */
        if (six >= 0) {
                assert_true(asked(ends + 2, 1));
                ends[1] = ends[2];
                assert_true(asked(ends, 2));
        }
        close(there);
        assert_false(asked(ends, 1));
        close(shut);
        if (six >= 0)
                close(six);
}

/* Nothing stays at the far end: what it takes is over at once. */
static void test_leaves_nothing(void **state)
{
        pic__knock k = { .count = 0 };
        pic__far_end end;
        int there = somebody(4, 1, &end), one;
        char byte;

        (void)state;
        assert_true(there >= 0);
        pic__knock_start(&k, &end, 1);
        pic__knock_start(&k, &end, 1); /* again: the former ones are gone */
        nap();
        assert_true(pic__knock_heard(&k));
        pic__knock_end(&k);
        nap();
        while ((one = accept(there, NULL, NULL)) >= 0) {
                assert_int_equal(recv(one, &byte, 1, MSG_DONTWAIT), -1); /* reset, not a polite end */
                close(one);
        }
        close(there);
}

/* Who has more connections than are kept is asked at some. */
static void test_bounds(void **state)
{
        pic__far_end ends[PIC__FAR_ENDS + 2];
        int there = somebody(4, 1, &ends[0]);
        pic__knock k = { .count = 0 };
        size_t i;

        (void)state;
        assert_true(there >= 0);
        for (i = 1; i < PIC__FAR_ENDS + 2; i++)
                ends[i] = ends[0];
        pic__knock_start(&k, ends, PIC__FAR_ENDS + 2);
        assert_int_equal(k.count, PIC__FAR_ENDS);
        pic__knock_end(&k);
        close(there);
}

/* Nobody answers: an address behind a link that is up and has nobody else at it. */
static void test_silence(void **state)
{
        pic__far_end end = { { 4, { 192, 0, 2, 9 } }, 443 };

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
                skip();
        assert_int_equal(system("ip link set lo up; ip link add d0 type veth peer name d1; ip link set d1 up; "
                                "ip addr add 192.0.2.1/24 dev d0; ip link set d0 up"),
                         0);
        assert_false(asked(&end, 1));
        assert_int_equal(system("ip link del d0"), 0);
        assert_false(asked(&end, 1)); /* no way there */
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers), cmocka_unit_test(test_leaves_nothing),
                                            cmocka_unit_test(test_bounds), cmocka_unit_test(test_silence) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
