/* Daemons: started, adopted by another owner, stopped, and never mistaken for another process. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/child.h"
#include "sys/clock.h"
#include "sys/file.h"

static char dir[64];
static char pid_path[96];
static char log_path[96];

static const char *const sleeper[] = { "sleep", "60", NULL };

static int set_up(void **state)
{
        (void)state;
        strcpy(dir, "/tmp/pic-test-child-XXXXXX");
        if (mkdtemp(dir) == NULL)
                return -1;
        snprintf(pid_path, sizeof(pid_path), "%s/d.pid", dir);
        snprintf(log_path, sizeof(log_path), "%s/d.log", dir);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        unlink(pid_path);
        unlink(log_path);
        return rmdir(dir);
}

static pic__child *daemon_of(const pic__log *log)
{
        pic__child *c = NULL;

        assert_int_equal(pic__child_new("d", dir, dir, log, &c, NULL), 0);
        return c;
}

static void wait_for_death(const pic__child *c)
{
        struct pollfd p = { .fd = pic__child_fd(c), .events = POLLIN };

        assert_int_equal(poll(&p, 1, 5000), 1);
}

static void write_text(const char *path, const char *text)
{
        assert_int_equal(pic__file_write(path, text, strlen(text), 0644, NULL), 0);
}

static void lives_is_adopted_and_stops(void **state)
{
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(NULL), *other = daemon_of(NULL);
        pic__auto_err pic_error *err = NULL;
        struct stat st;

        (void)state;
        assert_int_equal(pic__child_alive(c), 0);
        assert_int_equal(pic__child_fd(c), -1);
        assert_int_equal(pic__child_adopt(c, "sleep"), 0);
        assert_int_equal(pic__child_start(c, sleeper, NULL, NULL), 0);
        assert_true(pic__child_pid(c) > 1);
        assert_int_equal(pic__child_alive(c), 1);
        assert_int_equal(pic__child_adopt(c, "sleep"), 1);
        assert_int_equal(stat(log_path, &st), 0);
        assert_int_equal(st.st_mode & 07777 & ~0640u, 0);
        assert_int_equal(pic__child_start(c, sleeper, NULL, &err), PIC_BADSTATE);

        assert_int_equal(pic__child_adopt(other, "/usr/bin/sleep"), 1);
        assert_int_equal(pic__child_pid(other), pic__child_pid(c));
        kill(pic__child_pid(other), SIGKILL);
        wait_for_death(other);
        assert_int_equal(pic__child_alive(other), 0);
        assert_int_equal(pic__child_pid(other), 0);
        assert_int_equal(pic__child_alive(c), 0);
        assert_int_not_equal(access(pid_path, F_OK), 0);
}

static void stop_asks_and_then_kills(void **state)
{
        const char *const deaf[] = { "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done", NULL };
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(NULL);
        pic_time from;
        struct stat st;
        pid_t pid;

        (void)state;
        pic__child_stop(c, 100); /* none runs */
        assert_int_equal(pic__child_start(c, sleeper, NULL, NULL), 0);
        pid = pic__child_pid(c);
        from = pic__clock_real.mono(NULL);
        pic__child_stop(c, 5000);
        assert_true(pic__clock_real.mono(NULL) - from < 2 * 1000000);
        assert_int_equal(kill(pid, 0), -1);
        assert_int_equal(pic__child_backoff(c), 0);

        assert_int_equal(pic__child_start(c, deaf, NULL, NULL), 0);
        while (stat(log_path, &st) < 0 || st.st_size == 0)
                usleep(5000);
        pid = pic__child_pid(c);
        pic__child_stop(c, 200);
        assert_int_equal(kill(pid, 0), -1);
        assert_int_not_equal(access(pid_path, F_OK), 0);
}

static void stop_of_an_adopted_one(void **state)
{
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(NULL), *other = daemon_of(NULL);

        (void)state;
        assert_int_equal(pic__child_start(c, sleeper, NULL, NULL), 0);
        assert_int_equal(pic__child_adopt(other, "sleep"), 1);
        pic__child_stop(other, 2000);
        assert_int_equal(pic__child_alive(c), 0);
}

