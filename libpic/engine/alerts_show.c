/* Owns: how alerts do, as JSON. */
#include <string.h>

#include "base/time.h"
#include "engine/alerts_i.h"

static void put_text(pic__json *j, const char *key, const char *text)
{
        pic__json_kstr(j, key, text != NULL && text[0] != '\0' ? text : NULL);
}

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        put_text(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static int is_shown(const pic__alert_entry *e)
{
        return e->stage != PIC__ALERT_RESTING && e->stage != PIC__ALERT_OVER;
}

static void put_troubles(const pic__engine *e, const pic__alert_one *a, pic__json *j)
{
        pic_time wall = e->clock->now(e->clock->data), mono = e->clock->mono(e->clock->data);
        size_t i;

        pic__json_key(j, "troubles");
        pic__json_open(j, '[');
        for (i = 0; i < a->watch.list.count; i++) {
                const pic__alert_entry *one = &a->watch.list.at[i];

                if (!is_shown(one))
                        continue;
                pic__json_open(j, '{');
                pic__json_kstr(j, "event", pic__alert_events[one->event].name);
                pic__json_kstr(j, "level", one->level == PIC_LOG_ERROR ? "error" : "warning");
                pic__json_kstr(j, "stage", pic__alert_stages[one->stage]);
                put_text(j, "about", one->about);
                pic__json_kstr(j, "text", one->text);
                put_time(j, "since", wall - (mono - one->since));
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

static const char *state_of(const pic_obj *o, const pic__alert_one *a)
{
        if (pic__obj_int(o, "enabled") == 0)
                return "off";
        if (a->failures > 0)
                return "failing";
        return a->queued > 0 ? "sending" : a->sent > 0 ? "ok" : "waiting";
}

static void put_one(const pic__engine *e, const pic_obj *o, pic__json *j)
{
        static const pic__alert_one none;
        const pic__alert_one *known = pic__alerts_find(e, o->id), *a = known != NULL ? known : &none;
        pic_time wait = a->next - e->clock->mono(e->clock->data);
        pic__alert_target t;
        const char *rule;

        (void)pic__alert_target_parse(pic__obj_text(o, "to"), &t, &rule);
        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(o));
        pic__json_kstr(j, "way", t.way == PIC__ALERT_MAIL ? "mail" : t.way == PIC__ALERT_NTFY ? "ntfy" : "webhook");
        pic__json_kstr(j, "server", t.place);
        pic__json_kstr(j, "state", state_of(o, a));
        pic__json_kint(j, "sent", a->sent);
        pic__json_kint(j, "queued", (int64_t)a->queued);
        pic__json_kint(j, "lost", a->lost);
        put_time(j, "last_sent", a->last_sent);
        put_time(j, "tried", a->tried);
        put_time(j, "next", a->failures > 0 && wait > 0 ? e->clock->now(e->clock->data) + wait : 0);
        put_text(j, "said", a->said);
        put_text(j, "error", a->error);
        put_text(j, "hint", a->hint);
        put_troubles(e, a, j);
        pic__json_close(j, '}');
}

int pic__engine_alerts(pic__engine *e, pic__json *out, pic_error **err)
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
        pic__json_open(out, '{');
        pic__json_key(out, "alerts");
        pic__json_open(out, '[');
        while ((o = pic__snap_next(s, PIC__ALERT, &at)) != NULL)
                put_one(e, o, out);
        pic__json_close(out, ']');
        pic__json_close(out, '}');
        return 0;
}
