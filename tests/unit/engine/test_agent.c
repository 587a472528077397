/* The agent on a thread, in the fake world: clients, a second agent, drift, expiry, a store changed without a ring,
 * trouble and its end, stopping. */
#include "fixture.h"

#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "engine/agent.h"
#include "engine/link.h"
#include "engine/lockfile.h"
#include "engine/sockname.h"
#include "engine/wire.h"

static cell c;
static pic_cancel *cancel;
static pthread_t thread;
static int result, ready;
static unsigned interval_ms;

static void on_ready(void *data)
{
        (void)data;
        __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
}

static void *run(void *data)
{
        const pic__agent_opts opts = {
                .engine = { .dir = c.dir, .fake = 1 }, .interval_ms = interval_ms, .cancel = cancel, .ready = on_ready
        };

        (void)data;
        result = pic__agent_run(&opts, NULL);
        __atomic_store_n(&ready, 2, __ATOMIC_RELEASE);
        return NULL;
}

static void start(void)
{
        int i;

        assert_int_equal(pic_cancel_new(&cancel, NULL), 0);
        ready = 0;
        result = 99;
        pthread_create(&thread, NULL, run, NULL);
        for (i = 0; i < 1000 && __atomic_load_n(&ready, __ATOMIC_ACQUIRE) == 0; i++)
                usleep(5000);
        assert_int_equal(__atomic_load_n(&ready, __ATOMIC_ACQUIRE), 1);
}

static void finish(void)
{
        pthread_join(thread, NULL);
        assert_int_equal(result, 0);
        cancel = pic_cancel_unref(cancel);
}

static void stop(void)
{
        pic_cancel_raise(cancel);
        finish();
}

static int set_up(void **state)
{
        (void)state;
        interval_ms = 0;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        c.clock = pic__clock_real;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        cell_drop(&c);
        return 0;
}

/* The answer's text, or the error's message. */
static int ask(const char *verb, const char *args, char *text, size_t size)
{
        PIC__AUTO(pic__link_unref_p) pic__link *l = NULL;
        pic__auto_free char *run_dir = pic__run_dir(c.dir);
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        int r;

        assert_int_equal(pic__link_socket(run_dir, &l, NULL), 0);
        r = pic__link_call(l, verb, args, 10000, &out, &err);
        snprintf(text, size, "%s", r == 0 ? pic__buf_str(&out) : pic_error_message(err));
        return r;
}

/* Waits for a part in status. */
static void await(const char *part)
{
        char text[8192];
        int i;

        for (i = 0; i < 1000; i++) {
                assert_int_equal(ask("status", NULL, text, sizeof(text)), 0);
                if (strstr(text, part) != NULL)
                        return;
                usleep(10000);
        }
        fail_msg("no %s in %s", part, text);
}

