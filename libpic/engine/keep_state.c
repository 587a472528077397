/* Owns: what is known of targets, as a file: JSON, because lists are in it. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "codec/json_in.h"
#include "engine/keep_i.h"
#include "sys/file.h"

#define STATE_MAX ((size_t)4 << 20)

void pic__keep_text(char **to, const char *text)
{
        char *copy = text != NULL && text[0] != '\0' ? pic__strdup(text) : NULL;

        pic__free(*to);
        *to = copy;
}

static void clear_one(pic__keep_held *h)
{
        pic__free(h->name);
        pic__free(h->sha256);
        pic__free(h->why);
}

void pic__keep_clear_held(pic__keep_target *t)
{
        size_t i;

        for (i = 0; i < t->held.count; i++)
                clear_one(&t->held.at[i]);
        pic__vec_free(&t->held);
}

void pic__keep_clear(pic__keep_target *t)
{
        char *const texts[] = { t->url, t->last, t->error, t->hint, t->wanted_name };
        size_t i;

        for (i = 0; i < PIC__COUNT(texts); i++)
                pic__free(texts[i]);
        pic__keep_clear_held(t);
        pic__keep_drill_clear(&t->drill);
        memset(t, 0, sizeof(*t));
}

/* --- what is held ------------------------------------------------------------------------------------------------ */

pic__keep_held *pic__keep_find_held(pic__keep_target *t, const char *name)
{
        size_t i;

        for (i = 0; i < t->held.count; i++)
                if (strcmp(t->held.at[i].name, name) == 0)
                        return &t->held.at[i];
        return NULL;
}

static pic_time get_time(const pic__node *n, const char *key)
{
        const char *text = pic__node_str(n, key, "");
        pic_time t = 0;

        return text[0] != '\0' && pic__time_parse(text, &t) == 0 ? t : 0;
}

static void read_held(const pic__node *n, pic__keep_held *h)
{
        const char *state = pic__node_str(n, "state", "");

        pic__keep_text(&h->name, pic__node_str(n, "name", NULL));
        pic__keep_text(&h->sha256, pic__node_str(n, "sha256", NULL));
        pic__keep_text(&h->why, pic__node_str(n, "why", NULL));
        h->size = pic__node_int_or(n, "size", 0);
        h->created = get_time(n, "created");
        h->verified = get_time(n, "verified");
        h->state = strcmp(state, "good") == 0 ? 1 : strcmp(state, "damaged") == 0 ? -1 : 0;
}

static int newest_first(const void *a, const void *b)
{
        const pic__keep_held *x = a, *y = b;

        return x->created != y->created ? (x->created < y->created) - (x->created > y->created)
                                        : strcmp(y->name, x->name);
}

static void bound(pic__keep_target *t)
{
        if (t->held.count > 1)
                qsort(t->held.at, t->held.count, sizeof(t->held.at[0]), newest_first);
        while (t->held.count > PIC__KEEP_HELD)
                clear_one(&t->held.at[--t->held.count]);
}

void pic__keep_take_held(pic__keep_target *t, const pic__node *list)
{
        PIC__VEC(pic__keep_held) held = PIC__VEC_INIT;
        const pic__node *one;

        for (one = list != NULL ? list->first : NULL; one != NULL; one = one->next) {
                pic__keep_held h = { .name = NULL }, *was;

                read_held(one, &h);
                was = h.name != NULL ? pic__keep_find_held(t, h.name) : NULL;
                if (was != NULL && h.state == 0 && (was->size == h.size || h.size == 0)) {
                        h.sha256 = h.sha256 != NULL ? h.sha256 : pic__take(was->sha256);
                        h.why = h.why != NULL ? h.why : pic__take(was->why);
                        h.state = was->state;
                        h.size = h.size != 0 ? h.size : was->size;
                        h.verified = was->verified;
                }
                if (h.name == NULL || pic__vec_push(&held, h) < 0)
                        clear_one(&h);
        }
        pic__keep_clear_held(t);
        t->held.at = held.at;
        t->held.count = held.count;
        t->held.room = held.room;
        bound(t);
}

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

