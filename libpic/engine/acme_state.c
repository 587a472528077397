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
#define PAPER_MAX ((size_t)64 << 10)
#define LEFT_MAX 64
#define URL_MAX 1024
#define SEALED_MAX 8192
#define LONG_AGO (8 * 86400 * PIC__SECOND)

static void free_entry(pic__acme_entry *e)
{
        if (e != NULL)
                pic__free(e->why);
        pic__free(e);
}

static void free_paper(pic__acme_paper *p)
{
        if (p != NULL) {
                pic__free(p->name);
                pic__free(p->text);
                pic__free(p->wait.why);
        }
        pic__free(p);
}

static void wipe_left(pic__acme_left *l)
{
        pic__free(l->record);
        pic__free(l->value);
        pic__free(l->wait.why);
}

void pic__acme_state_free(pic__acme_state *s)
{
        size_t i;

        for (i = 0; i < s->accounts.count; i++) {
                pic__free(s->accounts.at[i].directory);
                pic__free(s->accounts.at[i].sealed);
                pic__free(s->accounts.at[i].email);
                pic__free(s->accounts.at[i].mail.why);
        }
        for (i = 0; i < s->papers.count; i++)
                free_paper(s->papers.at[i]);
        for (i = 0; i < s->left.count; i++)
                wipe_left(&s->left.at[i]);
        pic__vec_free(&s->left);
        pic__vec_free(&s->papers);
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
        pic__acme_account a = { .directory = NULL };
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

pic__acme_paper *pic__acme_state_paper(pic__acme_state *s, const char *text, size_t len, int make)
{
        pic__acme_paper *p;
        size_t i;

        for (i = 0; i < s->papers.count; i++)
                if (strlen(s->papers.at[i]->text) == len && memcmp(s->papers.at[i]->text, text, len) == 0)
                        return s->papers.at[i];
        p = make ? pic__alloc(sizeof(*p)) : NULL;
        if (p == NULL)
                return NULL;
        p->text = pic__strndup(text, len);
        if (p->text != NULL && pic__vec_push(&s->papers, p) == 0)
                return p;
        free_paper(p);
        return NULL;
}

void pic__acme_state_drop(pic__acme_state *s, int (*drop)(const pic__acme_paper *p, void *data), void *data)
{
        size_t i, n = 0;

        for (i = 0; i < s->papers.count; i++)
                if (drop(s->papers.at[i], data))
                        free_paper(s->papers.at[i]);
                else
                        s->papers.at[n++] = s->papers.at[i];
        s->papers.count = n;
}

pic__acme_left *pic__acme_state_left(pic__acme_state *s, const char *record, const char *value, int make)
{
        pic__acme_left l = { .record = NULL };
        size_t i;

        for (i = 0; i < s->left.count; i++)
                if (strcmp(s->left.at[i].record, record) == 0 && strcmp(s->left.at[i].value, value) == 0)
                        return &s->left.at[i];
        if (!make || s->left.count >= LEFT_MAX)
                return NULL;
        l.record = pic__strdup(record);
        l.value = pic__strdup(value);
        if (l.record != NULL && l.value != NULL && pic__vec_push(&s->left, l) == 0)
                return &s->left.at[s->left.count - 1];
        wipe_left(&l);
        return NULL;
}

void pic__acme_state_cleared(pic__acme_state *s, const char *record, const char *value)
{
        pic__acme_left *l = pic__acme_state_left(s, record, value, 0);

        if (l == NULL)
                return;
        wipe_left(l);
        *l = s->left.at[--s->left.count];
}

void pic__acme_state_say(char **why, const char *text)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        pic__free(*why);
        *why = NULL;
        if (text == NULL)
                return;
        pic__buf_put_shown(&shown, text, PIC__ACME_WHY);
        *why = pic__buf_steal(&shown);
}

void pic__acme_state_why(pic__acme_entry *e, const char *why)
{
        pic__acme_state_say(&e->why, why);
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

static void put_wait(pic__json *j, const pic__acme_wait *w)
{
        pic__json_kint(j, "failures", (int64_t)w->failures);
        pic__json_kint(j, "next", w->next);
        pic__json_kstr(j, "why", w->why);
}

static void put_account(pic__json *j, const pic__acme_account *a)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "directory", a->directory);
        pic__json_kstr(j, "key", a->sealed);
        pic__json_kint(j, "known", a->known);
        pic__json_kstr(j, "email", a->email);
        put_wait(j, &a->mail);
        pic__json_close(j, '}');
}

