/* Owns: drills of what targets hold: when, what is told, what is made of the verdict. A cell that cannot open its own
 * backups makes none, and says so. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "codec/json_in.h"
#include "engine/drill.h"
#include "engine/keep_i.h"
#include "engine/scratch.h"

#define FIRST (3600 * PIC__SECOND) /* after the target was seen first: not while somebody sets it up */
#define SLACK (60 * PIC__SECOND)
#define REPORT_MAX 20000

void pic__keep_drill_clear(pic__keep_drill *d)
{
        char *const texts[] = { d->backup, d->report, d->failed, d->text, d->hint };
        size_t i;

        for (i = 0; i < PIC__COUNT(texts); i++)
                pic__free(texts[i]);
        *d = (pic__keep_drill){ .done = 0 };
}

/* --- when -------------------------------------------------------------------------------------------------------- */

static int is_wanted(const pic__keep_target *t, const pic_obj *o)
{
        return pic__obj_int(o, "enabled") != 0 && pic__target_drills(o) != 0 && pic__target_opens(o) && t->good != 0;
}

static pic__keep_pace pace(const pic__keep_target *t, const pic_obj *o)
{
        return (pic__keep_pace){ .every = is_wanted(t, o) ? pic__target_drills(o) : 0,
                                 .at = -1,
                                 .since = t->since + FIRST,
                                 .tried = t->drill.tried,
                                 .good = t->drill.done,
                                 .failures = t->drill.failures };
}

pic_time pic__keep_drill_next(const pic__keep_target *t, const pic_obj *o, pic_time now)
{
        pic__keep_pace p = pace(t, o);

        if (p.every == 0)
                return 0;
        if (p.failures == 0 && p.good == 0 && p.since <= now + FIRST + SLACK)
                return p.since;
        /* one that did not come back: the next backup is tried as soon as it is there */
        if (p.failures == 0 && !t->drill.good && t->good > t->drill.done)
                return t->good;
        return pic__keep_next(&p, now);
}

/* --- what is told ------------------------------------------------------------------------------------------------ */

int pic__keep_drill_order(pic__engine *e, const pic_obj *o, const char *name, pic__buf *out, pic_error **err)
{
        pic__auto_wipe pic__buf fetch = PIC__BUF_SECRET, passphrase = PIC__BUF_SECRET;
        const pic_obj *cell = pic__snap_cell(e->snap);
        pic__json j = PIC__JSON(out);
        int r = pic__keep_order(e->dir, &e->seals, cell, o, "fetch", name, NULL, &fetch, err);

        if (r == 0 && pic__obj_has(o, "passphrase"))
                r = pic__seals_open_text(&e->seals, o, "passphrase", &passphrase, err);
        if (r < 0)
                return r;
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "op", "target");
        pic__json_kbool(&j, "fake", e->fake);
        pic__json_kstr(&j, "of", pic__obj_text(cell, "public_key"));
        if (passphrase.len > 0)
                pic__json_kstr(&j, "passphrase", pic__buf_str(&passphrase));
        pic__json_kstr(&j, "fetch", pic__buf_str(&fetch));
        pic__json_close(&j, '}');
        return out->failed ? pic__nomem(err) : 0;
}

/* --- the verdict ------------------------------------------------------------------------------------------------- */

static const pic__node *first_failure(const pic__node *drill)
{
        const pic__node *list = pic__node_list(drill, "checks"), *one;

        for (one = list != NULL ? list->first : NULL; one != NULL; one = one->next)
                if (one->type == PIC__N_MAP && strcmp(pic__node_str(one, "state", ""), "failed") == 0)
                        return one;
        return NULL;
}

static void keep_report(pic__keep_drill *d, const pic__node *drill)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        pic__node_put(drill, &j);
        pic__keep_text(&d->report, !text.failed && text.len <= REPORT_MAX ? pic__buf_str(&text) : NULL);
}

