/* Owns: reading: one object, a list, and what is in them. */
#include <string.h>

#include "api/api.h"
#include "api/recent.h"
#include "base/vec.h"

#define OBJ_MAGIC 0x6a626f70u /* model's own word for its objects */

struct pic_list {
        pic__handle h;
        PIC__VEC(pic_obj *) objs;
        char *json; /* made when first asked for; set once */
};

/* The kind's number, or PIC_INVALID. */
static int find_kind(const char *kind, const char *call, pic_error **err)
{
        int k;

        if (kind == NULL)
                return pic__api_bad(err, call, "kind is NULL");
        k = pic__kind_find(kind);
        if (k < 0)
                return pic__api_bad(err, call, "there is no such kind");
        return k;
}

int pic_get(pic_ctx *ctx, const char *kind, const char *name, pic_obj **ret_obj, pic_error **err)
{
        pic__store *st = NULL;
        pic_obj *found;
        pic__stamp at;
        int k, r, known;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_obj == NULL)
                return pic__api_bad(err, "pic_get", "ctx or ret_obj is not valid");
        k = find_kind(kind, "pic_get", err);
        if (k < 0)
                return k;
        if (name == NULL && k != PIC__CELL)
                return pic__api_bad(err, "pic_get", "name is NULL");
        known = name != NULL && pic__ctx_stamp(ctx, &at) == 0;
        found = known ? pic__recent_obj(pic__ctx_root(ctx)->recent, &at, (enum pic__kind)k, name) : NULL;
        if (found != NULL) {
                *ret_obj = found;
                return 0;
        }
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__store_get(st, (enum pic__kind)k, name, ret_obj, err);
        pic__ctx_unlock(ctx);
        if (r == 0 && known)
                pic__recent_keep_obj(pic__ctx_root(ctx)->recent, &at, (enum pic__kind)k, name, *ret_obj);
        return r;
}

static void free_list(pic_list *l)
{
        size_t i;

        l->h.magic = 0;
        for (i = 0; i < l->objs.count; i++)
                pic__obj_unref(l->objs.at[i]);
        pic__vec_free(&l->objs);
        pic__free(l->json);
        pic__free(l);
}

pic_list *pic_list_unref(pic_list *list)
{
        if (pic__api_is(list, PIC__MAGIC_LIST) && __atomic_sub_fetch(&list->h.refs, 1, __ATOMIC_ACQ_REL) == 0)
                free_list(list);
        return NULL;
}
PIC__CLEANUP(pic_list, pic_list_unref)

static int take_obj(const pic_obj *o, void *data)
{
        pic_list *l = data;
        pic_obj *ref = pic__obj_ref(o);

        if (pic__vec_push(&l->objs, ref) == 0)
                return 0;
        pic__obj_unref(ref);
        return PIC_NOMEM;
}

int pic_list_get(pic_ctx *ctx, const char *kind, pic_list **ret_list, pic_error **err)
{
        PIC__AUTO(pic_list_unref_p) pic_list *l = NULL;
        pic__store *st = NULL;
        int k, r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_list == NULL)
                return pic__api_bad(err, "pic_list_get", "ctx or ret_list is not valid");
        k = find_kind(kind, "pic_list_get", err);
        if (k < 0)
                return k;
        l = pic__alloc(sizeof(*l));
        if (l == NULL)
                return pic__nomem(err);
        l->h = (pic__handle){ PIC__MAGIC_LIST, 1 };
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__store_each(st, (enum pic__kind)k, take_obj, l, err);
        pic__ctx_unlock(ctx);
        if (r < 0)
                return r == PIC_NOMEM ? pic__nomem(err) : r;
        *ret_list = pic__take(l);
        return 0;
}

size_t pic_list_count(const pic_list *list)
{
        return pic__api_is(list, PIC__MAGIC_LIST) ? list->objs.count : 0;
}

const pic_obj *pic_list_at(const pic_list *list, size_t index)
{
        return index < pic_list_count(list) ? list->objs.at[index] : NULL;
}

const char *pic_list_json(pic_list *list)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);
        char *made, *none = NULL;
        size_t i;

        if (!pic__api_is(list, PIC__MAGIC_LIST))
                return NULL;
        made = __atomic_load_n(&list->json, __ATOMIC_ACQUIRE);
        if (made != NULL)
                return made;
        pic__json_open(&j, '[');
        for (i = 0; i < list->objs.count; i++)
                pic__obj_json(list->objs.at[i], &j);
        pic__json_close(&j, ']');
        made = pic__buf_steal(&b);
        /* Two threads may make it at once: the first one's stays. */
        if (made != NULL &&
            !__atomic_compare_exchange_n(&list->json, &none, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
                pic__free(made);
                made = none;
        }
        return made;
}

static int is_obj(const pic_obj *obj)
{
        return obj != NULL && obj->magic == OBJ_MAGIC;
}

const char *pic_obj_kind(const pic_obj *obj)
{
        return is_obj(obj) ? pic__kinds[obj->kind].name : "";
}

const char *pic_obj_name(const pic_obj *obj)
{
        return is_obj(obj) ? pic__obj_name(obj) : "";
}

pic_id pic_obj_id(const pic_obj *obj)
{
        return is_obj(obj) ? obj->id : 0;
}

pic_revision pic_obj_revision(const pic_obj *obj)
{
        return is_obj(obj) ? obj->revision : 0;
}

char *pic_obj_get(const pic_obj *obj, const char *field)
{
        const pic__field *f;
        const pic__val *v;
        int i;

        if (!is_obj(obj) || field == NULL)
                return NULL;
        i = pic__field_find(obj->kind, field);
        if (i < 0)
                return NULL;
        f = &pic__kinds[obj->kind].fields[i];
        v = pic__obj_val(obj, i);
        if ((f->flags & PIC__F_SECRET) != 0)
                return NULL;
        return v->tag == PIC__V_NONE ? pic__strdup(f->def) : pic__field_print(f, v);
}

int pic_obj_has(const pic_obj *obj, const char *field)
{
        int i = is_obj(obj) && field != NULL ? pic__field_find(obj->kind, field) : -1;

        return i >= 0 && pic__obj_val(obj, i)->tag != PIC__V_NONE;
}

void pic_text_free(char *text)
{
        pic__free(text);
}

char *pic_obj_json(const pic_obj *obj)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        if (!is_obj(obj))
                return NULL;
        pic__obj_json(obj, &j);
        return pic__buf_steal(&b);
}

pic_obj *pic_obj_ref(const pic_obj *obj)
{
        return is_obj(obj) ? pic__obj_ref(obj) : NULL;
}

pic_obj *pic_obj_unref(pic_obj *obj)
{
        return is_obj(obj) ? pic__obj_unref(obj) : NULL;
}
