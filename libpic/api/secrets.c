/* Owns: what becomes of connections' secrets, as data: a person shall see it before it is made. */
#include "api/secrets.h"

#include <string.h>

#include "change/secret.h"
#include "model/connection.h"
#include "model/text.h"

/* One connection. */
struct telling {
        const pic__wishes *w;
        const pic_obj *before, *after;
        int by_document; /* a document names it */
        pic__json *j;
};

static int is_op_of(const pic__op *op, const pic_obj *o)
{
        return op->kind == PIC__CONNECTION && op->name != NULL && pic__same_name(op->name, pic__obj_name(o));
}

/* The wish that sets it to something. */
static const pic__op *given(const struct telling *t, size_t field)
{
        const pic__op *last = NULL;
        size_t i;

        for (i = 0; i < t->w->ops.count; i++) {
                const pic__op *op = &t->w->ops.at[i];

                if (op->wish == PIC__WISH_SET && is_op_of(op, t->after) && op->field == (int)field &&
                    op->text != NULL && op->text[0] != '\0')
                        last = op;
        }
        return last;
}

/* A document says that there is one. */
static int is_needed(const struct telling *t, size_t field)
{
        size_t i;

        for (i = 0; i < t->w->ops.count; i++) {
                const pic__op *op = &t->w->ops.at[i];

                if (op->wish == PIC__WISH_NEED && is_op_of(op, t->after) && op->field == (int)field)
                        return 1;
        }
        return 0;
}

static void put(const struct telling *t, const char *field, const char *state, const char *fmt, const char *more)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "connection %s: %s %s", pic__obj_name(t->after), field, fmt);
        if (more != NULL)
                pic__buf_puts(&text, more);
        pic__json_open(t->j, '{');
        pic__json_kstr(t->j, "name", pic__obj_name(t->after));
        pic__json_kstr(t->j, "field", field);
        pic__json_kstr(t->j, "state", state);
        pic__json_kstr(t->j, "text", pic__buf_str(&text));
        pic__json_close(t->j, '}');
        t->j->out->failed |= text.failed;
}

static int same(const struct telling *t, const char *field)
{
        return t->before != NULL && strcmp(pic__obj_text(t->before, field), pic__obj_text(t->after, field)) == 0;
}

/* A key of no wish is made when it is committed: this one is an example. */
static void tell_new(const struct telling *t, const char *field, const pic__op *wish)
{
        if (wish != NULL)
                put(t, field, "new", "is made anew; nothing is carried before the far end knows its public half: ",
                    pic__obj_text(t->after, "public_key"));
        else
                put(t, field, "new",
                    "is made anew; nothing is carried before the far end knows its public half: pic connection show ",
                    pic__obj_name(t->after));
}

static void tell_field(const struct telling *t, size_t i)
{
        const char *field = pic__kinds[PIC__CONNECTION].fields[i].name;
        const pic__op *wish = given(t, i);
        int has = pic__obj_has(t->after, field);

        if (has && same(t, field)) {
                if (t->by_document)
                        put(t, field, "kept", "is kept", NULL);
        } else if (has && wish != NULL && !wish->if_none) {
                put(t, field, "given", "is given", NULL);
        } else if (has) {
                tell_new(t, field, wish);
        } else if (is_needed(t, i) || (strcmp(field, "private_key") == 0 && t->by_document)) {
                put(t, field, "missing", "is missing: it stays turned off until it is given (pic connection set)",
                    NULL);
        }
}

static void tell_one(const struct telling *t)
{
        size_t i;

        for (i = 0; i < pic__kinds[PIC__CONNECTION].count; i++)
                if (pic__secret_is_given(PIC__CONNECTION, (int)i) &&
                    pic__connection_has(pic__obj_text(t->after, "type"), pic__kinds[PIC__CONNECTION].fields[i].name))
                        tell_field(t, i);
}

static int is_named(const pic__wishes *w, const pic_obj *o)
{
        size_t i;

        for (i = 0; i < w->ops.count; i++)
                if (w->ops.at[i].wish == PIC__WISH_HAVE && is_op_of(&w->ops.at[i], o))
                        return 1;
        return 0;
}

static int is_changed(const pic__changes *c, const pic_obj *o)
{
        size_t i;

        for (i = 0; i < c->list.count; i++)
                if (c->list.at[i].kind == PIC__CONNECTION && c->list.at[i].id == o->id)
                        return 1;
        return 0;
}

void pic__secrets_tell(const pic__wishes *w, const pic__changes *c, const pic__snap *before, pic__json *j)
{
        struct telling t = { .w = w, .j = j };
        const pic_obj *o;
        size_t i, at = 0;

        pic__json_open(j, '[');
        while ((o = pic__snap_next(before, PIC__CONNECTION, &at)) != NULL) {
                if (!is_named(w, o) || is_changed(c, o))
                        continue;
                t.before = t.after = o;
                t.by_document = 1;
                tell_one(&t);
        }
        for (i = 0; i < c->list.count; i++) {
                if (c->list.at[i].kind != PIC__CONNECTION || c->list.at[i].after == NULL)
                        continue;
                t.before = c->list.at[i].before;
                t.after = c->list.at[i].after;
                t.by_document = is_named(w, t.after);
                tell_one(&t);
        }
        pic__json_close(j, ']');
}
