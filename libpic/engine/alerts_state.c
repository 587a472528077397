/* Owns: what is known of alerts, over restarts: troubles that were told, messages that wait. A line each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/alerts_i.h"
#include "model/words.h"
#include "sys/file.h"

#define STATE_MAX ((size_t)8 << 20)

static void put_number(pic__buf *out, const char *name, int64_t value)
{
        char text[24];

        (void)snprintf(text, sizeof(text), "%" PRId64, value);
        pic__word_put(out, name, text);
}

static void put_text(pic__buf *out, const char *name, const char *text)
{
        if (text != NULL && text[0] != '\0')
                pic__word_put(out, name, text);
}

/* How long ago; -1: never. */
static void put_ago(pic__buf *out, const char *name, pic_time at, pic_time mono)
{
        put_number(out, name, at == 0 ? -1 : mono - at);
}

static void write_entry(pic_id id, const pic__alert_entry *e, pic_time mono, pic__buf *out)
{
        char key[24];

        put_number(out, "entry", id);
        (void)snprintf(key, sizeof(key), "%016" PRIx64, e->key);
        pic__word_put(out, "key", key);
        pic__word_put(out, "event", pic__alert_events[e->event].name);
        pic__word_put(out, "stage", pic__alert_stages[e->stage]);
        put_number(out, "level", e->level);
        put_number(out, "flaps", e->flaps);
        put_number(out, "count", e->count);
        put_ago(out, "since", e->since, mono);
        put_ago(out, "gone", e->gone, mono);
        put_ago(out, "due", e->due, mono);
        put_ago(out, "told", e->told, mono);
        put_text(out, "about", e->about);
        put_text(out, "text", e->text);
        put_text(out, "fix", e->fix);
        pic__buf_putc(out, '\n');
}

static void write_letter(pic_id id, const pic__letter *l, pic__buf *out)
{
        put_number(out, "letter", id);
        pic__word_put(out, "id", l->id);
        put_number(out, "made", l->made);
        put_number(out, "level", l->level);
        put_text(out, "title", pic__buf_str(&l->title));
        put_text(out, "text", pic__buf_str(&l->text));
        put_text(out, "events", pic__buf_str(&l->events));
        pic__buf_putc(out, '\n');
}

static void write_one(const pic__alert_one *a, pic_time mono, pic__buf *out)
{
        size_t i;

        put_number(out, "alert", a->id);
        put_number(out, "sent", a->sent);
        put_number(out, "lost", a->lost);
        put_number(out, "last_sent", a->last_sent);
        put_number(out, "tried", a->tried);
        put_text(out, "error", a->error);
        put_text(out, "hint", a->hint);
        put_text(out, "said", a->said);
        pic__buf_putc(out, '\n');
        for (i = 0; i < a->watch.list.count; i++)
                write_entry(a->id, &a->watch.list.at[i], mono, out);
        for (i = 0; i < a->queued; i++)
                write_letter(a->id, &a->queue[i], out);
}

void pic__alerts_write(const struct pic__alerts *d, pic_time mono, pic__buf *out)
{
        size_t i;

        put_number(out, "all", 1);
        put_number(out, "seq", d->seq);
        put_number(out, "newest_peer", d->newest_peer);
        put_number(out, "stopped", d->stopped);
        put_number(out, "number", (int64_t)d->number);
        pic__buf_putc(out, '\n');
        for (i = 0; i < PIC__ALERTS_MAX; i++)
                if (d->at[i].id != 0)
                        write_one(&d->at[i], mono, out);
}

