/* Owns: what follows from some changes only.
 *
 * The items that changes can touch, on either side of them:
 *   of a changed, new, removed or (un)expiring peer: its own items, and the reach of other classes to it;
 *   of a member of a changed group: only its marks, because only its class may be another;
 *   of a class: all its items, if nobody else has it: a class lives as long as it has members, so a class with an
 *   untouched member is on both sides, with the same items (but for the reach to touched peers, above).
 *
 * What is emitted on both sides and is equal gives no step. Routed subnets and the cell itself reach into every class:
 * then everything is derived. A test holds all this against pic__derive_all on random changes. */
#include <stdlib.h>

#include "plan/derive_in.h"

typedef struct touch {
        pic_id id;
        int whole; /* the peer itself, not only its class */
} touch;

typedef PIC__VEC(touch) touchvec;

typedef struct delta {
        pic__snap *snap;
        const pic__change *changes;
        size_t count;
        pic_time now;
        const pic__secrets *secrets;
        touchvec touched; /* peers, in order of id, each once */
} delta;

typedef PIC__VEC(const pic__class *) classvec;

static int add_touch(delta *x, pic_id id, int whole)
{
        touch t = { id, whole };

        return pic__vec_push(&x->touched, t);
}

static int touch_members(delta *x, const char *group)
{
        const pic_obj *member;
        size_t at = 0;

        while ((member = pic__snap_next_member(x->snap, group, &at)) != NULL)
                if (add_touch(x, member->id, 0) < 0)
                        return -1;
        return 0;
}

/* A group by the name it has and the name it gets. */
static int touch_group(delta *x, const pic__change *change)
{
        const pic_obj *old = pic__snap_get(x->snap, PIC__GROUP, change->id);

        if (old != NULL && touch_members(x, pic__obj_name(old)) < 0)
                return -1;
        return change->after != NULL ? touch_members(x, pic__obj_name(change->after)) : 0;
}

static int touch_changed(delta *x)
{
        size_t i;

        for (i = 0; i < x->count; i++) {
                const pic__change *change = &x->changes[i];
                int failed = 0;

                if (change->kind == PIC__PEER)
                        failed = add_touch(x, change->id, 1);
                else if (change->kind == PIC__GROUP)
                        failed = touch_group(x, change);
                if (failed < 0)
                        return -1;
        }
        return 0;
}

/* Peers whose time comes between the snapshot's moment and the new one; or, when the clock went back, comes again. All
 * peers are looked at only when there is one. */
static int touch_expiring(delta *x)
{
        pic_time then = pic__snap_time(x->snap), due = pic__snap_next_expiry(x->snap);
        pic_time from = then < x->now ? then : x->now, to = then < x->now ? x->now : then;
        const pic_obj *peer;
        size_t at = 0;

        if (then <= x->now && (due == 0 || due > x->now))
                return 0;
        while ((peer = pic__snap_next(x->snap, PIC__PEER, &at)) != NULL) {
                pic_time expires = pic__obj_int(peer, "expires");

                if (expires != 0 && expires >= from && expires <= to && add_touch(x, peer->id, 1) < 0)
                        return -1;
        }
        return 0;
}

static int by_id(const void *a, const void *b)
{
        const touch *left = a, *right = b;

        return (left->id > right->id) - (left->id < right->id);
}

static void settle(delta *x)
{
        size_t i, n = 0;

        if (x->touched.count == 0)
                return;
        qsort(x->touched.at, x->touched.count, sizeof(touch), by_id);
        for (i = 1; i < x->touched.count; i++) {
                if (x->touched.at[i].id != x->touched.at[n].id)
                        x->touched.at[++n] = x->touched.at[i];
                else
                        x->touched.at[n].whole |= x->touched.at[i].whole;
        }
        x->touched.count = n + 1;
}

static int has_subnets(const pic_obj *peer)
{
        return peer != NULL && pic__obj_text(peer, "subnets")[0] != '\0';
}

/* The cell, or a peer with networks behind it. */
static int reaches_all(const delta *x)
{
        size_t i;

        for (i = 0; i < x->count; i++)
                if (x->changes[i].kind == PIC__CELL ||
                    (x->changes[i].kind == PIC__PEER && has_subnets(x->changes[i].after)))
                        return 1;
        for (i = 0; i < x->touched.count; i++)
                if (x->touched.at[i].whole && has_subnets(pic__snap_get(x->snap, PIC__PEER, x->touched.at[i].id)))
                        return 1;
        return 0;
}

