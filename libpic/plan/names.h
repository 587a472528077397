/* DNS names that follow from addresses: in-addr.arpa and ip6.arpa (RFC 1035 3.5, RFC 3596 2.5). */
#ifndef PIC_PLAN_NAMES_H
#define PIC_PLAN_NAMES_H

#include "base/buf.h"
#include "model/net.h"

/* "2.0.1.10.in-addr.arpa." */
void pic__ptr_name(const pic__addr *a, pic__buf *out);

/* The reverse zones that hold a network, separated by ',', without a dot at the end. Zones end at byte (IPv4) or nibble
 * (IPv6) boundaries. A network that ends between two is cut into the zones of the next longer boundary, 2 to 16 of
 * them, because the shorter one would claim names of others' addresses; where that takes more than 16 (IPv4 /1 to /3,
 * /9 to /11, /17 to /19, /25 to /27) it is the shorter one. */
void pic__reverse_zones(const pic__prefix *net, pic__buf *out);

#endif
