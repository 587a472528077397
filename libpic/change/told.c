/* Owns: who is told a secret. Tokens and passwords are sealed, so whoever may change a domain, an exit, an alert or a
 * backup target cannot read them; but he could have the agent send one to a server of his. So a secret only goes where
 * it went since it was given: who leads it elsewhere gives it anew (or takes it away). Which fields lead a secret says
 * the field table (`told`).
 *
 * A sealed text is never the same twice, so the past tells it all, whatever way a change took: what the object never
 * had is new, and what it had is told whom it was told then. An undo goes back to both at once, and passes; one that
 * would bring back an old secret to a new place does not. */
#include <stdio.h>
#include <string.h>

#include "change/inner.h"
#include "model/text.h"

struct past {
        const pic_obj *now;
        int secret;       /* its field */
        int can_be_off;   /* its object has the field enabled */
        int had, same;    /* it was this one before; and went there */
        char differs[32]; /* else: a field that leads elsewhere, since it was last the same secret */
};

static const pic__val *value_of(const pic_obj *o, const char *field)
{
        return pic__obj_val(o, pic__field_find(o->kind, field));
}

static int sees(const pic_obj *was, void *data)
{
        struct past *p = data;
        const char *at = pic__kinds[p->now->kind].fields[p->secret].told;
        char field[sizeof(p->differs)] = "", first[sizeof(p->differs)] = "";

        if (!pic__val_equal(pic__obj_val(was, p->secret), pic__obj_val(p->now, p->secret)))
                return 0;
        while (first[0] == '\0' && pic__list_next(&at, field, sizeof(field))) {
                if (!pic__val_equal(value_of(was, field), value_of(p->now, field)))
                        (void)snprintf(first, sizeof(first), "%s", field);
        }
        p->same = first[0] == '\0';
        if (!p->had)
                (void)snprintf(p->differs, sizeof(p->differs), "%s", first);
        p->had = 1;
        return p->same;
}

static void put_rule(const struct past *p, pic__buf *out)
{
        const pic__field *f = &pic__kinds[p->now->kind].fields[pic__field_find(p->now->kind, p->differs)];
        pic__auto_free char *value = pic__field_print(f, value_of(p->now, p->differs));
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        pic__buf_put_shown(&shown, value != NULL ? value : "", 200);
        if (value == NULL)
                pic__buf_putf(out, "must be given anew: without %s it is sent elsewhere", f->name);
        else
                pic__buf_putf(out, "must be given anew: with %s '%s' it is sent elsewhere", f->name,
                              pic__buf_str(&shown));
}

/* A document has no options: what can be written into it. */
static void put_hint(const struct past *p, int by_document, pic_error **one)
{
        const char *kind = pic__kinds[p->now->kind].name, *name = pic__obj_name(p->now);
        const char *secret = pic__kinds[p->now->kind].fields[p->secret].name;

        if (!by_document) {
                pic__hint(one, "Give it with the change: pic %s set %s … --%s-file FILE. Or take it away: --unset %s",
                          kind, name, secret, secret);
                return;
        }
        pic__hint(
                one,
                "Write it beside (%s: …), or leave %s as it was. Or take it away there (%s: null%s) and give it then: "
                "pic %s set %s --%s-file FILE%s",
                secret, p->differs, secret, p->can_be_off ? ", enabled: no" : "", kind, name, secret,
                p->can_be_off ? " --enabled yes" : "");
}

static void refuse(const struct past *p, int by_document, pic_error **list)
{
        const char *kind = pic__kinds[p->now->kind].name, *name = pic__obj_name(p->now);
        const char *secret = pic__kinds[p->now->kind].fields[p->secret].name;
        pic__auto_buf pic__buf rule = PIC__BUF_INIT, object = PIC__BUF_INIT;
        pic_error *one = NULL;

        pic__buf_putf(&object, "%s %s", kind, name);
        put_rule(p, &rule);
        (void)pic__fail_value(&one, pic__buf_str(&object), secret, NULL, pic__buf_str(&rule));
        pic__detail(&one, "because", p->differs);
        put_hint(p, by_document, &one);
        pic__err_append(list, one);
}

static int check_field(pic__run *run, const pic_obj *now, int field, int by_document, pic_error **list)
{
        struct past p = { .now = now, .secret = field, .can_be_off = pic__field_find(now->kind, "enabled") >= 0 };
        int r = pic__store_obj_past(run->st, now->kind, now->id, sees, &p, list);

        if (r >= 0 && p.had && !p.same)
                refuse(&p, by_document, list);
        return r < 0 ? r : 0;
}

/* One that this run did not write is as it was. */
static int check_one(pic__run *run, const struct pic__touched *t, pic_error **list)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        const pic__kind_info *k = &pic__kinds[t->kind];
        pic_revision was = 0;
        size_t i;
        int r = pic__store_revision(run->st, &was, list);

        if (r == 0)
                r = pic__store_get_id(run->st, t->kind, t->id, &now, list);
        if (r == PIC_NOTFOUND) { /* made and removed by the same edit */
                pic_error_free(pic__take(*list));
                return 0;
        }
        if (r < 0 || now == NULL || now->revision <= was)
                return r;
        for (i = 0; r == 0 && i < k->count; i++)
                if (k->fields[i].told != NULL && pic__obj_val(now, (int)i)->tag != PIC__V_NONE)
                        r = check_field(run, now, (int)i, t->op != NULL && t->op->file != NULL, list);
        return r;
}

static int has_told(enum pic__kind kind)
{
        size_t i;

        for (i = 0; i < pic__kinds[kind].count; i++)
                if (pic__kinds[kind].fields[i].told != NULL)
                        return 1;
        return 0;
}

static int is_last(const pic__run *run, size_t at)
{
        size_t i;

        for (i = at + 1; i < run->touched.count; i++)
                if (run->touched.at[i].kind == run->touched.at[at].kind &&
                    run->touched.at[i].id == run->touched.at[at].id)
                        return 0;
        return 1;
}

int pic__run_told(pic__run *run)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < run->touched.count; i++) {
                pic_error *err = NULL;

                if (!has_told(run->touched.at[i].kind) || !is_last(run, i))
                        continue;
                (void)check_one(run, &run->touched.at[i], &err);
                r = pic__run_collect(run, run->touched.at[i].op, err);
        }
        return r;
}
