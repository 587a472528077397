/* Owns: a backup compared with what is here. */
#include "api/backup_open.h"
#include "api/compare.h"
#include "engine/former.h"

/* As it is now; empty where there is no cell. */
static int load_here(pic_ctx *ctx, int there, pic__snap *into, pic_revision *ret_revision, pic_error **err)
{
        pic__store *st = NULL;
        int r = 0;

        if (there) {
                r = pic__ctx_lock(ctx, &st, err);
                if (r < 0)
                        return r;
                r = pic__store_load(st, into, ret_revision, err);
                pic__ctx_unlock(ctx);
        }
        if (r == 0)
                r = pic__snap_clock(into, ctx, err);
        return r < 0 ? r : pic__snap_place(into, ctx, err);
}

static int compare(pic_ctx *ctx, pic__opened *x, const char *questions, pic_plan **ret, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *before = NULL;
        PIC__AUTO(pic__snap_unref_p) pic__snap *after = NULL;
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;
        pic__compare_opts opts = { .questions = questions };
        int r = pic__snap_new(&before, err);

        if (r == 0)
                r = pic__snap_new(&after, err);
        if (r == 0)
                r = load_here(ctx, x->here != NULL, before, &opts.revision, err);
        if (r == 0)
                r = pic__store_load(x->store, after, NULL, err);
        if (r == 0)
                r = pic__changes_apart(before, after, pic__moved_is_here(x->cell, &x->moved), &c, err);
        return r < 0 ? r : pic__compare_changes(before, &c, &opts, ret, err);
}

int pic_backup_undo_diff(pic_ctx *ctx, const char *name, pic_plan **ret_plan, pic_error **err)
{
        PIC__AUTO(pic__opened_free) pic__opened x = pic__opened_of(-1);
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_plan == NULL)
                return pic__api_bad(err, "pic_backup_undo_diff", "ctx or ret_plan is not valid");
        r = pic__opened_former(ctx, name, &x, err);
        if (r == 0)
                r = compare(ctx, &x, NULL, ret_plan, err);
        pic__former_leave(&x.store);
        return r;
}

int pic_backup_diff(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts, pic_plan **ret_plan,
                    pic_error **err)
{
        PIC__AUTO(pic__opened_free) pic__opened x = pic__opened_of(in_fd);
        pic__auto_buf pic__buf questions = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&questions);
        pic__auto_err pic_error *first = NULL;
        size_t needed = 0;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_plan == NULL)
                return pic__api_bad(err, "pic_backup_diff", "ctx or ret_plan is not valid");
        r = pic__opened_get(ctx, "pic_backup_diff", keys, opts, &x, err);
        if (r == 0)
                r = pic__moved_ask(x.store, &x.moved, &j, &needed, &first, err);
        if (r < 0)
                return r;
        return questions.failed ? pic__nomem(err) : compare(ctx, &x, pic__buf_str(&questions), ret_plan, err);
}
