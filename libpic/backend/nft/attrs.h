/* Walking the attributes of a message from nfnetlink. libmnl's own loops do not compile under -Wconversion. */
#ifndef PIC_BACKEND_NFT_ATTRS_H
#define PIC_BACKEND_NFT_ATTRS_H

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <stddef.h>

/* `attr` if it is whole before `end`, else NULL. */
static inline const struct nlattr *pic__nft_attr_whole(const struct nlattr *attr, const char *end)
{
        return mnl_attr_ok(attr, (int)(end - (const char *)attr)) ? attr : NULL;
}

static inline const struct nlattr *pic__nft_attr_first(const struct nlmsghdr *msg)
{
        return pic__nft_attr_whole(mnl_nlmsg_get_payload_offset(msg, sizeof(struct nfgenmsg)),
                                   mnl_nlmsg_get_payload_tail(msg));
}

/* `attr` is a const struct nlattr *; NULL after the loop. */
#define pic__nft_each(attr, msg)                                \
        for ((attr) = pic__nft_attr_first(msg); (attr) != NULL; \
             (attr) = pic__nft_attr_whole(mnl_attr_next(attr), mnl_nlmsg_get_payload_tail(msg)))

#define pic__nft_nest_tail(nest) ((const char *)mnl_attr_get_payload(nest) + mnl_attr_get_payload_len(nest))

#define pic__nft_each_in(attr, nest)                                                                             \
        for ((attr) = pic__nft_attr_whole(mnl_attr_get_payload(nest), pic__nft_nest_tail(nest)); (attr) != NULL; \
             (attr) = pic__nft_attr_whole(mnl_attr_next(attr), pic__nft_nest_tail(nest)))

#endif
