/* Owns: bringing the world up to the store. Two ways: the whole (observe all, compare, act), and the difference since
 * the last time, which costs what changed. After any failure the whole way is taken, because nobody knows better. */
#include <inttypes.h>
#include <string.h>

#include "change/changes.h"
#include "engine/engine_i.h"
#include "engine/wire.h"

static void report(pic__engine *e, size_t steps, pic_time started)
{
        pic_time took = e->clock->mono(e->clock->data) - started;

        pic__log_put(e->log, steps > 0 ? PIC_LOG_INFO : PIC_LOG_DEBUG, "engine",
                     "revision %" PRId64 " applied: %zu steps in %" PRId64 " ms", (int64_t)e->applied, steps,
                     (int64_t)(took / 1000));
}

/* The difference since the last apply. */
static int by_change(pic__engine *e, pic_time now, size_t *ret_steps, pic_error **err)
{
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic__secrets secrets;
        pic_revision revision;
        int all = 0, r;

        r = pic__changes_read(e->store, e->applied, e->snap, &c, &revision, err);
        if (r < 0)
                return r;
        e->dirty = 1; /* until it has all gone well */
        r = pic__derive_delta(e->snap, c.list.at, c.list.count, now, pic__engine_secrets(e, &secrets), &before, &after,
                              &all, err);
        if (r < 0) {
                e->snap = pic__snap_unref(e->snap);
                return r;
        }
        r = pic__plan_diff(&before, &after, &steps, err);
        if (r == 0)
                r = pic__engine_run(e, &steps, err);
        if (r < 0)
                return r;
        e->applied = revision;
        e->dirty = 0;
        pic__engine_forget_left(e);
        *ret_steps = steps.count;
        return 0;
}

/* What can be otherwise than it was seen is looked at, and compared with *snap. */
static int look(pic__engine *e, enum pic__mending how, size_t *ret_steps, pic_error **err)
{
        int r;

        if (how != PIC__MEND_BLOCK)
                e->dirty = 1; /* until it has all gone well */
        r = pic__engine_mend(e, how, ret_steps, err);
        pic__engine_put_off(e, PIC__B_NFT); /* what it has from a former agent, whatever came of the rest */
        if (r == 0) {
                e->looks++;
                e->dirty = 0;
        }
        pic__engine_trim();
        return r;
}

/* 1: the store wants nothing else than what was applied last; 0: it does. */
static int up_to_date(pic__engine *e, pic_time now, pic_error **err)
{
        pic_time due = pic__snap_next_expiry(e->snap);
        pic_revision revision;
        int r = pic__store_revision(e->store, &revision, err);

        /* A clock that was put back brings back who had expired. */
        return r < 0 ? r : revision == e->applied && (due == 0 || now < due) && now >= pic__snap_time(e->snap);
}

/* Everything anew: the old snapshot goes first, so that memory never holds two; unless the store cannot be read at all,
 * when old wishes are better than none. */
static int whole(pic__engine *e, size_t *ret_steps, pic_error **err)
{
        enum pic__mending how = PIC__MEND_WISHES;
        pic_revision revision;
        int r = pic__store_revision(e->store, &revision, err);

        if (r < 0)
                return r;
        /* After a start nobody knows what was wished meanwhile and what others did. */
        if (e->snap != NULL && e->applied >= 0 && up_to_date(e, e->clock->now(e->clock->data), NULL) > 0)
                how = PIC__MEND_DRIFT;
        e->snap = pic__snap_unref(e->snap);
        r = pic__engine_load(e, &e->snap, &revision, err);
        pic__engine_forget(e);
        if (r == 0)
                r = look(e, how, ret_steps, err);
        if (r == 0)
                e->applied = revision;
        if (e->snap != NULL)
                pic__seals_bound(&e->seals, 2 * pic__snap_count(e->snap, PIC__PEER) + 64);
        return r;
}

/* Keeps the outcome for status. The log gets it here, once for each different trouble: whoever asked gets it too, but
 * the agent's own attempts have nobody else to tell. */
int pic__engine_outcome(pic__engine *e, int r, pic_error *bad, pic_error **err)
{
        pic__auto_err pic_error *former = pic__take(e->failure);

        if (r == 0) {
                if (former != NULL)
                        pic__log_put(e->log, PIC_LOG_INFO, "engine", "well again");
                return 0;
        }
        pic__engine_guard(e);
        e->failure = pic__wire_copy(bad);
        if (former == NULL || strcmp(pic_error_message(former), pic_error_message(e->failure)) != 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "engine", bad);
        if (err != NULL)
                *err = bad;
        else
                pic_error_free(bad);
        return r;
}

int pic__engine_trusted(const pic__engine *e)
{
        return e->snap != NULL && e->applied >= 0 && !e->dirty;
}

