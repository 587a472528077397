/* Owns: children that work on a caller's file. The same request comes again and again until it is answered, so a file
 * is known by its inode: as long as a child has it open no other can have that number. */
#include "engine/favour.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "codec/json_in.h"
#include "engine/drill.h"
#include "engine/engine_i.h"
#include "engine/keep.h"
#include "engine/notes.h"
#include "engine/verbs_args.h"
#include "sys/beside.h"
#include "sys/job.h"
#include "sys/power.h"

enum {
        FETCH_MS = 3600 * 1000,
        TRY_MS = 600 * 1000,
        FORGOTTEN = 3, /* turns in which nobody asked: each turn asks those who wait */
        WORK_MAX = 18, /* 256 MiB: what stock tools make */
        SECRET_MAX = 4096
};

struct pic__favour {
        const char *program;
        pic__job *job;
        dev_t dev;
        ino_t ino;
        unsigned turns; /* since somebody asked */
        int ended;
        pic_error *bad; /* it came to no answer */
};

void pic__engine_drop_favour(pic__engine *e)
{
        struct pic__favour *x = e->favour;

        if (x == NULL)
                return;
        pic__job_unref(x->job);
        pic_error_free(x->bad);
        pic__free(x);
        e->favour = NULL;
}

int pic__engine_favour_fd(const pic__engine *e)
{
        return e->favour != NULL && !e->favour->ended ? pic__job_fd(e->favour->job) : -1;
}

void pic__engine_favour_turn(pic__engine *e)
{
        struct pic__favour *x = e->favour;
        int status = 0;

        if (x == NULL)
                return;
        if (e->stopping || x->turns++ >= FORGOTTEN)
                pic__engine_drop_favour(e);
        else if (!x->ended)
                x->ended = pic__job_go_on(x->job, &status, &x->bad) != 0;
}

/* --- a file, and its child --------------------------------------------------------------------------------------- */

static int check_file(const struct pic__verb_call *c, int access, struct stat *st, pic_error **err)
{
        int mode = c->file >= 0 ? fcntl(c->file, F_GETFL) : -1;

        if (mode < 0 || fstat(c->file, st) < 0 || !S_ISREG(st->st_mode) ||
            ((mode & O_ACCMODE) != O_RDWR && (mode & O_ACCMODE) != access))
                return pic__fail(err, PIC_INVALID, "a file comes along that can be %s",
                                 access == O_RDONLY ? "read" : "written");
        return 0;
}

/* 1: this one is under way, or has ended; 0: nothing is. */
static int is_begun(pic__engine *e, const char *program, const struct stat *st, pic_error **err)
{
        struct pic__favour *x = e->favour;

        if (x == NULL)
                return 0;
        if (x->dev != st->st_dev || x->ino != st->st_ino || strcmp(x->program, program) != 0)
                return pic__fail(err, PIC_BUSY, "the agent is at work on another backup: try again in a moment");
        x->turns = 0;
        return 1;
}

static int begin(struct pic__verb_call *c, const char *program, const struct stat *st, const pic__buf *order,
                 unsigned ms, pic_error **err)
{
        pic__auto_free char *path = pic__beside_find(program);
        const pic__job_opts opts = { .input = order->data,
                                     .input_len = order->len,
                                     .output = c->file,
                                     .timeout_ms = ms,
                                     .max_output = 1 << 20 };
        struct pic__favour *x;
        const char *argv[] = { path, NULL };
        uint64_t given;
        int r;

        if (path == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, "%s is not beside picd, nor installed", program);
        x = pic__alloc(sizeof(*x));
        if (x == NULL)
                return pic__nomem(err);
        *x = (struct pic__favour){ .program = program, .dev = st->st_dev, .ino = st->st_ino };
        given = pic__power_give(); /* another user's folder, namespaces: it drops the rest */
        r = pic__job_start(argv, &opts, &x->job, err);
        pic__power_back(given);
        if (r < 0) {
                pic__free(x);
                return r;
        }
        c->e->favour = x;
        return PIC__NOT_YET;
}

/* What it said at its end; it is forgotten then. PIC__NOT_YET. */
static int end(pic__engine *e, pic__doc **ret, pic_error **err)
{
        struct pic__favour *x = e->favour;
        int r;

        if (!x->ended)
                return PIC__NOT_YET;
        if (x->bad != NULL) {
                r = pic_error_code(x->bad);
                pic__err_append(err, pic__take(x->bad));
        } else {
                r = pic__keep_said(pic__buf_str(pic__job_said(x->job)), ret, err);
        }
        pic__engine_drop_favour(e);
        return r;
}

/* --- getting one ------------------------------------------------------------------------------------------------- */

/* The cell's key is in each backup, and only root may take it out of the store. */
static int only_root(const char *target, pic_error **err)
{
        pic__fail(err, PIC_DENIED, "backups of target %s are not encrypted: the cell's key is in them", target);
        pic__hint(err, "As root: pic backup fetch %s", target);
        return PIC_DENIED;
}

