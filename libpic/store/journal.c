/* Owns: rows of the journal. One comes with every put and remove, in the same transaction; it is made from the
 * difference of two objects, so a field that is added to a table needs no line here. Secrets never get in: the
 * difference hides them. */
#include "store/journal.h"

#include <string.h>

#define RECENT_MAX 256

struct making {
        pic__change *c;
        pic__json before;
        pic__json after;
        unsigned words; /* fields that the line names */
};

static const char *some(const char *text)
{
        return text != NULL && text[0] != '\0' ? text : NULL;
}

/* ": access internet → internet,lan; note …" of the line for people. */
static void put_words(struct making *m, const pic__field *f, const char *before, const char *after)
{
        const char *was = some(before), *is = some(after);
        pic__buf *text = &m->c->text;

        pic__buf_putf(text, "%s %s", m->words++ == 0 ? ":" : ";", f->name);
        if ((f->flags & PIC__F_SECRET) != 0)
                pic__buf_puts(text, was == NULL ? " set" : is == NULL ? " cleared" : " replaced");
        else if (was == NULL && is == NULL)
                pic__buf_puts(text, after != NULL ? " emptied" : " unset");
        else if (m->c->made)
                pic__buf_putf(text, " %s", is);
        else
                pic__buf_putf(text, " %s → %s", was != NULL ? was : "nothing", is != NULL ? is : "nothing");
}

/* The name of a new object stands at the line's beginning already; a removal's line says only that it is gone. */
static int each_field(const pic__field *f, const char *before, const char *after, void *data)
{
        struct making *m = data;

        m->c->count++;
        pic__json_kstr(&m->before, f->name, before);
        pic__json_kstr(&m->after, f->name, after);
        if (!m->c->removed && !(m->c->made && ((f->flags & PIC__F_NAME) != 0 || after[0] == '\0')))
                put_words(m, f, before, after);
        return 0;
}

static void put_head(pic__change *c, const pic_obj *o, const char *verb)
{
        if (verb == NULL)
                verb = c->made ? "added" : c->removed ? "removed" : "change";
        pic__buf_putf(&c->text, "%s %s", pic__kinds[o->kind].name, pic__obj_name(o));
        if (strcmp(verb, "change") != 0)
                pic__buf_putf(&c->text, " %s", verb);
}

int pic__change_make(pic__change *c, const pic_obj *before, const pic_obj *after, const char *verb, pic_error **err)
{
        struct making m = { c, PIC__JSON(&c->before), PIC__JSON(&c->after), 0 };

        c->made = before == NULL;
        c->removed = after == NULL;
        put_head(c, before != NULL ? before : after, verb);
        pic__json_open(&m.before, '{');
        pic__json_open(&m.after, '{');
        if (pic__obj_diff(before, after, each_field, &m) < 0)
                return pic__nomem(err);
        pic__json_close(&m.before, '}');
        pic__json_close(&m.after, '}');
        return c->before.failed || c->after.failed || c->text.failed ? pic__nomem(err) : 0;
}

void pic__change_free(pic__change *c)
{
        pic__buf_free(&c->before);
        pic__buf_free(&c->after);
        pic__buf_free(&c->text);
}

static int add_row(pic__txn *t, pic__journal_row *row, pic_error **err)
{
        int r = 0;

        if (!t->tree_known)
                r = pic__tree_load(t->st->db, &t->tree, err);
        if (r < 0)
                return r;
        t->tree_known = 1;
        row->time = pic__store_now(t->st);
        row->actor = t->actor;
        row->way = t->way;
        return pic__journal_add(t->st->db, &t->tree, row, err);
}

int pic__journal_put(pic__txn *t, const pic__change *c, enum pic__kind kind, pic_id id, const char *name,
                     const char *verb, pic_error **err)
{
        pic__journal_row row = { .revision = t->was + 1, .kind = pic__kinds[kind].name, .id = id, .name = name };

        row.verb = verb != NULL ? verb : c->made ? "add" : c->removed ? "remove" : "change";
        row.text = pic__buf_str(&c->text);
        if (!c->made)
                row.before = pic__buf_str(&c->before);
        if (!c->removed)
                row.after = pic__buf_str(&c->after);
        return add_row(t, &row, err);
}

/* A note has neither before nor after: that is how readers of changes tell it from one. */
int pic__txn_note(pic__txn *t, enum pic__kind kind, pic_id id, const char *name, const char *verb, const char *text,
                  pic_error **err)
{
        pic__journal_row row = { .revision = t->changed ? t->was + 1 : t->was, .kind = pic__kinds[kind].name };
        int r = pic__txn_alive(t, err);

        row.id = id;
        row.name = name;
        row.verb = verb;
        row.text = text;
        if (r >= 0)
                r = add_row(t, &row, err);
        if (r < 0)
                return r;
        t->noted = 1;
        return 0;
}

/* What is asked for, and how far back. */
struct recent {
        const char *actor, *verb, *text;
        pic_time since;
        unsigned seen, all, same;
};

static int see(const pic__journal_row *row, void *data)
{
        struct recent *q = data;

        if (row->time < q->since || ++q->seen > RECENT_MAX)
                return 1;
        if (strcmp(row->verb, q->verb) != 0)
                return 0;
        q->all++;
        q->same += strcmp(row->actor, q->actor) == 0 && strcmp(row->text, q->text) == 0;
        return 0;
}

int pic__txn_recent(pic__txn *t, const char *verb, const char *text, pic_time within, unsigned *ret_all,
                    unsigned *ret_same, pic_error **err)
{
        struct recent q = { t->actor, verb, text, pic__store_now(t->st) - within, 0, 0, 0 };
        int r = pic__store_journal_back(t->st, 0, see, &q, err);

        *ret_all = q.all;
        *ret_same = q.same;
        return r < 0 ? r : 0;
}
