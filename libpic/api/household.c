/* Owns: the import of a household, as called from outside. */
#include <pic/import.h>
#include <string.h>

#include "api/edit.h"
#include "change/household.h"
#include "engine/scratch.h"
#include "household/gather.h"
#include "household/report.h"

static const char usual[] = "internet,lan,peers"; /* what all devices of those products may */

static int see_one(const pic_obj *o, void *data)
{
        (void)o;
        (void)data;
        return 1;
}

/* What has to be known of the cell. */
static int look_at_cell(pic_edit *edit, uint32_t flags, pic__wish_household *in, pic_error **err)
{
        static const char *const nets[] = { "net4", "net6" };
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__store *st = NULL;
        int i, has = 0, r = pic__ctx_lock(edit->ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__store_get(st, PIC__CELL, NULL, &cell, err);
        if (r == 0 && flags == 0)
                has = pic__store_each(st, PIC__PEER, see_one, NULL, err);
        pic__ctx_unlock(edit->ctx);
        if (r < 0 || has < 0)
                return r < 0 ? r : has;
        in->takes_over = flags == 0 ? has == 0 : flags == PIC_HOUSEHOLD_TAKE_OVER;
        for (i = 0; i < 2; i++)
                if (pic__prefix_parse(pic__obj_text(cell, nets[i]), &in->net[i]) < 0)
                        return pic__fail(err, PIC_CORRUPT, "the cell has no networks");
        return 0;
}

static int tell(const pic__household *h, const char *path, int takes_over, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t bad = pic__household_count(h, PIC__TALE_UNSAFE) + pic__household_count(h, PIC__TALE_LOST) +
                     pic__household_count(h, PIC__TALE_CHANGED);

        if (ret == NULL)
                return 0;
        pic__household_report(h, path, takes_over, &j);
        return pic__report_new(&text, bad == 0 && h->untold == 0, ret, err);
}

static int import(pic_edit *edit, const char *path, pic__wish_household *in, pic_report **ret_told, pic_error **err)
{
        PIC__AUTO(pic__scratch_free) pic__scratch place = PIC__SCRATCH_INIT;
        size_t had = edit->wishes.ops.count;
        pic__household h;
        int r = pic__scratch_anywhere(&place, err);

        if (r < 0)
                return r;
        pic__household_init(&h, edit->ctx->clock->now(edit->ctx->clock->data));
        h.place = place.path;
        r = pic__household_gather(&h, path, err);
        if (r == 0)
                r = pic__wishes_household(&edit->wishes, &h, in, err);
        if (r == 0)
                r = tell(&h, path, in->takes_over, ret_told, err);
        if (r < 0)
                edit->wishes.ops.count = had;
        pic__household_free(&h);
        return r;
}

int pic_household_import(pic_edit *edit, const char *path, const pic_household_opts *opts, pic_report **ret_told,
                         pic_error **err)
{
        static const char call[] = "pic_household_import";
        pic__wish_household in = { 0 };
        pic_household_opts o;
        pic_error *bad = NULL;
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || path == NULL)
                return pic__api_bad(err, call, "edit or path is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "%s: this edit was committed already", call);
        r = pic__api_opts(opts, &o, sizeof(o), call, err);
        if (r < 0)
                return r;
        if (o.flags > PIC_HOUSEHOLD_JOIN || o.reserved != 0)
                return pic__api_bad(err, call, "opts.flags or opts.reserved has an unknown bit, or both bits");
        in.access = o.access != NULL ? o.access : usual;
        r = look_at_cell(edit, o.flags, &in, &bad);
        if (r == 0)
                r = import(edit, path, &in, ret_told, &bad);
        return r < 0 ? pic__edit_refused(edit, bad, err) : 0;
}
