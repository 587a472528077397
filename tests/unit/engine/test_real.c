/* The agent in the real world, in a network namespace of its own, as a process of its own that gave its privileges up:
 * it makes the device, rules and addresses, repairs what is taken away, survives kill -9 without touching anything, and
 * takes all of it down. */
#include "fixture.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "engine/agent.h"
#include "engine/link.h"

/* Where lines are counted, only exit() keeps what a child covered; LeakSanitizer, which exit() starts, cannot work in a
 * process that may not trace. */
#ifdef __SANITIZE_ADDRESS__
#define LEAVE _exit
#else
#define LEAVE exit
#endif

static cell c;
static pid_t agent;
static char device[16];

static void start(void)
{
        fflush(NULL);
        agent = fork();
        if (agent == 0) {
                const pic__agent_opts opts = { .engine = { .dir = c.dir }, .interval_ms = 60000 };
                pic_error *err = NULL;
                int r = pic__agent_run(&opts, &err);

                if (r < 0)
                        fprintf(stderr, "agent: %s\n", pic_error_message(err));
                LEAVE(r == 0 ? 0 : 1);
        }
}

static int ask(const char *verb, const char *args, char *text, size_t size)
{
        PIC__AUTO(pic__link_unref_p) pic__link *l = NULL;
        pic__auto_free char *run_dir = pic__run_dir(c.dir);
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        int r;

        assert_int_equal(pic__link_socket(run_dir, &l, NULL), 0);
        r = pic__link_call(l, verb, args, 20000, &out, &err);
        snprintf(text, size, "%s", r == 0 ? pic__buf_str(&out) : pic_error_message(err));
        return r;
}

static void await(const char *part)
{
        static char text[65536];
        int i;

        for (i = 0; i < 1000; i++) {
                if (ask("status", NULL, text, sizeof(text)) == 0 && strstr(text, part) != NULL)
                        return;
                usleep(20000);
        }
        fail_msg("no %s in %s", part, text);
}

/* $DEV is the device. */
static int sh(const char *command)
{
        return system(command);
}

static void await_sh(const char *command)
{
        int i;

        for (i = 0; i < 500 && sh(command) != 0; i++)
                usleep(20000);
        assert_int_equal(sh(command), 0);
}

static void test_real(void **state)
{
        char text[65536], name[32];
        int status, i;

        (void)state;
        start();
        await("\"ready\":true");
        for (i = 0; i < 20; i++) {
                snprintf(name, sizeof(name), "peer%d", i);
                cell_add_peer(&c, name, (const char *const[]){ "access", "internet", NULL });
        }
        assert_int_equal(ask("apply", "{\"revision\":22}", text, sizeof(text)), 0);
        await("\"applied\":22");
        assert_int_equal(sh("ip -o addr show dev $DEV | grep -q 10.77.0.1/16"), 0);
        assert_int_equal(sh("ip -o addr show dev $DEV | grep -q fd77::1/48"), 0);
        assert_int_equal(sh("nft list table inet pic | grep -q 10.77.0.22"), 0);
        assert_int_equal(sh("test $(wg show $DEV peers | wc -l) = 20"), 0);
        assert_int_equal(ask("plan", NULL, text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"steps\":[]"));
        /* privileges: nothing but what is needed, no way to get more */
        snprintf(text, sizeof(text),
                 "grep -q 'NoNewPrivs:.1' /proc/%d/status && grep -q 'Seccomp:.2' /proc/%d/status && ! grep -q "
                 "'CapEff:.000001ff' /proc/%d/status",
                 agent, agent, agent);
        assert_int_equal(system(text), 0);
        /* drift, at once */
        assert_int_equal(sh("nft delete table inet pic"), 0);
        await_sh("nft list table inet pic 2>&1 | grep -q 10.77.0.22");
        assert_int_equal(sh("ip addr del 10.77.0.1/16 dev $DEV"), 0);
        await_sh("ip -o addr show dev $DEV | grep -q 10.77.0.1/16");
        /* killed and started again: nothing to do */
        kill(agent, SIGKILL);
        assert_int_equal(waitpid(agent, &status, 0), agent);
        assert_int_equal(sh("test $(wg show $DEV peers | wc -l) = 20"), 0);
        start();
        await("\"ready\":true");
        assert_int_equal(ask("logs", "{\"area\":\"engine\",\"lines\":1}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"text\""));
        assert_int_equal(ask("plan", NULL, text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"steps\":[]"));
        /* nor does the kernel go on with what a device had not acknowledged */
        assert_int_equal(
                system("ip link set lo up; (sleep 20 | timeout 20 nc -s 10.77.0.1 10.77.0.1 53) >/dev/null 2>&1 &"), 0);
        await_sh("ss -Htn src 10.77.0.1 | grep -q 10.77.0.1:53");
        assert_int_equal(ask("stop", "{\"down\":true}", text, sizeof(text)), 0);
        assert_int_equal(waitpid(agent, &status, 0), agent);
        assert_int_equal(status, 0);
        agent = 0;
        assert_int_equal(sh("test -z \"$(ss -Htn src 10.77.0.1)\""), 0);
        assert_true(sh("ip link show $DEV >/dev/null 2>&1") != 0);
        assert_true(sh("nft list table inet pic >/dev/null 2>&1") != 0);
}

static int set_up(void **state)
{
        char name[16];
        const char *fields[] = { "device", device, NULL };

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
            mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("pic", "/sys", "sysfs", 0, NULL) < 0)
                return -1;
        snprintf(name, sizeof(name), "pt%d", (int)getpid() % 100000000);
        snprintf(device, sizeof(device), "%s", name);
        if (setenv("DEV", device, 1) < 0 || system("ip link set lo up") != 0)
                return -1;
        cell_make(&c);
        c.clock = pic__clock_real;
        cell_set(&c, PIC__CELL, "home", fields);
        return 0;
}

/* The same where the directory is another user's, as it is installed: root's files in it stay usable for that user. */
static int set_up_owned(void **state)
{
        char command[512];

        if (set_up(state) < 0)
                return -1;
        snprintf(command, sizeof(command), "chown -R 12345:12345 %s && chown 0:0 %s/key", c.dir, c.dir);
        return system(command);
}

static void test_owned(void **state)
{
        char command[512];

        test_real(state);
        snprintf(command, sizeof(command),
                 "for f in %s/cell.db*; do test $(stat -c %%u $f) = 12345 || { ls -l $f; exit 1; }; done", c.dir);
        assert_int_equal(system(command), 0);
}

static int tear_down(void **state)
{
        char text[512];

        (void)state;
        if (agent > 0) {
                (void)ask("stop", "{\"down\":true}", text, sizeof(text));
                kill(agent, SIGKILL);
                (void)waitpid(agent, NULL, 0);
        }
        cell_drop(&c);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_real, set_up, tear_down),
                                            cmocka_unit_test_setup_teardown(test_owned, set_up_owned, tear_down) };

        if (geteuid() != 0) {
                printf("skipped: needs root for a network namespace\n");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
