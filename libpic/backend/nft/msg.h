/* Building netlink messages in a growing buffer, and the fixed parts of nftables' ones. */
#ifndef PIC_BACKEND_NFT_MSG_H
#define PIC_BACKEND_NFT_MSG_H

#include "base/buf.h"

/* Both return where they began, for the matching end. Failure sticks to the buffer. */
size_t pic__nft_msg_begin(pic__buf *b, uint16_t type, uint16_t flags, uint32_t seq, uint8_t family, uint16_t res_id);
void pic__nft_msg_end(pic__buf *b, size_t at);
size_t pic__nft_nest_begin(pic__buf *b, uint16_t type);
void pic__nft_nest_end(pic__buf *b, size_t at);
void pic__nft_attr(pic__buf *b, uint16_t type, const void *data, size_t len);
void pic__nft_attr_str(pic__buf *b, uint16_t type, const char *text);
void pic__nft_attr_be32(pic__buf *b, uint16_t type, uint32_t value);

/* Marks the message at `at` as one to be answered. */
void pic__nft_msg_ask_ack(pic__buf *b, size_t at);

/* The two ends of a transaction. */
void pic__nft_batch_begin(pic__buf *b, uint32_t seq);
void pic__nft_batch_end(pic__buf *b, uint32_t seq);

#endif