/* What cannot be written for the front (here: a folder has its name) keeps nobody else waiting. */
static void test_front_secret(void **state)
{
        pic__auto_free char *run_dir = pic__run_dir(c.dir), *path = pic__path_join(run_dir, "front");
        char text[8192];
        struct stat st;
        int i;

        (void)state;
        assert_int_equal(pic__dir_make(path, 0755, NULL), 0);
        start();
        assert_int_equal(ask("logs", "{\"area\":\"agent\",\"lines\":50}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "run/front"));
        assert_int_equal(rmdir(path), 0);
        for (i = 0; i < 500 && stat(path, &st) < 0; i++)
                usleep(10000);
        assert_true(S_ISREG(st.st_mode));
        stop();
}

static void test_life(void **state)
{
        char text[8192];

        (void)state;
        start();
        assert_int_equal(ask("status", NULL, text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"ready\":true"));
        assert_non_null(strstr(text, "\"applied\":2"));
        cell_add_peer(&c, "bert", NULL);
        assert_int_equal(ask("apply", "{\"revision\":3}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"applied\":3"));
        assert_int_equal(ask("reveal", "{\"peer\":\"anna\"}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "PrivateKey"));
        assert_int_equal(ask("reveal", "{\"peer\":\"anna\"}", text, sizeof(text)), PIC_BADSTATE);
        assert_int_equal(ask("logs", "{\"area\":\"agent\",\"lines\":50}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "revision 3 applied"));
        assert_non_null(strstr(text, "shown to"));
        assert_null(strstr(text, "PrivateKey"));
        stop();
        assert_int_equal(ask("ping", NULL, text, sizeof(text)), PIC_NOAGENT);
        start(); /* over the files of the former one */
        assert_int_equal(ask("stop", NULL, text, sizeof(text)), 0);
        finish();
}

static void test_second(void **state)
{
        const pic__agent_opts opts = { .engine = { .dir = c.dir, .fake = 1 } };
        pic__engine_opts local = { .dir = c.dir, .fake = 1 };
        PIC__AUTO(pic__link_unref_p) pic__link *l = NULL;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic_error *err = NULL;
        char text[512];

        (void)state;
        start();
        assert_int_equal(pic__agent_run(&opts, &err), PIC_BUSY);
        snprintf(text, sizeof(text), "another agent (pid %ld)", (long)getpid());
        assert_non_null(strstr(pic_error_message(err), text));
        assert_non_null(pic_error_hint(err));
        pic_error_free(err);
        assert_int_equal(ask("ping", NULL, text, sizeof(text)), 0); /* the first one is not harmed */
        /* Nor may a context act beside it: it asks the agent, in the fake world too. */
        assert_int_equal(pic__link_local(&local, &l, NULL), 0);
        assert_int_equal(pic__link_call(l, "logs", "{\"area\":\"agent\",\"lines\":5}", 5000, &out, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&out), "picd "));
        assert_int_equal(pic__link_call(l, "reveal", "{\"peer\":\"anna\"}", 5000, &out, NULL), 0);
        assert_int_equal(ask("reveal", "{\"peer\":\"anna\"}", text, sizeof(text)), PIC_BADSTATE);
        stop();
        assert_int_equal(pic__link_call(l, "ping", NULL, 5000, &out, NULL), 0);
        start();
        assert_int_equal(pic__link_call(l, "stop", "{\"down\":true}", 5000, &out, NULL), 0); /* the agent, that is */
        finish();
}

/* A wish that nobody rang for is seen; so is a world that somebody changed; so is the end of a peer's time. */
static void test_by_itself(void **state)
{
        char text[8192], when[PIC__TIME_TEXT], path[128];
        const char *expires[] = { "expires", when, NULL };
        pic_time now;
        int i;

        (void)state;
        interval_ms = 200;
        start();
        now = pic__clock_real.now(NULL);
        pic__time_print(now + 5 * PIC__SECOND, when);
        cell_add_peer(&c, "guest", expires);
        await("\"revision\":3,\"applied\":3");
        await("\"active\":2");
        snprintf(path, sizeof(path), "%s/fake/nft", c.dir);
        assert_int_equal(unlink(path), 0);
        for (i = 0; i < 500 && !pic__file_exists(path); i++)
                usleep(10000);
        assert_true(pic__file_exists(path));
        await("\"active\":1");
        assert_int_equal(ask("plan", NULL, text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"steps\":[]"));
        assert_int_equal(ask("logs", "{\"area\":\"agent\"}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "repaired with"));
        stop();
}

/* A first apply that fails: the agent serves, says so, and tries again. */
static void test_trouble(void **state)
{
        char text[8192], path[128], aside[128];

        (void)state;
        snprintf(path, sizeof(path), "%s/fake/dns", c.dir);
        snprintf(aside, sizeof(aside), "%s/aside", c.dir);
        assert_int_equal(pic__dir_make(path, 0700, NULL), 0); /* a directory where the file should be */
        start();
        assert_int_equal(ask("status", NULL, text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"ready\":false"));
        assert_non_null(strstr(text, "\"error\":{\"code\""));
        assert_true(ask("apply", NULL, text, sizeof(text)) < 0);
        assert_int_equal(rename(path, aside), 0);
        await("\"ready\":true");
        await("\"error\":null");
        stop();
}

static void test_down(void **state)
{
        char text[512];
        pic__items left = PIC__ITEMS_INIT;
        pic__engine *e;

        (void)state;
        start();
        assert_int_equal(ask("stop", "{\"down\":true}", text, sizeof(text)), 0);
        finish();
        c.clock = pic__clock_real;
        e = cell_open(&c);
        assert_int_equal(cell_world(e, &left), 0);
        pic__items_wipe(&left);
        pic__engine_unref(e);
}

/* Clients that behave badly, all at once, and one that does not. */
static void test_crowd(void **state)
{
        pic__auto_free char *run_dir = pic__run_dir(c.dir);
        struct sockaddr_un name;
        char text[8192], junk[2000];
        int i, at;

        (void)state;
        start();
        assert_int_equal(pic__sockname(run_dir, &name, &at, NULL), 0);
        srand(7);
        for (i = 0; i < 300; i++) {
                int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
                size_t j, n = 1 + (size_t)rand() % sizeof(junk);

                for (j = 0; j < n; j++)
                        junk[j] = (char)rand();
                if (i % 3 == 0)
                        n = (size_t)snprintf(junk, sizeof(junk), "{\"verb\":\"status\"}");
                assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
                (void)pic__wire_send(fd, junk, n);
                if (i % 2)
                        (void)poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 1000);
                close(fd);
        }
        for (i = 0; i < 4; i++) /* a client that is killed while it waits */
                if (fork() == 0) {
                        (void)ask("repair", NULL, text, sizeof(text));
                        _exit(0);
                } else if (i % 2) {
                        usleep(1000);
                }
        while (wait(NULL) > 0)
                ;
        close(at);
        assert_int_equal(ask("ping", NULL, text, sizeof(text)), 0);
        stop();
}

/* --- the journal ---------------------------------------------------------------------------------------------- */

static int tell(const pic__journal_row *row, void *data)
{
        pic__buf *out = data;

        if (strcmp(row->actor, "agent") == 0 || strcmp(row->verb, "refused") == 0)
                pic__buf_putf(out, "%s:%s ", row->actor, row->verb);
        return 0;
}

/* Who did what, in order: "agent:start agent:stop " */
static void assert_rows(const char *want)
{
        pic__auto_buf pic__buf all = PIC__BUF_INIT;
        pic__store *st = cell_store(&c);

        assert_int_equal(pic__store_journal(st, 0, 10000, tell, &all, NULL), 0);
        assert_string_equal(pic__buf_str(&all), want);
        pic__store_unref(st);
}

/* Rows that no head vouches for. */
static uint64_t unsigned_rows(void)
{
        pic__store *st = cell_store(&c);
        char *note = NULL;
        uint64_t size = 0, rows = 0;
        uint8_t root[32];

        assert_int_equal(pic__store_root(st, &rows, root, NULL), 0);
        (void)pic__store_head_last(st, &size, &note, NULL);
        pic__free(note);
        pic__store_unref(st);
        return rows - size;
}

/* Starts and stops are rows; a head is signed when it is quiet, when asked, and at the end. */
static void test_audit(void **state)
{
        char text[8192];
        int i;

        (void)state;
        start();
        assert_rows("agent:start ");
        for (i = 0; i < 1000 && unsigned_rows() > 0; i++) /* by itself, within two ticks */
                usleep(10000);
        assert_int_equal(unsigned_rows(), 0);
        cell_add_peer(&c, "bert", NULL);
        assert_int_equal(ask("head", NULL, text, sizeof(text)), 0);
        assert_int_equal(unsigned_rows(), 0);
        assert_non_null(strstr(text, "\"note\":\"pic/"));
        cell_add_peer(&c, "carl", NULL);
        stop();
        assert_rows("agent:start agent:stop ");
        assert_int_equal(unsigned_rows(), 0);
        start();
        stop();
        assert_rows("agent:start agent:stop agent:start agent:stop ");
}

static int keep_text(const pic__journal_row *row, void *data)
{
        snprintf(data, 160, "%s", row->text);
        return 1;
}

/* What the next one who is refused tells of those before. */
static void assert_counted(const char *want)
{
        pic__store *st = cell_store(&c);
        pic__txn *t = NULL;
        char text[160];

        assert_int_equal(pic__txn_begin(st, "somebody", "cli", &t, NULL), 0);
        assert_int_equal(pic__txn_refused(t, "x", 0, NULL), 1);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        assert_int_equal(pic__store_journal_back(st, 0, keep_text, text, NULL), 1);
        assert_string_equal(text, want);
        pic__store_unref(st);
}

/* Somebody without the right to call is in the journal: once, and how often it came again. */
static void test_strangers(void **state)
{
        pic__auto_free char *run_dir = pic__run_dir(c.dir);
        char path[160], text[512];
        int status, i;
        pid_t child;

        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: needs root to become another user\n");
                skip();
        }
        start();
        snprintf(path, sizeof(path), "%s/agent.sock", run_dir);
        assert_int_equal(chmod(c.dir, 0755) | chmod(run_dir, 0755) | chmod(path, 0666), 0);
        for (i = 0; i < 20; i++) {
                child = fork();
                if (child == 0)
                        _exit(setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0
                                      ? 200
                                      : -ask("ping", NULL, text, sizeof(text)));
                assert_int_equal(waitpid(child, &status, 0), child);
                assert_int_equal(WEXITSTATUS(status), -PIC_DENIED);
        }
        assert_int_equal(chmod(c.dir, 0700), 0);
        stop();
        assert_rows("agent:start uid 65534:refused agent:stop ");
        assert_counted("x (and before it 19 times without a row)");
}

/* What keeps an agent from starting. */
static void test_cannot(void **state)
{
        pic__agent_opts opts = { .engine = { .dir = "/nowhere", .fake = 1 } };
        pic_error *err = NULL;
        char path[128];

        (void)state;
        assert_int_equal(pic__agent_run(&opts, &err), PIC_NOTFOUND);
        pic_error_free(err);
        opts.engine.dir = c.dir;
        snprintf(path, sizeof(path), "%s/key", c.dir);
        assert_int_equal(unlink(path), 0);
        err = NULL;
        assert_int_equal(pic__agent_run(&opts, &err), PIC_DENIED);
        pic_error_free(err);
        snprintf(path, sizeof(path), "%s/log/agent.log", c.dir);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_true(pic__agent_run(&opts, NULL) < 0);
}

static void test_no_memory(void **state)
{
        pic__agent_opts opts = { .engine = { .dir = c.dir, .fake = 1 } };
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        assert_int_equal(pic_cancel_new(&cancel, NULL), 0);
        pic_cancel_raise(cancel); /* it ends as soon as it has begun */
        opts.cancel = cancel;
        for (n = 1; n < 3000 && r != 0; n += 1 + n / 40) {
                pic__mem_fail_at(n);
                r = pic__agent_run(&opts, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        cancel = pic_cancel_unref(cancel);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_life),      TEST(test_front_secret), TEST(test_second),
                                            TEST(test_by_itself), TEST(test_trouble),      TEST(test_down),
                                            TEST(test_crowd),     TEST(test_cannot),       TEST(test_no_memory),
                                            TEST(test_audit),     TEST(test_strangers) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
