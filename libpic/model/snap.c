/* Owns: the snapshot's life, and putting peers into it and taking them out. */
#include "model/snap.h"

#include <string.h>

#include "model/snap_impl.h"

int pic__snap_new(pic__snap **ret, pic_error **err)
{
        pic__snap *s = pic__alloc(sizeof(*s));

        if (s == NULL)
                return pic__nomem(err);
        s->pending.sign = 1;
        s->past.sign = -1;
        *ret = s;
        return 0;
}

void pic__snap_attach(pic__snap *s, pic__attached *nets)
{
        pic__attached_free(&s->attached);
        s->attached = *nets;
        *nets = (pic__attached)PIC__VEC_INIT;
}

const pic__attached *pic__snap_attached(const pic__snap *s)
{
        return &s->attached;
}

static void free_nodes(pic__order *nodes)
{
        pic__node *n;
        size_t at = 0;

        while ((n = pic__order_next(nodes, &at)) != NULL)
                pic__node_free(n);
        pic__order_free(nodes);
}

static void free_groups(pic__snap *s)
{
        pic__bucket *b;
        pic__reach *r;
        size_t at = 0;

        while ((b = pic__map_next(&s->buckets, &at)) != NULL) {
                pic__order_free(&b->members);
                pic__free(b);
        }
        at = 0;
        while ((r = pic__map_next(&s->reaches, &at)) != NULL) {
                pic__order_free(&r->classes);
                pic__free(r);
        }
        pic__map_free(&s->buckets);
        pic__map_free(&s->reaches);
}

pic__snap *pic__snap_unref(pic__snap *s)
{
        pic__class_rec *c;
        size_t at = 0, i;

        if (s == NULL)
                return NULL;
        pic__obj_unref(s->cell);
        for (i = 0; i < PIC__KINDS; i++)
                free_nodes(&s->nodes[i]);
        free_groups(s);
        while ((c = pic__order_next(&s->classes, &at)) != NULL)
                pic__class_free(c);
        pic__order_free(&s->classes);
        pic__order_free(&s->routed);
        pic__map_free(&s->rights);
        for (i = 0; i < PIC__INDEX_KEYS; i++)
                pic__free(s->peers[i].slots);
        for (i = 0; i < PIC__KINDS; i++)
                pic__free(s->names[i].slots);
        pic__vec_free(&s->pending.v);
        pic__vec_free(&s->past.v);
        pic__attached_free(&s->attached);
        pic__snap_forget_exits(s);
        pic__pointed_free(s);
        pic__free(s);
        return NULL;
}

pic__node *pic__node_new(const pic_obj *o, pic_error **err)
{
        pic__node *n = pic__alloc(sizeof(*n));
        pic__addr a;

        if (n == NULL) {
                pic__nomem(err);
                return NULL;
        }
        n->o = pic__obj_ref(o);
        if (o->kind != PIC__PEER)
                return n;
        n->expires = pic__obj_int(o, "expires");
        n->has4 = pic__addr_parse(pic__obj_text(o, "address4"), &a) == 0 && a.family == 4;
        if (n->has4)
                memcpy(n->addr4, a.bytes, sizeof(n->addr4));
        n->has6 = pic__addr_parse(pic__obj_text(o, "address6"), &a) == 0 && a.family == 6;
        if (n->has6)
                memcpy(n->addr6, a.bytes, sizeof(n->addr6));
        return n;
}

void pic__node_free(pic__node *n)
{
        if (n != NULL)
                pic__obj_unref(n->o);
        pic__free(n);
}

static int reserve_peer(pic__snap *s, const pic_obj *o, pic_error **err)
{
        unsigned i;

        for (i = 0; i < PIC__INDEX_KEYS; i++)
                if (pic__index_reserve(&s->peers[i], (enum pic__index_key)i) < 0)
                        return pic__nomem(err);
        if (pic__order_reserve(&s->nodes[PIC__PEER]) < 0 || pic__order_reserve(&s->routed) < 0 ||
            pic__expiry_reserve(s) < 0)
                return pic__nomem(err);
        return pic__groups_reserve(s, o, err);
}

