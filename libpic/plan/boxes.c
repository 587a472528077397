/* Owns: cutting boxes, and making them disjoint. Wider ones go first and stay whole, later ones lose what is covered
 * already; so a grant that another covers vanishes, and one that crosses another is cut, along addresses where that is
 * enough. */
#include "plan/boxes.h"

#include <stdlib.h>
#include <string.h>

pic__u128 pic__addr_number(const pic__addr *a)
{
        pic__u128 n = 0;
        int i, width = a->family == 4 ? 4 : 16;

        for (i = 0; i < width; i++)
                n = n << 8 | a->bytes[i];
        return n;
}

void pic__addr_from_number(pic__u128 n, uint8_t family, pic__addr *ret)
{
        int i, width = family == 4 ? 4 : 16;

        memset(ret, 0, sizeof(*ret));
        ret->family = family;
        for (i = width - 1; i >= 0; i--) {
                ret->bytes[i] = (uint8_t)n;
                n >>= 8;
        }
}

static int cmp(pic__u128 a, pic__u128 b)
{
        return (a > b) - (a < b);
}

/* Wide protocols, wide ports, wide addresses first. Total, so that the result is one and the same for one set. */
static int wider(const void *left, const void *right)
{
        const pic__box *a = left, *b = right;
        int c = cmp((unsigned)(b->proto_hi - b->proto_lo), (unsigned)(a->proto_hi - a->proto_lo));

        if (c == 0)
                c = cmp(a->proto_lo, b->proto_lo);
        if (c == 0)
                c = cmp((unsigned)(b->port_hi - b->port_lo), (unsigned)(a->port_hi - a->port_lo));
        if (c == 0)
                c = cmp(a->port_lo, b->port_lo);
        if (c == 0)
                c = cmp(b->addr_hi - b->addr_lo, a->addr_hi - a->addr_lo);
        return c != 0 ? c : cmp(a->addr_lo, b->addr_lo);
}

static int overlap(const pic__box *a, const pic__box *b)
{
        return a->addr_lo <= b->addr_hi && b->addr_lo <= a->addr_hi && a->proto_lo <= b->proto_hi &&
               b->proto_lo <= a->proto_hi && a->port_lo <= b->port_hi && b->port_lo <= a->port_hi;
}

/* The parts of `from` that are outside of `hole`, pushed on `out`. Each cut leaves a rest that is inside in one
 * dimension more. */
static int cut(pic__box from, const pic__box *hole, pic__boxes *out)
{
        int failed = 0;
        pic__box part;

#define CUT(lo, hi, type)                           \
        part = from;                                \
        if (from.lo < hole->lo) {                   \
                part.hi = (type)(hole->lo - 1);     \
                failed |= pic__vec_push(out, part); \
                from.lo = hole->lo;                 \
        }                                           \
        part = from;                                \
        if (from.hi > hole->hi) {                   \
                part.lo = (type)(hole->hi + 1);     \
                failed |= pic__vec_push(out, part); \
                from.hi = hole->hi;                 \
        }
        CUT(addr_lo, addr_hi, pic__u128)
        CUT(proto_lo, proto_hi, uint8_t)
        CUT(port_lo, port_hi, uint16_t)
#undef CUT
        return failed;
}

/* Cuts everything of `work` from index `from` on by one hole. */
static int cut_all(pic__boxes *work, size_t from, const pic__box *hole)
{
        size_t i = from, end = work->count;

        while (i < end) {
                pic__box part = work->at[i];

                if (!overlap(&part, hole)) {
                        i++;
                        continue;
                }
                /* the last uncut one fills the gap, the pieces go behind */
                work->at[i] = work->at[--end];
                work->at[end] = work->at[--work->count];
                if (cut(part, hole, work) < 0)
                        return -1;
        }
        return 0;
}

int pic__boxes_minus(pic__boxes *boxes, const pic__boxes *holes)
{
        size_t i;

        for (i = 0; i < holes->count; i++)
                if (cut_all(boxes, 0, &holes->at[i]) < 0)
                        return -1;
        return 0;
}

int pic__box_meet(const pic__box *a, const pic__box *b, pic__box *ret)
{
        if (!overlap(a, b))
                return 0;
        ret->addr_lo = a->addr_lo > b->addr_lo ? a->addr_lo : b->addr_lo;
        ret->addr_hi = a->addr_hi < b->addr_hi ? a->addr_hi : b->addr_hi;
        ret->proto_lo = a->proto_lo > b->proto_lo ? a->proto_lo : b->proto_lo;
        ret->proto_hi = a->proto_hi < b->proto_hi ? a->proto_hi : b->proto_hi;
        ret->port_lo = a->port_lo > b->port_lo ? a->port_lo : b->port_lo;
        ret->port_hi = a->port_hi < b->port_hi ? a->port_hi : b->port_hi;
        return 1;
}

int pic__box_has(const pic__box *b, pic__u128 addr, uint8_t proto, uint16_t port)
{
        return addr >= b->addr_lo && addr <= b->addr_hi && proto >= b->proto_lo && proto <= b->proto_hi &&
               port >= b->port_lo && port <= b->port_hi;
}

int pic__boxes_disjoint(pic__boxes *boxes)
{
        pic__boxes done = PIC__VEC_INIT;
        size_t i, k;
        int r = 0;

        if (boxes->count > 1)
                qsort(boxes->at, boxes->count, sizeof(boxes->at[0]), wider);
        for (i = 0; i < boxes->count && r == 0; i++) {
                size_t settled = done.count;

                r = pic__vec_push(&done, boxes->at[i]);
                for (k = 0; k < settled && r == 0; k++) {
                        pic__box hole = done.at[k];

                        r = cut_all(&done, settled, &hole);
                }
        }
        pic__vec_free(boxes);
        *boxes = done;
        return r;
}
