/* Owns: who is expired. Two heaps: those whose time is to come, the earliest on top, and those whose time is past, the
 * latest on top. Moving the clock (forward, or back) moves only the peers that it concerns. */
#include "model/snap_impl.h"

static int before(const pic__heap *h, const pic__node *a, const pic__node *b)
{
        return h->sign > 0 ? a->expires < b->expires : a->expires > b->expires;
}

static void set(pic__heap *h, size_t at, pic__node *n)
{
        h->v.at[at] = n;
        n->heap_pos = (uint32_t)at;
}

/* Moves `n` up or down from the free place `at` to where it belongs. */
static void settle(pic__heap *h, size_t at, pic__node *n)
{
        size_t child;

        while (at > 0 && before(h, n, h->v.at[(at - 1) / 2])) {
                set(h, at, h->v.at[(at - 1) / 2]);
                at = (at - 1) / 2;
        }
        for (child = at * 2 + 1; child < h->v.count; child = at * 2 + 1) {
                if (child + 1 < h->v.count && before(h, h->v.at[child + 1], h->v.at[child]))
                        child++;
                if (!before(h, h->v.at[child], n))
                        break;
                set(h, at, h->v.at[child]);
                at = child;
        }
        set(h, at, n);
}

static void push(pic__heap *h, pic__node *n)
{
        h->v.count++;
        settle(h, h->v.count - 1, n);
}

static void take(pic__heap *h, const pic__node *n)
{
        pic__node *last = h->v.at[--h->v.count];

        if (last != n)
                settle(h, n->heap_pos, last);
}

/* Room for one more in both: any peer may move from one to the other later, and that must not fail. */
int pic__expiry_reserve(pic__snap *s)
{
        size_t all = s->pending.v.count + s->past.v.count;

        if (pic__vec_grow((void **)&s->pending.v.at, &s->pending.v.room, all, sizeof(pic__node *)) < 0)
                return -1;
        return pic__vec_grow((void **)&s->past.v.at, &s->past.v.room, all, sizeof(pic__node *));
}

void pic__expiry_add(pic__snap *s, pic__node *n)
{
        if (n->expires == 0)
                return;
        n->past = n->expires <= s->now;
        push(n->past ? &s->past : &s->pending, n);
}

void pic__expiry_remove(pic__snap *s, pic__node *n)
{
        if (n->expires != 0)
                take(n->past ? &s->past : &s->pending, n);
}

/* The peer that is on the wrong side of `now`, or NULL. */
static pic__node *misplaced(const pic__snap *s, pic_time now)
{
        if (s->pending.v.count > 0 && s->pending.v.at[0]->expires <= now)
                return s->pending.v.at[0];
        if (s->past.v.count > 0 && s->past.v.at[0]->expires > now)
                return s->past.v.at[0];
        return NULL;
}

typedef PIC__VEC(pic_id) ids_vec;

/* Moves one peer over; a disabled one is the same as before. */
static int move(pic__snap *s, pic__node *n, ids_vec *ids, pic_error **err)
{
        int enabled = pic__obj_int(n->o, "enabled") != 0, r;
        pic__class_rec *class = NULL;

        if (enabled && n->past) {
                r = pic__class_join(s, n->o, &class, err);
                if (r < 0)
                        return r;
        }
        if (enabled && pic__vec_push(ids, n->o->id) < 0) {
                pic__class_leave(s, class);
                return pic__nomem(err);
        }
        pic__class_leave(s, n->class);
        n->class = class;
        take(n->past ? &s->past : &s->pending, n);
        n->past = !n->past;
        push(n->past ? &s->past : &s->pending, n);
        return 0;
}

int pic__snap_now(pic__snap *s, pic_time now, pic_id **ret_ids, size_t *ret_count, pic_error **err)
{
        ids_vec ids = PIC__VEC_INIT;
        pic__node *n;
        int r;

        while ((n = misplaced(s, now)) != NULL) {
                r = move(s, n, &ids, err);
                if (r < 0) {
                        pic__vec_free(&ids);
                        return r;
                }
        }
        s->now = now;
        *ret_ids = ids.at;
        *ret_count = ids.count;
        return 0;
}

pic_time pic__snap_next_expiry(const pic__snap *s)
{
        return s->pending.v.count > 0 ? s->pending.v.at[0]->expires : 0;
}
