/* Owns: the judgement of alerts. */
#include "engine/alert_judge.h"

#include <string.h>

#include "base/time.h"

#include <pic/log.h>

#define HOLD (60 * PIC__SECOND)
#define HOLD_MOST (3600 * PIC__SECOND)
#define REST (2 * HOLD_MOST)
#define FLAPS_MOST 10

const char *const pic__alert_stages[PIC__ALERT_STAGES] = { "pending", "due", "happened", "told", "over", "resting" };

void pic__alert_rule_of(const pic_obj *o, pic__alert_rule *ret)
{
        const char *quiet = pic__obj_text(o, "quiet");
        int i;

        memset(ret, 0, sizeof(*ret));
        ret->o = o;
        for (i = 0; i < PIC__ALERT_EVENT_COUNT; i++)
                if (pic__alert_wants(o, (enum pic__alert_event)i))
                        ret->events |= 1u << i;
        ret->level = strcmp(pic__obj_text(o, "level"), "error") == 0 ? PIC_LOG_ERROR : PIC_LOG_WARNING;
        ret->quiet_errors = pic__obj_int(o, "quiet_errors") != 0;
        ret->recovery = pic__obj_int(o, "recovery") != 0;
        if (quiet[0] == '\0' || pic__alert_quiet_parse(quiet, &ret->quiet_from, &ret->quiet_to) < 0)
                ret->quiet_from = ret->quiet_to = -1;
        ret->after = pic__obj_int(o, "after") * PIC__SECOND;
        ret->window = pic__obj_int(o, "window") * PIC__SECOND;
        ret->repeat = pic__obj_int(o, "repeat") * 60 * PIC__SECOND;
        ret->silent = pic__obj_int(o, "silent") * 60;
}

void pic__alert_entry_clear(pic__alert_entry *e)
{
        pic__free(e->about);
        pic__free(e->text);
        pic__free(e->fix);
        memset(e, 0, sizeof(*e));
}

void pic__alert_watch_clear(pic__alert_watch *w)
{
        size_t i;

        for (i = 0; i < w->list.count; i++)
                pic__alert_entry_clear(&w->list.at[i]);
        pic__vec_free(&w->list);
        w->more = 0;
}

/* --- what there is ---------------------------------------------------------------------------------------------- */

static int is_wanted(const pic__alert_rule *r, const pic__alert_fact *f)
{
        if ((r->events >> f->event & 1) == 0 || f->level > r->level)
                return 0;
        if (f->event == PIC__ALERT_PEER_SILENT && f->kind == PIC__FACT_LASTS && f->value < r->silent)
                return 0;
        return f->peer == NULL || pic__alert_about(r->o, f->peer);
}

/* FNV-1a: the same over restarts. */
static uint64_t key_of(const pic__alert_fact *f)
{
        uint64_t h = (0xcbf29ce484222325u ^ (uint64_t)f->event) * 0x100000001b3u;
        const char *p;

        for (p = f->key; *p != '\0'; p++)
                h = (h ^ (uint8_t)*p) * 0x100000001b3u;
        return h;
}

static pic__alert_entry *find(const pic__alert_watch *w, uint64_t key)
{
        size_t i;

        for (i = 0; i < w->list.count; i++)
                if (w->list.at[i].key == key)
                        return &w->list.at[i];
        return NULL;
}

static void keep(char **to, const char *text)
{
        if (*to != NULL && text != NULL && strcmp(*to, text) == 0)
                return;
        pic__free(*to);
        *to = pic__strdup(text);
}

static void describe(pic__alert_entry *e, const pic__alert_fact *f)
{
        e->level = f->level;
        keep(&e->about, f->about);
        keep(&e->text, f->text);
        keep(&e->fix, f->fix);
}

/* How long it must be away to be over, or have come back to be told again. */
static pic_time hold(const pic__alert_rule *r, const pic__alert_entry *e)
{
        pic_time h = r->after > HOLD ? r->after : HOLD;
        unsigned i;

        for (i = 0; i < e->flaps && h < HOLD_MOST; i++)
                h *= 2;
        return h < HOLD_MOST || r->after > HOLD_MOST ? h : HOLD_MOST;
}

static pic_time need(const pic__alert_rule *r, const pic__alert_entry *e)
{
        return e->flaps > 0 ? hold(r, e) : r->after;
}

static void begin(pic__alert_watch *w, const pic__alert_fact *f, uint64_t key, pic_time now)
{
        pic__alert_entry e = { .key = key, .event = f->event, .since = now, .seen = 1, .count = 1 };

        if (f->kind == PIC__FACT_HAPPENED) {
                e.stage = PIC__ALERT_HAPPENED;
                e.due = now;
        }
        if (w->list.count < PIC__ALERT_ENTRIES_MAX && pic__vec_push(&w->list, e) == 0)
                describe(&w->list.at[w->list.count - 1], f);
        else
                w->more++;
}

static void again(pic__alert_entry *e, const pic__alert_fact *f, pic_time now)
{
        e->seen = 1;
        if (f->kind == PIC__FACT_UNKNOWN)
                return;
        describe(e, f);
        if (f->kind == PIC__FACT_HAPPENED) {
                e->count++;
                return;
        }
        if (e->stage == PIC__ALERT_RESTING) {
                e->stage = PIC__ALERT_PENDING;
                e->since = now;
                e->flaps += e->flaps < FLAPS_MOST;
        } else if (e->stage == PIC__ALERT_OVER || (e->stage == PIC__ALERT_TOLD && e->gone != 0)) {
                e->flaps += e->flaps < FLAPS_MOST;
                e->stage = PIC__ALERT_TOLD;
        }
        e->gone = 0;
}

