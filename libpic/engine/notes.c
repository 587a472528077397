/* Owns: how many rows the agent's own doings may make. Somebody who undoes our work each minute, or calls without the
 * right to, must be in the journal, but must not fill it. The journal itself says what was written lately, so neither a
 * restart nor a second program changes the count. */
#include "engine/notes.h"

#include "base/time.h"
#include "engine/engine_i.h"

#define HOUR (3600 * PIC__SECOND)

const pic__bound pic__bound_life = { 60, 60 };
const pic__bound pic__bound_exits = { 60, 10 };
const pic__bound pic__bound_trouble = { 20, 1 };

/* About the cell when `o` is NULL. */
static int write_note(pic__txn *t, const pic_obj *o, const char *verb, const char *text, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = 0;

        if (o == NULL) {
                r = pic__txn_get(t, PIC__CELL, NULL, &cell, err);
                o = cell;
        }
        return r < 0 ? r : pic__txn_note(t, o->kind, o->id, pic__obj_name(o), verb, text, err);
}

static int put_note(pic__txn *t, const pic_obj *o, const char *verb, const char *text, const pic__bound *bound,
                    pic_error **err)
{
        unsigned all = 0, same = 0;
        int r = pic__txn_recent(t, verb, text, HOUR, &all, &same, err);

        if (r < 0 || all >= bound->all || same >= bound->same)
                return r;
        r = write_note(t, o, verb, text, err);
        return r < 0 ? r : 1;
}

int pic__engine_note(pic__engine *e, const char *actor, const char *verb, const char *text, const pic__bound *bound,
                     pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(e->store, actor, "agent", &t, err), written = 0;

        if (r == 0)
                r = written = put_note(t, NULL, verb, text, bound, err);
        if (r > 0)
                r = pic__txn_commit(pic__take(t), NULL, err);
        return r < 0 ? r : written;
}

void pic__engine_remark(pic__engine *e, const char *actor, const char *verb, const char *text, const pic__bound *bound)
{
        pic__auto_err pic_error *bad = NULL;

        if (pic__engine_note(e, actor, verb, text, bound, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "audit", bad);
}

void pic__engine_remark_on(pic__engine *e, const pic_obj *o, const char *verb, const char *text,
                           const pic__bound *bound)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic__auto_err pic_error *bad = NULL;
        int r = pic__txn_begin(e->store, "agent", "agent", &t, &bad);

        if (r == 0)
                r = put_note(t, o, verb, text, bound, &bad);
        if (r > 0)
                r = pic__txn_commit(pic__take(t), NULL, &bad);
        if (r < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "audit", bad);
}

/* --- refusals ------------------------------------------------------------------------------------------------- */

static int refused(pic__engine *e, const char *actor, const char *way, const char *text, unsigned more, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(e->store, actor, way, &t, err);

        if (r == 0)
                r = pic__txn_refused(t, text, more, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

static int rest(pic__engine *e, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(e->store, "agent", "agent", &t, err);

        if (r == 0)
                r = pic__txn_refused_rest(t, err);
        return r <= 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

void pic__engine_refused(pic__engine *e, const char *actor, const char *way, const char *text, unsigned more)
{
        pic__auto_err pic_error *bad = NULL;

        if (refused(e, actor, way, text, more, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "audit", bad);
}

void pic__engine_refused_rest(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (rest(e, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "audit", bad);
}
