/* The policy: the rules of table `inet pic` as lines of the nft language, with names for what differs between cells. */
#ifndef PIC_BACKEND_NFT_RULES_H
#define PIC_BACKEND_NFT_RULES_H

#include <stddef.h>

/* $dev, $net4, $net6, $cell4, $cell6 stand for the shape's values, $link4, $link6 for the cables to exits, $names for
 * the port of the cell's own names. A line that ends in '{' opens a chain, "}" closes it. */
extern const char *const pic__nft_rules[];
extern const size_t pic__nft_rules_count;
/* What stands there before the agent runs. */
extern const char *const pic__nft_block_rules[];
extern const size_t pic__nft_block_rules_count;

/* Sets that the rules fill themselves, an exit's mark and its bytes: no wishes, so no items. One slot, one element. */
#define PIC__NFT_SENT "sent"
#define PIC__NFT_RECEIVED "received"
#define PIC__NFT_COUNTED 2

/* PIC__NFT_CLOSED_LINE stands for a rule for each closed device: forwarding was turned on for the cell, which makes a
 * router of a host that was none. What the host's own connections, other programs' translations (Docker's published
 * ports) and new devices (its bridges) need still passes, and so does what stays on one link (a bridge whose frames
 * come by here). */
#define PIC__NFT_CLOSED_LINE "$closed"

#endif
