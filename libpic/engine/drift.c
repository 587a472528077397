/* Owns: what others did on this machine, as text: kept when a look finds it (mend.c), told afterwards in the log and in
 * the journal; and `pic drift`: what differs now, and what of others acts beside us.
 *
 * What the first look after a start finds is not told as drift: wishes may have changed while nobody applied them, and
 * nobody wrote down what was applied. The log has how many steps it took. */
#include <string.h>

#include "engine/engine_i.h"
#include "engine/findings.h"
#include "engine/notes.h"

#define SHOWN_STEPS 3
#define SHOWN_BYTES 240 /* of one */

int pic__engine_repairs(const pic__engine *e)
{
        const pic_obj *cell = e->snap != NULL ? pic__snap_cell(e->snap) : NULL;

        return cell == NULL || pic__obj_int(cell, "repair") != 0;
}

/* "add nft peer4 10.1.0.2 0x00010000 (peer anna); remove route route …; and 5 more". NULL without memory: then nothing
 * is told. */
static char *print(const pic__steps *steps)
{
        pic__buf all = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < steps->count && i < SHOWN_STEPS; i++) {
                pic__auto_buf pic__buf one = PIC__BUF_INIT;

                pic__step_text(&steps->at[i], &one);
                pic__buf_puts(&all, i > 0 ? "; " : "");
                pic__buf_put_shown(&all, pic__buf_str(&one), SHOWN_BYTES);
        }
        if (steps->count > SHOWN_STEPS)
                pic__buf_putf(&all, "; and %zu more", steps->count - SHOWN_STEPS);
        return pic__buf_steal(&all);
}

void pic__drift_repaired_text(pic__engine *e, char *text, size_t steps)
{
        pic__free(e->drift.repaired_text);
        e->drift.repaired_text = text;
        e->drift.repaired = steps;
}

void pic__drift_repaired(pic__engine *e, const pic__steps *steps)
{
        pic__drift_repaired_text(e, print(steps), steps->count);
}

char *pic__drift_take_left(pic__engine *e)
{
        char *text = pic__take(e->drift.left_text);

        e->drift.left = 0;
        e->drift.left_new = 0;
        return text;
}

int pic__drift_left(pic__engine *e, const pic__steps *steps)
{
        pic__drift *d = &e->drift;
        char *text = steps->count > 0 ? print(steps) : NULL;
        int same = d->left == steps->count && d->left_text != NULL && text != NULL && strcmp(d->left_text, text) == 0;

        pic__free(d->left_text);
        d->left_text = text;
        d->left = text != NULL ? steps->count : 0;
        d->left_new = d->left > 0 && (d->left_new || !same);
        return d->left > 0 && !same;
}

void pic__drift_free(pic__drift *d)
{
        pic__free(d->repaired_text);
        pic__free(d->left_text);
}

int pic__engine_wants_look(const pic__engine *e)
{
        return e->drift.left > 0 && pic__engine_repairs(e);
}

static void tell(pic__engine *e, const char *actor, const char *verb, const char *what, const char *steps)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "%s: %s", what, steps);
        pic__engine_remark(e, actor, verb, pic__buf_str(&text), &pic__bound_trouble);
}

void pic__engine_tell_drift(pic__engine *e, const char *actor)
{
        pic__drift *d = &e->drift;

        if (d->repaired_text != NULL) {
                pic__log_put(e->log, PIC_LOG_WARNING, "agent",
                             "the machine differed from the wishes: repaired with %zu steps: %s", d->repaired,
                             d->repaired_text);
                tell(e, actor, "repair", "repaired what others changed", d->repaired_text);
        }
        pic__free(pic__take(d->repaired_text));
        if (d->left_new && d->left_text != NULL) {
                pic__log_put(e->log, PIC_LOG_WARNING, "agent",
                             "the machine differs from the wishes, and is left so: %zu steps: %s", d->left,
                             d->left_text);
                tell(e, actor, "drift", "left alone what others changed", d->left_text);
        }
        d->left_new = 0;
}

/* --- pic drift ------------------------------------------------------------------------------------------------- */

static int put_foreign(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++)
                if (e->backends[i]->ops->strangers != NULL)
                        e->backends[i]->ops->strangers(e->backends[i], pic__found, &f);
        pic__json_key(out, "foreign");
        return pic__findings_json(&f, out, err);
}

/* Asked of the store: an engine that has applied nothing has no wishes at hand. */
static int repair_wished(pic__engine *e, int *ret, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        const pic_obj *cell;
        pic_revision revision;
        int r;

        *ret = pic__engine_repairs(e);
        if (e->snap != NULL)
                return 0;
        r = pic__engine_load(e, &s, &revision, err);
        if (r < 0)
                return r;
        cell = pic__snap_cell(s);
        *ret = cell == NULL || pic__obj_int(cell, "repair") != 0;
        return 0;
}

int pic__engine_drift(pic__engine *e, int repair, const char *actor, pic__json *out, pic_error **err)
{
        size_t steps = 0;
        int wished = 1, r;

        pic__json_open(out, '{');
        r = pic__engine_compare(e, 1, out, &steps, err);
        if (r == 0 && repair && steps > 0)
                r = pic__engine_repair(e, NULL, err);
        if (repair)
                pic__engine_tell_drift(e, actor);
        if (r == 0)
                r = put_foreign(e, out, err);
        if (r == 0)
                r = repair_wished(e, &wished, err);
        pic__json_kbool(out, "repair", wished);
        pic__json_kint(out, "repaired", repair ? (int64_t)steps : 0);
        pic__json_close(out, '}');
        pic__engine_trim();
        return r;
}
