/* Reading what the kernel has of table `inet pic`. */
#ifndef PIC_BACKEND_NFT_READ_H
#define PIC_BACKEND_NFT_READ_H

#include "backend/nft/elem.h"
#include "backend/nft/shape.h"
#include "backend/nft/sock.h"
#include "plan/backend.h"

/* The number of the ruleset: grows with each transaction of anybody in this network namespace. PIC_DENIED without
 * CAP_NET_ADMIN. */
int pic__nft_read_generation(pic__nft_sock *s, uint32_t *ret, pic_error **err);
/* Sets, chains and rules without handles, counters and elements, as one digest. Answers 1, or 0 when there is no such
 * table. */
int pic__nft_read_print(pic__nft_sock *s, uint8_t ret_digest[32], pic__nft_sizes *ret_sizes, pic_error **err);
/* The elements of our sets of these forms (PIC__NFT_FORM, PIC__NFT_ALL_FORMS), as items. A set that is missing has
 * none. PIC_STALE: changed meanwhile. */
int pic__nft_read_elements(pic__nft_sock *s, unsigned forms, pic__items *out, pic_error **err);

/* What devices sent by each exit and got by it, since the table was made. */
int pic__nft_read_passed(pic__nft_sock *s, pic__passed *ret, pic_error **err);

/* Calls fn for each object of a kind (NFT_MSG_GETCHAIN, NFT_MSG_GETRULE, …) in all tables of all families. */
int pic__nft_read_all(pic__nft_sock *s, uint16_t type, pic__nft_msg_fn fn, void *data, pic_error **err);

#endif
