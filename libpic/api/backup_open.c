/* Owns: a backup that is open. */
#include "api/backup_open.h"

#include "engine/former.h"
#include "engine/stage.h"

int pic__backup_answers(const char *const *answers, const char *call, pic_error **err)
{
        size_t n = 0;

        while (answers != NULL && answers[n] != NULL)
                n++;
        return n % 2 == 0 ? 0 : pic__api_bad(err, call, "opts.answers has a name without a value");
}

int pic__backup_here(pic_ctx *ctx, pic_obj **ret, pic_error **err)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__store_get(st, PIC__CELL, NULL, ret, err);
        pic__ctx_unlock(ctx);
        return r;
}

pic__opened pic__opened_of(int in_fd)
{
        return (pic__opened){ .g = pic__reading_of(in_fd, -1), .place = PIC__SCRATCH_INIT };
}

void pic__opened_free(pic__opened *x)
{
        pic__obj_unref(x->here);
        pic__obj_unref(x->cell);
        pic__store_unref(x->store);
        pic__scratch_free(&x->place);
        pic__reading_free(&x->g);
}

/* A cell that cannot be read now is no missing one: it would be said that all of the backup is new. One that is damaged
 * is as none, since that is what a backup is for. */
static int get_here(pic_ctx *ctx, pic_obj **ret, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        int r = pic__backup_here(ctx, ret, &bad);

        if (r >= 0 || r == PIC_NOTFOUND || r == PIC_CORRUPT || r == PIC_UNSUPPORTED)
                return 0;
        if (err != NULL)
                *err = pic__take(bad);
        return r;
}

int pic__opened_former(pic_ctx *ctx, const char *name, pic__opened *ret, pic_error **err)
{
        const pic__former_opts o = { .dir = ctx->dir, .clock = ctx->clock };
        int r = pic__former_open(&o, name, &ret->store, &ret->cell, err);

        if (r == 0)
                r = get_here(ctx, &ret->here, err);
        ret->moved.here = ret->here;
        return r;
}

int pic__opened_get(pic_ctx *ctx, const char *call, const pic_age_keys *keys, const pic_backup_opts *opts,
                    pic__opened *ret, pic_error **err)
{
        int r = pic__reading_begin(&ret->g, call, keys, opts, 0, err);

        if (r == 0)
                r = pic__backup_answers(ret->g.o.answers, call, err);
        if (r == 0)
                r = pic__scratch_anywhere(&ret->place, err);
        if (r == 0)
                r = pic__stage_write(ret->place.path, ret->g.backup, err);
        if (r == 0)
                r = pic__stage_check(ret->place.path, pic__unpack_manifest(ret->g.backup), ctx->clock, &ret->store,
                                     &ret->cell, err);
        if (r == 0)
                r = get_here(ctx, &ret->here, err);
        if (r < 0)
                return r;
        ret->moved = (pic__moved_opts){ .clock = ctx->clock,
                                        .actor = ctx->actor,
                                        .way = ctx->way,
                                        .fake = ctx->fake,
                                        .answers = ret->g.o.answers,
                                        .here = ret->here };
        return pic__moved_answer(ret->store, &ret->moved, err);
}
