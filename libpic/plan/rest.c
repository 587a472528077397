/* Owns: what of a reach is left when others are taken away, and finding packets in it. */
#include <stdlib.h>

#include "plan/reach.h"

void pic__rest_free(pic__rest *r)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++) {
                pic__vec_free(&r->out[f]);
                pic__vec_free(&r->in[f]);
                pic__vec_free(&r->holes[f]);
        }
        pic__vec_free(&r->named);
}

/* `cut` tells whether there was anything to take. */
static int take(pic__boxes *boxes, const pic__boxes *holes, int *cut)
{
        size_t i, k;
        pic__box both;

        for (i = 0; i < boxes->count && !*cut; i++)
                for (k = 0; k < holes->count && !*cut; k++)
                        *cut = pic__box_meet(&boxes->at[i], &holes->at[k], &both);
        return pic__boxes_minus(boxes, holes);
}

static int copy(const pic__boxes *from, pic__boxes *to)
{
        size_t i;

        for (i = 0; i < from->count; i++)
                if (pic__vec_push(to, from->at[i]) < 0)
                        return -1;
        return 0;
}

/* --- places by number and address ----------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
        const pic__u128 *left = a, *right = b;

        return (*left > *right) - (*left < *right);
}

/* Numbers of the peers that others reach by name: the boxes by number do not mean them. */
static int add_holes(const pic__reach *const *others, size_t count, const pic__frame *frame, int family, pic__rest *to)
{
        pic__numbers *holes = &to->holes[family];
        size_t i, k;
        pic__u128 n;

        for (i = 0; i < count; i++)
                for (k = 0; k < others[i]->named.count; k++)
                        if (frame->number(frame, 1, others[i]->named.at[k], family, &n) == 0 &&
                            pic__vec_push(holes, n) < 0)
                                return -1;
        for (i = 0; frame->spots[family] != NULL && i < frame->spots[family]->count; i++)
                if (pic__vec_push(holes, frame->spots[family]->at[i]) < 0)
                        return -1;
        if (holes->count > 1)
                qsort(holes->at, holes->count, sizeof(holes->at[0]), by_number);
        return 0;
}

/* The first hole that is not below n. */
static size_t hole_from(const pic__numbers *holes, pic__u128 n)
{
        size_t low = 0, high = holes->count;

        while (low < high) {
                size_t mid = low + (high - low) / 2;

                if (holes->at[mid] < n)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low;
}

/* The first number of a box that is no hole and not `not_at`; -1 when there is none. */
static int free_number(const pic__box *box, const pic__numbers *holes, pic__u128 not_at, pic__u128 *ret)
{
        pic__u128 n = box->addr_lo;
        size_t at = hole_from(holes, n);

        for (;; n++) {
                while (at < holes->count && holes->at[at] < n)
                        at++;
                if (n != not_at && (at == holes->count || holes->at[at] != n)) {
                        *ret = n;
                        return 0;
                }
                if (n >= box->addr_hi)
                        return -1;
        }
}

static int some_hole(const pic__box *box, const pic__numbers *holes)
{
        size_t at = hole_from(holes, box->addr_lo);

        return at < holes->count && holes->at[at] <= box->addr_hi;
}

/* Boxes of which every number is a hole mean nothing. */
static void drop_empty(pic__rest *r, int family)
{
        pic__boxes *in = &r->in[family];
        size_t i, n = 0;
        pic__u128 some;

        for (i = 0; i < in->count; i++) {
                r->cut |= some_hole(&in->at[i], &r->holes[family]);
                if (free_number(&in->at[i], &r->holes[family], (pic__u128)-1, &some) == 0)
                        in->at[n++] = in->at[i];
        }
        in->count = n;
}

/* Numbers that there are on this side only are nobody's: a device that has one is told as a device. */
static void clip(pic__boxes *in, pic__u128 last)
{
        size_t i, n = 0;

        for (i = 0; i < in->count; i++) {
                if (in->at[i].addr_lo > last)
                        continue;
                in->at[n] = in->at[i];
                if (in->at[n].addr_hi > last)
                        in->at[n].addr_hi = last;
                n++;
        }
        in->count = n;
}

static int take_places(const pic__reach *from, const pic__reach *const *others, size_t count, const pic__frame *frame,
                       int family, pic__rest *to)
{
        size_t i;

        if (copy(&from->out[family], &to->out[family]) < 0 || copy(&from->in[family], &to->in[family]) < 0)
                return -1;
        clip(&to->in[family], frame->last[family]);
        for (i = 0; i < count; i++)
                if (take(&to->out[family], &others[i]->out[family], &to->cut) < 0 ||
                    take(&to->in[family], &others[i]->in[family], &to->cut) < 0)
                        return -1;
        if (to->in[family].count == 0)
                return 0;
        if (add_holes(others, count, frame, family, to) < 0)
                return -1;
        drop_empty(to, family);
        return 0;
}

/* --- peers ---------------------------------------------------------------------------------------------------- */

static int any_names(const pic__reach *const *others, size_t count, pic_id id)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (pic__ids_have(&others[i]->named, id))
                        return 1;
        return 0;
}

