/* sys/held.c: what somebody writes is left alone; what a dead one left is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/held.h"

static char dir[64];
static int at = -1;

static int setup(void **state)
{
        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-held-XXXXXX");
        at = mkdtemp(dir) != NULL ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        return at < 0 ? -1 : 0;
}

static int teardown(void **state)
{
        (void)state;
        (void)close(at);
        return rmdir(dir);
}

static int is_there(const char *name)
{
        return faccessat(at, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void by_us(void **state)
{
        int fd = pic__held_make(at, "a", O_WRONLY, 0600), other;

        (void)state;
        assert_true(fd >= 0);
        assert_int_equal(pic__held_make(at, "a", O_WRONLY, 0600), -1);
        assert_int_equal(pic__held_left(at, "a"), 0);
        assert_int_equal(pic__held_drop(at, "a"), 0);
        other = openat(at, "a", O_RDWR | O_CLOEXEC);
        assert_int_equal(pic__held_take(other), -1);
        close(other);
        assert_true(is_there("a"));
        close(fd);
        assert_int_equal(pic__held_left(at, "a"), 1);
        assert_int_equal(pic__held_drop(at, "a"), 1);
        assert_false(is_there("a"));
        assert_int_equal(pic__held_drop(at, "a"), 0);
}

/* Killed: its hold ends with it, and not before. */
static void by_the_killed(void **state)
{
        int p[2], status;
        char c = 0;
        pid_t pid;

        (void)state;
        assert_int_equal(pipe(p), 0);
        pid = fork();
        if (pid == 0) {
                if (pic__held_make(at, "b", O_WRONLY, 0600) < 0 || write(p[1], "x", 1) != 1)
                        _exit(1);
                (void)pause();
                _exit(1);
        }
        assert_int_equal(read(p[0], &c, 1), 1);
        assert_int_equal(pic__held_drop(at, "b"), 0);
        assert_true(is_there("b"));
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(pic__held_drop(at, "b"), 1);
        assert_false(is_there("b"));
        close(p[0]);
        close(p[1]);
}

/* What is no file of ours: links, folders, pipes. */
static void no_files(void **state)
{
        static const char *const names[] = { "link", "pipe", "folder" };
        size_t i;

        (void)state;
        assert_int_equal(symlinkat("/etc/passwd", at, "link"), 0);
        assert_int_equal(mkfifoat(at, "pipe", 0600), 0);
        assert_int_equal(mkdirat(at, "folder", 0700), 0);
        for (i = 0; i < 3; i++) {
                assert_int_equal(pic__held_drop(at, names[i]), 0);
                assert_true(is_there(names[i]));
                assert_int_equal(unlinkat(at, names[i], i == 2 ? AT_REMOVEDIR : 0), 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(by_us, setup, teardown),
                                            cmocka_unit_test_setup_teardown(by_the_killed, setup, teardown),
                                            cmocka_unit_test_setup_teardown(no_files, setup, teardown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
