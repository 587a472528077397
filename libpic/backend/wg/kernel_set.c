/* Owns: packing peers into messages. Each ends before PIC__WG_BATCH_ROOM (a nest cannot be longer than 64 KiB); a peer
 * whose prefixes do not fit goes on in the next message by its key alone, without the flag that would throw the first
 * ones away. */
#include "backend/wg/kernel_set.h"

#include <errno.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <string.h>

/* Bytes that a peer without prefixes and one prefix take at most, with all headers and padding. */
#define PEER_ROOM 144
#define PREFIX_ROOM 44

struct nl_msg *pic__wg_set_message(int family, int index)
{
        struct nl_msg *msg = nlmsg_alloc_size(PIC__WG_BATCH_ROOM);

        if (msg == NULL)
                return NULL;
        if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, WG_CMD_SET_DEVICE, WG_GENL_VERSION) != NULL &&
            nla_put_u32(msg, WGDEVICE_A_IFINDEX, (uint32_t)index) == 0)
                return msg;
        nlmsg_free(msg);
        return NULL;
}

void pic__wg_batch_drop(pic__wg_batch *b)
{
        pic__nl_msg_free(b->msg);
        b->msg = NULL;
}

int pic__wg_batch_send(pic__wg_batch *b)
{
        return pic__nl_ask(b->nl, b->msg, NULL, NULL);
}

int pic__wg_batch_flush(pic__wg_batch *b)
{
        int r;

        if (b->msg == NULL)
                return 0;
        nla_nest_end(b->msg, b->peers);
        r = b->send(b);
        pic__wg_batch_drop(b);
        return r;
}

/* A message with `need` bytes left. */
static int make_room(pic__wg_batch *b, size_t need)
{
        int r;

        if (b->msg != NULL && nlmsg_hdr(b->msg)->nlmsg_len + need > PIC__WG_BATCH_ROOM) {
                r = pic__wg_batch_flush(b);
                if (r < 0)
                        return r;
        }
        if (b->msg != NULL)
                return 0;
        b->msg = pic__wg_set_message(b->family, b->index);
        if (b->msg == NULL)
                return -ENOMEM;
        b->peers = nla_nest_start(b->msg, WGDEVICE_A_PEERS | NLA_F_NESTED);
        return b->peers != NULL ? 0 : -ENOMEM;
}

static struct nlattr *begin_peer(pic__wg_batch *b, const uint8_t key[32], uint32_t flags)
{
        struct nlattr *nest = nla_nest_start(b->msg, 0 | NLA_F_NESTED);

        if (nest == NULL || nla_put(b->msg, WGPEER_A_PUBLIC_KEY, 32, key) < 0)
                return NULL;
        if (flags != 0 && nla_put_u32(b->msg, WGPEER_A_FLAGS, flags) < 0)
                return NULL;
        return nest;
}

static int put_prefix(pic__wg_batch *b, const pic__prefix *prefix)
{
        int six = prefix->addr.family == 6;
        struct nlattr *nest = nla_nest_start(b->msg, 0 | NLA_F_NESTED);

        if (nest == NULL || nla_put_u16(b->msg, WGALLOWEDIP_A_FAMILY, six ? AF_INET6 : AF_INET) < 0 ||
            nla_put(b->msg, WGALLOWEDIP_A_IPADDR, six ? 16 : 4, prefix->addr.bytes) < 0 ||
            nla_put_u8(b->msg, WGALLOWEDIP_A_CIDR_MASK, prefix->len) < 0)
                return -ENOMEM;
        nla_nest_end(b->msg, nest);
        return 0;
}

/* As many prefixes from *done on as fit. */
static int put_prefixes(pic__wg_batch *b, const pic__wg_peer *peer, size_t *done)
{
        struct nlattr *list;
        int r = 0;

        if (*done == peer->allowed.count)
                return 0;
        list = nla_nest_start(b->msg, WGPEER_A_ALLOWEDIPS | NLA_F_NESTED);
        if (list == NULL)
                return -ENOMEM;
        while (r == 0 && *done < peer->allowed.count &&
               nlmsg_hdr(b->msg)->nlmsg_len + PREFIX_ROOM <= PIC__WG_BATCH_ROOM) {
                r = put_prefix(b, &peer->allowed.at[*done]);
                *done += r == 0;
        }
        nla_nest_end(b->msg, list);
        return r;
}

static int put_endpoint(pic__wg_batch *b, const char *endpoint)
{
        struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
        struct sockaddr_in four = { .sin_family = AF_INET };
        char host[256];
        pic__addr addr;
        uint16_t port;

        if (endpoint[0] == '\0')
                return 0;
        if (pic__endpoint_parse(endpoint, host, &port) < 0 || pic__addr_parse(host, &addr) < 0)
                return -EINVAL;
        six.sin6_port = four.sin_port = htons(port);
        if (addr.family == 4) {
                memcpy(&four.sin_addr, addr.bytes, 4);
                return nla_put(b->msg, WGPEER_A_ENDPOINT, sizeof(four), &four) < 0 ? -ENOMEM : 0;
        }
        memcpy(&six.sin6_addr, addr.bytes, 16);
        return nla_put(b->msg, WGPEER_A_ENDPOINT, sizeof(six), &six) < 0 ? -ENOMEM : 0;
}

static int put_peer(pic__wg_batch *b, const pic__wg_peer *peer, int replace)
{
        struct nlattr *nest;
        size_t done = 0;
        int r;

        r = make_room(b, PEER_ROOM + PREFIX_ROOM);
        if (r < 0)
                return r;
        nest = begin_peer(b, peer->key, replace ? WGPEER_F_REPLACE_ALLOWEDIPS : 0);
        /* Zero means "none" to the kernel, and absent "as it was": so both are always said. */
        if (nest == NULL || nla_put(b->msg, WGPEER_A_PRESHARED_KEY, 32, peer->psk) < 0 ||
            nla_put_u16(b->msg, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, peer->keepalive) < 0)
                return -ENOMEM;
        r = put_endpoint(b, peer->endpoint);
        if (r < 0)
                return r;
        for (;;) {
                r = put_prefixes(b, peer, &done);
                if (r < 0)
                        return r;
                nla_nest_end(b->msg, nest);
                if (done == peer->allowed.count)
                        return 0;
                r = pic__wg_batch_flush(b);
                if (r == 0)
                        r = make_room(b, PEER_ROOM + PREFIX_ROOM);
                if (r < 0)
                        return r;
                nest = begin_peer(b, peer->key, 0);
                if (nest == NULL)
                        return -ENOMEM;
        }
}

int pic__wg_batch_set(pic__wg_batch *b, const pic__wg_peer *peer, int replace)
{
        int r = put_peer(b, peer, replace);

        if (r < 0)
                pic__wg_batch_drop(b);
        return r;
}

int pic__wg_batch_remove(pic__wg_batch *b, const uint8_t key[32])
{
        struct nlattr *nest;
        int r = make_room(b, PEER_ROOM);

        if (r == 0) {
                nest = begin_peer(b, key, WGPEER_F_REMOVE_ME);
                if (nest != NULL)
                        nla_nest_end(b->msg, nest);
                else
                        r = -ENOMEM;
        }
        if (r < 0)
                pic__wg_batch_drop(b);
        return r;
}
