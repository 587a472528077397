/* Starting a process: session, descriptors, the hint of a missing program. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/child.h"
#include "sys/spawn.h"

static void own_session_and_exit_code(void **state)
{
        const char *const argv[] = { "sh", "-c", "exit 7", NULL };
        pic__proc proc = { 0, -1 };
        siginfo_t end = { 0 };
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        (void)state;
        assert_int_equal(pic__spawn(argv, NULL, (const int[3]){ null, null, null }, &proc, NULL), 0);
        assert_true(proc.pid > 1);
        assert_int_equal(getpgid(proc.pid), proc.pid);
        assert_int_equal(fcntl(proc.pidfd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        assert_int_equal(waitid(P_PIDFD, (id_t)proc.pidfd, &end, WEXITED), 0);
        assert_int_equal(end.si_status, 7);
        close(proc.pidfd);
        close(null);
}

static void known_programs_have_a_hint(void **state)
{
        const char *const argv[] = { "uacme", NULL };
        pic__auto_free char *there = pic__cmd_find("uacme");
        pic__auto_err pic_error *err = NULL;
        pic__proc proc;

        (void)state;
        if (there != NULL)
                skip();
        assert_int_equal(pic__spawn(argv, NULL, (const int[3]){ 0, 1, 2 }, &proc, &err), PIC_UNSUPPORTED);
        assert_string_equal(pic_error_hint(err), "apt-get install uacme");
}

static void moves_descriptors_up(void **state)
{
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), saved = fcntl(0, F_DUPFD_CLOEXEC, 10), high;

        (void)state;
        assert_int_equal(pic__fd_above(-1), -1);
        assert_int_equal(pic__fd_above(fd), fd);
        high = pic__fd_above(dup2(fd, 0));
        assert_true(high > 2);
        assert_int_equal(fcntl(high, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        assert_int_equal(fcntl(0, F_GETFD), -1);
        close(high);
        close(fd);
        if (saved >= 0) {
                dup2(saved, 0);
                close(saved);
        }
}

static void out_of_memory(void **state)
{
        const char *const argv[] = { "sh", "-c", "exit 0", NULL };
        unsigned long n;

        (void)state;
        for (n = 1; n <= 2; n++) {
                pic__auto_err pic_error *err = NULL;
                pic__proc proc;
                int r;

                pic__mem_fail_at(n);
                r = pic__spawn(argv, NULL, (const int[3]){ 0, 1, 2 }, &proc, &err);
                pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || r == PIC_UNSUPPORTED);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(own_session_and_exit_code),
                cmocka_unit_test(known_programs_have_a_hint),
                cmocka_unit_test(moves_descriptors_up),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