static int fetch_order(struct pic__verb_call *c, const char *target, const char *name, pic__buf *out, pic_error **err)
{
        pic__engine *e = c->e;
        int root = strcmp(c->actor, "root") == 0;
        const pic_obj *o;

        pic__verb_settle(e);
        if (e->snap == NULL || pic__snap_cell(e->snap) == NULL)
                return pic__fail(err, PIC_BADSTATE, "nothing was applied yet");
        o = pic__snap_named(e->snap, PIC__TARGET, target);
        if (o == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no target '%s'", target);
        if (!root && pic__obj_int(o, "plain") != 0)
                return only_root(target, err);
        return pic__keep_order(e->dir, &e->seals, pic__snap_cell(e->snap), o, root ? "fetch" : "fetch-sealed", name,
                               NULL, out, err);
}

/* Whoever reads the journal later knows that it left the cell's hands. */
static void fetched(struct pic__verb_call *c, const char *target, const char *claimed, const pic__node *said)
{
        pic__auto_buf pic__buf actor = PIC__BUF_INIT, text = PIC__BUF_INIT;

        pic__json_open(c->out, '{');
        pic__json_kstr(c->out, "name", pic__node_str(said, "name", NULL));
        pic__json_kint(c->out, "size", pic__node_int_or(said, "size", 0));
        pic__json_kstr(c->out, "sha256", pic__node_str(said, "sha256", NULL));
        pic__json_close(c->out, '}');
        pic__buf_putf(&text, "target %s: %s was handed out", target, pic__node_str(said, "name", "a backup"));
        if (pic__name_actor(c, claimed, &actor, NULL) == 0 && !text.failed)
                pic__engine_remark(c->e, pic__buf_str(&actor), "fetch", pic__buf_str(&text), &pic__bound_exits);
}

int pic__verb_backup_fetch(struct pic__verb_call *c, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_wipe pic__buf order = PIC__BUF_SECRET;
        const char *target, *name, *actor;
        struct stat st;
        int r = pic__arg_text(c, "target", "", &target, err);

        if (r == 0)
                r = pic__arg_text(c, "name", NULL, &name, err);
        if (r == 0)
                r = pic__arg_text(c, "actor", NULL, &actor, err);
        if (r == 0)
                r = check_file(c, O_WRONLY, &st, err);
        if (r == 0)
                r = is_begun(c->e, PIC__KEEP_PROGRAM, &st, err);
        if (r == 0) {
                r = fetch_order(c, target, name, &order, err);
                return r < 0 ? r : begin(c, PIC__KEEP_PROGRAM, &st, &order, FETCH_MS, err);
        }
        if (r > 0)
                r = end(c->e, &doc, err);
        if (r == 0)
                fetched(c, target, actor, pic__doc_root(doc));
        return r;
}

/* --- trying one -------------------------------------------------------------------------------------------------- */

static int try_order(struct pic__verb_call *c, pic__buf *out, pic_error **err)
{
        const pic__node *list = pic__node_list(c->args, "identities"), *one;
        const char *passphrase = pic__node_str(c->args, "passphrase", NULL);
        pic__json j = PIC__JSON(out);
        int64_t work;
        int r = pic__arg_int(c, "work_factor", WORK_MAX, WORK_MAX, &work, err);

        if (r < 0)
                return r;
        if (passphrase != NULL && strlen(passphrase) > SECRET_MAX)
                return pic__fail(err, PIC_INVALID, "passphrase: it is longer than %d bytes", SECRET_MAX);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "op", "file");
        pic__json_kbool(&j, "fake", c->e->fake);
        pic__json_kint(&j, "work_factor", work);
        if (passphrase != NULL)
                pic__json_kstr(&j, "passphrase", passphrase);
        pic__json_key(&j, "identities");
        pic__json_open(&j, '[');
        for (one = list != NULL ? list->first : NULL; one != NULL; one = one->next)
                if (one->type == PIC__N_SCALAR)
                        pic__json_str(&j, one->text);
        pic__json_close(&j, ']');
        pic__json_close(&j, '}');
        return out->failed ? pic__nomem(err) : 0;
}

int pic__verb_backup_try(struct pic__verb_call *c, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_wipe pic__buf order = PIC__BUF_SECRET;
        const pic__node *drill;
        struct stat st;
        int r = check_file(c, O_RDONLY, &st, err);

        if (r == 0)
                r = is_begun(c->e, PIC__DRILL_PROGRAM, &st, err);
        if (r == 0) {
                r = try_order(c, &order, err);
                return r < 0 ? r : begin(c, PIC__DRILL_PROGRAM, &st, &order, TRY_MS, err);
        }
        if (r > 0)
                r = end(c->e, &doc, err);
        if (r != 0)
                return r;
        drill = pic__node_map(pic__doc_root(doc), "drill");
        if (drill == NULL)
                return pic__fail(err, PIC_BACKEND, PIC__DRILL_PROGRAM " ended without a verdict");
        pic__node_put(drill, c->out);
        return 0;
}
