/* Adding and removing elements: any number of steps in one transaction of the kernel. */
#ifndef PIC_BACKEND_NFT_BATCH_H
#define PIC_BACKEND_NFT_BATCH_H

#include "backend/nft/sock.h"
#include "plan/diff.h"

/* All of the steps or none; those about SHAPE are passed over. */
int pic__nft_batch_apply(pic__nft_sock *s, const pic__step *steps, size_t count, pic_error **err);
/* Empties all our sets: every device is then a stranger, and nothing passes. Fine when there is no table: answers 0,
 * else 1. */
int pic__nft_batch_empty(pic__nft_sock *s, pic_error **err);
/* Removes the table; 0 when there was none, else 1. */
int pic__nft_batch_drop(pic__nft_sock *s, pic_error **err);

#endif