/* Protocols and ports at one number. */
static int at_number(const pic__boxes *boxes, pic__u128 number, pic__boxes *ret)
{
        size_t i;

        for (i = 0; i < boxes->count; i++) {
                pic__box box = boxes->at[i];

                if (number < box.addr_lo || number > box.addr_hi)
                        continue;
                box.addr_lo = box.addr_hi = 0;
                if (pic__vec_push(ret, box) < 0)
                        return -1;
        }
        return 0;
}

/* `services`, a peer's protocols and ports at number 0, without what others reach of the same peer, wherever it is for
 * them. */
static int keep_peer(pic_id id, int family, pic__boxes *services, const pic__reach *const *others, size_t count,
                     const pic__frame *frame, pic__rest *to)
{
        pic__boxes theirs = PIC__VEC_INIT;
        pic__u128 here, there;
        size_t i;
        int failed = 0;

        if (frame->number(frame, 0, id, family, &here) < 0 || services->count == 0)
                return 0;
        if (any_names(others, count, id)) {
                to->cut = 1;
                return 0;
        }
        if (frame->number(frame, 1, id, family, &there) < 0)
                there = here;
        for (i = 0; i < count && !failed; i++)
                failed = at_number(&others[i]->in[family], there, &theirs);
        if (!failed)
                failed = take(services, &theirs, &to->cut);
        pic__vec_free(&theirs);
        for (i = 0; i < services->count && !failed; i++) {
                pic__left left = { id, family, services->at[i] };

                left.box.addr_lo = left.box.addr_hi = here;
                failed = pic__vec_push(&to->named, left);
        }
        return failed;
}

static int take_named(const pic__reach *from, const pic__reach *const *others, size_t count, const pic__frame *frame,
                      int family, pic__rest *to)
{
        static const pic__box all = { 0, 0, 0, 65535, 0, 255 };
        size_t i;
        int failed = 0;

        for (i = 0; i < from->named.count && !failed; i++) {
                pic__boxes services = PIC__VEC_INIT;

                failed = pic__vec_push(&services, all) < 0 ||
                         keep_peer(from->named.at[i], family, &services, others, count, frame, to) < 0;
                pic__vec_free(&services);
        }
        return failed ? -1 : 0;
}

/* Peers whose number is not the same on both sides, as far as this reach has them by number. */
static int take_moved(const pic__reach *from, const pic__reach *const *others, size_t count, const pic__frame *frame,
                      int family, pic__rest *to)
{
        const pic__ids *moved = frame->moved[family];
        size_t i;
        int failed = 0;

        for (i = 0; moved != NULL && i < moved->count && !failed; i++) {
                pic__boxes services = PIC__VEC_INIT;
                pic__u128 here;

                if (frame->number(frame, 0, moved->at[i], family, &here) < 0 ||
                    pic__ids_have(&from->named, moved->at[i]))
                        continue;
                failed = at_number(&from->in[family], here, &services) < 0 ||
                         keep_peer(moved->at[i], family, &services, others, count, frame, to) < 0;
                pic__vec_free(&services);
        }
        return failed ? -1 : 0;
}

