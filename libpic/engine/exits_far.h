/* Whether an address can be the far end of an exit. */
#ifndef PIC_ENGINE_EXITS_FAR_H
#define PIC_ENGINE_EXITS_FAR_H

#include "base/buf.h"
#include "model/snap.h"

typedef enum pic__far {
        PIC__FAR_GOOD,
        PIC__FAR_BACK, /* it is this cell, a device, or behind one */
        PIC__FAR_NEAR  /* a host of the home network, by a name that is not of it: whoever has that name would have us
                        * talk to a host of his choice there (DNS rebinding) */
} pic__far;

/* Why not goes into *reason: "10.1.0.9, which is in the cell's own network". `name` is what the address was found by;
 * NULL when it was written as it is: then home networks are fine. The machine's addresses are asked of the kernel;
 * without an answer only wishes count. */
pic__far pic__far_refused(const pic__snap *s, const char *name, const pic__addr *a, pic__buf *reason);
/* 1: a name that the home network itself gives: one label, or below local, lan, home, internal, home.arpa. */
int pic__far_is_local(const char *name);
/* The IPv4 address that one of NAT64 (64:ff9b::/96, RFC 6052) means; others are themselves. */
pic__addr pic__far_meant(const pic__addr *a);

#endif
