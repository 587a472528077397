/* Shows: the codes that the headers promise, call by call, as far as a test can bring them about from outside: another
 * writer, a damaged, a newer and an unreadable store, an agent that is not there. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "world.h"

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

static void close_world(world *w)
{
        w->ctx = pic_ctx_unref(w->ctx);
}

static void reopen(world *w, const char *kind, uint32_t busy_ms)
{
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;

        pic_ctx_unref(w->ctx);
        o.dir = w->dir;
        o.world = kind;
        o.busy_ms = busy_ms;
        assert_int_equal(pic_ctx_open(&o, &w->ctx, NULL), 0);
}

static void busy(void **state)
{
        pic_error *err = NULL;
        sqlite3 *db;
        pic_obj *o = NULL;
        world w;

        (void)state;
        world_init(&w);
        reopen(&w, "fake", 60);
        db = open_db(&w);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        refused(world_add(&w, "peer", "anna", NULL, &err), PIC_BUSY, "");
        ok(pic_get(w.ctx, "cell", NULL, &o, &err)); /* readers do not wait for writers */
        pic_obj_unref(o);
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        world_end(&w);
}

static void newer_store(void **state)
{
        pic_error *err = NULL;
        pic_obj *o = NULL;
        world w;

        (void)state;
        world_init(&w);
        close_world(&w);
        sql(&w, "PRAGMA user_version = 99");
        w.ctx = world_open(w.dir, "fake");
        refused(pic_get(w.ctx, "cell", NULL, &o, &err), PIC_UNSUPPORTED, "");
        world_end(&w);
}

static void damaged_store(void **state)
{
        char path[128], page[4096];
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_obj *o = NULL;
        world w;
        int fd;

        (void)state;
        world_init(&w);
        close_world(&w);
        snprintf(path, sizeof(path), "%s/cell.db", w.dir);
        memset(page, 'x', sizeof(page));
        fd = open(path, O_WRONLY);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, page, sizeof(page)), sizeof(page));
        close(fd);
        w.ctx = world_open(w.dir, "fake");
        refused(pic_get(w.ctx, "cell", NULL, &o, &err), PIC_CORRUPT, "cell.db");
        refused(pic_status_get(w.ctx, 0, &report, &err), PIC_CORRUPT, "cell.db");
        world_end(&w);
}

