/* Owns: the change that nobody confirmed goes back. By the way of every change: wishes, judged, journaled, in one
 * transaction; the caller then applies. */
#include "engine/revert.h"

#include <inttypes.h>
#include <stdio.h>

#include "change/run.h"
#include "engine/engine_i.h"
#include "sys/clock.h"

int pic__engine_confirm_left(pic__engine *e, pic_time *ret_left)
{
        pic__confirm c;

        if (pic__store_confirm(e->store, &c, NULL) <= 0)
                return 0;
        *ret_left = pic__confirm_left(&c, e->clock, e->boot, e->started);
        return 1;
}

static int note(pic__txn *t, const pic__confirm *c, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        char text[128];
        int r = pic__txn_get(t, PIC__CELL, NULL, &cell, err);

        if (r < 0)
                return r;
        snprintf(text, sizeof(text), "revision %" PRId64 " was not confirmed in time: back to revision %" PRId64,
                 c->revision, c->back);
        return pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), "unconfirmed", text, err);
}

/* What was right before is right now, so the host is not asked again. */
static int go_back(pic__engine *e, pic__txn *t, const pic__confirm *c, pic_error **err)
{
        PIC__AUTO(pic__wishes_free) pic__wishes w = { .ops = PIC__VEC_INIT };
        const pic__run_opts opts = { .clock = e->clock, .unconfirmed = 1 };
        const pic__op op = { .wish = PIC__WISH_RETURN, .kind = PIC__CELL, .revision = c->back };
        int r = pic__wish_push(&w, &op, err);

        if (r == 0)
                r = pic__change_run(&w, e->store, t, &opts, err);
        return r < 0 ? r : note(t, c, err);
}

int pic__engine_revert(pic__engine *e, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic__confirm c;
        int r = pic__txn_begin(e->store, "agent", "agent", &t, err);

        if (r == 0)
                r = pic__store_confirm(e->store, &c, err);
        if (r <= 0) /* it was confirmed in this very moment */
                return r;
        r = go_back(e, t, &c, err);
        if (r == 0)
                r = pic__txn_commit(pic__take(t), NULL, err);
        if (r == 0)
                pic__log_put(e->log, PIC_LOG_WARNING, "engine",
                             "revision %" PRId64 " was not confirmed in time: back to revision %" PRId64, c.revision,
                             c.back);
        return r;
}