int pic__alerts_save(pic__engine *e, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(e->dir, PIC__ALERTS_FILE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__alerts_write(e->alerts, e->clock->mono(e->clock->data), &text);
        if (path == NULL || text.failed)
                return pic__nomem(err);
        return pic__file_write(path, text.data, text.len, 0600, err);
}

/* --- and back --------------------------------------------------------------------------------------------------- */

static int64_t get_number(const char *line, const char *name)
{
        pic__auto_buf pic__buf value = PIC__BUF_INIT;

        return pic__word_get(line, name, &value) == 1 ? strtoll(pic__buf_str(&value), NULL, 10) : 0;
}

static char *get_text(const char *line, const char *name)
{
        pic__auto_buf pic__buf value = PIC__BUF_INIT;

        return pic__word_get(line, name, &value) == 1 && value.len > 0 ? pic__buf_steal(&value) : NULL;
}

/* Never in the future, never the instant that means "never". */
static pic_time get_ago(const char *line, const char *name, pic_time mono)
{
        int64_t ago = get_number(line, name);

        if (ago < 0 || ago > (int64_t)400 * 86400 * 1000000)
                return 0;
        return mono - ago != 0 ? mono - ago : 1;
}

static int get_level(const char *line)
{
        int64_t level = get_number(line, "level");

        return level >= 0 && level <= 3 ? (int)level : PIC_LOG_INFO;
}

static int find_stage(const char *name)
{
        int i;

        for (i = 0; i < PIC__ALERT_STAGES; i++)
                if (strcmp(pic__alert_stages[i], name) == 0)
                        return i;
        return -1;
}

static void read_entry(const char *line, pic__alert_one *a, pic_time mono)
{
        pic__auto_free char *event = get_text(line, "event"), *stage = get_text(line, "stage"),
                            *key = get_text(line, "key");
        int which = event != NULL ? pic__alert_event_find(event) : -1, where = stage != NULL ? find_stage(stage) : -1;
        pic__alert_entry e = { .level = get_level(line) };

        if (which < 0 || where < 0 || key == NULL || a->watch.list.count >= PIC__ALERT_ENTRIES_MAX)
                return;
        e.key = strtoull(key, NULL, 16);
        e.event = (enum pic__alert_event)which;
        e.stage = (enum pic__alert_stage)where;
        e.flaps = (unsigned)get_number(line, "flaps") & 15u;
        e.count = (unsigned)get_number(line, "count") & 0xffffu;
        e.since = get_ago(line, "since", mono);
        e.gone = get_ago(line, "gone", mono);
        e.due = get_ago(line, "due", mono);
        e.told = get_ago(line, "told", mono);
        e.about = get_text(line, "about");
        e.text = get_text(line, "text");
        e.fix = get_text(line, "fix");
        if (pic__vec_push(&a->watch.list, e) < 0)
                pic__alert_entry_clear(&e);
}

static void read_letter(const char *line, pic__alert_one *a)
{
        pic__auto_free char *id = get_text(line, "id");
        pic__letter *l;

        if (a->queued >= PIC__ALERT_QUEUE || id == NULL)
                return;
        l = &a->queue[a->queued++];
        *l = (pic__letter)PIC__LETTER_INIT;
        snprintf(l->id, sizeof(l->id), "%s", id);
        l->made = get_number(line, "made");
        l->level = get_level(line);
        (void)pic__word_get(line, "title", &l->title);
        (void)pic__word_get(line, "text", &l->text);
        (void)pic__word_get(line, "events", &l->events);
}

static void read_one(const char *line, pic__alert_one *a)
{
        a->sent = get_number(line, "sent");
        a->lost = (unsigned)get_number(line, "lost");
        a->last_sent = get_number(line, "last_sent");
        a->tried = get_number(line, "tried");
        a->error = get_text(line, "error");
        a->hint = get_text(line, "hint");
        a->said = get_text(line, "said");
}

static pic__alert_one *of(struct pic__alerts *d, pic_id id)
{
        size_t i;

        for (i = 0; id > 0 && i < PIC__ALERTS_MAX; i++)
                if (d->at[i].id == id)
                        return &d->at[i];
        return NULL;
}

static void read_line(const char *line, struct pic__alerts *d, pic_time mono)
{
        pic__alert_one *a;

        if (strncmp(line, "all=", 4) == 0) {
                d->seq = get_number(line, "seq");
                d->newest_peer = get_number(line, "newest_peer");
                d->stopped = get_number(line, "stopped") != 0;
                d->number = (uint64_t)get_number(line, "number");
        } else if (strncmp(line, "alert=", 6) == 0) {
                pic_id id = get_number(line, "alert");
                size_t i;

                for (i = 0; i < PIC__ALERTS_MAX && d->at[i].id != 0; i++)
                        ;
                if (i == PIC__ALERTS_MAX || id <= 0 || of(d, id) != NULL)
                        return;
                d->at[i].id = id;
                read_one(line, &d->at[i]);
        } else if (strncmp(line, "entry=", 6) == 0 && (a = of(d, get_number(line, "entry"))) != NULL) {
                read_entry(line, a, mono);
        } else if (strncmp(line, "letter=", 7) == 0 && (a = of(d, get_number(line, "letter"))) != NULL) {
                read_letter(line, a);
        }
}

void pic__alerts_read(char *text, struct pic__alerts *d, pic_time mono)
{
        char *line, *save = NULL;

        for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
                read_line(line, d, mono);
}

void pic__alerts_load(pic__engine *e)
{
        pic__auto_free char *path = pic__path_join(e->dir, PIC__ALERTS_FILE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        e->alerts->seq = e->alerts->newest_peer = -1;
        if (path != NULL && pic__file_read(path, STATE_MAX, &text, NULL) == 0 && text.len > 0)
                pic__alerts_read(text.data, e->alerts, e->clock->mono(e->clock->data));
}