/* As somebody who may not read the directory. */
static void denied(void **state)
{
        static const char *const fields[] = { "name", "home", NULL };
        world w;
        int status;
        pid_t pid;

        (void)state;
        if (geteuid() != 0) {
                print_message("this needs root, to become somebody else\n");
                skip();
        }
        world_init(&w);
        close_world(&w);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                pic_ctx_opts o = PIC_CTX_OPTS_INIT;
                pic_error *err = NULL;
                pic_obj *obj = NULL;
                pic_ctx *ctx = NULL;
                char sub[96];
                int a, b;

                if (setgid(65534) < 0 || setuid(65534) < 0)
                        _exit(3);
                o.dir = w.dir;
                o.world = "fake";
                if (pic_ctx_open(&o, &ctx, NULL) < 0)
                        _exit(4);
                a = pic_get(ctx, "cell", NULL, &obj, &err);
                pic_error_free(err);
                err = NULL;
                pic_ctx_unref(ctx);
                snprintf(sub, sizeof(sub), "%s/sub", w.dir);
                o.dir = sub;
                if (pic_ctx_open(&o, &ctx, NULL) < 0)
                        _exit(5);
                b = pic_cell_init(ctx, fields, NULL, &err);
                pic_error_free(err);
                pic_ctx_unref(ctx);
                _exit(a == PIC_DENIED && b == PIC_DENIED ? 0 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        w.ctx = world_open(w.dir, "fake");
        world_end(&w);
}

/* Every call that needs the agent says that there is none, and what to do. */
static void no_agent(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        pic_plan *p = NULL;
        pic_blob *b = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        reopen(&w, "real", 0);
        assert_int_equal(pic_peer_config(w.ctx, "anna", &b, &err), PIC_NOAGENT);
        assert_non_null(strstr(pic_error_hint(err), "picd"));
        pic_error_free(err);
        err = NULL;
        refused(pic_peer_qr(w.ctx, "anna", PIC_QR_PNG, &b, &err), PIC_NOAGENT, "agent");
        refused(pic_plan_get(w.ctx, 0, &p, &err), PIC_NOAGENT, "agent");
        refused(pic_status_get(w.ctx, 50, &r, &err), PIC_NOAGENT, "agent");
        refused(pic_connection_test(w.ctx, "tor", NULL, &r, &err), PIC_NOAGENT, "agent");
        refused(pic_connection_restart(w.ctx, "tor", &err), PIC_NOAGENT, "agent");
        ok(pic_status_get(w.ctx, 0, &r, &err)); /* but reading the wishes works */
        pic_report_unref(r);
        ok(pic_doctor_run(w.ctx, &r, &err));
        assert_int_equal(pic_report_good(r), 0);
        pic_report_unref(r);
        ok(pic_why_get(w.ctx, "anna", "internet", 6, &r, &err));
        assert_int_equal(pic_report_good(r), 0);
        pic_report_unref(r);
        world_end(&w);
}

/* The field's rule, the object, the hint: what a front end shows beside the input. */
static void values_say_all(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        assert_int_equal(world_set(&w, "cell", NULL, "listen_port", "99999", &err), PIC_VALUE);
        assert_string_equal(pic_error_detail(err, "field"), "listen_port");
        assert_string_equal(pic_error_detail(err, "value"), "99999");
        assert_non_null(strstr(pic_error_detail(err, "rule"), "65535"));
        pic_error_free(err);
        world_end(&w);
}

/* Each code that wishes of connections are refused with, when they are said and at commit. */
static void connections(void **state)
{
        static const char *const tor[] = { "type", "tor", NULL }, *const none[] = { "note", "x", NULL };
        static const char *const loop[] = { "type",     "ssh",     "endpoint", "10.77.0.1:22",
                                            "user",     "me",      "host_key", "ssh-ed25519 AAAA",
                                            "password", "hunter2", NULL };
        pic_report *r = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        refused(world_add(&w, "connection", "direct", tor, &err), PIC_VALUE, "a meaning of its own");
        refused(world_add(&w, "connection", "t", none, &err), PIC_VALUE, "type: is required");
        refused(world_add(&w, "connection", "t", loop, &err), PIC_CONFLICT, "come back here");
        ok(world_add(&w, "connection", "t", tor, &err));
        refused(world_add(&w, "connection", "T", tor, &err), PIC_EXISTS, "'t' exists already");
        refused(world_set(&w, "connection", "t", "type", "block", &err), PIC_DENIED, "type: ");
        refused(world_set(&w, "connection", "t", "slot", "2", &err), PIC_DENIED, "slot: ");
        refused(world_set(&w, "connection", "t", "password", "two\nlines", &err), PIC_VALUE, "password: ");
        refused(world_set(&w, "connection", "t", "profile", "nonsense", &err), PIC_SYNTAX, "profile");
        refused(world_set(&w, "connection", "t", "passwort", "x", &err), PIC_NOTFOUND, "has no field 'passwort'");
        ok(world_set(&w, "cell", NULL, "exit", "T", &err));
        world_is(&w, "cell", NULL, "exit", "t");
        refused(world_remove(&w, "connection", "t", &err), PIC_INUSE, "connection 't' is still in use by cell 'home'");
        refused(world_set(&w, "cell", NULL, "exit", "nobody", &err), PIC_NOTFOUND, "nobody");
        refused(pic_connection_restart(w.ctx, "nobody", &err), PIC_NOTFOUND, "nobody");
        refused(pic_connection_test(w.ctx, "nobody", NULL, &r, &err), PIC_NOTFOUND, "nobody");
        refused(pic_connection_test(w.ctx, "t", NULL, &r, &err), PIC_UNSUPPORTED, "fake world");
        world_end(&w);
}

/* A network that the host uses, in a world where there is a host. */
static void conflict_with_host(void **state)
{
        static const char *const all[] = { "name", "home", "net4", "10.0.0.0/8", "net6", "fd00::/8", NULL };
        pic_error *err = NULL;
        world w;
        FILE *f;
        char line[256];
        int used = 0;

        (void)state;
        f = popen("ip -o -4 addr show scope global; ip -o -4 route", "r");
        assert_non_null(f);
        while (fgets(line, sizeof(line), f) != NULL)
                used |= strstr(line, " 10.") != NULL || strncmp(line, "10.", 3) == 0;
        pclose(f);
        world_dir(&w);
        w.ctx = world_open(w.dir, "real");
        if (used) {
                refused(pic_cell_init(w.ctx, all, NULL, &err), PIC_CONFLICT, "10.0.0.0/8");
                assert_int_equal(access(w.dir, F_OK), -1);
        } else {
                print_message("this host uses nothing of 10.0.0.0/8: see unit.engine.newnets\n");
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(busy),        cmocka_unit_test(newer_store),        cmocka_unit_test(damaged_store),
                cmocka_unit_test(denied),      cmocka_unit_test(no_agent),           cmocka_unit_test(values_say_all),
                cmocka_unit_test(connections), cmocka_unit_test(conflict_with_host),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
