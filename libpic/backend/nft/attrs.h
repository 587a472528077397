/* Walking messages from nfnetlink and their attributes. libmnl's own loops do not compile under -Wconversion, and
 * libmnl 1.0.4 takes the length of a message for a signed number: one of two gigabytes passes for whole. */
#ifndef PIC_BACKEND_NFT_ATTRS_H
#define PIC_BACKEND_NFT_ATTRS_H

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <stddef.h>

/* What is at `at` if it is a whole message before `end`, else NULL. */
static inline const struct nlmsghdr *pic__nft_msg_whole(const void *at, const char *end)
{
        const struct nlmsghdr *msg = at;
        size_t left = (const char *)at < end ? (size_t)(end - (const char *)at) : 0;

        return left >= sizeof(*msg) && msg->nlmsg_len >= sizeof(*msg) && msg->nlmsg_len <= left ? msg : NULL;
}

static inline const struct nlmsghdr *pic__nft_msg_next(const struct nlmsghdr *msg, const char *end)
{
        return pic__nft_msg_whole((const char *)msg + (((size_t)msg->nlmsg_len + 3) & ~(size_t)3), end);
}

/* `msg` is a const struct nlmsghdr *; NULL after the loop. */
#define pic__nft_each_msg(msg, data, len)                                                   \
        for ((msg) = pic__nft_msg_whole(data, (const char *)(data) + (len)); (msg) != NULL; \
             (msg) = pic__nft_msg_next(msg, (const char *)(data) + (len)))

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
