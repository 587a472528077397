/* Whether an address can be the far end of an exit. */
#ifndef PIC_ENGINE_EXITS_FAR_H
#define PIC_ENGINE_EXITS_FAR_H

#include "base/buf.h"
#include "model/snap.h"

/* 1: it cannot, because it is this cell, a device, or behind one: "10.1.0.9, which is in the cell's own network", into
 * *reason. The machine's addresses are asked of the kernel; without an answer only wishes count. */
int pic__far_refused(const pic__snap *s, const pic__addr *a, pic__buf *reason);

#endif