/* What an old node has in the indexes; its place in the order and the node itself stay. */
static void unlink_peer(pic__snap *s, pic__node *n)
{
        unsigned i;

        for (i = 0; i < PIC__INDEX_KEYS; i++)
                pic__index_remove(&s->peers[i], (enum pic__index_key)i, n);
        pic__order_drop(&s->routed, n->o->id);
        pic__expiry_remove(s, n);
        pic__groups_leave(s, n);
        pic__class_leave(s, n->class);
}

static void link_peer(pic__snap *s, pic__node *n)
{
        unsigned i;

        for (i = 0; i < PIC__INDEX_KEYS; i++)
                pic__index_add(&s->peers[i], (enum pic__index_key)i, n);
        if (pic__obj_text(n->o, "subnets")[0] != '\0')
                pic__order_put(&s->routed, n->o->id, n);
        pic__expiry_add(s, n);
        pic__order_put(&s->nodes[PIC__PEER], n->o->id, n);
}

static int put_peer(pic__snap *s, const pic_obj *o, pic_error **err)
{
        pic__node *old = pic__order_find(&s->nodes[PIC__PEER], o->id);
        pic__node *new = pic__node_new(o, err);
        int r;

        if (new == NULL)
                return PIC_NOMEM;
        r = reserve_peer(s, o, err);
        if (r == 0 && pic__snap_active(s, o))
                r = pic__class_join(s, o, &new->class, err);
        if (r < 0) {
                pic__groups_tidy(s, o);
                pic__node_free(new);
                return r;
        }
        pic__groups_enter(s, new);
        if (old != NULL)
                unlink_peer(s, old);
        link_peer(s, new);
        pic__node_free(old);
        return 0;
}

/* What is only kept and found: nothing else follows from it here. */
static int put_plain(pic__snap *s, const pic_obj *o, pic_error **err)
{
        pic__node *old = pic__order_find(&s->nodes[o->kind], o->id);
        pic__node *new = pic__node_new(o, err);

        if (new == NULL)
                return PIC_NOMEM;
        if (pic__order_reserve(&s->nodes[o->kind]) < 0 || pic__index_reserve(&s->names[o->kind], PIC__BY_NAME) < 0 ||
            (o->kind == PIC__RECORD && pic__pointed_reserve(s, o) < 0)) {
                pic__node_free(new);
                return pic__nomem(err);
        }
        if (old != NULL)
                pic__index_remove(&s->names[o->kind], PIC__BY_NAME, old);
        pic__index_add(&s->names[o->kind], PIC__BY_NAME, new);
        pic__order_put(&s->nodes[o->kind], o->id, new);
        if (o->kind == PIC__RECORD) {
                pic__pointed_enter(s, new);
                if (old != NULL)
                        pic__pointed_leave(s, old);
        }
        pic__node_free(old);
        return 0;
}

int pic__snap_put(pic__snap *s, const pic_obj *o, pic_error **err)
{
        pic_obj *held;

        if (o->kind == PIC__PEER)
                return put_peer(s, o, err);
        if (o->kind == PIC__GROUP)
                return pic__group_put(s, o, err);
        if (o->kind != PIC__CELL)
                return put_plain(s, o, err);
        held = pic__obj_ref(o); /* before the old one goes: it may be the same */
        pic__obj_unref(s->cell);
        s->cell = held;
        return 0;
}

void pic__snap_drop(pic__snap *s, enum pic__kind kind, pic_id id)
{
        pic__node *n = pic__order_find(&s->nodes[kind], id);

        if (kind == PIC__CELL && s->cell != NULL && s->cell->id == id)
                s->cell = pic__obj_unref(s->cell);
        if (n == NULL)
                return;
        if (kind == PIC__GROUP) {
                pic__group_drop(s, n);
                return;
        }
        if (kind == PIC__PEER)
                unlink_peer(s, n);
        else
                pic__index_remove(&s->names[kind], PIC__BY_NAME, n);
        if (kind == PIC__RECORD)
                pic__pointed_leave(s, n);
        pic__order_drop(&s->nodes[kind], id);
        pic__node_free(n);
}
