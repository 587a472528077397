/* Owns: what an edit would do: it is run like a commit, looked at, and taken back. The context's view of the store is
 * told of the change and then of its opposite, so that a plan costs what changes and not what there is. */
#include "api/compare.h"
#include "api/edit.h"
#include "api/secrets.h"
#include "change/wish_json.h"

/* What the wishes change. The transaction is taken back before anything is derived: a plan keeps writers waiting no
 * longer than a commit does. */
static int run(pic_edit *e, pic__store *st, pic__changes *ret, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic__view *view = &pic__ctx_root(e->ctx)->view;
        int r;

        r = pic__txn_begin(st, e->ctx->actor, e->ctx->way, &t, err);
        if (r == 0)
                r = pic__view_refresh(view, st, e->ctx->clock->now(e->ctx->clock->data), err);
        if (r == 0)
                r = pic__edit_run(e, st, t, err);
        return r < 0 ? r : pic__changes_read(st, view->revision, view->snap, ret, NULL, err);
}

static int look(pic_edit *e, pic__store *st, pic_plan **ret, pic_error **err)
{
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;
        pic__auto_buf pic__buf wishes = PIC__BUF_INIT;
        pic__auto_buf pic__buf secrets = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&wishes), k = PIC__JSON(&secrets);
        pic__compare_opts opts = { .session = e->session.source.family != 0 ? &e->session : NULL,
                                   .real = !pic__ctx_root(e->ctx)->fake };
        int r = run(e, st, &c, err);

        if (r < 0)
                return r;
        pic__wishes_write(&e->wishes, &j);
        pic__secrets_tell(&e->wishes, &c, pic__ctx_root(e->ctx)->view.snap, &k);
        if (wishes.failed || secrets.failed)
                return pic__nomem(err);
        opts.wishes = pic__buf_str(&wishes);
        opts.secrets = pic__buf_str(&secrets);
        opts.revision = pic__ctx_root(e->ctx)->view.revision;
        r = pic__compare_changes(pic__ctx_root(e->ctx)->view.snap, &c, &opts, ret, err);
        if (r < 0)
                pic__view_drop(&pic__ctx_root(e->ctx)->view); /* it may have been told a half */
        else
                pic__view_back(&pic__ctx_root(e->ctx)->view, &c);
        return r;
}

int pic_edit_plan(pic_edit *edit, pic_plan **ret_plan, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || ret_plan == NULL)
                return pic__api_bad(err, "pic_edit_plan", "edit or ret_plan is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_edit_plan: this edit was committed already");
        r = pic__ctx_lock(edit->ctx, &st, err);
        if (r < 0)
                return r;
        r = look(edit, st, ret_plan, err);
        pic__ctx_unlock(edit->ctx);
        return r;
}

char *pic_edit_json(const pic_edit *edit)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        if (!pic__api_is(edit, PIC__MAGIC_EDIT))
                return NULL;
        pic__json_open(&j, '{');
        if (edit->wishes.if_revision > 0)
                pic__json_kint(&j, "revision", edit->wishes.if_revision);
        pic__json_key(&j, "wishes");
        pic__wishes_write(&edit->wishes, &j);
        pic__json_close(&j, '}');
        return pic__buf_steal(&b);
}