static void put_paper(pic__json *j, const pic__acme_paper *p)
{
        pic__json_open(j, '{');
        pic__json_kint(j, "id", p->id);
        pic__json_kstr(j, "issuer", p->issuer);
        pic__json_kstr(j, "name", p->name);
        pic__json_kstr(j, "certificate", p->text);
        pic__json_kint(j, "until", p->until);
        pic__json_kint(j, "done", p->done);
        put_wait(j, &p->wait);
        pic__json_close(j, '}');
}

static void put_left(pic__json *j, const pic__acme_left *l)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "record", l->record);
        pic__json_kstr(j, "value", l->value);
        put_wait(j, &l->wait);
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
        for (i = 0; i < s->accounts.count; i++)
                put_account(&j, &s->accounts.at[i]);
        pic__json_close(&j, ']');
        pic__json_key(&j, "papers");
        pic__json_open(&j, '[');
        for (i = 0; i < s->papers.count; i++)
                put_paper(&j, s->papers.at[i]);
        pic__json_close(&j, ']');
        pic__json_key(&j, "records");
        pic__json_open(&j, '[');
        for (i = 0; i < s->left.count; i++)
                put_left(&j, &s->left.at[i]);
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

static void read_wait(const pic__node *n, pic__acme_wait *w)
{
        w->failures = (unsigned)number(n, "failures", 0, 1000000);
        w->next = number(n, "next", 0, INT64_MAX / 2);
        pic__acme_state_say(&w->why, text(n, "why", 4096));
}

static int read_paper(const pic__node *n, pic__acme_state *s)
{
        const char *issuer = n->type == PIC__N_MAP ? text(n, "issuer", 64) : NULL;
        const char *data = issuer != NULL ? text(n, "certificate", PAPER_MAX) : NULL;
        const char *name = data != NULL ? text(n, "name", 255) : NULL;
        pic__acme_paper *p;

        if (name == NULL || s->papers.count >= ENTRIES_MAX || pic__acme_state_paper(s, data, strlen(data), 0) != NULL)
                return 0;
        p = pic__acme_state_paper(s, data, strlen(data), 1);
        if (p == NULL)
                return PIC_NOMEM;
        memcpy(p->issuer, issuer, strlen(issuer) + 1);
        p->id = number(n, "id", 0, INT64_MAX);
        p->until = number(n, "until", 0, INT64_MAX / 2);
        p->done = number(n, "done", 0, INT64_MAX / 2);
        read_wait(n, &p->wait);
        p->name = pic__strdup(name);
        return p->name != NULL ? 0 : PIC_NOMEM;
}

static int read_left(const pic__node *n, pic__acme_state *s)
{
        const char *record = n->type == PIC__N_MAP ? text(n, "record", 255) : NULL;
        const char *value = record != NULL ? text(n, "value", 255) : NULL;
        pic__acme_left *l;

        if (value == NULL || s->left.count >= LEFT_MAX)
                return 0;
        l = pic__acme_state_left(s, record, value, 1);
        if (l == NULL)
                return PIC_NOMEM;
        read_wait(n, &l->wait);
        return 0;
}

static int read_account(const pic__node *n, pic__acme_state *s)
{
        const char *directory = n->type == PIC__N_MAP ? text(n, "directory", URL_MAX) : NULL;
        const char *key = n->type == PIC__N_MAP ? text(n, "key", SEALED_MAX) : NULL;
        const char *email = n->type == PIC__N_MAP ? text(n, "email", URL_MAX) : NULL;
        pic__acme_account *a;

        if (directory == NULL || key == NULL || pic__acme_state_account(s, directory, 0) != NULL)
                return 0;
        a = pic__acme_state_account(s, directory, 1);
        if (a == NULL)
                return PIC_NOMEM;
        a->known = number(n, "known", 0, INT64_MAX / 2);
        read_wait(n, &a->mail);
        a->email = email != NULL ? pic__strdup(email) : NULL;
        a->sealed = pic__strdup(key);
        return a->sealed != NULL && (email == NULL || a->email != NULL) ? 0 : PIC_NOMEM;
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
            read_each(pic__node_get(root, "certificates"), read_entry, ret) < 0 ||
            read_each(pic__node_get(root, "papers"), read_paper, ret) < 0 ||
            read_each(pic__node_get(root, "records"), read_left, ret) < 0)
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