static void judged(pic__engine *e, const pic_obj *o, const char *name, const pic__node *drill)
{
        pic__keep_drill *d = &e->keep->of->drill;
        const pic__node *failure = first_failure(drill);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        d->done = e->clock->now(e->clock->data);
        d->failures = 0;
        d->good = pic__node_bool(drill, "restorable", 0);
        d->milliseconds = pic__node_int_or(drill, "milliseconds", 0);
        pic__keep_text(&d->backup, name);
        pic__keep_text(&d->failed, pic__node_str(drill, "failed", NULL));
        pic__keep_text(&d->text, failure != NULL ? pic__node_str(failure, "text", NULL) : NULL);
        pic__keep_text(&d->hint, failure != NULL ? pic__node_str(failure, "hint", NULL) : NULL);
        keep_report(d, drill);
        pic__buf_putf(&text, "%s is %s, %" PRId64 ".%" PRId64 " s", name, d->good ? "restorable" : "not restorable",
                      d->milliseconds / 1000, d->milliseconds % 1000 / 100);
        if (!d->good)
                pic__buf_putf(&text, ": %s: %s", d->failed != NULL ? d->failed : "?", d->text != NULL ? d->text : "");
        pic__keep_note(e, o, d->good ? PIC_LOG_INFO : PIC_LOG_ERROR, d->good ? "drill" : "drill-failed",
                       pic__buf_str(&text));
}

void pic__keep_drilled(pic__engine *e, const pic_obj *o, const pic__node *said, const pic_error *bad)
{
        pic__keep_drill *d = &e->keep->of->drill;
        const pic__node *drill = said != NULL ? pic__node_map(said, "drill") : NULL;

        if (drill != NULL) {
                judged(e, o, pic__node_str(said, "name", "the newest"), drill);
                return;
        }
        pic__drill_clean(); /* what one that was ended left */
        d->failures += d->failures < 1000;
        pic__keep_text(&d->text, bad != NULL ? pic_error_message(bad) : "it ended without an answer");
        pic__keep_text(&d->hint, bad != NULL ? pic_error_hint(bad) : NULL);
        pic__log_put(e->log, PIC_LOG_WARNING, "backup", "target %s: no drill: %s", pic__obj_name(o), d->text);
}

/* --- as JSON, and in doctor's words ------------------------------------------------------------------------------ */

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

/* null: there was none yet. */
static void put_verdict(pic__json *j, const pic__keep_drill *d)
{
        pic__json_key(j, "restorable");
        if (d->done != 0)
                pic__json_bool(j, d->good);
        else
                pic__json_null(j);
}

void pic__keep_drill_put(const pic__keep_target *t, const pic_obj *o, pic_time now, pic__json *j)
{
        const pic__keep_drill *d = &t->drill;
        int none = d->failures > 0;

        pic__json_open(j, '{');
        put_verdict(j, d);
        put_time(j, "at", d->done);
        put_time(j, "next", pic__keep_drill_next(t, o, now));
        pic__json_kstr(j, "needs", pic__target_opens(o) ? NULL : "identity");
        pic__json_kstr(j, "backup", d->backup);
        pic__json_kint(j, "milliseconds", d->milliseconds);
        pic__json_kstr(j, "failed", d->failed);
        pic__json_kstr(j, "error", none ? d->text : NULL);
        pic__json_kstr(j, "hint", d->hint);
        pic__json_key(j, "report");
        pic__json_raw(j, d->report != NULL ? d->report : "null");
        pic__json_close(j, '}');
}

void pic__keep_drill_brief(const pic__keep_target *t, pic__json *j)
{
        const pic__keep_drill *d = &t->drill;

        put_time(j, "drilled", d->done);
        put_verdict(j, d);
        pic__json_kint(j, "drill_milliseconds", d->milliseconds);
        pic__json_kint(j, "drill_failures", d->failures);
}

