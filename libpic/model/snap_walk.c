/* Owns: reading a snapshot: by id, name, address; in order; by class, group and reach. */
#include <string.h>

#include "model/snap_impl.h"
#include "model/text.h"

const pic_obj *pic__snap_cell(const pic__snap *s)
{
        return s->cell;
}

static const pic_obj *obj_of(const pic__node *n)
{
        return n != NULL ? n->o : NULL;
}

const pic_obj *pic__snap_get(const pic__snap *s, enum pic__kind kind, pic_id id)
{
        if (kind == PIC__CELL)
                return s->cell != NULL && s->cell->id == id ? s->cell : NULL;
        return obj_of(pic__order_find(&s->nodes[kind], id));
}

const pic_obj *pic__snap_named(const pic__snap *s, enum pic__kind kind, const char *name)
{
        const pic__index *x = kind == PIC__PEER ? &s->peers[PIC__BY_NAME] : &s->names[kind];
        char folded[PIC__INDEX_KEY_MAX];

        if (kind == PIC__CELL)
                return s->cell != NULL && pic__same_name(pic__obj_name(s->cell), name) ? s->cell : NULL;
        if (pic__fold(name, folded, sizeof(folded)) < 0)
                return NULL;
        return obj_of(pic__index_find(x, PIC__BY_NAME, folded, strlen(folded), -1));
}

const pic_obj *pic__snap_by_addr(const pic__snap *s, const pic__addr *a)
{
        enum pic__index_key which = a->family == 4 ? PIC__BY_ADDR4 : PIC__BY_ADDR6;

        return obj_of(pic__index_find(&s->peers[which], which, a->bytes, a->family == 4 ? 4 : 16, -1));
}

size_t pic__snap_count(const pic__snap *s, enum pic__kind kind)
{
        return kind == PIC__CELL ? s->cell != NULL : s->nodes[kind].live;
}

const pic_obj *pic__snap_next(const pic__snap *s, enum pic__kind kind, size_t *at)
{
        if (kind == PIC__CELL)
                return (*at)++ == 0 ? s->cell : NULL;
        return obj_of(pic__order_next(&s->nodes[kind], at));
}

const pic_obj *pic__snap_next_routed(const pic__snap *s, size_t *at)
{
        return obj_of(pic__order_next(&s->routed, at));
}

pic_time pic__snap_time(const pic__snap *s)
{
        return s->now;
}

int pic__snap_active(const pic__snap *s, const pic_obj *peer)
{
        pic_time expires = pic__obj_int(peer, "expires");

        return pic__obj_int(peer, "enabled") != 0 && (expires == 0 || expires > s->now);
}

const pic__class *pic__snap_class(const pic__snap *s, const pic_obj *peer)
{
        const pic__node *n = pic__order_find(&s->nodes[PIC__PEER], peer->id);

        return n != NULL && n->class != NULL ? &n->class->pub : NULL;
}

const pic__class *pic__snap_next_class(const pic__snap *s, size_t *at)
{
        const pic__class_rec *c = pic__order_next(&s->classes, at);

        return c != NULL ? &c->pub : NULL;
}

const pic_obj *pic__snap_next_member(const pic__snap *s, const char *group, size_t *at)
{
        const pic__bucket *b = pic__bucket_find(s, group);

        return b != NULL ? obj_of(pic__order_next(&b->members, at)) : NULL;
}

/* The class with the lowest number from `from` on that has the grant `word` + `name`, if it is lower than *best. */
static void nearer(const pic__snap *s, const char *word, const char *name, int64_t from, const pic__class_rec **best)
{
        char target[80];
        const pic__class_rec *c;
        const pic__reach *r;
        int64_t number;
        size_t n = strlen(word);

        memcpy(target, word, n);
        if (pic__fold(name, target + n, sizeof(target) - n) < 0)
                return;
        r = pic__map_get(&s->reaches, target, strlen(target));
        c = r != NULL ? pic__order_from(&r->classes, from, &number) : NULL;
        if (c != NULL && (*best == NULL || c->pub.number < (*best)->pub.number))
                *best = c;
}

/* *at is the lowest number that may still come: so a class that has two such grants comes once. */
const pic__class *pic__snap_next_reaching(const pic__snap *s, const pic_obj *peer, size_t *at)
{
        const char *groups = pic__obj_text(peer, "groups");
        const pic__class_rec *best = NULL;
        char name[80];

        nearer(s, "peer:", pic__obj_name(peer), (int64_t)*at, &best);
        while (pic__list_next(&groups, name, sizeof(name)))
                nearer(s, "group:", name, (int64_t)*at, &best);
        if (best == NULL)
                return NULL;
        *at = (size_t)best->pub.number + 1;
        return &best->pub;
}