int pic__rest_make(const pic__reach *from, const pic__reach *const *others, size_t count, const pic__frame *frame,
                   pic__rest *ret, pic_error **err)
{
        PIC__AUTO(pic__rest_free) pic__rest rest = { .cut = 0 };
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (take_places(from, others, count, frame, f, &rest) < 0 ||
                    take_named(from, others, count, frame, f, &rest) < 0 ||
                    take_moved(from, others, count, frame, f, &rest) < 0)
                        return pic__nomem(err);
        *ret = rest;
        rest = (pic__rest){ .cut = 0 };
        return 0;
}

/* --- taking more away, of the same side ----------------------------------------------------------------------- */

/* Parts that are peers: gone when they are named, or covered by number. */
static int lessen_named(pic__rest *r, const pic__reach *told)
{
        PIC__VEC(pic__left) kept = PIC__VEC_INIT;
        size_t i, k;
        int failed = 0, cut = 0;

        for (i = 0; i < r->named.count && !failed; i++) {
                pic__left part = r->named.at[i];
                pic__boxes one = PIC__VEC_INIT;

                if (pic__ids_have(&told->named, part.id))
                        continue;
                failed = pic__vec_push(&one, part.box) < 0 || take(&one, &told->in[part.family], &cut) < 0;
                for (k = 0; k < one.count && !failed; k++) {
                        part.box = one.at[k];
                        failed = pic__vec_push(&kept, part) < 0;
                }
                pic__vec_free(&one);
        }
        pic__vec_free(&r->named);
        r->named.at = kept.at;
        r->named.count = kept.count;
        r->named.room = kept.room;
        return failed ? -1 : 0;
}

static int lessen(pic__rest *r, const pic__reach *told, const pic__frame *frame, int family)
{
        int cut = 0;
        size_t i, had = r->holes[family].count;
        pic__u128 n;

        if (take(&r->out[family], &told->out[family], &cut) < 0 || take(&r->in[family], &told->in[family], &cut) < 0)
                return -1;
        for (i = 0; r->in[family].count > 0 && i < told->named.count; i++)
                if (frame->number(frame, 0, told->named.at[i], family, &n) == 0 &&
                    pic__vec_push(&r->holes[family], n) < 0)
                        return -1;
        if (r->holes[family].count > had)
                qsort(r->holes[family].at, r->holes[family].count, sizeof(n), by_number);
        cut = r->cut;
        drop_empty(r, family);
        r->cut = cut;
        return 0;
}

int pic__rest_minus(pic__rest *r, const pic__reach *told, const pic__frame *frame, pic_error **err)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (lessen(r, told, frame, f) < 0)
                        return pic__nomem(err);
        return lessen_named(r, told) < 0 ? pic__nomem(err) : 0;
}

/* --- finding -------------------------------------------------------------------------------------------------- */

int pic__rest_empty(const pic__rest *r)
{
        return r->out[PIC__V4].count + r->out[PIC__V6].count + r->in[PIC__V4].count + r->in[PIC__V6].count +
                       r->named.count ==
               0;
}

/* What a person knows best first: how well known the best of a box is, 0 being best. */
static unsigned usual_proto(const pic__box *box, int family, uint8_t *ret)
{
        static const uint8_t usual[] = { PIC__PROTO_TCP, PIC__PROTO_UDP, PIC__PROTO_ICMP };
        unsigned i;

        *ret = box->proto_lo;
        for (i = 0; i < PIC__COUNT(usual); i++) {
                uint8_t proto = pic__derive_proto(usual[i], family);

                if (proto < box->proto_lo || proto > box->proto_hi)
                        continue;
                *ret = proto;
                break;
        }
        return i;
}

