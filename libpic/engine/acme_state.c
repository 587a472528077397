/* Owns: the file of what is remembered. Written whole or not at all; read with distrust, since a disk may have damaged
 * it: what is odd in it is left out. */
#include "engine/acme_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "codec/doc.h"
#include "sys/file.h"

#define ENTRIES_MAX 4096
#define URL_MAX 1024
#define SEALED_MAX 8192
#define LONG_AGO (8 * 86400 * PIC__SECOND)

static void free_entry(pic__acme_entry *e)
{
        if (e != NULL)
                pic__free(e->why);
        pic__free(e);
}

void pic__acme_state_free(pic__acme_state *s)
{
        size_t i;

        for (i = 0; i < s->accounts.count; i++) {
                pic__free(s->accounts.at[i].directory);
                pic__free(s->accounts.at[i].sealed);
        }
        for (i = 0; i < s->entries.count; i++)
                free_entry(s->entries.at[i]);
        pic__vec_free(&s->accounts);
        pic__vec_free(&s->entries);
}

pic__acme_entry *pic__acme_state_entry(pic__acme_state *s, pic_id id, int make)
{
        pic__acme_entry *e;
        size_t i;

        for (i = 0; i < s->entries.count; i++)
                if (s->entries.at[i]->id == id)
                        return s->entries.at[i];
        if (!make)
                return NULL;
        e = pic__alloc(sizeof(*e));
        if (e == NULL || pic__vec_push(&s->entries, e) < 0) {
                pic__free(e);
                return NULL;
        }
        e->id = id;
        return e;
}

pic__acme_account *pic__acme_state_account(pic__acme_state *s, const char *directory, int make)
{
        pic__acme_account a = { NULL, NULL, 0 };
        size_t i;

        for (i = 0; i < s->accounts.count; i++)
                if (strcmp(s->accounts.at[i].directory, directory) == 0)
                        return &s->accounts.at[i];
        if (!make)
                return NULL;
        a.directory = pic__strdup(directory);
        if (a.directory == NULL || pic__vec_push(&s->accounts, a) < 0) {
                pic__free(a.directory);
                return NULL;
        }
        return &s->accounts.at[s->accounts.count - 1];
}

void pic__acme_state_why(pic__acme_entry *e, const char *why)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        pic__free(e->why);
        e->why = NULL;
        if (why == NULL)
                return;
        pic__buf_put_shown(&shown, why, PIC__ACME_WHY);
        e->why = pic__buf_steal(&shown);
}

void pic__acme_state_prune(pic__acme_state *s, pic_time now, int (*keep)(pic_id id, void *data), void *data)
{
        size_t i, n = 0;

        for (i = 0; i < s->entries.count; i++) {
                pic__acme_entry *e = s->entries.at[i];
                pic_time last = e->track.count > 0 ? e->track.tries[e->track.count - 1].at : 0;

                if (keep(e->id, data) || last + LONG_AGO > now)
                        s->entries.at[n++] = e;
                else
                        free_entry(e);
        }
        s->entries.count = n;
}

/* --- writing -------------------------------------------------------------------------------------------------- */

static void put_entry(pic__json *j, const pic__acme_entry *e)
{
        size_t i;

        pic__json_open(j, '{');
        pic__json_kint(j, "id", e->id);
        pic__json_kstr(j, "wished", e->wished);
        pic__json_kint(j, "told", e->told);
        pic__json_kint(j, "under_way", e->under_way);
        pic__json_kint(j, "ended", e->ended);
        pic__json_kint(j, "where", e->where);
        pic__json_kstr(j, "why", e->why);
        pic__json_kint(j, "failures", (int64_t)e->track.failures);
        pic__json_kint(j, "rehearsed", e->track.rehearsed);
        pic__json_kint(j, "next", e->track.next);
        pic__json_key(j, "tries");
        pic__json_open(j, '[');
        for (i = 0; i < e->track.count; i++) {
                pic__json_open(j, '{');
                pic__json_kint(j, "at", e->track.tries[i].at);
                pic__json_kint(j, "where", e->track.tries[i].where);
                pic__json_kint(j, "issued", e->track.tries[i].issued);
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
        pic__json_close(j, '}');
}

int pic__acme_state_save(const pic__acme_state *s, const char *path, pic_error **err)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);
        size_t i;

        pic__json_open(&j, '{');
        pic__json_key(&j, "accounts");
        pic__json_open(&j, '[');
        for (i = 0; i < s->accounts.count; i++) {
                pic__json_open(&j, '{');
                pic__json_kstr(&j, "directory", s->accounts.at[i].directory);
                pic__json_kstr(&j, "key", s->accounts.at[i].sealed);
                pic__json_kint(&j, "known", s->accounts.at[i].known);
                pic__json_close(&j, '}');
        }
        pic__json_close(&j, ']');
        pic__json_key(&j, "certificates");
        pic__json_open(&j, '[');
        for (i = 0; i < s->entries.count; i++)
                put_entry(&j, s->entries.at[i]);
        pic__json_close(&j, ']');
        pic__json_close(&j, '}');
        pic__buf_putc(&out, '\n');
        return out.failed ? pic__nomem(err) : pic__file_write(path, out.data, out.len, 0600, err);
}

