/* The shape of table `inet pic`: its sets, chains and rules, without elements, as text of the nft language. Pure. */
#ifndef PIC_BACKEND_NFT_SHAPE_H
#define PIC_BACKEND_NFT_SHAPE_H

#include "backend/nft/elem.h"

#define PIC__NFT_TABLE "pic"
#define PIC__NFT_CHANGED "changed" /* the value of an observed SHAPE that is not as we made it */

#define PIC__NFT_CLOSED 128

/* A device from which nothing of one family may be passed on but to us: this host is a router for our sake only. */
typedef struct pic__nft_closed {
        int family; /* 4, 6 */
        char dev[16];
} pic__nft_closed;

typedef struct pic__nft_shape {
        char dev[16];
        pic__prefix net4;
        pic__prefix net6;
        uint16_t port;
        /* of the machine, not of the item */
        size_t closed_count;
        pic__nft_closed closed[PIC__NFT_CLOSED];
} pic__nft_shape;

/* 0, or -1 for what is not added: a name that nft's language could not take, or one too many. Our own device is passed
 * over. */
int pic__nft_shape_close(pic__nft_shape *shape, int family, const char *dev);

/* "dev=pic0 net4=10.1.0.0/16 net6=fd..::/48 port=51820". PIC_INVALID for anything else. */
int pic__nft_shape_parse(const char *value, pic__nft_shape *ret, pic_error **err);

/* How many objects the text makes: what a reading back has to find. */
typedef struct pic__nft_sizes {
        size_t chains;
        size_t rules;
        size_t sets; /* named ones */
} pic__nft_sizes;

/* Replaces the table, whether or not it is there, in one transaction. `elements` (may be NULL) are written into their
 * sets. */
void pic__nft_shape_text(const pic__nft_shape *shape, const pic__nft_elem *elements, size_t count, pic__buf *out,
                         pic__nft_sizes *ret_sizes);
/* What stands in its place before the agent runs: nothing passes to or from the device and the cell's networks. */
void pic__nft_block_text(const pic__nft_shape *shape, pic__buf *out);

#endif
