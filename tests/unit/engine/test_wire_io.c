/* Messages over a socket pair: small ones, large ones as a memfd, and what a hostile end may try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/wire.h"

static int pair[2];

static int set_up(void **state)
{
        (void)state;
        return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int tear_down(void **state)
{
        (void)state;
        close(pair[0]);
        if (pair[1] >= 0)
                close(pair[1]);
        return 0;
}

static int open_fds(void)
{
        DIR *d = opendir("/proc/self/fd");
        int n = 0;

        while (readdir(d) != NULL)
                n++;
        closedir(d);
        return n;
}

static void test_sizes(void **state)
{
        static const size_t sizes[] = { 1, 100, PIC__WIRE_INLINE - 1, PIC__WIRE_INLINE, PIC__WIRE_INLINE + 1, 3000000 };
        int before = open_fds();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(sizes); i++) {
                pic__buf got = PIC__BUF_INIT;
                char *data = pic__alloc(sizes[i]);

                memset(data, 'a' + (int)i, sizes[i]);
                assert_int_equal(pic__wire_send(pair[0], data, sizes[i]), 0);
                assert_int_equal(pic__wire_recv(pair[1], PIC__BUF_MAX, 1, &got), 1);
                assert_int_equal(got.len, sizes[i]);
                assert_memory_equal(got.data, data, sizes[i]);
                pic__buf_free(&got);
                pic__free(data);
        }
        assert_int_equal(open_fds(), before);
}

static void test_limits(void **state)
{
        pic__buf got = PIC__BUF_INIT;
        char big[200] = { 0 };

        (void)state;
        assert_int_equal(pic__wire_recv(pair[1], 100, 1, &got), -EAGAIN);
        assert_int_equal(send(pair[0], big, sizeof(big), 0), sizeof(big));
        assert_int_equal(pic__wire_recv(pair[1], 100, 1, &got), -EMSGSIZE);
        assert_int_equal(pic__wire_recv(pair[1], 200, 1, &got), 1);
        assert_int_equal(got.len, 200);
        pic__buf_free(&got);
        pic__mem_fail_at(1);
        assert_int_equal(send(pair[0], big, 10, 0), 10);
        assert_int_equal(pic__wire_recv(pair[1], 100, 1, &got), -ENOMEM);
        pic__mem_fail_at(0);
        close(pair[1]);
        pair[1] = -1;
        assert_true(pic__wire_send(pair[0], big, 10) == -ECONNRESET); /* it left without reading all */
        assert_int_equal(pic__wire_send(pair[0], big, 10), -EPIPE);
}

static void test_closed(void **state)
{
        pic__buf got = PIC__BUF_INIT;

        (void)state;
        close(pair[1]);
        pair[1] = -1;
        assert_int_equal(pic__wire_recv(pair[0], 100, 1, &got), 0);
        assert_true(pic__wire_recv(-1, 100, 1, &got) == -EBADF);
}

/* Fills the socket: the sender is told, it never waits. */
static void test_full(void **state)
{
        char data[1000] = { 0 };
        int i, r = 0;

        (void)state;
        for (i = 0; i < 100000 && r == 0; i++)
                r = pic__wire_send(pair[0], data, sizeof(data));
        assert_int_equal(r, -EAGAIN);
}

static void send_fds(const int *fds, size_t count)
{
        char control[CMSG_SPACE(4 * sizeof(int))] = { 0 };
        struct iovec part = { (char[]){ "+" }, 1 };
        struct msghdr m = { .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
        assert_int_equal(sendmsg(pair[0], &m, 0), 1);
}

/* Descriptors that are no sealed memfd are refused, and never kept. */
static void test_hostile_fds(void **state)
{
        pic__buf got = PIC__BUF_INIT;
        int unsealed = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING), null = open("/dev/null", O_RDWR | O_CLOEXEC);
        int huge = memfd_create("y", MFD_CLOEXEC | MFD_ALLOW_SEALING), many[4] = { null, null, null, null }, before;

        (void)state;
        assert_int_equal(ftruncate(unsealed, 1000), 0);
        assert_int_equal(ftruncate(huge, 5000), 0);
        assert_int_equal(fcntl(huge, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
        before = open_fds();
        send_fds(&unsealed, 1);
        assert_int_equal(pic__wire_recv(pair[1], 10000, 1, &got), -EBADMSG);
        send_fds(&null, 1);
        assert_int_equal(pic__wire_recv(pair[1], 10000, 1, &got), -EBADMSG);
        send_fds(&huge, 1);
        assert_int_equal(pic__wire_recv(pair[1], 1000, 1, &got), -EMSGSIZE);
        send_fds(&huge, 1);
        assert_int_equal(pic__wire_recv(pair[1], 5000, 1, &got), 1);
        assert_int_equal(got.len, 5000);
        pic__buf_free(&got);
        send_fds(many, 4);
        assert_int_equal(pic__wire_recv(pair[1], 1000, 0, &got), 1); /* not allowed: only the text counts */
        assert_string_equal(pic__buf_str(&got), "+");
        pic__buf_free(&got);
        assert_int_equal(open_fds(), before);
        close(unsealed);
        close(huge);
        close(null);
}

/* A text may bring a file; what is too long for its packet comes as before, and brings none. */
static void test_along(void **state)
{
        int file = memfd_create("f", MFD_CLOEXEC), along = -1, before = open_fds();
        pic__buf got = PIC__BUF_INIT, big = PIC__BUF_INIT;
        struct stat a, b;

        (void)state;
        while (big.len <= PIC__WIRE_INLINE)
                pic__buf_puts(&big, "much ");
        assert_int_equal(pic__wire_send_along(pair[0], "{}", 2, file), 0);
        assert_int_equal(pic__wire_send_along(pair[0], big.data, big.len, file), -EMSGSIZE);
        assert_int_equal(pic__wire_recv_along(pair[1], 100, &got, &along), 1);
        assert_string_equal(pic__buf_str(&got), "{}");
        assert_true(along >= 0 && fstat(file, &a) == 0 && fstat(along, &b) == 0 && a.st_ino == b.st_ino);
        close(along);
        along = -1;
        pic__buf_free(&got);
        assert_int_equal(pic__wire_send(pair[0], "x", 1), 0);
        assert_int_equal(pic__wire_send(pair[0], big.data, big.len), 0);
        assert_int_equal(pic__wire_recv_along(pair[1], 100, &got, &along), 1);
        pic__buf_free(&got);
        assert_int_equal(pic__wire_recv_along(pair[1], 1 << 20, &got, &along), 1);
        assert_int_equal(got.len, big.len);
        assert_int_equal(along, -1);
        pic__buf_free(&got);
        send_fds(&file, 1); /* says that it is the message, and is not sealed */
        assert_int_equal(pic__wire_recv_along(pair[1], 100, &got, &along), -EBADMSG);
        assert_int_equal(pic__wire_recv_along(pair[1], 100, &got, &along), -EAGAIN);
        pic__buf_free(&got);
        pic__buf_free(&big);
        assert_int_equal(open_fds(), before);
        close(file);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_sizes, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_closed, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_hostile_fds, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_along, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