static int derive_touched(pic__derive *d, const touch *t, classvec *classes, pic_error **err)
{
        const pic_obj *peer = pic__snap_get(d->snap, PIC__PEER, t->id);
        const pic__class *class;
        size_t at = 0;
        int r;

        if (peer == NULL)
                return 0;
        class = pic__snap_class(d->snap, peer);
        if (class != NULL && pic__vec_push(classes, class) < 0)
                return pic__nomem(err);
        if (!t->whole)
                return pic__derive_marks(d, peer, err);
        r = pic__derive_peer(d, peer, err);
        while (r == 0 && (class = pic__snap_next_reaching(d->snap, peer, &at)) != NULL)
                r = pic__derive_reach(d, class, peer, err);
        return r;
}

static int by_class(const void *a, const void *b)
{
        const pic__class *const *left = a, *const *right = b;

        return ((*left)->number > (*right)->number) - ((*left)->number < (*right)->number);
}

/* Classes that nobody untouched has. `classes` has one entry for each touched active peer. */
static int derive_classes(pic__derive *d, classvec *classes, pic_error **err)
{
        size_t i, k;
        int r;

        if (classes->count > 1)
                qsort(classes->at, classes->count, sizeof(classes->at[0]), by_class);
        for (i = 0; i < classes->count; i = k) {
                for (k = i; k < classes->count && classes->at[k] == classes->at[i]; k++)
                        ;
                if (k - i < classes->at[i]->members)
                        continue;
                r = pic__derive_class(d, classes->at[i], err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void free_classes(classvec *classes)
{
        pic__vec_free(classes);
}

/* The touched items as the snapshot has them now. */
static int derive_side(delta *x, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        PIC__AUTO(free_classes) classvec classes = PIC__VEC_INIT;
        size_t i;
        int r;

        if (pic__snap_cell(x->snap) == NULL)
                return 0;
        r = pic__derive_open(&d, x->snap, x->secrets, out, err);
        for (i = 0; i < x->touched.count && r == 0; i++)
                r = derive_touched(&d, &x->touched.at[i], &classes, err);
        return r < 0 ? r : derive_classes(&d, &classes, err);
}

/* Removals first, so that a name or address is free before somebody else takes it; peers last, so that their groups are
 * there. */
static int apply_changes(delta *x, pic_error **err)
{
        static const enum pic__kind order[] = { PIC__CELL, PIC__GROUP, PIC__PEER, PIC__ASSERTION };
        pic_id *ids = NULL;
        size_t i, k, count = 0;
        int r;

        for (i = 0; i < x->count; i++)
                if (x->changes[i].after == NULL)
                        pic__snap_drop(x->snap, x->changes[i].kind, x->changes[i].id);
        for (k = 0; k < PIC__COUNT(order); k++) {
                for (i = 0; i < x->count; i++) {
                        if (x->changes[i].after == NULL || x->changes[i].kind != order[k])
                                continue;
                        r = pic__snap_put(x->snap, x->changes[i].after, err);
                        if (r < 0)
                                return r;
                }
        }
        r = pic__snap_now(x->snap, x->now, &ids, &count, err);
        if (r == 0)
                pic__free(ids); /* foreseen: touch_expiring() found the same */
        return r;
}

static int run(delta *x, pic__items *before, pic__items *after, int *ret_all, pic_error **err)
{
        int all, r;

        if (touch_changed(x) < 0 || touch_expiring(x) < 0)
                return pic__nomem(err);
        settle(x);
        all = reaches_all(x);
        r = all ? pic__derive_all(x->snap, x->secrets, before, err) : derive_side(x, before, err);
        if (r < 0)
                return r;
        r = apply_changes(x, err);
        if (r < 0)
                return r;
        r = all ? pic__derive_all(x->snap, x->secrets, after, err) : derive_side(x, after, err);
        if (r == 0)
                *ret_all = all;
        return r;
}

int pic__derive_delta(pic__snap *s, const pic__change *changes, size_t count, pic_time now, const pic__secrets *secrets,
                      pic__items *before, pic__items *after, int *ret_all, pic_error **err)
{
        delta x = { s, changes, count, now, secrets, PIC__VEC_INIT };
        int r = run(&x, before, after, ret_all, err);

        pic__vec_free(&x.touched);
        return r;
}