static void death_is_seen_and_backed_off(void **state)
{
        const char *const brief[] = { "sh", "-c", "echo said; exit 3", NULL };
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(NULL);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int i;

        (void)state;
        for (i = 0; i < 3; i++) {
                assert_int_equal(pic__child_start(c, brief, NULL, NULL), 0);
                wait_for_death(c);
                assert_int_equal(pic__child_alive(c), 0);
                assert_int_equal(pic__child_fd(c), -1);
                if (i == 0)
                        assert_int_equal(pic__child_backoff(c), 0);
        }
        assert_in_range(pic__child_backoff(c), 1, 200);
        assert_int_equal(pic__file_read(log_path, 1000, &text, NULL), 0);
        assert_string_equal(pic__buf_str(&text), "said\nsaid\nsaid\n");
}

/* Every way in which a pid file can be about another process. */
static void never_another_process(void **state)
{
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(NULL), *other = daemon_of(NULL);
        pic__auto_buf pic__buf good = PIC__BUF_INIT;
        char text[200], boot[40];
        unsigned long long since;
        int pid;

        (void)state;
        assert_int_equal(pic__child_start(c, sleeper, NULL, NULL), 0);
        assert_int_equal(pic__file_read(pid_path, 200, &good, NULL), 0);
        assert_int_equal(sscanf(good.data, "%d %llu %39s", &pid, &since, boot), 3);
        assert_int_equal(pid, pic__child_pid(c));

        snprintf(text, sizeof(text), "%d %llu %s\n", pid, since + 1, boot);
        write_text(pid_path, text);
        assert_int_equal(pic__child_adopt(other, "sleep"), 0);
        snprintf(text, sizeof(text), "%d %llu %s\n", pid, since, "00000000-0000-0000-0000-000000000000");
        write_text(pid_path, text);
        assert_int_equal(pic__child_adopt(other, "sleep"), 0);
        write_text(pid_path, good.data);
        assert_int_equal(pic__child_adopt(other, "sleeper"), 0);
        write_text(pid_path, "garbage\n");
        assert_int_equal(pic__child_adopt(other, "sleep"), 0);
        write_text(pid_path, "");
        assert_int_equal(pic__child_adopt(other, "sleep"), 0);
        write_text(pid_path, "4194300 1 x\n");
        assert_int_equal(pic__child_adopt(other, "sleep"), 0);
        write_text(pid_path, "-1 1 x\n");
        assert_int_equal(pic__child_adopt(other, "sleep"), 0);
        write_text(pid_path, good.data);
        assert_int_equal(pic__child_adopt(other, "sleep"), 1);
        pic__child_stop(c, 1000);
}

static void adopts_by_number(void **state)
{
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(NULL), *other = daemon_of(NULL);
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__child_start(c, sleeper, NULL, NULL), 0);
        unlink(pid_path);
        assert_int_equal(pic__child_adopt_pid(other, pic__child_pid(c), "tail", &err), PIC_CONFLICT);
        assert_string_equal(pic_error_message(err), strstr(pic_error_message(err), "d: process"));
        assert_int_equal(pic__child_adopt_pid(other, 4194300, "sleep", NULL), PIC_NOTFOUND);
        assert_int_equal(pic__child_adopt_pid(other, pic__child_pid(c), "sleep", NULL), 0);
        assert_int_equal(access(pid_path, F_OK), 0);
        assert_int_equal(pic__child_adopt_pid(other, pic__child_pid(c), "sleep", NULL), PIC_BADSTATE);
        pic__child_stop(c, 1000);
}

/* What it writes to standard output is nobody else's to read. */
static void output_of_its_own(void **state)
{
        static const char *const says[] = { "sh", "-c", "echo to many >&2; echo to one", NULL };
        pic__child *c = daemon_of(NULL);
        char path[96], text[32] = "";
        struct stat st;
        FILE *f;

        (void)state;
        snprintf(path, sizeof(path), "%s/own.log", dir);
        assert_int_equal(pic__child_output(c, dir, "own.log", NULL), 0);
        assert_int_equal(pic__child_start(c, says, NULL, NULL), 0);
        wait_for_death(c);
        pic__child_stop(c, 0);
        f = fopen(path, "r");
        assert_true(f != NULL && fgets(text, sizeof(text), f) != NULL);
        assert_string_equal(text, "to one\n");
        fclose(f);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        f = fopen(log_path, "r");
        assert_true(f != NULL && fgets(text, sizeof(text), f) != NULL);
        assert_string_equal(text, "to many\n");
        fclose(f);
        unlink(path);
        pic__child_unref(c);
}

