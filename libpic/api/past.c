/* Owns: past states: as a document, by time, compared; and keeping the change that waits for it. */
#include <inttypes.h>
#include <stdio.h>

#include "api/compare.h"
#include "change/run.h"

int pic_revision_at(pic_ctx *ctx, pic_time time, pic_revision *ret_revision, pic_error **err)
{
        pic_revision revision = 0;
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_revision == NULL)
                return pic__api_bad(err, "pic_revision_at", "ctx or ret_revision is not valid");
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__store_revision_at(st, time, &revision, err);
        pic__ctx_unlock(ctx);
        if (r == 0)
                *ret_revision = revision;
        return r;
}

static int load_at(pic_ctx *ctx, pic_revision revision, pic__snap **ret, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__store *st = NULL;
        int r = pic__snap_new(&s, err);

        if (r == 0)
                r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__store_at(st, revision, s, err);
        pic__ctx_unlock(ctx);
        if (r == 0)
                *ret = pic__take(s);
        return r;
}

int pic_export_at(pic_ctx *ctx, pic_revision revision, uint32_t flags, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_export_at", "ctx or ret_report is not valid");
        if ((flags & ~(uint32_t)PIC_EXPORT_JSON) != 0)
                return pic__api_bad(err, "pic_export_at", "flags has an unknown bit");
        r = load_at(ctx, revision, &s, err);
        return r < 0 ? r : pic__export(s, flags, ret_report, err);
}

int pic_diff_get(pic_ctx *ctx, pic_revision from, pic_revision to, pic_plan **ret_plan, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *before = NULL;
        PIC__AUTO(pic__snap_unref_p) pic__snap *after = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_plan == NULL)
                return pic__api_bad(err, "pic_diff_get", "ctx or ret_plan is not valid");
        r = load_at(ctx, from, &before, err);
        if (r == 0)
                r = load_at(ctx, to, &after, err);
        return r < 0 ? r : pic__compare(ctx, before, after, to, ret_plan, err);
}

/* --- confirming ---------------------------------------------------------------------------------------------- */

static int confirm(pic_ctx *ctx, pic__store *st, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__confirm c;
        char text[96];
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = pic__store_confirm(st, &c, err);
        if (r == 0) {
                (void)pic__fail(err, PIC_NOTFOUND, "no change waits for its confirmation");
                pic__hint(err, "It was confirmed, or has gone back by itself: pic history.");
                return PIC_NOTFOUND;
        }
        if (r > 0)
                r = pic__confirm_in_time(&c, ctx->clock, err);
        if (r == 0)
                r = pic__txn_get(t, PIC__CELL, NULL, &cell, err);
        if (r >= 0)
                r = pic__txn_confirm_end(t, err);
        if (r < 0 || cell == NULL)
                return r;
        snprintf(text, sizeof(text), "revision %" PRId64 " confirmed", c.revision);
        r = pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), "confirm", text, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic_confirm(pic_ctx *ctx, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_confirm", "ctx is not valid");
        pic__ctx_let_go_back(ctx);
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = confirm(ctx, st, err);
        pic__ctx_unlock(ctx);
        return r;
}