static int better(const pic__box *a, const pic__box *b, int family)
{
        uint8_t proto;
        unsigned x = usual_proto(a, family, &proto), y = usual_proto(b, family, &proto);

        return x != y ? x < y : a->addr_lo < b->addr_lo;
}

/* A packet of a box that a person would know. */
static void some_packet(const pic__box *box, pic__place *p)
{
        static const uint16_t usual[] = { 443, 80, 22, 53 };
        size_t i;

        (void)usual_proto(box, p->family, &p->proto);
        p->port = 0;
        if (p->proto != PIC__PROTO_TCP && p->proto != PIC__PROTO_UDP)
                return;
        p->port = box->port_lo > 0 || box->port_hi == 0 ? box->port_lo : 1;
        for (i = 0; i < PIC__COUNT(usual); i++) {
                if (usual[i] >= box->port_lo && usual[i] <= box->port_hi) {
                        p->port = usual[i];
                        return;
                }
        }
}

/* The lowest, but not a network's own address where there is another. */
static int some_outside(const pic__boxes *out, int family, pic__place *ret)
{
        const pic__box *box = out->at;
        size_t i;

        if (out->count == 0)
                return 0;
        for (i = 1; i < out->count; i++)
                if (better(&out->at[i], box, family))
                        box = &out->at[i];
        *ret = (pic__place){ .family = family, .at = box->addr_lo + (box->addr_hi > box->addr_lo ? 1 : 0) };
        some_packet(box, ret);
        return 1;
}

static int some_inside(const pic__rest *r, pic__u128 not_at, int family, pic__place *ret)
{
        const pic__box *best = NULL;
        size_t i;

        for (i = 0; i < r->in[family].count; i++) {
                const pic__box *box = &r->in[family].at[i];
                pic__u128 n;

                if ((best != NULL && !better(box, best, family)) || free_number(box, &r->holes[family], not_at, &n) < 0)
                        continue;
                best = box;
                *ret = (pic__place){ .family = family, .inside = 1, .at = n };
                some_packet(box, ret);
        }
        return best != NULL;
}

static int some_peer(const pic__rest *r, pic__u128 not_at, int family, pic__place *ret)
{
        const pic__left *best = NULL;
        size_t i;

        for (i = 0; i < r->named.count; i++) {
                const pic__left *left = &r->named.at[i];

                if (left->family == family && left->box.addr_lo != not_at &&
                    (best == NULL || better(&left->box, &best->box, family)))
                        best = left;
        }
        if (best == NULL)
                return 0;
        *ret = (pic__place){ .family = family, .inside = 1, .at = best->box.addr_lo, .peer = best->id };
        some_packet(&best->box, ret);
        return 1;
}

int pic__rest_some(const pic__rest *r, const pic__sender *from, pic__place *ret)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++) {
                if (!from->has[f])
                        continue;
                if (some_peer(r, from->at[f], f, ret))
                        return 1;
                if (some_outside(&r->out[f], f, ret))
                        return 1;
                if (some_inside(r, from->at[f], f, ret))
                        return 1;
        }
        return 0;
}

static int in_boxes(const pic__boxes *boxes, const pic__place *p)
{
        size_t i;

        for (i = 0; i < boxes->count; i++)
                if (pic__box_has(&boxes->at[i], p->at, p->proto, p->port))
                        return 1;
        return 0;
}

int pic__rest_has(const pic__rest *r, const pic__place *p)
{
        const pic__numbers *holes = &r->holes[p->family];
        size_t i, at;

        for (i = 0; i < r->named.count; i++) {
                const pic__left *left = &r->named.at[i];

                if (p->peer != 0 && left->id == p->peer && left->family == p->family &&
                    pic__box_has(&left->box, left->box.addr_lo, p->proto, p->port))
                        return 1;
        }
        if (!p->inside)
                return in_boxes(&r->out[p->family], p);
        at = hole_from(holes, p->at);
        return (at == holes->count || holes->at[at] != p->at) && in_boxes(&r->in[p->family], p);
}
