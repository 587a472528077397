/* Owns: what objects look like from outside: JSON, and the difference of two. */
#include <string.h>

#include "base/time.h"
#include "model/obj.h"
#include "model/record.h"

static void json_list(const char *text, pic__json *j)
{
        char item[PIC__RDATA_TEXT]; /* longer than any item that a parser lets through */

        pic__json_open(j, '[');
        while (pic__list_next(&text, item, sizeof(item)))
                pic__json_str(j, item);
        pic__json_close(j, ']');
}

void pic__val_json(const pic__field *f, const pic__val *v, pic__json *j)
{
        char time[PIC__TIME_TEXT];

        if (v->tag == PIC__V_NONE)
                pic__json_null(j);
        else if (v->tag == PIC__V_TEXT && (f->flags & PIC__F_LIST) != 0)
                json_list(v->s, j);
        else if (v->tag == PIC__V_TEXT)
                pic__json_str(j, v->s);
        else if (f->type == PIC__T_BOOL)
                pic__json_bool(j, v->i != 0);
        else if (f->type == PIC__T_TIME)
                pic__json_str(j, pic__time_print(v->i, time));
        else
                pic__json_int(j, v->i);
}

/* A default is text in the table; what it means is what its parser says. */
static void json_default(const pic__field *f, pic__json *j)
{
        pic__val v = PIC__VAL_NONE;

        if (pic__field_parse(f, f->def, &v, NULL) < 0)
                j->out->failed = 1; /* a default always parses (tested): only memory can be missing */
        pic__val_json(f, &v, j);
        pic__val_clear(&v);
}

void pic__obj_json(const pic_obj *o, pic__json *j)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;

        pic__json_open(j, '{');
        pic__json_kint(j, "id", o->id);
        pic__json_kint(j, "revision", o->revision);
        for (i = 0; i < k->count; i++) {
                const pic__field *f = &k->fields[i];

                if ((f->flags & PIC__F_SECRET) != 0)
                        continue;
                pic__json_key(j, f->name);
                if (o->vals[i].tag == PIC__V_NONE && f->def != NULL)
                        json_default(f, j);
                else
                        pic__val_json(f, &o->vals[i], j);
        }
        pic__json_close(j, '}');
}

/* How a value is shown in a diff; *ret NULL when absent. */
static int shown(const pic__field *f, const pic__val *v, char **ret)
{
        *ret = NULL;
        if (v->tag == PIC__V_NONE)
                return 0;
        *ret = (f->flags & PIC__F_SECRET) != 0 ? pic__strdup("(secret)") : pic__field_print(f, v);
        return *ret != NULL ? 0 : PIC_NOMEM;
}

int pic__obj_diff(const pic_obj *before, const pic_obj *after,
                  int (*fn)(const pic__field *f, const char *before, const char *after, void *data), void *data)
{
        static const pic__val none = PIC__VAL_NONE;
        const pic__kind_info *k;
        size_t i;

        if (before == NULL && after == NULL)
                return 0;
        k = &pic__kinds[before != NULL ? before->kind : after->kind];
        for (i = 0; i < k->count; i++) {
                const pic__val *a = before != NULL ? &before->vals[i] : &none,
                               *b = after != NULL ? &after->vals[i] : &none;
                pic__auto_free char *was = NULL;
                pic__auto_free char *is = NULL;
                int r;

                if (pic__val_equal(a, b))
                        continue;
                if (shown(&k->fields[i], a, &was) < 0 || shown(&k->fields[i], b, &is) < 0)
                        return PIC_NOMEM;
                r = fn(&k->fields[i], was, is, data);
                if (r != 0)
                        return r;
        }
        return 0;
}