void pic__keep_put_held(const pic__keep_target *t, int brief, pic__json *j)
{
        size_t i;

        pic__json_open(j, '[');
        for (i = 0; i < t->held.count; i++) {
                const pic__keep_held *h = &t->held.at[i];

                pic__json_open(j, '{');
                pic__json_kstr(j, "name", h->name);
                pic__json_kstr(j, "sha256", h->sha256);
                if (brief) { /* for the child */
                        pic__json_kint(j, "state", h->state);
                } else {
                        pic__json_kint(j, "size", h->size);
                        put_time(j, "created", h->created);
                        pic__json_kstr(j, "state", h->state > 0 ? "good" : h->state < 0 ? "damaged" : "unknown");
                        put_time(j, "verified", h->verified);
                        pic__json_kstr(j, "why", h->why);
                }
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

/* --- the file ---------------------------------------------------------------------------------------------------- */

static void put_target(const pic__keep_target *t, pic__json *j)
{
        pic__json_open(j, '{');
        pic__json_kint(j, "id", t->id);
        pic__json_kstr(j, "url", t->url);
        put_time(j, "since", t->since);
        put_time(j, "tried", t->tried);
        put_time(j, "good", t->good);
        put_time(j, "listed", t->listed);
        pic__json_kint(j, "failures", t->failures);
        pic__json_kint(j, "size", t->size);
        pic__json_kint(j, "milliseconds", t->milliseconds);
        pic__json_kint(j, "removed", t->removed);
        pic__json_kstr(j, "last", t->last);
        pic__json_kstr(j, "error", t->error);
        pic__json_kstr(j, "hint", t->hint);
        pic__keep_drill_save(&t->drill, j);
        pic__json_key(j, "held");
        pic__keep_put_held(t, 0, j);
        pic__json_close(j, '}');
}

int pic__keep_save(const char *dir, const pic__keep_target *at, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__KEEP_STATE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t i;

        pic__json_open(&j, '[');
        for (i = 0; i < PIC__TARGETS_MAX; i++)
                if (at[i].id != 0)
                        put_target(&at[i], &j);
        pic__json_close(&j, ']');
        pic__buf_putc(&text, '\n');
        if (path == NULL || text.failed)
                return pic__nomem(err);
        return pic__file_write(path, text.data, text.len, 0600, err);
}

static void read_target(const pic__node *n, pic__keep_target *t)
{
        t->id = pic__node_int_or(n, "id", 0);
        pic__keep_text(&t->url, pic__node_str(n, "url", NULL));
        t->since = get_time(n, "since");
        t->tried = get_time(n, "tried");
        t->good = get_time(n, "good");
        t->listed = get_time(n, "listed");
        t->failures = (unsigned)(pic__node_int_or(n, "failures", 0) & 1023);
        t->size = pic__node_int_or(n, "size", 0);
        t->milliseconds = pic__node_int_or(n, "milliseconds", 0);
        t->removed = pic__node_int_or(n, "removed", 0);
        pic__keep_text(&t->last, pic__node_str(n, "last", NULL));
        pic__keep_text(&t->error, pic__node_str(n, "error", NULL));
        pic__keep_text(&t->hint, pic__node_str(n, "hint", NULL));
        pic__keep_drill_load(pic__node_map(n, "drill"), &t->drill);
        pic__keep_take_held(t, pic__node_list(n, "held"));
}

void pic__keep_load(const char *dir, pic__keep_target at[PIC__TARGETS_MAX])
{
        pic__auto_free char *path = pic__path_join(dir, PIC__KEEP_STATE);
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const pic__node *one;
        size_t count = 0;

        if (path == NULL || pic__file_read(path, STATE_MAX, &text, NULL) < 0 ||
            pic__doc_json(pic__buf_str(&text), text.len, PIC__KEEP_STATE, &doc, NULL) < 0 ||
            pic__doc_root(doc)->type != PIC__N_LIST)
                return;
        for (one = pic__doc_root(doc)->first; one != NULL && count < PIC__TARGETS_MAX; one = one->next) {
                if (one->type != PIC__N_MAP)
                        continue;
                read_target(one, &at[count]);
                if (at[count].id <= 0)
                        pic__keep_clear(&at[count]);
                else
                        count++;
        }
}
