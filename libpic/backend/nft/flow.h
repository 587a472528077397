/* One flow of the kernel's connection tracking. */
#ifndef PIC_BACKEND_NFT_FLOW_H
#define PIC_BACKEND_NFT_FLOW_H

#include <libmnl/libmnl.h>

#include "backend/nft/elem.h"

/* One direction of a flow; ports in host order. */
struct pic__nft_tuple {
        pic__addr src, dst;
        uint8_t proto;
        uint16_t sport, dport;
};

typedef struct pic__nft_flow {
        struct pic__nft_tuple orig, reply;
        uint32_t mark;
        const struct nlattr *raw, *zone, *id; /* what the kernel wants to hear to find it again; raw NULL: no flow */
} pic__nft_flow;

/* Points into the message. */
void pic__nft_flow_read(const struct nlmsghdr *msg, pic__nft_flow *ret);

/* It was led to where the front takes what comes for services. */
int pic__nft_flow_served(const pic__nft_flow *f);
int pic__nft_in_range(const pic__range *r, const pic__addr *a);
/* Whether one of these lets the owner of a mark send what this flow sends: where to is what answers come from, behind
 * any translation; of a service its address, wherever the front takes it. */
int pic__nft_covers(const pic__nft_elems *list, uint32_t mark, const pic__nft_flow *f);

#endif
