/* Host numbers: the part of a peer's addresses that the cell chooses, the same in both families. */
#ifndef PIC_STORE_HOST_H
#define PIC_STORE_HOST_H

#include "store/inner.h"

#define PIC__HOST_QUARANTINE (3600 * PIC__SECOND)
#define PIC__HOST_FIRST 2 /* 1 is the cell's own */

/* A peer changes from `before` to `after` (either may be NULL): numbers that it gives up go into quarantine. */
int pic__host_moved(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err);
/* The cell's networks changed: all numbers may be free again. */
int pic__host_renumber(pic__txn *t, pic_error **err);

#endif
