/* backend/ntp/server.c: start, find again, change, take away; on a real chronyd. */
#include "world.h"

#include <linux/capability.h>
#include <sys/prctl.h>

/* The agent was restarted: the same server goes on. */
static void adopted(void **state)
{
        pic__backend *b = backend();
        pid_t pid;

        (void)state;
        must(b, NULL, VALUE);
        pid = pid_of(b);
        b->ops->free(b);
        assert_true(tells_time("10.1.0.1", NULL)); /* with nobody around */
        b = backend();
        assert_string_equal(seen(b), VALUE);
        assert_int_equal(pid_of(b), pid);
        assert_int_equal(step(b, NULL, VALUE, NULL), PIC_CONFLICT);
        b->ops->free(b);
}

/* The pid file was never written. */
static void leftover(void **state)
{
        pic__backend *b = backend();
        char path[128];
        pid_t pid;

        (void)state;
        must(b, NULL, VALUE);
        pid = pid_of(b);
        b->ops->free(b);
        snprintf(path, sizeof(path), "%s/ntp/chronyd.pid", world_dir);
        assert_int_equal(unlink(path), 0);
        b = backend();
        assert_string_equal(seen(b), VALUE);
        assert_int_equal(pid_of(b), pid);
        b->ops->free(b);
}

/* Its stamp says another item than what it runs with: nobody knows, so it is made anew. */
static void other_version(void **state)
{
        pic__backend *b = backend();
        char path[128];
        pid_t pid;

        (void)state;
        must(b, NULL, VALUE);
        pid = pid_of(b);
        b->ops->free(b);
        snprintf(path, sizeof(path), "%s/ntp/server", world_dir);
        assert_int_equal(pic__file_write(path, MOVED, strlen(MOVED), 0600, NULL), 0);
        b = backend();
        assert_string_equal(seen(b), "");
        must(b, "", VALUE);
        assert_int_not_equal(pid_of(b), pid);
        assert_string_equal(seen(b), VALUE);
        b->ops->free(b);
}

static void changes(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(step(b, VALUE, MOVED, NULL), PIC_NOTFOUND);
        must(b, NULL, VALUE);
        assert_true(tells_time("10.1.0.1", NULL) && tells_time("fd12:3456:789a::1", NULL));
        assert_false(tells_time("10.1.0.1", "192.0.2.1")); /* who is no device is told nothing */
        must(b, VALUE, MOVED);
        assert_string_equal(seen(b), MOVED);
        assert_true(tells_time("10.2.0.1", NULL));
        must(b, MOVED, NULL);
        assert_null(seen(b));
        assert_false(tells_time("10.2.0.1", NULL));
        must(b, MOVED, NULL); /* gone is gone */
        b->ops->free(b);
}

/* Nothing it could do harm with: a user of its own, one capability, no file of ours is open to it. */
static void has_little(void **state)
{
        pic__backend *b = backend();
        char command[300];

        (void)state;
        must(b, NULL, VALUE);
        snprintf(command, sizeof(command),
                 "grep -q '^Uid:\t60600\t60600\t60600\t60600' /proc/%d/status && grep -q '^CapEff:\t0000000000000400$' "
                 "/proc/%d/status && grep -q '^CapBnd:\t0000000000000400$' /proc/%d/status && grep -q 'Seccomp:\t2' "
                 "/proc/%d/status && grep -q 'NoNewPrivs:\t1' /proc/%d/status",
                 (int)pid_of(b), (int)pid_of(b), (int)pid_of(b), (int)pid_of(b), (int)pid_of(b));
        assert_int_equal(sh(command), 0);
        b->ops->free(b);
}

/* Somebody else has the port: told with what to do, and what ran before runs again. */
static void taken(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();
        pid_t other;
        char text[32];
        FILE *p;

        (void)state;
        must(b, NULL, VALUE);
        p = popen("socat -u UDP4-RECV:123,bind=10.2.0.1 OPEN:/dev/null >/dev/null 2>&1 & echo $!", "r");
        assert_non_null(fgets(text, sizeof(text), p));
        pclose(p);
        other = (pid_t)strtol(text, NULL, 10);
        usleep(200000);
        assert_int_equal(step(b, VALUE, MOVED, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "port 123"));
        assert_non_null(strstr(pic_error_hint(err), "ss -ulpn"));
        assert_string_equal(seen(b), VALUE);
        assert_true(tells_time("10.1.0.1", NULL));
        kill(other, SIGKILL);
        b->ops->free(b);
}

static void explains(void **state)
{
        pic__auto_err pic_error *err = NULL;
        char written[] = "2026-11-26T14:46:08Z chronyd version 4.3 starting\n2026-11-26T14:46:08Z Fatal error : "
                         "Invalid directive\n",
             nothing[] = "";

        (void)state;
        assert_int_equal(pic__ntp_explain(written, &err), PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "time: chronyd does not start: Fatal error : Invalid directive");
        pic_error_free(pic__take(err));
        assert_int_equal(pic__ntp_explain(nothing, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "it says nothing"));
}

/* Where nobody may set the clock (the unit's default) that is said, before anything is started. The last test: it gives
 * that right up. */
static void clock_is_protected(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0), 0);
        assert_int_equal(step(b, NULL, VALUE " clock=yes", &err), PIC_DENIED);
        assert_non_null(strstr(pic_error_message(err), "CAP_SYS_TIME"));
        assert_non_null(strstr(pic_error_hint(err), "clock.conf"));
        assert_null(seen(b));
        must(b, NULL, VALUE);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(adopted),    TEST(leftover), TEST(other_version),        TEST(changes),
                TEST(has_little), TEST(taken),    cmocka_unit_test(explains), TEST(clock_is_protected)
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
