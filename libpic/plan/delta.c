/* Owns: what follows from some changes only.
 *
 * The items that changes can touch, on either side of them:
 *   of a changed, new, removed or (un)expiring peer: its own items, and the reach of other classes to it;
 *   of a changed record, and of records that share an address with it or are aliases of what changed: all;
 *   of a changed certificate: its own item;
 *   of services all: a target may be a device or a record, and they are few;
 *   of a member of a changed group: only its marks, because only its class may be another;
 *   of a class: all its items, if nobody else has it: a class lives as long as it has members, so a class with an
 *   untouched member is on both sides, with the same items (but for the reach to touched peers, above).
 *
 * What is emitted on both sides and is equal gives no step. Routed subnets and the cell itself reach into every class:
 * then everything is derived. A test holds all this against pic__derive_all on random changes. */
#include <stdlib.h>

#include "model/own.h"
#include "plan/derive_in.h"
#include "plan/touch.h"

typedef struct delta {
        pic__snap *snap;
        const pic__change *changes;
        size_t count;
        pic_time now;
        const pic__secrets *secrets;
        pic__touches touched;
        pic__idvec records;
} delta;

typedef PIC__VEC(const pic__class *) classvec;

static int has_subnets(const pic_obj *peer)
{
        return peer != NULL && pic__obj_text(peer, "subnets")[0] != '\0';
}

/* One of the owner's records of a name in somebody's zone. */
static int is_outside(const pic_obj *record)
{
        return record != NULL && pic__own_is(pic__obj_name(record));
}

/* The cell, a connection (who has it as exit is not looked for), a zone of others, a public name or a block list (the
 * server's, and each exit's), a service (its address is a hole in what classes reach), or a peer with networks behind
 * it. */
static int is_all(const pic__change *c)
{
        static const enum pic__kind kinds[] = { PIC__CELL,   PIC__CONNECTION, PIC__FORWARD,
                                                PIC__DOMAIN, PIC__SERVICE,    PIC__BLOCKLIST };
        size_t i;

        for (i = 0; i < PIC__COUNT(kinds); i++)
                if (c->kind == kinds[i])
                        return 1;
        return (c->kind == PIC__RECORD && is_outside(c->after)) || (c->kind == PIC__PEER && has_subnets(c->after));
}

static int reaches_all(const delta *x)
{
        size_t i;

        for (i = 0; i < x->count; i++)
                if (is_all(&x->changes[i]))
                        return 1;
        for (i = 0; i < x->records.count; i++)
                if (is_outside(pic__snap_get(x->snap, PIC__RECORD, x->records.at[i])))
                        return 1;
        for (i = 0; i < x->touched.count; i++)
                if (x->touched.at[i].whole && has_subnets(pic__snap_get(x->snap, PIC__PEER, x->touched.at[i].id)))
                        return 1;
        return 0;
}

static int derive_touched(pic__derive *d, const pic__touch *t, classvec *classes, pic_error **err)
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
        const pic_obj *service;
        size_t i, at = 0;
        int r;

        if (pic__snap_cell(x->snap) == NULL)
                return 0;
        r = pic__derive_open(&d, x->snap, x->secrets, out, err);
        for (i = 0; i < x->touched.count && r == 0; i++)
                r = derive_touched(&d, &x->touched.at[i], &classes, err);
        for (i = 0; i < x->records.count && r == 0; i++) {
                const pic_obj *record = pic__snap_get(x->snap, PIC__RECORD, x->records.at[i]);

                r = record != NULL ? pic__derive_record(&d, record, err) : 0;
        }
        for (i = 0; i < x->count && r == 0; i++) {
                const pic_obj *cert = x->changes[i].kind == PIC__CERTIFICATE
                                              ? pic__snap_get(x->snap, PIC__CERTIFICATE, x->changes[i].id)
                                              : NULL;

                r = cert != NULL ? pic__derive_certificate(&d, cert, err) : 0;
        }
        while (r == 0 && (service = pic__snap_next(x->snap, PIC__SERVICE, &at)) != NULL)
                r = pic__derive_service(&d, service, err);
        return r < 0 ? r : derive_classes(&d, &classes, err);
}

static int tell(delta *x, pic_error **err)
{
        pic__auto_free pic_id *ids = NULL; /* foreseen: pic__touch_find() found the same */
        size_t count = 0;
        int r = pic__changes_tell(x->snap, x->changes, x->count, err);

        return r < 0 ? r : pic__snap_now(x->snap, x->now, &ids, &count, err);
}

static int run(delta *x, pic__items *before, pic__items *after, int *ret_all, pic_error **err)
{
        int all, r;

        if (pic__touch_find(x->snap, x->changes, x->count, x->now, &x->touched) < 0 ||
            pic__touch_records(x->snap, x->changes, x->count, &x->touched, &x->records) < 0)
                return pic__nomem(err);
        all = reaches_all(x);
        r = all ? pic__derive_all(x->snap, x->secrets, before, err) : derive_side(x, before, err);
        if (r < 0)
                return r;
        r = tell(x, err);
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
        delta x = { s, changes, count, now, secrets, PIC__VEC_INIT, PIC__VEC_INIT };
        int r = run(&x, before, after, ret_all, err);

        pic__vec_free(&x.touched);
        pic__vec_free(&x.records);
        return r;
}
