/* Owns: the names in an object of the past. Who was meant by one may be called otherwise now, and the name be
 * another's: an undo that took names for what they are now would let a device into a group it never was in. */
#include "change/renamed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/text.h"

struct telling {
        pic__renamed *r;
        const pic_obj *then;
        const pic_obj *after; /* fields that it has too are not asked about; NULL: all are */
        pic_obj *copy;
        pic_error **err;
};

struct looking {
        enum pic__kind kind;
        const char *name;
};

static int is_it(enum pic__kind kind, const char *name, const char *field, void *data)
{
        const struct looking *l = data;

        (void)field;
        return kind == l->kind && pic__same_name(name, l->name);
}

static int fail(const struct telling *t, const char *field, const char *name, const char *rule)
{
        const char *kind = pic__kinds[t->then->kind].name;
        char object[96];

        (void)pic__fail(t->err, PIC_CONFLICT, "%s %s: %s: '%s' %s", kind, pic__obj_name(t->then), field, name, rule);
        snprintf(object, sizeof(object), "%s %s", kind, pic__obj_name(t->then));
        pic__detail(t->err, "object", object);
        pic__detail(t->err, "field", field);
        pic__detail(t->err, "value", name);
        pic__detail(t->err, "rule", rule);
        pic__hint(t->err, "Set the field: pic %s set. Or go back to a whole state: pic undo --to REV", kind);
        return PIC_CONFLICT;
}

/* As of a revision, or now (0); *ret is NULL when it was not, or is not, there. */
static int get(const struct telling *t, enum pic__kind kind, pic_id id, pic_revision at, pic_obj **ret)
{
        return pic__store_obj_at(t->r->st, kind, id, at != 0 ? at : INT64_MAX, ret, t->err);
}

/* The undo itself brings it back, or gives it its old name again. */
static int comes_back(const struct telling *t, enum pic__kind kind, pic_id id, const char *name)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *after = NULL;
        int r = t->r->undone != 0 ? get(t, kind, id, t->r->undone, &after) : 0;

        if (r < 0 || t->r->undone == 0)
                return r;
        return after == NULL || !pic__same_name(pic__obj_name(after), name);
}

/* Nobody is there any more who was called so: then the name must not be another's. */
static int is_free(const struct telling *t, enum pic__kind kind, const char *name, const char *field)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *other = NULL;

        if (t->r->undone == 0 || pic__store_get(t->r->st, kind, name, &other, NULL) < 0)
                return 0;
        return fail(t, field, name, "was removed since, and what is called so now is another");
}

/* What the one is called now who was called `name` then. */
static int look_up(const struct telling *t, enum pic__kind kind, const char *name, const char *field, char *to)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        pic_id id = 0;
        int r = pic__store_id_at(t->r->st, kind, name, t->r->at, &id, t->err);

        if (r < 0 || id == 0)
                return r;
        r = comes_back(t, kind, id, name);
        if (r == 0)
                r = get(t, kind, id, 0, &now);
        if (r != 0)
                return r < 0 ? r : 0;
        if (now == NULL)
                return is_free(t, kind, name, field);
        snprintf(to, PIC__RENAMED_ROOM, "%s", pic__obj_name(now));
        return 0;
}

/* Many objects name the same group: the last answer is kept. */
static int find(const struct telling *t, enum pic__kind kind, const char *name, const char *field)
{
        pic__renamed *m = t->r;
        int r;

        if (m->kind == kind && strcmp(m->name, name) == 0)
                return 0;
        snprintf(m->to, sizeof(m->to), "%s", name);
        m->name[0] = '\0';
        r = look_up(t, kind, name, field, m->to);
        if (r < 0)
                return r;
        m->kind = kind;
        snprintf(m->name, sizeof(m->name), "%s", name);
        return 0;
}

static int tell_one(enum pic__kind kind, const char *name, const char *field, void *data)
{
        const struct telling *t = data;
        struct looking l = { kind, t->r->to };
        int i = pic__field_find(t->then->kind, field), changed, r;

        if (t->after != NULL && pic__val_equal(pic__obj_val(t->then, i), pic__obj_val(t->after, i)))
                return 0;
        r = find(t, kind, name, field);
        if (r < 0 || pic__same_name(name, t->r->to))
                return r;
        if (pic__obj_refs(t->then, is_it, &l) != 0)
                return fail(t, field, name, "and another name there changed hands since");
        return pic__obj_rename_ref(t->copy, kind, name, t->r->to, &changed, t->err);
}

int pic__renamed_tell(pic__renamed *r, const pic_obj *then, const pic_obj *after, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *copy = NULL;
        struct telling t = { r, then, after, NULL, err };
        int n = pic__obj_edit(then, &copy, err);

        t.copy = copy;
        if (n == 0)
                n = pic__obj_refs(then, tell_one, &t);
        if (n < 0)
                return n;
        *ret = pic__take(copy);
        return 0;
}
