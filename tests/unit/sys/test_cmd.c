/* Programs run to their end: what comes back, and each way it can go wrong. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/child.h"
#include "sys/clock.h"

#define SH(script) ((const char *const[]){ "sh", "-c", (script), NULL })

static void takes_input_and_gives_output(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT, said = PIC__BUF_INIT;
        pic__cmd_opts opts = { .input = "in\n", .input_len = 3 };

        (void)state;
        assert_int_equal(pic__cmd_run(SH("cat; echo err >&2"), &opts, &out, &said, NULL), 0);
        assert_string_equal(pic__buf_str(&out), "in\n");
        assert_string_equal(pic__buf_str(&said), "err\n");
}

static void large_input_and_output_do_not_block(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT, in = PIC__BUF_INIT;
        pic__cmd_opts opts = { .max_output = (size_t)8 << 20 };
        int i;

        (void)state;
        for (i = 0; i < 400000; i++)
                pic__buf_puts(&in, "0123456789");
        opts.input = in.data;
        opts.input_len = in.len;
        assert_int_equal(pic__cmd_run((const char *const[]){ "cat", NULL }, &opts, &out, NULL, NULL), 0);
        assert_int_equal(out.len, in.len);
        assert_memory_equal(out.data, in.data, in.len);
}

static void environment_is_ours(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const char *const env[] = { "X=1", NULL };
        pic__cmd_opts opts = { .env = env };

        (void)state;
        setenv("PIC_TEST_LEAK", "1", 1);
        assert_int_equal(pic__cmd_run((const char *const[]){ "env", NULL }, &opts, &out, NULL, NULL), 0);
        assert_null(strstr(out.data, "PIC_TEST_LEAK"));
        assert_non_null(strstr(out.data, "X=1\n"));
        assert_non_null(strstr(out.data, "LC_ALL=C\n"));
        assert_non_null(strstr(out.data, "PATH=/usr/local/sbin:"));
}

static void inherits_no_descriptor_and_no_signal_mask(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT, fds = PIC__BUF_INIT;
        sigset_t term, old;
        unsigned long long blocked = 1, ignored = 1;
        int leak = open("/dev/null", O_RDONLY); /* not close-on-exec, on purpose */

        (void)state;
        assert_true(leak > 2);
        sigemptyset(&term);
        sigaddset(&term, SIGTERM);
        sigprocmask(SIG_BLOCK, &term, &old);
        signal(SIGUSR1, SIG_IGN);
        assert_int_equal(
                pic__cmd_run((const char *const[]){ "cat", "/proc/self/status", NULL }, NULL, &out, NULL, NULL), 0);
        assert_int_equal(pic__cmd_run((const char *const[]){ "ls", "/proc/self/fd", NULL }, NULL, &fds, NULL, NULL), 0);
        sigprocmask(SIG_SETMASK, &old, NULL);
        signal(SIGUSR1, SIG_DFL);
        close(leak);
        assert_string_equal(pic__buf_str(&fds), "0\n1\n2\n3\n"); /* 3 is ls's own, of the directory */
        assert_int_equal(sscanf(strstr(out.data, "SigBlk:"), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
        assert_int_equal(blocked, 0);
        assert_int_equal(ignored & 0x7fffffff, 0); /* glibc keeps 32 and 33 for itself */
}

static void works_with_closed_standard_descriptors(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        int saved = fcntl(0, F_DUPFD_CLOEXEC, 10), r;

        (void)state;
        close(0);
        r = pic__cmd_run(SH("echo yes"), NULL, &out, NULL, NULL);
        if (saved >= 0) {
                dup2(saved, 0);
                close(saved);
        }
        assert_int_equal(r, 0);
        assert_string_equal(pic__buf_str(&out), "yes\n");
}

static void failure_carries_argv_exit_and_words(void **state)
{
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__cmd_run(SH("echo no such thing >&2; echo more >&2; exit 3"), NULL, NULL, NULL, &err),
                         PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "sh: exit 3: no such thing");
        assert_string_equal(pic_error_detail(err, "exit"), "3");
        assert_string_equal(pic_error_detail(err, "stderr"), "no such thing\nmore\n");
        assert_non_null(strstr(pic_error_detail(err, "argv"), "sh -c echo no"));
}

static void death_by_signal_is_a_failure(void **state)
{
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__cmd_run(SH("kill -9 $$"), NULL, NULL, NULL, &err), PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "sh: died of signal 9");
        assert_null(pic_error_detail(err, "exit"));
}

static void time_limit_kills_the_whole_session(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__cmd_opts opts = { .timeout_ms = 200 };
        pic_time from = pic__clock_real.mono(NULL);
        int i, pid;

        (void)state;
        assert_int_equal(pic__cmd_run(SH("sleep 60 & echo $!; wait"), &opts, &out, NULL, &err), PIC_TIMEOUT);
        assert_true(pic__clock_real.mono(NULL) - from < 5 * 1000000);
        assert_string_equal(pic_error_message(err), "sh: not done after 200 ms");
        pid = atoi(pic__buf_str(&out));
        assert_true(pid > 1);
        for (i = 0; i < 100; i++) { /* dead or a zombie that init reaps */
                char path[64], text[256] = "";
                FILE *f;

                snprintf(path, sizeof(path), "/proc/%d/stat", pid);
                f = fopen(path, "re");
                if (f == NULL)
                        return;
                if (fgets(text, sizeof(text), f) == NULL)
                        text[0] = '\0';
                fclose(f);
                if (text[0] == '\0' || strstr(text, ") Z ") != NULL)
                        return;
                usleep(10000);
        }
        fail_msg("the grandchild lives");
}

