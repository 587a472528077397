/* What changes touch, and telling a snapshot of them. */
#ifndef PIC_PLAN_TOUCH_H
#define PIC_PLAN_TOUCH_H

#include "base/vec.h"
#include "plan/derive.h"

typedef struct pic__touch {
        pic_id id;
        int whole; /* the peer itself, not only its class */
} pic__touch;

typedef PIC__VEC(pic__touch) pic__touches;

/* Peers that the changes are about, members of groups that they are about, and peers whose time comes (or, when the
 * clock went back, comes again) until `now`: in order of id, each once. The snapshot is as before the changes. -1 when
 * out of memory. */
int pic__touch_find(const pic__snap *s, const pic__change *changes, size_t count, pic_time now, pic__touches *ret);

/* Records that the changes are about, that share an address with one of these, or whose aliases lead to one of these or
 * to a peer that is touched: in order of id, each once. The snapshot is as before the changes. -1 when out of memory.
 * derive_record.c */
typedef PIC__VEC(pic_id) pic__idvec;
int pic__touch_records(const pic__snap *snap, const pic__change *changes, size_t count, const pic__touches *peers,
                       pic__idvec *ret);

/* Tells the snapshot: removals first, so that a name or address is free before somebody else takes it; peers after
 * groups, so that their groups are there. On failure it may be half told: load it again. */
int pic__changes_tell(pic__snap *s, const pic__change *changes, size_t count, pic_error **err);

#endif
