/* Owns: targets as JSON, and in doctor's words. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "engine/keep_i.h"

static const pic__keep_target nothing;

/* An engine that was opened for one call has read nothing yet. */
static void know(pic__engine *e)
{
        if (e->keep == NULL)
                pic__keep_watch_over(e);
}

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static int is_queued(const pic__keep_target *t)
{
        int what;

        for (what = 0; what < PIC__KEEP_WHATS; what++)
                if (t->wanted[what])
                        return 1;
        return 0;
}

static const char *state_of(const pic__engine *e, const pic_obj *o, const pic__keep_target *t)
{
        pic__keep_pace p = pic__keep_pace_of(t, o);

        if (e->keep != NULL && e->keep->job != NULL && e->keep->of == t)
                return "running";
        if (is_queued(t))
                return "queued";
        if (pic__obj_int(o, "enabled") == 0)
                return "off";
        if (pic__keep_stale(&p, e->clock->now(e->clock->data)))
                return "stale";
        if (t->failures > 0)
                return "failed";
        return t->good != 0 ? "ok" : "waiting";
}

/* The last "at WHAT BYTES" of what the child said. */
static void put_progress(const pic__keep_target *t, const struct pic__keep *k, pic__json *j)
{
        const char *said, *at;
        char phase[16] = "";
        unsigned long long bytes = 0;

        pic__json_key(j, "doing");
        if (k == NULL || k->job == NULL || k->of != t) {
                pic__json_null(j);
                return;
        }
        said = pic__buf_str(pic__job_said(k->job));
        for (at = said; at != NULL; at = strchr(at, '\n')) {
                at += *at == '\n';
                if (strncmp(at, "at ", 3) == 0)
                        (void)sscanf(at, "at %15s %llu", phase, &bytes);
        }
        pic__json_open(j, '{');
        pic__json_kstr(j, "what", pic__keep_whats[k->what]);
        pic__json_kstr(j, "phase", phase[0] != '\0' ? phase : NULL);
        pic__json_kint(j, "bytes", (int64_t)bytes);
        pic__json_kstr(j, "name", k->name);
        pic__json_close(j, '}');
}

static pic_time next_of(const pic__engine *e, const pic_obj *o, const pic__keep_target *t)
{
        pic__keep_pace p = pic__keep_pace_of(t, o);

        return pic__keep_next(&p, e->clock->now(e->clock->data));
}

static void put_target(const pic__engine *e, const pic_obj *o, pic__json *j)
{
        const pic__keep_target *known = pic__keep_find(e, o->id), *t = known != NULL ? known : &nothing;

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(o));
        pic__json_kstr(j, "url", pic__obj_text(o, "url"));
        pic__json_kbool(j, "enabled", pic__obj_int(o, "enabled") != 0);
        pic__json_kstr(j, "state", state_of(e, o, t));
        put_time(j, "last", t->good);
        put_time(j, "tried", t->tried);
        put_time(j, "next", next_of(e, o, t));
        pic__json_kstr(j, "backup", t->last);
        pic__json_kint(j, "size", t->size);
        pic__json_kint(j, "milliseconds", t->milliseconds);
        pic__json_kint(j, "failures", t->failures);
        pic__json_kstr(j, "error", t->error);
        pic__json_kstr(j, "hint", t->hint);
        put_progress(t, e->keep, j);
        pic__json_key(j, "drill");
        pic__keep_drill_put(t, o, e->clock->now(e->clock->data), j);
        put_time(j, "listed", t->listed);
        pic__json_key(j, "held");
        pic__keep_put_held(t, 0, j);
        pic__json_close(j, '}');
}

int pic__engine_keep(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *own = NULL;
        const pic__snap *s = e->snap;
        pic_revision revision;
        const pic_obj *o;
        size_t at = 0;
        int r = s == NULL ? pic__engine_load(e, &own, &revision, err) : 0;

        if (r < 0)
                return r;
        s = s != NULL ? s : own;
        know(e);
        pic__json_open(out, '{');
        pic__json_key(out, "targets");
        pic__json_open(out, '[');
        while ((o = pic__snap_next(s, PIC__TARGET, &at)) != NULL)
                put_target(e, o, out);
        pic__json_close(out, ']');
        pic__json_close(out, '}');
        return 0;
}

void pic__engine_keep_brief(pic__engine *e, const pic__snap *s, pic__json *out)
{
        const pic_obj *o;
        size_t at = 0;

        know(e);
        pic__json_open(out, '[');
        while ((o = pic__snap_next(s, PIC__TARGET, &at)) != NULL) {
                const pic__keep_target *known = pic__keep_find(e, o->id), *t = known != NULL ? known : &nothing;

                pic__json_open(out, '{');
                pic__json_kstr(out, "name", pic__obj_name(o));
                pic__json_kstr(out, "state", state_of(e, o, t));
                put_time(out, "last", t->good);
                put_time(out, "next", next_of(e, o, t));
                pic__json_kint(out, "size", t->size);
                pic__json_kint(out, "milliseconds", t->milliseconds);
                pic__json_kint(out, "failures", t->failures);
                pic__keep_drill_brief(t, out);
                pic__json_close(out, '}');
        }
        pic__json_close(out, ']');
}

/* --- doctor ------------------------------------------------------------------------------------------------------ */

static void look_at(pic__engine *e, const pic_obj *o, const pic__keep_target *t, pic__findings *f)
{
        static const char now[] = "`pic backup run` makes one now";
        pic__keep_pace p = pic__keep_pace_of(t, o);
        char when[PIC__TIME_TEXT];
        const char *last = t->good != 0 ? pic__time_print(t->good, when) : "never";
        size_t i;

        if (pic__keep_stale(&p, e->clock->now(e->clock->data)) && t->error != NULL)
                pic__foundf(f, PIC_LOG_ERROR | PIC__ACT_BACKUP, "backup", t->hint != NULL ? t->hint : now,
                            "target %s: the last backup is too old, it is of %s: %s", pic__obj_name(o), last, t->error);
        else if (pic__keep_stale(&p, e->clock->now(e->clock->data)))
                pic__foundf(f, PIC_LOG_ERROR | PIC__ACT_BACKUP, "backup", now,
                            "target %s: the last backup is too old, it is of %s", pic__obj_name(o), last);
        else if (t->failures > 0)
                pic__foundf(f, PIC_LOG_WARNING | PIC__ACT_BACKUP, "backup", t->hint != NULL ? t->hint : now,
                            "target %s: no backup: %s", pic__obj_name(o), t->error != NULL ? t->error : "it failed");
        pic__keep_drill_look(t, o, e->clock->now(e->clock->data), f);
        for (i = 0; i < t->held.count; i++)
                if (t->held.at[i].state < 0)
                        pic__foundf(f, PIC_LOG_ERROR | PIC__ACT_BACKUP, "backup", now, "target %s: %s is damaged: %s",
                                    pic__obj_name(o), t->held.at[i].name,
                                    t->held.at[i].why != NULL ? t->held.at[i].why : "");
}

void pic__keep_look(pic__engine *e, pic__findings *f)
{
        const pic_obj *o;
        size_t at = 0;

        if (e->snap == NULL)
                return;
        know(e);
        while ((o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL) {
                const pic__keep_target *t = pic__keep_find(e, o->id);

                if (t != NULL)
                        look_at(e, o, t, f);
        }
}
