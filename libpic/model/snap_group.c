/* Owns: groups in a snapshot: who is in one, and what a change of a group does to its members' classes. */
#include <string.h>

#include "model/snap_impl.h"
#include "model/text.h"

pic__bucket *pic__bucket_find(const pic__snap *s, const char *name)
{
        char folded[65];

        pic__fold(name, folded, sizeof(folded));
        return pic__map_get(&s->buckets, folded, strlen(folded));
}

int pic__bucket_need(pic__snap *s, const char *name, pic__bucket **ret, pic_error **err)
{
        pic__bucket *b = pic__bucket_find(s, name);

        if (b == NULL) {
                b = pic__alloc(sizeof(*b));
                if (b == NULL) {
                        pic__nomem(err);
                        return PIC_NOMEM;
                }
                pic__fold(name, b->name, sizeof(b->name));
                if (pic__map_set(&s->buckets, b->name, strlen(b->name), b) < 0) {
                        pic__free(b);
                        pic__nomem(err);
                        return PIC_NOMEM;
                }
        }
        *ret = b;
        return 0;
}

void pic__bucket_tidy(pic__snap *s, pic__bucket *b)
{
        if (b == NULL || b->group != NULL || b->members.live > 0)
                return;
        pic__map_remove(&s->buckets, b->name, strlen(b->name));
        pic__order_free(&b->members);
        pic__free(b);
}

int pic__groups_reserve(pic__snap *s, const pic_obj *peer, pic_error **err)
{
        const char *at = pic__obj_text(peer, "groups");
        char name[80];

        while (pic__list_next(&at, name, sizeof(name))) {
                pic__bucket *b;
                int r = pic__bucket_need(s, name, &b, err);

                if (r < 0)
                        return r;
                if (pic__order_reserve(&b->members) < 0)
                        return pic__nomem(err);
        }
        return 0;
}

void pic__groups_tidy(pic__snap *s, const pic_obj *peer)
{
        const char *at = pic__obj_text(peer, "groups");
        char name[80];

        while (pic__list_next(&at, name, sizeof(name)))
                pic__bucket_tidy(s, pic__bucket_find(s, name));
}

void pic__groups_enter(pic__snap *s, pic__node *peer)
{
        const char *at = pic__obj_text(peer->o, "groups");
        char name[80];

        while (pic__list_next(&at, name, sizeof(name)))
                pic__order_put(&pic__bucket_find(s, name)->members, peer->o->id, peer);
}

/* Where another node has this peer's place already (a newer state of the same peer), that one stays. */
void pic__groups_leave(pic__snap *s, const pic__node *peer)
{
        const char *at = pic__obj_text(peer->o, "groups");
        char name[80];

        while (pic__list_next(&at, name, sizeof(name))) {
                pic__bucket *b = pic__bucket_find(s, name);

                if (b != NULL && pic__order_find(&b->members, peer->o->id) == peer)
                        pic__order_drop(&b->members, peer->o->id);
                pic__bucket_tidy(s, b);
        }
}

/* A member and the class that it is to have. */
struct change {
        pic__node *member;
        pic__class_rec *class;
};

typedef PIC__VEC(struct change) changes;

/* Finds the new classes of a bucket's active members, and joins them. */
static int reclass(pic__snap *s, const pic__bucket *b, changes *out, pic_error **err)
{
        pic__node *n;
        size_t at = 0;

        while (b != NULL && (n = pic__order_next(&b->members, &at)) != NULL) {
                struct change c = { n, NULL };
                int r;

                if (!pic__snap_active(s, n->o))
                        continue;
                r = pic__class_join(s, n->o, &c.class, err);
                if (r < 0)
                        return r;
                if (pic__vec_push(out, c) < 0) {
                        pic__class_leave(s, c.class);
                        return pic__nomem(err);
                }
        }
        return 0;
}

static void commit(pic__snap *s, changes *list)
{
        size_t i;

        for (i = 0; i < list->count; i++) {
                pic__class_leave(s, list->at[i].member->class);
                list->at[i].member->class = list->at[i].class;
        }
        pic__vec_free(list);
}

static void forget(pic__snap *s, changes *list)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                pic__class_leave(s, list->at[i].class);
        pic__vec_free(list);
}

static int reserve(pic__snap *s, const pic_obj *o, pic__bucket **ret, pic_error **err)
{
        if (pic__order_reserve(&s->nodes[PIC__GROUP]) < 0 ||
            pic__index_reserve(&s->names[PIC__GROUP], PIC__BY_NAME) < 0) {
                pic__nomem(err); /* the code is said outright for gcc's analyzer, which sees one file at a time */
                return PIC_NOMEM;
        }
        return pic__bucket_need(s, pic__obj_name(o), ret, err);
}

/* Puts the new group in the old one's place as far as rights go; on failure all is as before. */
static int swap(pic__snap *s, pic__node *old, pic__node *new, pic__bucket *to, pic_error **err)
{
        pic__bucket *from = old != NULL ? pic__bucket_find(s, pic__obj_name(old->o)) : NULL;
        pic__node *was_to = to->group, *was_from = from != NULL ? from->group : NULL;
        changes list = PIC__VEC_INIT;
        int r;

        if (from == to)
                from = NULL;
        if (from != NULL && from->group == old)
                from->group = NULL;
        to->group = new;
        r = reclass(s, to, &list, err);
        if (r == 0)
                r = reclass(s, from, &list, err);
        if (r < 0) {
                forget(s, &list);
                to->group = was_to;
                if (from != NULL)
                        from->group = was_from;
                return r;
        }
        commit(s, &list);
        pic__bucket_tidy(s, from);
        return 0;
}

int pic__group_put(pic__snap *s, const pic_obj *o, pic_error **err)
{
        pic__node *old = pic__order_find(&s->nodes[PIC__GROUP], o->id);
        pic__node *new = pic__node_new(o, err);
        pic__bucket *to = NULL;
        int r;

        if (new == NULL)
                return PIC_NOMEM;
        r = reserve(s, o, &to, err);
        if (r == 0)
                r = swap(s, old, new, to, err);
        if (r < 0) {
                pic__bucket_tidy(s, to);
                pic__node_free(new);
                return r;
        }
        if (old != NULL)
                pic__index_remove(&s->names[PIC__GROUP], PIC__BY_NAME, old);
        pic__index_add(&s->names[PIC__GROUP], PIC__BY_NAME, new);
        pic__order_put(&s->nodes[PIC__GROUP], o->id, new);
        pic__node_free(old);
        return 0;
}

void pic__group_drop(pic__snap *s, pic__node *n)
{
        pic__bucket *b = pic__bucket_find(s, pic__obj_name(n->o));
        changes list = PIC__VEC_INIT;
        pic__node *member;
        size_t at = 0;

        if (b != NULL && b->group == n) {
                b->group = NULL;
                if (reclass(s, b, &list, NULL) == 0) {
                        commit(s, &list);
                } else {
                        /* No memory for the lesser rights: then none. This call cannot fail, and must not leave a
                         * right. */
                        forget(s, &list);
                        while ((member = pic__order_next(&b->members, &at)) != NULL) {
                                pic__class_leave(s, member->class);
                                member->class = NULL;
                        }
                }
                pic__bucket_tidy(s, b);
        }
        pic__index_remove(&s->names[PIC__GROUP], PIC__BY_NAME, n);
        pic__order_drop(&s->nodes[PIC__GROUP], n->o->id);
        pic__node_free(n);
}
