/* Shows: every code that <pic/audit.h> promises, as far as a program can bring it about from outside. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "world.h"

/* Each call that reads the journal; `code` is what it must answer. */
static void all_answer(pic_ctx *ctx, int code, const char *words)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

        refused(pic_audit_verify(ctx, NULL, &r, &err), code, words);
        refused(pic_audit_get(ctx, 1, 0, &r, &err), code, words);
        refused(pic_audit_export(ctx, fd, PIC_AUDIT_JSONL, NULL, &err), code, words);
        refused(pic_audit_export(ctx, fd, PIC_AUDIT_BUNDLE, NULL, &err), code, words);
        refused(pic_audit_note(ctx, "login", "x", &err), code, words);
        refused(pic_audit_head(ctx, &r, &err), code, words);
        close(fd);
}

static sqlite3 *open_db(const world *w)
{
        char path[128];
        sqlite3 *db = NULL;

        snprintf(path, sizeof(path), "%s/cell.db", w->dir);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        return db;
}

static void sql(const world *w, const char *text)
{
        sqlite3 *db = open_db(w);

        assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
}

static void no_cell(void **state)
{
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "fake");
        all_answer(w.ctx, PIC_NOTFOUND, "no cell");
        world_end(&w);
}

static void newer_store(void **state)
{
        world w;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        sql(&w, "PRAGMA user_version = 99");
        w.ctx = world_open(w.dir, "fake");
        all_answer(w.ctx, PIC_UNSUPPORTED, "newer");
        world_end(&w);
}

static void damaged_store(void **state)
{
        char path[128], page[4096];
        world w;
        int fd;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        snprintf(path, sizeof(path), "%s/cell.db", w.dir);
        memset(page, 'x', sizeof(page));
        fd = open(path, O_WRONLY | O_CLOEXEC);
        assert_int_equal(write(fd, page, sizeof(page)), sizeof(page));
        close(fd);
        w.ctx = world_open(w.dir, "fake");
        all_answer(w.ctx, PIC_CORRUPT, "cell.db");
        world_end(&w);
}

