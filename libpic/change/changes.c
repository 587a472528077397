/* Owns: lists of changes: read from the journal, found between two snapshots, told the other way round. */
#include "change/changes.h"

#include <stdlib.h>

#include "model/text.h"
#include "plan/touch.h"

void pic__changes_free(pic__changes *c)
{
        size_t i;

        for (i = 0; i < c->refs.count; i++)
                pic__obj_unref(c->refs.at[i]);
        pic__vec_free(&c->refs);
        pic__vec_free(&c->list);
}

static int keep(pic__changes *c, const pic_obj *o)
{
        pic_obj *ref = pic__obj_ref(o);

        if (o == NULL || pic__vec_push(&c->refs, ref) == 0)
                return 0;
        pic__obj_unref(ref);
        return -1;
}

static int add(pic__changes *c, const pic_obj *before, const pic_obj *after)
{
        const pic_obj *some = after != NULL ? after : before;
        pic__change change = { some->kind, some->id, before, after };

        return keep(c, before) < 0 || keep(c, after) < 0 ? -1 : pic__vec_push(&c->list, change);
}

struct reading {
        const pic__snap *before;
        pic__changes *to;
};

static int collect(enum pic__kind kind, pic_id id, const pic_obj *now, void *data)
{
        const struct reading *r = data;
        const pic_obj *before = pic__snap_get(r->before, kind, id);

        if (before == NULL && now == NULL)
                return 0; /* made and removed between two looks */
        return add(r->to, before, now) < 0 ? PIC_NOMEM : 0;
}

int pic__changes_read(pic__store *st, pic_revision since, const pic__snap *before, pic__changes *ret,
                      pic_revision *ret_revision, pic_error **err)
{
        struct reading reading = { before, ret };
        int r = pic__store_changes(st, since, collect, &reading, ret_revision, err);

        if (r == PIC_NOMEM)
                return pic__nomem(err);
        return r < 0 ? r : 0;
}

static int between(const pic__snap *before, const pic__snap *after, enum pic__kind kind, pic__changes *to)
{
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(before, kind, &at)) != NULL)
                if (pic__snap_get(after, kind, o->id) == NULL && add(to, o, NULL) < 0)
                        return -1;
        at = 0;
        while ((o = pic__snap_next(after, kind, &at)) != NULL) {
                const pic_obj *was = pic__snap_get(before, kind, o->id);

                if ((was == NULL || was->revision != o->revision) && add(to, was, o) < 0)
                        return -1;
        }
        return 0;
}

int pic__changes_between(const pic__snap *before, const pic__snap *after, pic__changes *ret, pic_error **err)
{
        int kind;

        for (kind = 0; kind < PIC__KINDS; kind++)
                if (between(before, after, (enum pic__kind)kind, ret) < 0)
                        return pic__nomem(err);
        return 0;
}

static int differs(const pic_obj *a, const pic_obj *b)
{
        size_t i;

        for (i = 0; i < pic__kinds[a->kind].count; i++)
                if (!pic__val_equal(pic__obj_val(a, (int)i), pic__obj_val(b, (int)i)))
                        return 1;
        return 0;
}

/* Who it is on the other side; the cell is the cell. */
static const pic_obj *twin(const pic__snap *there, const pic_obj *o, int same)
{
        const pic_obj *other = o->kind == PIC__CELL ? pic__snap_cell(there) : pic__snap_get(there, o->kind, o->id);

        return other == NULL || same || o->kind == PIC__CELL || pic__same_name(pic__obj_name(o), pic__obj_name(other))
                       ? other
                       : NULL;
}

static int apart(const pic__snap *before, const pic__snap *after, enum pic__kind kind, int same, pic__changes *to)
{
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(before, kind, &at)) != NULL)
                if (twin(after, o, same) == NULL && add(to, o, NULL) < 0)
                        return -1;
        at = 0;
        while ((o = pic__snap_next(after, kind, &at)) != NULL) {
                const pic_obj *was = twin(before, o, same);

                if ((was == NULL || differs(was, o)) && add(to, was, o) < 0)
                        return -1;
        }
        return 0;
}

int pic__changes_apart(const pic__snap *before, const pic__snap *after, int same, pic__changes *ret, pic_error **err)
{
        int kind;

        for (kind = 0; kind < PIC__KINDS; kind++)
                if (apart(before, after, (enum pic__kind)kind, same, ret) < 0)
                        return pic__nomem(err);
        return 0;
}

static int by_place(const void *a, const void *b)
{
        const pic__change *x = a, *y = b;
        int gone = (x->after != NULL) - (y->after != NULL);

        if (x->kind != y->kind)
                return x->kind < y->kind ? -1 : 1;
        return gone != 0 ? gone : (x->id > y->id) - (x->id < y->id);
}

void pic__changes_sort(pic__changes *c)
{
        if (c->list.count > 1)
                qsort(c->list.at, c->list.count, sizeof(c->list.at[0]), by_place);
}

int pic__changes_untell(const pic__changes *c, pic__snap *s, pic_error **err)
{
        pic__auto_free pic__change *back = NULL;
        size_t i;

        if (c->list.count == 0)
                return 0;
        back = pic__alloc(c->list.count * sizeof(*back));
        if (back == NULL)
                return pic__nomem(err);
        for (i = 0; i < c->list.count; i++) {
                const pic__change *one = &c->list.at[i];

                back[i] = (pic__change){ one->kind, one->id, one->after, one->before };
        }
        return pic__changes_tell(s, back, c->list.count, err);
}