/* What others changed and was left alone stands in the way of a change, maybe: then everything is put right. */
static int past_drift(pic__engine *e, size_t *ret_steps, pic_error **bad)
{
        char *left = pic__drift_take_left(e);
        int r;

        pic_error_free(pic__take(*bad));
        r = whole(e, ret_steps, bad);
        if (r == 0)
                pic__drift_repaired_text(e, left, *ret_steps);
        else
                pic__free(left);
        return r;
}

int pic__engine_apply(pic__engine *e, size_t *ret_steps, pic_error **err)
{
        pic_time started = e->clock->mono(e->clock->data), now = e->clock->now(e->clock->data);
        pic_error *bad = NULL;
        size_t steps = 0;
        int r;

        if (ret_steps != NULL)
                *ret_steps = 0;
        if (pic__engine_trusted(e)) {
                r = up_to_date(e, now, &bad);
                if (r > 0)
                        return 0;
                if (r == 0)
                        r = by_change(e, now, &steps, &bad);
                if (r < 0 && e->drift.left > 0)
                        r = past_drift(e, &steps, &bad);
        } else {
                r = whole(e, &steps, &bad);
        }
        if (r == 0) {
                report(e, steps, started);
                if (ret_steps != NULL)
                        *ret_steps = steps;
        }
        return pic__engine_outcome(e, r, bad, err);
}

static int look_at_all(pic__engine *e, int by_itself, size_t *ret_steps, pic_error **err)
{
        pic_time started = e->clock->mono(e->clock->data);
        pic_error *bad = NULL;
        size_t steps = 0, changed = 0, followed = 0;
        int r;

        if (!pic__engine_trusted(e)) {
                r = whole(e, &steps, &bad);
        } else {
                r = pic__engine_follow(e, &followed, &bad); /* no change of a wish, and no drift */
                if (r == 0)
                        r = pic__engine_apply(e, &changed, &bad);
                if (r == 0)
                        r = look(e, by_itself && !pic__engine_repairs(e) ? PIC__MEND_BLOCK : PIC__MEND_DRIFT, &steps,
                                 &bad);
        }
        if (r == 0) {
                report(e, steps, started);
                if (ret_steps != NULL)
                        *ret_steps = steps + changed;
        }
        return pic__engine_outcome(e, r, bad, err);
}

int pic__engine_repair(pic__engine *e, size_t *ret_steps, pic_error **err)
{
        return look_at_all(e, 0, ret_steps, err);
}

int pic__engine_look(pic__engine *e, size_t *ret_steps, pic_error **err)
{
        return look_at_all(e, 1, ret_steps, err);
}

static void put_steps(pic__json *out, pic_revision revision, const pic__steps *steps)
{
        size_t i;

        pic__json_kint(out, "revision", revision);
        pic__json_key(out, "steps");
        pic__json_open(out, '[');
        for (i = 0; i < steps->count; i++)
                pic__step_json(&steps->at[i], out);
        pic__json_close(out, ']');
}

/* 1: *snap has what the store wants now, and what the machine is attached to. */
static int at_hand(pic__engine *e)
{
        return pic__engine_trusted(e) && up_to_date(e, e->clock->now(e->clock->data), NULL) > 0 &&
               !pic__engine_moved(e);
}

/* `there` is filled with what was looked at, and *ret_parts says which; both bags must outlive the steps. */
static int compare(pic__engine *e, const pic__snap *s, pic__items *there, pic__items *wished, pic__steps *steps,
                   unsigned *ret_parts, pic_error **err)
{
        pic__secrets secrets;
        int r = pic__engine_observe_news(e, there, ret_parts, err);

        if (r == 0)
                r = pic__derive_parts(s, *ret_parts, pic__engine_secrets(e, &secrets), wished, err);
        return r < 0 ? r : pic__plan_diff(there, wished, steps, err);
}

int pic__engine_compare(pic__engine *e, int spare, pic__json *out, size_t *ret_steps, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *loaded = NULL;
        pic__auto_items pic__items there = PIC__ITEMS_INIT, wished = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic_revision revision = e->applied;
        unsigned parts = 0;
        int r = 0;

        if (spare && at_hand(e)) {
                pic__engine_forget_left(e);
        } else {
                pic__engine_forget(e);
                r = pic__engine_load(e, &loaded, &revision, err);
        }
        if (r == 0)
                r = compare(e, loaded != NULL ? loaded : e->snap, &there, &wished, &steps, &parts, err);
        if (r < 0)
                return r;
        if (revision == e->applied && e->drift.left == 0) /* else the next look tells anew what it leaves alone */
                pic__engine_saw(e, parts, &steps, PIC__SEEN_NOT);
        put_steps(out, revision, &steps);
        if (ret_steps != NULL)
                *ret_steps = steps.count;
        return 0;
}

int pic__engine_plan(pic__engine *e, pic__json *out, size_t *ret_steps, pic_error **err)
{
        int r;

        pic__json_open(out, '{');
        r = pic__engine_compare(e, 0, out, ret_steps, err);
        pic__json_close(out, '}');
        pic__engine_trim();
        return r;
}
