/* Sets of (addresses, protocols, ports) without overlap. The kernel's interval maps take overlapping elements in one
 * order and refuse them in another, and may remove the wrong one of two (README): so what is sent there never overlaps.
 */
#ifndef PIC_PLAN_BOXES_H
#define PIC_PLAN_BOXES_H

#include "base/vec.h"
#include "model/net.h"

typedef unsigned __int128 pic__u128;

/* first..last each, both included */
typedef struct pic__box {
        pic__u128 addr_lo, addr_hi;
        uint16_t port_lo, port_hi;
        uint8_t proto_lo, proto_hi;
} pic__box;

typedef PIC__VEC(pic__box) pic__boxes;

pic__u128 pic__addr_number(const pic__addr *a);
void pic__addr_from_number(pic__u128 n, uint8_t family, pic__addr *ret);

/* The same set of points, cut so that no two boxes overlap; the result does not depend on the order of the input. -1
 * when out of memory. */
int pic__boxes_disjoint(pic__boxes *boxes);
/* What is outside of all `holes`: the boxes are cut in place. Those that did not overlap still do not. -1 when out of
 * memory: the boxes are then of no use. */
int pic__boxes_minus(pic__boxes *boxes, const pic__boxes *holes);
/* What two boxes have in common: 1, or 0 when that is nothing. */
int pic__box_meet(const pic__box *a, const pic__box *b, pic__box *ret);
int pic__box_has(const pic__box *b, pic__u128 addr, uint8_t proto, uint16_t port);

#endif