static void start_fails_cleanly(void **state)
{
        const char *const nothing[] = { "no-such-program-here", NULL };
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(NULL), *blind = NULL, *homeless = NULL;
        pic__auto_err pic_error *err = NULL;
        char name[200];

        (void)state;
        assert_int_equal(pic__child_start(c, nothing, NULL, &err), PIC_UNSUPPORTED);
        assert_int_equal(pic__child_pid(c), 0);
        assert_int_equal(pic__child_start(c, nothing, NULL, NULL), PIC_UNSUPPORTED);
        assert_in_range(pic__child_backoff(c), 1, 100);
        pic__child_failed(c); /* as others see it who do not get that far */
        assert_in_range(pic__child_backoff(c), 101, 200);

        assert_int_equal(pic__child_new("d", dir, "/nonexistent", NULL, &blind, NULL), 0);
        assert_int_equal(pic__child_start(blind, sleeper, NULL, NULL), PIC_NOTFOUND);
        assert_int_equal(pic__child_new("d", "/nonexistent", dir, NULL, &homeless, NULL), 0);
        assert_true(pic__child_start(homeless, sleeper, NULL, NULL) < 0);
        assert_int_equal(pic__child_pid(homeless), 0);

        memset(name, 'n', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        assert_int_equal(pic__child_new(name, dir, dir, NULL, &homeless, NULL), PIC_INVALID);
}

static void keep_line(int level, const char *area, const char *message, void *data)
{
        pic__buf *b = data;

        pic__buf_putf(b, "%d %s %.30s\n", level, area, message);
}

static void says_what_happened(void **state)
{
        const char *const brief[] = { "sh", "-c", "exit 3", NULL };
        pic__auto_buf pic__buf said = PIC__BUF_INIT;
        pic__log log = { keep_line, &said, PIC_LOG_DEBUG };
        PIC__AUTO(pic__child_unref_p) pic__child *c = daemon_of(&log);

        (void)state;
        assert_int_equal(pic__child_start(c, brief, NULL, NULL), 0);
        wait_for_death(c);
        assert_int_equal(pic__child_alive(c), 0);
        assert_non_null(strstr(said.data, "2 d started as process "));
        assert_non_null(strstr(said.data, "ended: exit"));
}

static void out_of_memory(void **state)
{
        unsigned long n;

        (void)state;
        for (n = 1; n < 60; n++) {
                PIC__AUTO(pic__child_unref_p) pic__child *c = NULL;
                pic__auto_err pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__child_new("d", dir, dir, NULL, &c, &err);
                if (r == 0)
                        r = pic__child_start(c, sleeper, NULL, &err);
                if (pic__mem_fail_at(0) < n) {
                        assert_int_equal(r, 0);
                        pic__child_stop(c, 1000);
                        return;
                }
                assert_true(r == 0 || r == PIC_NOMEM || r == PIC_UNSUPPORTED);
                if (c != NULL)
                        pic__child_stop(c, 1000);
        }
        fail_msg("it never ran through");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(lives_is_adopted_and_stops, set_up, tear_down),
                cmocka_unit_test_setup_teardown(stop_asks_and_then_kills, set_up, tear_down),
                cmocka_unit_test_setup_teardown(stop_of_an_adopted_one, set_up, tear_down),
                cmocka_unit_test_setup_teardown(death_is_seen_and_backed_off, set_up, tear_down),
                cmocka_unit_test_setup_teardown(never_another_process, set_up, tear_down),
                cmocka_unit_test_setup_teardown(adopts_by_number, set_up, tear_down),
                cmocka_unit_test_setup_teardown(output_of_its_own, set_up, tear_down),
                cmocka_unit_test_setup_teardown(start_fails_cleanly, set_up, tear_down),
                cmocka_unit_test_setup_teardown(says_what_happened, set_up, tear_down),
                cmocka_unit_test_setup_teardown(out_of_memory, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
