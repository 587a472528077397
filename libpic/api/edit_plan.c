/* Owns: what an edit would do: it is run like a commit, looked at, and taken back. */
#include "api/compare.h"
#include "api/edit.h"

/* Both sides as the transaction sees them: before the wishes, and after. */
static int run(pic_edit *e, pic__store *st, pic__snap *before, pic__snap *after, pic_revision *ret_revision,
               pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r;

        r = pic__txn_begin(st, e->ctx->actor, e->ctx->way, &t, err);
        if (r == 0)
                r = pic__store_load(st, before, ret_revision, err);
        if (r == 0)
                r = pic__edit_run(e, st, t, err);
        return r < 0 ? r : pic__store_load(st, after, NULL, err);
}

int pic_edit_plan(pic_edit *edit, pic_plan **ret_plan, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *before = NULL;
        PIC__AUTO(pic__snap_unref_p) pic__snap *after = NULL;
        pic_revision revision = 0;
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || ret_plan == NULL)
                return pic__api_bad(err, "pic_edit_plan", "edit or ret_plan is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_edit_plan: this edit was committed already");
        r = pic__snap_new(&before, err);
        if (r == 0)
                r = pic__snap_new(&after, err);
        if (r == 0)
                r = pic__ctx_lock(edit->ctx, &st, err);
        if (r < 0)
                return r;
        r = run(edit, st, before, after, &revision, err);
        pic__ctx_unlock(edit->ctx);
        return r < 0 ? r : pic__compare(edit->ctx, before, after, revision, ret_plan, err);
}