/* Of one that the cell can open. */
static void look_at(const pic__keep_target *t, const pic_obj *o, pic_time now, const char *by_hand, pic__findings *f)
{
        const pic__keep_drill *d = &t->drill;
        const char *name = pic__obj_name(o), *fix = d->hint != NULL ? d->hint : by_hand;
        const char *why = d->text != NULL ? d->text : "";
        pic__keep_pace p = pace(t, o);

        if (d->done != 0 && !d->good)
                pic__foundf(f, PIC_LOG_ERROR, "backup", fix, "target %s: %s does not come back: %s: %s", name,
                            d->backup, d->failed != NULL ? d->failed : "?", d->failures == 0 ? why : "");
        else if (d->failures > 0 && p.every != 0)
                pic__foundf(f, PIC_LOG_WARNING, "backup", fix,
                            "target %s: it could not be tried whether its backups come back: %s", name, why);
        else if (d->done != 0 && pic__keep_stale(&p, now))
                pic__foundf(f, PIC_LOG_WARNING, "backup", by_hand,
                            "target %s: nobody has tried for long whether its backups come back", name);
}

void pic__keep_drill_look(const pic__keep_target *t, const pic_obj *o, pic_time now, pic__findings *f)
{
        pic__auto_buf pic__buf by_hand = PIC__BUF_INIT;
        const char *name = pic__obj_name(o);

        pic__buf_putf(&by_hand, "pic backup drill %s", name);
        if (pic__target_opens(o)) {
                look_at(t, o, now, pic__buf_str(&by_hand), f);
                return;
        }
        pic__buf_puts(&by_hand, ": -i FILE");
        if (pic__target_drills(o) != 0 && pic__obj_int(o, "enabled") != 0 && t->good != 0)
                pic__foundf(f, PIC_LOG_INFO, "backup", pic__buf_str(&by_hand),
                            "target %s: whether its backups come back is tried with the identity, by hand", name);
}

/* --- the file ---------------------------------------------------------------------------------------------------- */

void pic__keep_drill_save(const pic__keep_drill *d, pic__json *j)
{
        pic__json_key(j, "drill");
        pic__json_open(j, '{');
        put_time(j, "tried", d->tried);
        put_time(j, "done", d->done);
        pic__json_kint(j, "failures", d->failures);
        pic__json_kbool(j, "good", d->good);
        pic__json_kint(j, "milliseconds", d->milliseconds);
        pic__json_kstr(j, "backup", d->backup);
        pic__json_kstr(j, "report", d->report);
        pic__json_kstr(j, "failed", d->failed);
        pic__json_kstr(j, "text", d->text);
        pic__json_kstr(j, "hint", d->hint);
        pic__json_close(j, '}');
}

static pic_time get_time(const pic__node *n, const char *key)
{
        const char *text = pic__node_str(n, key, "");
        pic_time t = 0;

        return text[0] != '\0' && pic__time_parse(text, &t) == 0 ? t : 0;
}

/* It is shown as JSON: what was put into the file by another hand must be some. */
static int is_report(const char *text)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;

        return text != NULL && pic__doc_json(text, strlen(text), "report", &doc, NULL) == 0 &&
               pic__doc_root(doc)->type == PIC__N_MAP;
}

void pic__keep_drill_load(const pic__node *n, pic__keep_drill *d)
{
        if (n == NULL)
                return;
        d->tried = get_time(n, "tried");
        d->done = get_time(n, "done");
        d->failures = (unsigned)(pic__node_int_or(n, "failures", 0) & 1023);
        d->good = pic__node_bool(n, "good", 0);
        d->milliseconds = pic__node_int_or(n, "milliseconds", 0);
        pic__keep_text(&d->backup, pic__node_str(n, "backup", NULL));
        pic__keep_text(&d->report,
                       is_report(pic__node_str(n, "report", NULL)) ? pic__node_str(n, "report", NULL) : NULL);
        pic__keep_text(&d->failed, pic__node_str(n, "failed", NULL));
        pic__keep_text(&d->text, pic__node_str(n, "text", NULL));
        pic__keep_text(&d->hint, pic__node_str(n, "hint", NULL));
}
