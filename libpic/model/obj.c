/* Owns: objects: making, counting, copying, reading. */
#include "model/obj.h"

#include <string.h>

#define MAGIC 0x6a626f70u /* "pobj" */

int pic__obj_new(enum pic__kind kind, pic_obj **ret, pic_error **err)
{
        pic_obj *o = pic__alloc(sizeof(*o) + pic__kinds[kind].count * sizeof(o->vals[0]));

        if (o == NULL) {
                pic__nomem(err);
                return PIC_NOMEM; /* said outright for readers that see one file at a time, as gcc's analyzer does */
        }
        o->magic = MAGIC;
        o->refs = 1;
        o->kind = kind;
        *ret = o;
        return 0;
}

pic_obj *pic__obj_ref(const pic_obj *o)
{
        pic_obj *held = (pic_obj *)(uintptr_t)o; /* the count is no part of the value */

        if (held != NULL)
                __atomic_add_fetch(&held->refs, 1, __ATOMIC_RELAXED);
        return held;
}

/* Sealed texts are no secrets by themselves, but need not stay in memory either. */
static void clear_field(const pic__field *f, pic__val *v)
{
        if ((f->flags & PIC__F_SECRET) != 0 && v->tag == PIC__V_TEXT)
                explicit_bzero(v->s, strlen(v->s));
        pic__val_clear(v);
}

pic_obj *pic__obj_unref(pic_obj *o)
{
        size_t i;

        if (o == NULL || __atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) > 0)
                return NULL;
        for (i = 0; i < pic__kinds[o->kind].count; i++)
                clear_field(&pic__kinds[o->kind].fields[i], &o->vals[i]);
        o->magic = 0;
        pic__free(o);
        return NULL;
}

int pic__obj_edit(const pic_obj *o, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *copy = NULL;
        size_t i;
        int r;

        r = pic__obj_new(o->kind, &copy, err);
        if (r < 0)
                return r;
        copy->id = o->id;
        copy->revision = o->revision;
        for (i = 0; i < pic__kinds[o->kind].count; i++)
                if (pic__val_copy(&o->vals[i], &copy->vals[i]) < 0)
                        return pic__nomem(err);
        *ret = pic__take(copy);
        return 0;
}

const pic__val *pic__obj_val(const pic_obj *o, int field)
{
        static const pic__val none = PIC__VAL_NONE;

        if (field < 0 || (size_t)field >= pic__kinds[o->kind].count)
                return &none;
        return &o->vals[field];
}

/* Types whose values are numbers have their default parsed, without memory. */
static int is_number(const pic__field *f)
{
        return f->type == PIC__T_INT || f->type == PIC__T_BOOL || f->type == PIC__T_TIME;
}

const char *pic__obj_text(const pic_obj *o, const char *field)
{
        int i = pic__field_find(o->kind, field);
        const pic__val *v = pic__obj_val(o, i);

        if (v->tag == PIC__V_TEXT)
                return v->s;
        if (i < 0 || v->tag != PIC__V_NONE || is_number(&pic__kinds[o->kind].fields[i]))
                return "";
        return pic__kinds[o->kind].fields[i].def != NULL ? pic__kinds[o->kind].fields[i].def : "";
}

int64_t pic__obj_int(const pic_obj *o, const char *field)
{
        int i = pic__field_find(o->kind, field);
        const pic__val *v = pic__obj_val(o, i);
        const pic__field *f;
        pic__val def = PIC__VAL_NONE;

        if (v->tag == PIC__V_INT)
                return v->i;
        if (i < 0 || v->tag != PIC__V_NONE)
                return 0;
        f = &pic__kinds[o->kind].fields[i];
        if (f->def == NULL || !is_number(f) || pic__field_parse(f, f->def, &def, NULL) < 0)
                return 0;
        return def.i;
}

int pic__obj_has(const pic_obj *o, const char *field)
{
        return pic__obj_val(o, pic__field_find(o->kind, field))->tag != PIC__V_NONE;
}

const char *pic__obj_name(const pic_obj *o)
{
        return pic__obj_text(o, "name");
}

int pic__list_next(const char **at, char *item, size_t size)
{
        size_t len = strcspn(*at, ","), n = len < size ? len : size - 1;

        if (**at == '\0')
                return 0;
        memcpy(item, *at, n);
        item[n] = '\0';
        *at += len + ((*at)[len] == ',');
        return 1;
}
