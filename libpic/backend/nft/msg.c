/* Owns: the layout of netlink messages as we send them. libmnl builds into a buffer of fixed size; a batch of ten
 * thousand elements has none, hence these few lines. */
#include "backend/nft/msg.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

size_t pic__nft_msg_begin(pic__buf *b, uint16_t type, uint16_t flags, uint32_t seq, uint8_t family, uint16_t res_id)
{
        struct nlmsghdr head = { .nlmsg_type = type,
                                 .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
                                 .nlmsg_seq = seq };
        struct nfgenmsg gen = { .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(res_id) };
        size_t at = b->len;

        pic__buf_put(b, &head, sizeof(head));
        pic__buf_put(b, &gen, sizeof(gen));
        return at;
}

void pic__nft_msg_end(pic__buf *b, size_t at)
{
        uint32_t len = (uint32_t)(b->len - at);

        if (!b->failed)
                memcpy(b->data + at + offsetof(struct nlmsghdr, nlmsg_len), &len, sizeof(len));
}

void pic__nft_attr(pic__buf *b, uint16_t type, const void *data, size_t len)
{
        static const char zeroes[3] = { 0 };
        struct nlattr head = { .nla_len = (uint16_t)(sizeof(head) + len), .nla_type = type };

        pic__buf_put(b, &head, sizeof(head));
        pic__buf_put(b, data, len);
        pic__buf_put(b, zeroes, (4 - len % 4) % 4);
}

void pic__nft_attr_str(pic__buf *b, uint16_t type, const char *text)
{
        pic__nft_attr(b, type, text, strlen(text) + 1);
}

void pic__nft_attr_be32(pic__buf *b, uint16_t type, uint32_t value)
{
        uint32_t be = htonl(value);

        pic__nft_attr(b, type, &be, sizeof(be));
}

size_t pic__nft_nest_begin(pic__buf *b, uint16_t type)
{
        size_t at = b->len;

        pic__nft_attr(b, (uint16_t)(type | NLA_F_NESTED), "", 0);
        return at;
}

void pic__nft_nest_end(pic__buf *b, size_t at)
{
        uint16_t len = (uint16_t)(b->len - at);

        if (!b->failed)
                memcpy(b->data + at + offsetof(struct nlattr, nla_len), &len, sizeof(len));
}

void pic__nft_msg_ask_ack(pic__buf *b, size_t at)
{
        struct nlmsghdr head;

        if (b->failed)
                return;
        memcpy(&head, b->data + at, sizeof(head));
        head.nlmsg_flags |= NLM_F_ACK;
        memcpy(b->data + at, &head, sizeof(head));
}

void pic__nft_batch_begin(pic__buf *b, uint32_t seq)
{
        pic__nft_msg_end(b, pic__nft_msg_begin(b, NFNL_MSG_BATCH_BEGIN, 0, seq, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

void pic__nft_batch_end(pic__buf *b, uint32_t seq)
{
        pic__nft_msg_end(b, pic__nft_msg_begin(b, NFNL_MSG_BATCH_END, 0, seq, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}
