/* Established flows: the kernel's connection tracking. */
#ifndef PIC_BACKEND_NFT_FLOWS_H
#define PIC_BACKEND_NFT_FLOWS_H

#include "backend/nft/elem.h"
#include "backend/nft/sock.h"
#include "plan/diff.h"

/* Ends the flows that steps (already in force) took the right from: those from or to the addresses of a removed PEER or
 * SUBNET; those from one that is of another class now, when that class may not what they do (the others get its mark);
 * and those that a class had by a REACH, GRANT or WIDE that is gone and by none that came or is there. A SHAPE that was
 * made anew leaves only what the table allows today: what was allowed before it nobody knows. One reading of the flow
 * table, however many steps; none when no step takes anything away. `late`: devices that turned to another exit before
 * these steps, oldest first (flows_late.h). Answers the number of flows ended. */
int pic__nft_flows_end(const pic__nft_elems *late, const pic__step *steps, size_t count, pic_error **err);
/* The same by sockets of the caller's, one to read and one to change by; those not open yet are opened when there is
 * something to do. */
int pic__nft_flows_end_by(pic__nft_sock *sock, pic__nft_sock *deleter, const pic__nft_elems *late,
                          const pic__step *steps, size_t count, pic_error **err);

#endif