static void denied(void **state)
{
        world w;
        int status;
        pid_t pid;

        (void)state;
        if (geteuid() != 0) {
                print_message("this needs root, to become somebody else\n");
                skip();
        }
        world_init(&w);
        pid = fork();
        if (pid == 0) {
                pic_ctx *ctx;
                pic_report *r = NULL;
                int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

                if (setgid(65534) < 0 || setuid(65534) < 0)
                        _exit(3);
                ctx = world_open(w.dir, "fake");
                _exit(pic_audit_verify(ctx, NULL, &r, NULL) != PIC_DENIED ||
                      pic_audit_get(ctx, 1, 0, &r, NULL) != PIC_DENIED ||
                      pic_audit_export(ctx, fd, PIC_AUDIT_CSV, NULL, NULL) != PIC_DENIED ||
                      pic_audit_note(ctx, "login", "x", NULL) != PIC_DENIED ||
                      pic_audit_head(ctx, &r, NULL) != PIC_DENIED);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        world_end(&w);
}

static void busy(void **state)
{
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_report *r = NULL;
        pic_ctx *ctx = NULL;
        sqlite3 *db;
        world w;

        (void)state;
        world_init(&w);
        o.dir = w.dir;
        o.world = "fake";
        o.busy_ms = 50;
        ok(pic_ctx_open(&o, &ctx, &err));
        db = open_db(&w);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        refused(pic_audit_note(ctx, "login", "x", &err), PIC_BUSY, "");
        ok(pic_audit_verify(ctx, NULL, &r, &err)); /* readers wait for nobody */
        pic_report_unref(r);
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        ok(pic_audit_note(ctx, "login", "x", &err));
        pic_ctx_unref(ctx);
        world_end(&w);
}

/* In the real world nobody signs without an agent: the newest head is what there is, and before the first, nothing. */
static void no_agent(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        pic_ctx *real;
        world w;

        (void)state;
        world_init(&w);
        real = world_open(w.dir, "real");
        refused(pic_audit_head(real, &r, &err), PIC_NOAGENT, "agent");
        refused(pic_audit_get(real, 1, PIC_AUDIT_PROOF, &r, &err), PIC_BADSTATE, "no signed head vouches for row 1");
        ok(pic_audit_get(real, 1, 0, &r, &err));
        pic_report_unref(r);
        ok(pic_audit_head(w.ctx, &r, &err)); /* the fake world signs */
        pic_report_unref(r);
        ok(pic_audit_head(real, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "{\"size\":1,\"rows\":1,"));
        pic_report_unref(r);
        ok(pic_audit_get(real, 1, PIC_AUDIT_PROOF, &r, &err));
        pic_report_unref(r);
        pic_ctx_unref(real);
        world_end(&w);
}

/* Somebody listens and never answers. */
static void silent_agent(void **state)
{
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        struct sockaddr_un name = { .sun_family = AF_UNIX };
        pic_error *err = NULL;
        pic_report *r = NULL;
        pic_ctx *ctx = NULL;
        char run[96];
        world w;
        int fd;

        (void)state;
        world_init(&w);
        snprintf(run, sizeof(run), "%s/run", w.dir);
        (void)mkdir(run, 0755);
        snprintf(name.sun_path, sizeof(name.sun_path), "%s/agent.sock", run);
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
        assert_int_equal(listen(fd, 4), 0);
        o.dir = w.dir;
        o.agent_ms = 100;
        ok(pic_ctx_open(&o, &ctx, &err));
        refused(pic_audit_head(ctx, &r, &err), PIC_TIMEOUT, "in time");
        refused(pic_audit_get(ctx, 1, PIC_AUDIT_PROOF, &r, &err), PIC_TIMEOUT, "in time");
        pic_ctx_unref(ctx);
        close(fd);
        world_end(&w);
}

static void bad_arguments(void **state)
{
        pic_audit_verify_opts o = PIC_AUDIT_VERIFY_OPTS_INIT;
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;
        int fd;

        (void)state;
        world_init(&w);
        refused(pic_audit_verify(NULL, NULL, &r, &err), PIC_INVALID, "pic_audit_verify");
        refused(pic_audit_verify(w.ctx, NULL, NULL, &err), PIC_INVALID, "pic_audit_verify");
        refused(pic_audit_head(w.ctx, NULL, &err), PIC_INVALID, "pic_audit_head");
        refused(pic_audit_get(w.ctx, 1, 2, &r, &err), PIC_INVALID, "flags");
        refused(pic_audit_get(w.ctx, 1, 0, NULL, &err), PIC_INVALID, "ret_report");
        refused(pic_audit_note(w.ctx, NULL, "x", &err), PIC_INVALID, "verb");
        refused(pic_audit_note(w.ctx, "login", NULL, &err), PIC_INVALID, "text");
        refused(pic_audit_note(w.ctx, "LOGIN", "x", &err), PIC_VALUE, "verb");
        refused(pic_audit_note(w.ctx, "login", "", &err), PIC_VALUE, "text");
        refused(pic_audit_export(w.ctx, -1, PIC_AUDIT_JSONL, NULL, &err), PIC_INVALID, "fd");
        refused(pic_audit_export(w.ctx, 1, 77, NULL, &err), PIC_INVALID, "format");
        refused(pic_audit_get(w.ctx, 99, 0, &r, &err), PIC_NOTFOUND, "row 99");
        o.key = "nonsense";
        assert_int_equal(pic_audit_verify(w.ctx, &o, &r, &err), PIC_SYNTAX);
        assert_string_equal(pic_error_detail(err, "field"), "key");
        pic_error_free(err);
        err = NULL;
        o.key = NULL;
        o.head = "nonsense\n";
        assert_int_equal(pic_audit_verify(w.ctx, &o, &r, &err), PIC_SYNTAX);
        assert_string_equal(pic_error_detail(err, "field"), "head");
        pic_error_free(err);
        err = NULL;
        o.size = 0;
        refused(pic_audit_verify(w.ctx, &o, &r, &err), PIC_INVALID, "size");
        fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        refused(pic_audit_export(w.ctx, fd, PIC_AUDIT_CSV, NULL, &err), PIC_IO, "written");
        close(fd);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_cell),      cmocka_unit_test(newer_store),   cmocka_unit_test(damaged_store),
                cmocka_unit_test(denied),       cmocka_unit_test(busy),          cmocka_unit_test(no_agent),
                cmocka_unit_test(silent_agent), cmocka_unit_test(bad_arguments),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
