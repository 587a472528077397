/* Owns: backup targets: asking the agent; fetching without it. */
#include <errno.h>
#include <fcntl.h>
#include <pic/target.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/backup.h"
#include "api/secrets.h"
#include "codec/json_in.h"
#include "engine/keep.h"
#include "engine/keyfile.h"
#include "sys/beside.h"
#include "sys/crypto.h"
#include "sys/spawn.h"

#define DO_MS 20000
#define FETCH_MS 3600000

static int is_well(const pic__node *target)
{
        const char *state = pic__node_str(target, "state", "");
        const pic__node *held = pic__node_list(target, "held"), *one;

        if (pic__node_map(target, "drill") != NULL &&
            pic__node_bool(pic__node_map(target, "drill"), "restorable", 1) == 0)
                return 0;
        if (strcmp(state, "failed") == 0 || strcmp(state, "stale") == 0)
                return 0;
        for (one = held != NULL ? held->first : NULL; one != NULL; one = one->next)
                if (strcmp(pic__node_str(one, "state", ""), "damaged") == 0)
                        return 0;
        return 1;
}

static int ask(pic_ctx *ctx, const char *verb, const char *args, unsigned ms, pic_report **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        const pic__node *list, *one;
        int good = 1, r = pic__ctx_call(ctx, verb, args, ms, &answer, err);

        if (r == 0)
                r = pic__api_answer(pic__buf_str(&answer), answer.len, &doc, err);
        if (r < 0)
                return r;
        list = pic__node_list(pic__doc_root(doc), "targets");
        if (list == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without 'targets'");
        for (one = list->first; one != NULL; one = one->next)
                good &= is_well(one);
        return pic__report_new(&answer, good, ret, err);
}

int pic_target_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_target_status", "ctx or ret_report is not valid");
        return ask(ctx, "backups", NULL, 0, ret_report, err);
}

int pic_target_do(pic_ctx *ctx, const char *what, const char *target, const char *name, pic_report **ret_report,
                  pic_error **err)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || what == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_target_do", "ctx, what or ret_report is not valid");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "what", what);
        pic__json_kstr(&j, "target", target);
        pic__json_kstr(&j, "name", name);
        pic__json_close(&j, '}');
        return args.failed ? pic__nomem(err) : ask(ctx, "backup-do", pic__buf_str(&args), DO_MS, ret_report, err);
}

int pic_target_cancel(pic_ctx *ctx, const char *target, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_target_cancel", "ctx or ret_report is not valid");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "target", target);
        pic__json_close(&j, '}');
        return args.failed ? pic__nomem(err) : ask(ctx, "backup-cancel", pic__buf_str(&args), 0, ret_report, err);
}

/* --- fetching ---------------------------------------------------------------------------------------------------- */

struct child {
        pic__proc proc;
        int input, from, to; /* its order; what it says */
        pic__buf said;
};

static void close_fd(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
}

static void child_end(struct child *c)
{
        if (c->proc.pid > 0) {
                (void)kill(c->proc.pid, SIGKILL);
                (void)waitpid(c->proc.pid, NULL, 0);
        }
        close_fd(&c->proc.pidfd);
        close_fd(&c->input);
        close_fd(&c->from);
        close_fd(&c->to);
        pic__buf_free(&c->said);
}

