/* Flows that may end behind the answer: those of devices that only turn to another exit. Each packet of theirs goes the
 * new way or nowhere from the moment on in which their element changes, whatever flow it belongs to; what is left are
 * answers that come in by the old one. */
#ifndef PIC_BACKEND_NFT_FLOWS_LATE_H
#define PIC_BACKEND_NFT_FLOWS_LATE_H

#include "backend/nft/elem.h"
#include "plan/diff.h"

#define PIC__NFT_LATE_MAX 65536 /* as many devices as there can be; then nothing more is put off */

/* 1: the step changes the exit of a PEER or SUBNET and nothing else, and *ret_after is what it is now; 0: another
 * step; with a parsed *ret_after when it has one. */
int pic__nft_turned(const pic__step *step, pic__nft_elem *ret_after, pic_error **err);

/* 1: whatever these steps take away is of that sort, and is noted in `late`; 0: their flows have to end now, and
 * nothing was noted. */
int pic__nft_late_note(pic__nft_elems *late, const pic__step *steps, size_t count, pic_error **err);

#endif