/* --- reading -------------------------------------------------------------------------------------------------- */

static int64_t number(const pic__node *map, const char *key, int64_t least, int64_t most)
{
        const pic__node *n = pic__node_get(map, key);
        long long value;
        char *end;

        if (n == NULL || n->type != PIC__N_SCALAR || n->quoted)
                return least;
        errno = 0;
        value = strtoll(n->text, &end, 10);
        return errno != 0 || *end != '\0' || value < least || value > most ? least : value;
}

static const char *text(const pic__node *map, const char *key, size_t most)
{
        const pic__node *n = pic__node_get(map, key);

        return n != NULL && n->type == PIC__N_SCALAR && n->quoted && strlen(n->text) <= most ? n->text : NULL;
}

static void read_tries(const pic__node *list, pic__acme_track *t)
{
        const pic__node *n = list != NULL && list->type == PIC__N_LIST ? list->first : NULL;

        for (; n != NULL && t->count < PIC__ACME_TRIES; n = n->next) {
                if (n->type != PIC__N_MAP)
                        continue;
                t->tries[t->count++] = (pic__acme_try){ number(n, "at", 0, INT64_MAX / 2),
                                                        (unsigned char)number(n, "where", 0, PIC__ACME_WHERES - 1),
                                                        (unsigned char)number(n, "issued", 0, 1) };
        }
}

static int read_entry(const pic__node *n, pic__acme_state *s)
{
        pic_id id = n->type == PIC__N_MAP ? number(n, "id", 0, INT64_MAX) : 0;
        const char *wished = id != 0 ? text(n, "wished", 64) : NULL;
        pic__acme_entry *e;

        if (id == 0 || s->entries.count >= ENTRIES_MAX || pic__acme_state_entry(s, id, 0) != NULL)
                return 0;
        e = pic__acme_state_entry(s, id, 1);
        if (e == NULL)
                return PIC_NOMEM;
        if (wished != NULL)
                memcpy(e->wished, wished, strlen(wished) + 1);
        e->told = (int)number(n, "told", 0, PIC__ACME_TOLD_ENDED);
        e->under_way = (int)number(n, "under_way", 0, 1);
        e->ended = number(n, "ended", 0, INT64_MAX / 2);
        e->where = (int)number(n, "where", 0, PIC__ACME_WHERES - 1);
        pic__acme_state_why(e, text(n, "why", 4096));
        e->track.failures = (unsigned)number(n, "failures", 0, 1000000);
        e->track.rehearsed = (int)number(n, "rehearsed", 0, 1);
        e->track.next = number(n, "next", 0, INT64_MAX / 2);
        read_tries(pic__node_get(n, "tries"), &e->track);
        return 0;
}

static int read_account(const pic__node *n, pic__acme_state *s)
{
        const char *directory = n->type == PIC__N_MAP ? text(n, "directory", URL_MAX) : NULL;
        const char *key = n->type == PIC__N_MAP ? text(n, "key", SEALED_MAX) : NULL;
        pic__acme_account *a;

        if (directory == NULL || key == NULL || pic__acme_state_account(s, directory, 0) != NULL)
                return 0;
        a = pic__acme_state_account(s, directory, 1);
        if (a == NULL)
                return PIC_NOMEM;
        a->known = number(n, "known", 0, INT64_MAX / 2);
        a->sealed = pic__strdup(key);
        return a->sealed != NULL ? 0 : PIC_NOMEM;
}

static int read_each(const pic__node *list, int (*fn)(const pic__node *n, pic__acme_state *s), pic__acme_state *s)
{
        const pic__node *n = list != NULL && list->type == PIC__N_LIST ? list->first : NULL;
        int r = 0;

        for (; r == 0 && n != NULL; n = n->next)
                r = fn(n, s);
        return r;
}

int pic__acme_state_read(const char *data, size_t len, pic__acme_state *ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_err pic_error *bad = NULL;
        const pic__node *root;

        memset(ret, 0, sizeof(*ret));
        if (pic__doc_json(data, len, PIC__ACME_STATE, &doc, &bad) < 0)
                return pic__fail(err, PIC_CORRUPT, "%s is damaged: %s", PIC__ACME_STATE, pic_error_message(bad));
        root = pic__doc_root(doc);
        if (root == NULL || root->type != PIC__N_MAP)
                return pic__fail(err, PIC_CORRUPT, "%s is damaged", PIC__ACME_STATE);
        if (read_each(pic__node_get(root, "accounts"), read_account, ret) < 0 ||
            read_each(pic__node_get(root, "certificates"), read_entry, ret) < 0)
                return pic__nomem(err);
        return 0;
}

int pic__acme_state_load(const char *path, pic__acme_state *ret, pic_error **err)
{
        pic__auto_buf pic__buf data = PIC__BUF_INIT;
        int r;

        memset(ret, 0, sizeof(*ret));
        if (!pic__file_exists(path))
                return 0;
        r = pic__file_read(path, PIC__ACME_STATE_MAX, &data, err);
        return r < 0 ? r : pic__acme_state_read(pic__buf_str(&data), data.len, ret, err);
}
