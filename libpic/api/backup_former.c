/* Owns: the cells that restores put aside, as called from outside. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api/backup.h"
#include "engine/former.h"
#include "engine/ordered.h"

static pic__former_opts opts_of(const pic_ctx *ctx)
{
        return (pic__former_opts){
                .dir = ctx->dir, .run_dir = ctx->run_dir, .clock = ctx->clock, .actor = ctx->actor, .way = ctx->way
        };
}

int pic_backup_kept(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__former_opts o;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_kept", "ctx or ret_report is not valid");
        o = opts_of(ctx);
        pic__json_open(&j, '{');
        pic__json_key(&j, "kept");
        r = pic__former_list(&o, &j, err);
        pic__json_close(&j, '}');
        if (r < 0)
                return r;
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret_report, err);
}

int pic_backup_undo(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err)
{
        pic__auto_free char *called = NULL, *former = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__former_opts o;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_undo", "ctx or ret_report is not valid");
        o = opts_of(ctx);
        pic__ctx_let_go(ctx); /* as for a restore */
        r = pic__former_return(&o, name, &called, &former, err);
        if (r < 0)
                return r;
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "dir", ctx->dir);
        pic__json_kstr(&j, "name", called);
        pic__json_kstr(&j, "former", former);
        pic__json_close(&j, '}');
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret_report, err);
}

/* --- by the agent ------------------------------------------------------------------------------------------------- */

/* What is told of it is what could be read of it; *ret_name is how it is called. */
static int look(pic_ctx *ctx, const pic__former_opts *o, const char *name, pic__buf *text, char **ret_name,
                pic_error **err)
{
        pic__json j = PIC__JSON(text);
        int r;

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "dir", ctx->dir);
        pic__json_kbool(&j, "ordered", 1);
        r = pic__former_tell(o, name, &j, ret_name, err);
        pic__json_close(&j, '}');
        return r == 0 && text->failed ? pic__nomem(err) : r;
}

/* It ends, and before it starts again it does what lies there. */
static int order(pic_ctx *ctx, const pic__former_opts *o, const char *name, int file, pic_error **err)
{
        char text[300];
        int r = pic__backup_ask(ctx, "ping", file, err);

        if (r == 0)
                r = pic__ordered_put_former(o, name, err);
        if (r < 0)
                return r;
        snprintf(text, sizeof(text), "what had been put aside as %s is to take " PIC__FORMER_PLACE, name);
        pic__backup_remark(ctx, "restore", text);
        r = pic__backup_ask(ctx, "stop", file, err);
        if (r < 0)
                pic__ordered_drop(ctx->dir);
        return r;
}

int pic_backup_undo_order(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_free char *called = NULL;
        pic__former_opts o;
        int r, file;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_undo_order", "ctx or ret_report is not valid");
        o = opts_of(ctx);
        r = look(ctx, &o, name, &text, &called, err);
        if (r < 0)
                return r;
        file = open("/dev/null", O_RDONLY | O_CLOEXEC); /* there is none to be worked on: pic__backup_ask() */
        if (file < 0)
                return pic__fail_errno(err, errno, "/dev/null");
        r = order(ctx, &o, called, file, err);
        (void)close(file);
        return r < 0 ? r : pic__report_new(&text, 1, ret_report, err);
}

/* --- removal ------------------------------------------------------------------------------------------------------ */

/* A row of ours about the cell; that it cannot be written is no reason to say something else. */
static int note(pic_ctx *ctx, const char *name)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__store *st = NULL;
        char text[300];
        int r = pic__ctx_lock(ctx, &st, NULL);

        if (r < 0)
                return r;
        snprintf(text, sizeof(text), "the cell that was put aside as %s was removed", name);
        r = pic__txn_begin(st, ctx->actor, ctx->way, &t, NULL);
        if (r == 0)
                r = pic__txn_get(t, PIC__CELL, NULL, &cell, NULL);
        if (r == 0)
                r = pic__txn_note_often(t, cell, "restore", text, NULL);
        if (r >= 0)
                r = pic__txn_commit(pic__take(t), NULL, NULL);
        t = pic__txn_abort(t);
        pic__ctx_unlock(ctx);
        return r;
}

int pic_backup_forget(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic__former_opts o;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL)
                return pic__api_bad(err, "pic_backup_forget", "ctx or name is not valid");
        o = opts_of(ctx);
        r = pic__former_remove(&o, name, err);
        if (r == 0)
                (void)note(ctx, name);
        return r;
}
