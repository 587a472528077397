/* Is a UDP port free? In each family, and the words when it is not. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/wg/port.h"

/* A socket on a port that the kernel chose. */
static int hold(int family, uint16_t *ret_port)
{
        struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
        struct sockaddr_in four = { .sin_family = AF_INET };
        int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
        struct sockaddr *addr = family == AF_INET6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
        socklen_t len = family == AF_INET6 ? sizeof(six) : sizeof(four);

        if (fd < 0)
                return -1;
        if (family == AF_INET6)
                setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        assert_int_equal(bind(fd, addr, len), 0);
        assert_int_equal(getsockname(fd, addr, &len), 0);
        *ret_port = ntohs(family == AF_INET6 ? six.sin6_port : four.sin_port);
        return fd;
}

static void taken_in(int family)
{
        pic__auto_err pic_error *err = NULL;
        uint16_t port = 0;
        char text[16];
        int fd = hold(family, &port);

        if (fd < 0)
                skip();
        snprintf(text, sizeof(text), "%u", port);
        assert_int_equal(pic__wg_port_check(port, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), text));
        assert_non_null(strstr(pic_error_hint(err), text));
        assert_int_equal(atoi(pic_error_detail(err, "errno")), EADDRINUSE);
        close(fd);
        assert_int_equal(pic__wg_port_check(port, NULL), 0);
}

static void taken_in_ipv4(void **state)
{
        (void)state;
        taken_in(AF_INET);
}

static void taken_in_ipv6(void **state)
{
        (void)state;
        taken_in(AF_INET6);
}

static void any_port_is_free(void **state)
{
        (void)state;
        assert_int_equal(pic__wg_port_check(0, NULL), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(taken_in_ipv4), cmocka_unit_test(taken_in_ipv6),
                                            cmocka_unit_test(any_port_is_free) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
