/* sys/holder.c: who listens at a port, among those that do. */
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sys/holder.h"

static void lines(void **state)
{
        static const char four[] =
                "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0   "
                "     0 4711 1 0000000000000000 100 0 0 10 0";
        static const char six[] =
                "   1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A "
                "00000000:00000000 00:00000000 00000000     0        0 4712 1";
        static const char *const not [] = { "",
                                            "  sl  local_address rem_address   st",
                                            "0: 0100007F",
                                            "0: 0100007F:0050",
                                            "0: 0100007F:0050 00000000:0000 01 0:0 0:0 0 0 0 4711",
                                            "0: 0100007F:0051 00000000:0000 0A 0:0 0:0 0 0 0 4711" };
        uint8_t bytes[16] = { 0 };
        unsigned long inode = 0;
        size_t i;

        (void)state;
        assert_int_equal(pic__holder_line(four, 4, 80, bytes, &inode), 1);
        assert_true(inode == 4711 && bytes[0] == 127 && bytes[3] == 1);
        assert_int_equal(pic__holder_line(four, 6, 80, bytes, &inode), 0);
        assert_int_equal(pic__holder_line(six, 6, 80, bytes, &inode), 1);
        assert_true(inode == 4712 && bytes[10] == 0xff && bytes[12] == 127);
        for (i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
                assert_int_equal(pic__holder_line(not [i], 4, 80, bytes, &inode), 0);
}

static int outer(int family, const uint8_t *bytes, void *data)
{
        (void)data;
        return family == 6 || bytes[0] != 127;
}

static void ourselves(void **state)
{
        struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(80) };
        struct sockaddr_in6 all = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
        pic__holder h;
        int fd;

        (void)state;
        if (unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0)
                skip();
        assert_int_equal(pic__holder_find(80, NULL, NULL, NULL, &h), 0);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_true(bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0 && listen(fd, 1) == 0);
        assert_int_equal(pic__holder_find(80, NULL, NULL, NULL, &h), 1);
        assert_int_equal(h.pid, getpid());
        assert_non_null(strstr(h.name, "t_unit_sys"));
        assert_int_equal(pic__holder_find(80, outer, NULL, NULL, &h), 0);
        close(fd);
        fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(bind(fd, (struct sockaddr *)&all, sizeof(all)) == 0 && listen(fd, 1) == 0);
        assert_int_equal(pic__holder_find(80, outer, NULL, NULL, &h), 1);
        assert_int_equal(pic__holder_find(80, outer, NULL, "PATH=", &h), 0);
        assert_int_equal(pic__holder_find(80, outer, NULL, "PIC_NOBODY=", &h), 1);
        assert_int_equal(pic__holder_find(81, outer, NULL, NULL, &h), 0);
        close(fd);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(ourselves) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