static void a_grandchild_with_the_pipe_does_not_hold_us(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic_time from = pic__clock_real.mono(NULL);

        (void)state;
        assert_int_equal(pic__cmd_run(SH("setsid sleep 3 & echo done"), NULL, &out, NULL, NULL), 0);
        assert_string_equal(pic__buf_str(&out), "done\n");
        assert_true(pic__clock_real.mono(NULL) - from < 2 * 1000000);
}

static void output_limit(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__auto_buf pic__buf out = PIC__BUF_INIT, said = PIC__BUF_INIT;
        pic__cmd_opts opts = { .max_output = 1000 };

        (void)state;
        assert_int_equal(pic__cmd_run((const char *const[]){ "yes", NULL }, &opts, &out, NULL, &err), PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "yes: wrote more than 1000 bytes");
        assert_int_equal(out.len, 1000);
        /* Words on stderr are only cut. */
        assert_int_equal(pic__cmd_run(SH("head -c 5000 /dev/zero | tr '\\0' x >&2"), &opts, NULL, &said, NULL), 0);
        assert_int_equal(said.len, 1000);
}

static void missing_program(void **state)
{
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__cmd_run((const char *const[]){ "no-such-program-here", NULL }, NULL, NULL, NULL, &err),
                         PIC_UNSUPPORTED);
        assert_string_equal(pic_error_message(err), "no-such-program-here: no such program here");
        assert_null(pic_error_hint(err));
        assert_null(pic__cmd_find(""));
        assert_null(pic__cmd_find("/etc/passwd"));
        assert_null(pic__cmd_find("/tmp"));
}

static void finds_programs(void **state)
{
        pic__auto_free char *sh = pic__cmd_find("sh");
        pic__auto_free char *full = pic__cmd_find("/bin/sh");

        (void)state;
        assert_non_null(sh);
        assert_non_null(strstr(sh, "/bin/sh"));
        assert_string_equal(full, "/bin/sh");
}

/* A file that may be executed and cannot: exec's own errno comes back. */
static void broken_program(void **state)
{
        char path[] = "/tmp/pic-test-cmd-XXXXXX";
        pic__auto_err pic_error *err = NULL;
        int fd = mkstemp(path), r;

        (void)state;
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "\177ELFgarbage", 11), 11);
        fchmod(fd, 0755);
        close(fd);
        r = pic__cmd_run((const char *const[]){ path, NULL }, NULL, NULL, NULL, &err);
        unlink(path);
        assert_int_equal(r, PIC_IO);
        assert_int_equal(atoi(pic_error_detail(err, "errno")), ENOEXEC);
}

static void no_descriptors_left(void **state)
{
        struct rlimit old, none;
        int i;

        (void)state;
        getrlimit(RLIMIT_NOFILE, &old);
        for (i = 3; i < 12; i++) {
                pic__auto_err pic_error *err = NULL;
                int r;

                none = old;
                none.rlim_cur = (rlim_t)i;
                setrlimit(RLIMIT_NOFILE, &none);
                r = pic__cmd_run(SH("exit 0"), NULL, NULL, NULL, &err);
                setrlimit(RLIMIT_NOFILE, &old);
                if (r != 0)
                        assert_non_null(pic_error_detail(err, "errno"));
                if (i == 3)
                        assert_int_not_equal(r, 0);
        }
        assert_int_equal(pic__cmd_run(SH("exit 0"), NULL, NULL, NULL, NULL), 0);
}

/* When the host ignores SIGCHLD the kernel keeps no status: that is said, not taken for success. */
static void lost_status(void **state)
{
        pic__auto_err pic_error *err = NULL;
        int r;

        (void)state;
        signal(SIGCHLD, SIG_IGN);
        r = pic__cmd_run(SH("exit 0"), NULL, NULL, NULL, &err);
        signal(SIGCHLD, SIG_DFL);
        assert_int_equal(r, PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "sh: its exit status is lost");
}

static void out_of_memory(void **state)
{
        unsigned long n;

        (void)state;
        for (n = 1; n < 60; n++) {
                pic__auto_buf pic__buf out = PIC__BUF_INIT, said = PIC__BUF_INIT;
                pic__auto_err pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__cmd_run(SH("echo out; echo err >&2; exit 1"), NULL, &out, &said, &err);
                if (pic__mem_fail_at(0) < n)
                        return;
                assert_true(r == PIC_NOMEM || r == PIC_BACKEND || r == PIC_UNSUPPORTED);
        }
        fail_msg("it never ran through");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(takes_input_and_gives_output),
                cmocka_unit_test(large_input_and_output_do_not_block),
                cmocka_unit_test(environment_is_ours),
                cmocka_unit_test(inherits_no_descriptor_and_no_signal_mask),
                cmocka_unit_test(works_with_closed_standard_descriptors),
                cmocka_unit_test(failure_carries_argv_exit_and_words),
                cmocka_unit_test(death_by_signal_is_a_failure),
                cmocka_unit_test(time_limit_kills_the_whole_session),
                cmocka_unit_test(a_grandchild_with_the_pipe_does_not_hold_us),
                cmocka_unit_test(output_limit),
                cmocka_unit_test(missing_program),
                cmocka_unit_test(finds_programs),
                cmocka_unit_test(broken_program),
                cmocka_unit_test(no_descriptors_left),
                cmocka_unit_test(lost_status),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