static void take(pic__alert_watch *w, const pic__alert_rule *r, const pic__alert_fact *f, pic_time now)
{
        uint64_t key;
        pic__alert_entry *e;

        if (!is_wanted(r, f))
                return;
        key = key_of(f);
        e = find(w, key);
        if (e != NULL)
                again(e, f, now);
        else if (f->kind != PIC__FACT_UNKNOWN)
                begin(w, f, key, now);
}

/* --- what becomes of it ----------------------------------------------------------------------------------------- */

static void rest(pic__alert_entry *e, pic_time now)
{
        e->stage = PIC__ALERT_RESTING;
        e->gone = now;
        e->due = 0;
}

/* One that is not told yet. 1: it is to be forgotten. */
static int step_new(pic__alert_entry *e, const pic__alert_rule *r, pic_time now, int *changed)
{
        if (e->seen) {
                if (e->stage == PIC__ALERT_DUE || now - e->since < need(r, e))
                        return 0;
                e->stage = PIC__ALERT_DUE;
                e->due = now;
                *changed = 1;
                return 0;
        }
        *changed |= e->stage == PIC__ALERT_DUE;
        if (e->flaps == 0)
                return 1;
        rest(e, now); /* it did not last */
        return 0;
}

static void step_told(pic__alert_entry *e, const pic__alert_rule *r, pic_time now, int *changed)
{
        if (e->seen) {
                if (r->repeat != 0 && now - e->told >= r->repeat && e->due <= e->told)
                        e->due = now;
                return;
        }
        if (now - e->gone < hold(r, e))
                return;
        e->stage = PIC__ALERT_OVER;
        e->due = now;
        *changed = 1;
        if (!r->recovery)
                rest(e, now);
}

/* 1: it is to be forgotten. */
static int step(pic__alert_entry *e, const pic__alert_rule *r, pic_time now, int *changed)
{
        if (e->stage == PIC__ALERT_HAPPENED)
                return 0;
        if (!e->seen && e->gone == 0)
                e->gone = now;
        if (e->stage == PIC__ALERT_RESTING)
                return now - e->gone >= REST;
        if (e->stage == PIC__ALERT_PENDING || e->stage == PIC__ALERT_DUE)
                return step_new(e, r, now, changed);
        if (e->stage == PIC__ALERT_TOLD)
                step_told(e, r, now, changed);
        return 0;
}

static void step_all(pic__alert_watch *w, const pic__alert_rule *r, pic_time now, int *changed)
{
        size_t i, kept = 0;

        for (i = 0; i < w->list.count; i++) {
                if (step(&w->list.at[i], r, now, changed))
                        pic__alert_entry_clear(&w->list.at[i]);
                else
                        w->list.at[kept++] = w->list.at[i];
        }
        w->list.count = kept;
}

/* --- what is said ----------------------------------------------------------------------------------------------- */

static int is_due(const pic__alert_entry *e, const pic__alert_rule *r, int quiet)
{
        if (quiet && !(r->quiet_errors && e->level == PIC_LOG_ERROR))
                return 0;
        return e->stage == PIC__ALERT_DUE || e->stage == PIC__ALERT_HAPPENED || e->stage == PIC__ALERT_OVER ||
               (e->stage == PIC__ALERT_TOLD && e->due > e->told);
}

static const char *how(const pic__alert_entry *e)
{
        return e->stage == PIC__ALERT_HAPPENED ? "happened"
               : e->stage == PIC__ALERT_OVER   ? "recovered"
               : e->stage == PIC__ALERT_TOLD   ? "still"
                                               : "trouble";
}

/* It is told. 1: and to be forgotten. */
static int told(pic__alert_entry *e, pic_time now)
{
        if (e->stage == PIC__ALERT_HAPPENED)
                return 1;
        e->told = now;
        if (e->stage == PIC__ALERT_OVER)
                rest(e, now);
        else
                e->stage = PIC__ALERT_TOLD;
        return 0;
}

static int is_full(const pic__alert_watch *w, const pic__alert_rule *r, const pic__alert_now *now, int quiet)
{
        size_t i;

        for (i = 0; i < w->list.count; i++)
                if (is_due(&w->list.at[i], r, quiet) && now->mono - w->list.at[i].due >= r->window)
                        return 1;
        return 0;
}

size_t pic__alert_judge(pic__alert_watch *w, const pic__alert_rule *r, const pic__alert_fact *facts, size_t count,
                        const pic__alert_now *now, pic__alert_say_fn say, void *data, int *ret_changed)
{
        int quiet = r->quiet_from >= 0 && pic__alert_quiet_has(r->quiet_from, r->quiet_to, now->minute);
        size_t i, kept = 0, said = 0;

        *ret_changed = 0;
        for (i = 0; i < w->list.count; i++)
                w->list.at[i].seen = 0;
        for (i = 0; i < count; i++)
                take(w, r, &facts[i], now->mono);
        step_all(w, r, now->mono, ret_changed);
        if (!is_full(w, r, now, quiet))
                return 0;
        for (i = 0; i < w->list.count; i++) {
                pic__alert_entry *e = &w->list.at[i];
                int is = is_due(e, r, quiet);

                if (is) {
                        say(e, how(e), data);
                        said++;
                }
                if (is && told(e, now->mono))
                        pic__alert_entry_clear(e);
                else
                        w->list.at[kept++] = *e;
        }
        w->list.count = kept;
        *ret_changed = 1;
        return said;
}
