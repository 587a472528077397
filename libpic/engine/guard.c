/* Owns: that who may what holds whatever else is the matter. A name server that hangs or a device that cannot be made
 * fails an apply, and the apply is undone as a whole; but a right that was taken back, or that ended at its date, must
 * not come back with it, and a table that somebody flushed must not stay away. So after a failure the rules alone are
 * brought to the wishes. */
#include <string.h>

#include "engine/engine_i.h"

/* What only gives waits for the whole. And a shape of ours for another network or device stays until all of the machine
 * can change: its rules are for what is there. */
static int needed(const pic__steps *steps)
{
        int takes = 0;
        size_t i;

        for (i = 0; i < steps->count; i++) {
                const pic__step *s = &steps->at[i];

                if (s->kind == PIC__I_NFT_SHAPE)
                        return s->before == NULL || strncmp(s->before->value, "dev=", 4) != 0;
                if (s->verb != PIC__ADD && pic__item_kinds[s->kind].backend == PIC__B_NFT)
                        takes = 1;
        }
        return takes;
}

static void keep_rules(pic__steps *steps)
{
        size_t i, kept = 0;

        for (i = 0; i < steps->count; i++)
                if (pic__item_kinds[steps->at[i].kind].backend == PIC__B_NFT)
                        steps->at[kept++] = steps->at[i];
        steps->count = kept;
}

/* The table is gone, or its rules are not those that we made. */
static int block_is_gone(const pic__steps *steps)
{
        size_t i;

        for (i = 0; i < steps->count; i++)
                if (steps->at[i].kind == PIC__I_NFT_SHAPE)
                        return needed(steps);
        return 0;
}

/* What packets of exits fall on, and what leads them there: gone or spoilt. */
static int is_floor(const pic__step *s)
{
        return (s->kind == PIC__I_ROUTE_FLOOR || s->kind == PIC__I_ROUTE_RULE) && s->verb != PIC__REMOVE;
}

static int keep_one(pic__steps *to, const pic__step *step, pic_error **err)
{
        return pic__vec_push(to, *step) < 0 ? pic__nomem(err) : 0;
}

int pic__guard_split(pic__steps *steps, pic__steps *block, pic_error **err)
{
        int all = block_is_gone(steps);
        size_t i, left = 0;

        for (i = 0; i < steps->count; i++) {
                const pic__step *s = &steps->at[i];
                int rule = pic__item_kinds[s->kind].backend == PIC__B_NFT && (all || s->verb != PIC__ADD);

                if (!rule && !is_floor(s))
                        steps->at[left++] = *s;
                else if (keep_one(block, s, err) < 0)
                        return PIC_NOMEM;
        }
        steps->count = left;
        return 0;
}

static int guard(pic__engine *e, pic_error **err)
{
        pic__auto_items pic__items there = PIC__ITEMS_INIT, wished = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic__backend *b = e->backends[PIC__B_NFT];
        pic_time now = e->clock->now(e->clock->data);
        pic__auto_free pic_id *ended = NULL;
        size_t count = 0;
        int r;

        (void)pic__engine_attach(e, e->snap, NULL); /* when nothing can be seen, what was seen last */
        r = pic__snap_now(e->snap, now, &ended, &count, err);
        if (r == 0)
                r = pic__derive_all(e->snap, NULL, &wished, err); /* no rule has a secret */
        if (r == 0)
                r = b->ops->observe(b, &there, err);
        if (r == 0)
                r = pic__plan_diff(&there, &wished, &steps, err);
        if (r < 0 || !needed(&steps))
                return r;
        keep_rules(&steps);
        r = pic__engine_run(e, &steps, err);
        if (r == 0)
                pic__log_put(e->log, PIC_LOG_INFO, "engine", "the rules alone were brought to the wishes: %zu steps",
                             steps.count);
        return r;
}

void pic__engine_guard(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (e->snap == NULL)
                return;
        e->dirty = e->dirty || pic__engine_repairs(e); /* else nothing is known to differ but what others changed */
        pic__engine_forget(e);
        if (guard(e, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_ERROR, "engine", bad);
}
