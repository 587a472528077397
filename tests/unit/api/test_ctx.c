/* Shows: a context checks its options, touches nothing before it must, and serves several threads. */
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../api/world.h"
#include "api/api.h"

static void options(void **state)
{
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        pic_ctx *ctx = NULL;
        pic_error *err = NULL;

        (void)state;
        refused(pic_ctx_open(NULL, NULL, &err), PIC_INVALID, "ret_ctx");
        ok(pic_ctx_open(NULL, &ctx, &err));
        assert_string_equal(ctx->dir, PIC_DEFAULT_DIR);
        assert_string_equal(ctx->run_dir, "/run/pic");
        assert_string_equal(ctx->way, "api");
        assert_null(pic_ctx_unref(ctx));
        o.dir = "";
        refused(pic_ctx_open(&o, &ctx, &err), PIC_INVALID, "dir");
        o.dir = "/nowhere/x";
        o.world = "other";
        refused(pic_ctx_open(&o, &ctx, &err), PIC_INVALID, "world");
        o.world = "real";
        o.log_level = 9;
        refused(pic_ctx_open(&o, &ctx, &err), PIC_INVALID, "log_level");
        o.log_level = PIC_LOG_DEBUG;
        o.flags = 2;
        refused(pic_ctx_open(&o, &ctx, &err), PIC_INVALID, "flags");
        o.flags = PIC_CTX_TRIAL;
        refused(pic_ctx_open(&o, &ctx, &err), PIC_INVALID, "trial");
        o.flags = 0;
        ok(pic_ctx_open(&o, &ctx, &err));
        assert_string_equal(ctx->run_dir, "/nowhere/x/run");
        assert_string_equal(ctx->log_dir, "/nowhere/x/log");
        pic_ctx_unref(ctx);
        assert_null(pic_ctx_unref(NULL));
}

/* Makes a cell in one, tells where, and waits for its end. */
static void try_and_die(int out)
{
        const char *fields[] = { "name", "home", NULL };
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        pic_ctx *ctx = NULL;

        o.flags = PIC_CTX_TRIAL;
        if (pic_ctx_open(&o, &ctx, NULL) < 0 || pic_cell_init(ctx, fields, NULL, NULL) < 0 ||
            write(out, ctx->dir, strlen(ctx->dir) + 1) < 0)
                _exit(1);
        (void)kill(getpid(), SIGKILL);
}

/* A trial's key goes with it, also when its program was killed. */
static void trial(void **state)
{
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        char left[200] = "", key[220];
        pic_ctx *ctx = NULL;
        pic_error *err = NULL;
        struct stat st;
        int p[2], status;
        pid_t pid;

        (void)state;
        assert_int_equal(pipe(p), 0);
        pid = fork();
        if (pid == 0)
                try_and_die(p[1]);
        close(p[1]);
        assert_true(read(p[0], left, sizeof(left) - 1) > 10);
        close(p[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        snprintf(key, sizeof(key), "%s/key", left);
        assert_int_equal(stat(key, &st), 0);
        o.flags = PIC_CTX_TRIAL;
        ok(pic_ctx_open(&o, &ctx, &err));
        assert_int_equal(stat(left, &st), -1);
        assert_string_not_equal(ctx->dir, left);
        snprintf(left, sizeof(left), "%s", ctx->trial.path);
        assert_int_equal(stat(left, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
        pic_ctx_unref(ctx);
        assert_int_equal(stat(left, &st), -1);
}

static void no_cell(void **state)
{
        pic_error *err = NULL;
        pic_obj *o = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "fake");
        refused(pic_get(w.ctx, "cell", NULL, &o, &err), PIC_NOTFOUND, "");
        assert_int_equal(access(w.dir, F_OK), -1); /* looking makes nothing */
        world_end(&w);
}

static void out_of_memory(void **state)
{
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        unsigned long n, made;

        (void)state;
        o.dir = "/nowhere";
        for (n = 1;; n++) {
                pic_ctx *ctx = NULL;
                pic_error *err = NULL;
                int r;

                o.world = n % 2 != 0 ? "fake" : "real";
                pic__mem_fail_at(n);
                r = pic_ctx_open(&o, &ctx, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic_error_free(err);
                pic_ctx_unref(ctx);
                if (made < n)
                        break;
        }
        assert_true(n > 5);
}

static void *hammer(void *data)
{
        world *w = data;
        pic_error *err = NULL;
        int i;

        for (i = 0; i < 15; i++) {
                pic_list *list = NULL;
                pic_edit *e = NULL;
                char name[32];

                snprintf(name, sizeof(name), "t%lx-%d", (unsigned long)pthread_self() & 0xffffff, i);
                if (pic_edit_new(w->ctx, &e, &err) < 0 || pic_edit_add(e, "group", name, &err) < 0 ||
                    pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, &err) < 0 ||
                    pic_list_get(w->ctx, "group", &list, &err) < 0)
                        return err;
                pic_list_unref(list);
                pic_edit_unref(e);
        }
        return NULL;
}

/* One context, four threads: nothing is lost. */
static void threads(void **state)
{
        pthread_t t[4];
        pic_list *list = NULL;
        void *bad;
        world w;
        int i;

        (void)state;
        world_init(&w);
        for (i = 0; i < 4; i++)
                assert_int_equal(pthread_create(&t[i], NULL, hammer, &w), 0);
        for (i = 0; i < 4; i++) {
                pthread_join(t[i], &bad);
                if (bad != NULL)
                        fail_msg("%s", pic_error_message(bad));
        }
        assert_int_equal(pic_list_get(w.ctx, "group", &list, NULL), 0);
        assert_int_equal(pic_list_count(list), 60);
        w.ctx = pic_ctx_unref(w.ctx);
        assert_int_equal(pic_list_count(list), 60); /* a list outlives its context */
        pic_list_unref(list);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options),       cmocka_unit_test(trial),   cmocka_unit_test(no_cell),
                cmocka_unit_test(out_of_memory), cmocka_unit_test(threads),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