static int make_order(pic_ctx *ctx, const char *target, const char *name, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        PIC__AUTO(pic__seals_wipe) pic__seals seals = { .arena = PIC__ARENA_INIT };
        const pic_obj *o;
        int r = pic__ctx_load(ctx, &s, NULL, err);

        if (r < 0)
                return r;
        o = pic__snap_named(s, PIC__TARGET, target);
        if (o == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no target '%s'", target);
        r = pic__crypto_start(err);
        if (r == 0)
                r = pic__keyfile_read(ctx->dir, seals.key, err);
        if (r < 0)
                return r;
        pic__wg_public(seals.key, seals.public_key);
        return pic__keep_order(ctx->dir, &seals, pic__snap_cell(s), o, "fetch", name, NULL, out, err);
}

static int start(struct child *c, const pic__buf *order, int out_fd, pic_error **err)
{
        pic__auto_free char *program = pic__beside_find(PIC__KEEP_PROGRAM);
        const char *argv[] = { program, NULL };
        int pair[2], fds[3], r;

        if (program == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, PIC__KEEP_PROGRAM " is not beside this program, nor installed");
        c->input = pic__fd_above(memfd_create("pic-order", MFD_CLOEXEC));
        if (c->input < 0 || write(c->input, order->data, order->len) != (ssize_t)order->len ||
            lseek(c->input, 0, SEEK_SET) < 0 || pipe2(pair, O_CLOEXEC) < 0)
                return pic__fail_errno(err, errno, "the keeper cannot be told anything");
        c->from = pic__fd_above(pair[0]);
        c->to = pic__fd_above(pair[1]);
        fds[0] = c->input;
        fds[1] = out_fd;
        fds[2] = c->to;
        r = pic__spawn(argv, NULL, fds, &c->proc, err);
        close_fd(&c->to);
        return r;
}

/* To the end of what it says. */
static int hear(struct child *c, const pic_cancel *cancel, pic_error **err)
{
        int told = 0;

        for (;;) {
                struct pollfd p = { .fd = c->from, .events = POLLIN };
                char part[4096];
                ssize_t n;

                if (pic_cancel_raised(cancel) && !told++)
                        (void)kill(c->proc.pid, SIGTERM);
                if (poll(&p, 1, 200) <= 0)
                        continue;
                n = read(c->from, part, sizeof(part));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                pic__buf_put(&c->said, part, (size_t)n);
        }
        (void)waitpid(c->proc.pid, NULL, 0);
        c->proc.pid = 0;
        return c->said.failed ? pic__nomem(err) : told ? pic__fail(err, PIC_CANCELED, "canceled") : 0;
}

static int tell(const pic__doc *doc, pic_report **ret, pic_error **err)
{
        const pic__node *root = pic__doc_root(doc);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", pic__node_str(root, "name", NULL));
        pic__json_kint(&j, "size", pic__node_int_or(root, "size", 0));
        pic__json_kstr(&j, "sha256", pic__node_str(root, "sha256", NULL));
        pic__json_close(&j, '}');
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret, err);
}

static int fetch(pic_ctx *ctx, const char *target, const char *name, const pic_cancel *cancel, int out_fd,
                 pic_report **ret, pic_error **err)
{
        PIC__AUTO(child_end) struct child c = { .proc = { 0, -1 }, .input = -1, .from = -1, .to = -1 };
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_wipe pic__buf order = PIC__BUF_SECRET;
        int r = make_order(ctx, target, name, &order, err);

        if (r == 0)
                r = start(&c, &order, out_fd, err);
        if (r == 0)
                r = hear(&c, cancel, err);
        if (r == 0)
                r = pic__keep_said(pic__buf_str(&c.said), &doc, err);
        return r < 0 ? r : tell(doc, ret, err);
}

/* By the agent's child, into the caller's file. */
static int have_fetched(pic_ctx *ctx, const char *target, const char *name, int out_fd, pic_report **ret,
                        pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf args = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);
        int r;

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "target", target);
        pic__json_kstr(&j, "name", name);
        pic__json_kstr(&j, "actor", ctx->actor);
        pic__json_close(&j, '}');
        r = args.failed ? pic__nomem(err)
                        : pic__ctx_call_along(ctx, "backup-fetch", pic__buf_str(&args), out_fd, FETCH_MS, &answer, err);
        if (r == 0)
                r = pic__api_answer(pic__buf_str(&answer), answer.len, &doc, err);
        return r < 0 ? r : tell(doc, ret, err);
}

/* What an agent that went away has written counts for nothing. */
static int fetch_either(pic_ctx *ctx, const char *target, const char *name, const pic_backup_opts *o, int out_fd,
                        pic_report **ret, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        off_t at = lseek(out_fd, 0, SEEK_CUR);
        int r;

        if ((o->flags & PIC_BACKUP_AGENT) == 0)
                return fetch(ctx, target, name, o->cancel, out_fd, ret, err);
        r = have_fetched(ctx, target, name, out_fd, ret, &bad);
        if (r != PIC_NOAGENT) {
                pic__err_append(err, pic__take(bad));
                return r;
        }
        if (at >= 0 && lseek(out_fd, 0, SEEK_CUR) != at &&
            (ftruncate(out_fd, at) < 0 || lseek(out_fd, at, SEEK_SET) < 0))
                return pic__fail_errno(err, errno, "the output cannot be written");
        return fetch(ctx, target, name, o->cancel, out_fd, ret, err);
}

int pic_target_fetch(pic_ctx *ctx, const char *target, const char *name, int out_fd, const pic_backup_opts *opts,
                     pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__fdio_free) pic__fdio x = { .in_fd = -1, .out_fd = out_fd };
        pic__auto_newfile pic__newfile file = PIC__NEWFILE_INIT;
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *report = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || target == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_target_fetch", "ctx, target or ret_report is not valid");
        r = pic__backup_opts("pic_target_fetch", opts, 1, &o, &x, &file, err);
        if (r == 0)
                r = fetch_either(ctx, target, name, &o, x.out_fd, &report, err);
        if (r == 0 && o.output != NULL)
                r = pic__newfile_commit(&file, err);
        if (r == 0)
                *ret_report = pic__take(report);
        pic_report_unref(report);
        return r;
}
