/* Owns: reading a kernel device. A dump comes in many messages; a peer whose prefixes did not fit goes on in the next
 * one with nothing but its key and more prefixes, so a peer is complete only when another begins or the dump ends. */
#include "backend/wg/kernel_get.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <string.h>

/* What is shorter than it has to be is no message of the kernel's. Nests are judged when they are opened. */
static const struct nla_policy device_policy[WGDEVICE_A_MAX + 1] = {
        [WGDEVICE_A_LISTEN_PORT] = { .type = NLA_U16 },
        [WGDEVICE_A_PRIVATE_KEY] = { .minlen = 32 },
};

static const struct nla_policy peer_policy[WGPEER_A_MAX + 1] = {
        [WGPEER_A_PUBLIC_KEY] = { .minlen = 32 },
        [WGPEER_A_PRESHARED_KEY] = { .minlen = 32 },
        [WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL] = { .type = NLA_U16 },
        [WGPEER_A_LAST_HANDSHAKE_TIME] = { .minlen = 16 },
        [WGPEER_A_RX_BYTES] = { .type = NLA_U64 },
        [WGPEER_A_TX_BYTES] = { .type = NLA_U64 },
};

static const struct nla_policy allowed_policy[WGALLOWEDIP_A_MAX + 1] = {
        [WGALLOWEDIP_A_FAMILY] = { .type = NLA_U16 },
        [WGALLOWEDIP_A_IPADDR] = { .minlen = 4 },
        [WGALLOWEDIP_A_CIDR_MASK] = { .type = NLA_U8 },
};

/* Ends the dump with an error of our own and not of netlink. */
static int failed(pic__wg_dump *d, int code)
{
        d->failed = code;
        return -ECANCELED;
}

static void take_key(struct nlattr *attr, uint8_t key[32])
{
        if (attr != NULL)
                memcpy(key, nla_data(attr), 32);
}

void pic__wg_endpoint_text(const struct nlattr *attr, char *text, size_t size)
{
        char addr[INET6_ADDRSTRLEN];
        struct sockaddr_in6 six;
        struct sockaddr_in four;

        if (nla_len(attr) == (int)sizeof(four)) {
                memcpy(&four, nla_data(attr), sizeof(four));
                snprintf(text, size, "%s:%u", inet_ntop(AF_INET, &four.sin_addr, addr, sizeof(addr)),
                         ntohs(four.sin_port));
        } else if (nla_len(attr) == (int)sizeof(six)) {
                memcpy(&six, nla_data(attr), sizeof(six));
                snprintf(text, size, "[%s]:%u", inet_ntop(AF_INET6, &six.sin6_addr, addr, sizeof(addr)),
                         ntohs(six.sin6_port));
        }
}

/* 1: a prefix; 0: of a family that we do not know; -EBADMSG. */
static int take_prefix(struct nlattr **attr, pic__prefix *ret)
{
        pic__prefix prefix = { .len = nla_get_u8(attr[WGALLOWEDIP_A_CIDR_MASK]) };
        uint16_t family = nla_get_u16(attr[WGALLOWEDIP_A_FAMILY]);
        int width = family == AF_INET6 ? 16 : 4;

        if (family != AF_INET && family != AF_INET6)
                return 0;
        if (nla_len(attr[WGALLOWEDIP_A_IPADDR]) < width || prefix.len > width * 8)
                return -EBADMSG;
        prefix.addr.family = width == 16 ? 6 : 4;
        memcpy(prefix.addr.bytes, nla_data(attr[WGALLOWEDIP_A_IPADDR]), (size_t)width);
        pic__prefix_mask(&prefix); /* as the kernel does when it takes one */
        *ret = prefix;
        return 1;
}

static int take_allowed(pic__wg_dump *d, struct nlattr *list)
{
        struct nlattr *at, *attr[WGALLOWEDIP_A_MAX + 1];
        int left;

        nla_for_each_nested(at, list, left)
        {
                pic__prefix prefix;
                int r;

                if (nla_parse_nested(attr, WGALLOWEDIP_A_MAX, at, allowed_policy) < 0)
                        return -EBADMSG;
                if (attr[WGALLOWEDIP_A_FAMILY] == NULL || attr[WGALLOWEDIP_A_IPADDR] == NULL ||
                    attr[WGALLOWEDIP_A_CIDR_MASK] == NULL)
                        continue;
                r = take_prefix(attr, &prefix);
                if (r < 0)
                        return r;
                if (r > 0 && pic__vec_push(&d->peer.allowed, prefix) < 0)
                        return failed(d, pic__nomem(d->err));
        }
        return 0;
}

/* Seconds and nanoseconds since 1970; 0, which means never, for what is no such time. */
static pic_time take_time(struct nlattr *attr)
{
        int64_t seen[2];

        memcpy(seen, nla_data(attr), sizeof(seen));
        if (seen[0] < 0 || seen[0] >= INT64_MAX / 1000000 || seen[1] < 0 || seen[1] >= 1000000000)
                return 0;
        return seen[0] * 1000000 + seen[1] / 1000;
}

static void take_live(pic__wg_peer *peer, struct nlattr **attr)
{
        if (attr[WGPEER_A_LAST_HANDSHAKE_TIME] != NULL)
                peer->handshake = take_time(attr[WGPEER_A_LAST_HANDSHAKE_TIME]);
        if (attr[WGPEER_A_RX_BYTES] != NULL)
                peer->rx = nla_get_u64(attr[WGPEER_A_RX_BYTES]);
        if (attr[WGPEER_A_TX_BYTES] != NULL)
                peer->tx = nla_get_u64(attr[WGPEER_A_TX_BYTES]);
        if (attr[WGPEER_A_ENDPOINT] != NULL)
                pic__wg_endpoint_text(attr[WGPEER_A_ENDPOINT], peer->endpoint, sizeof(peer->endpoint));
}

int pic__wg_dump_end(pic__wg_dump *d)
{
        int r;

        if (!d->open)
                return 0;
        d->open = 0;
        r = d->reader->peer(&d->peer, d->reader->data, d->err);
        return r < 0 ? failed(d, r) : 0;
}

static int take_peer(pic__wg_dump *d, struct nlattr *nest)
{
        struct nlattr *attr[WGPEER_A_MAX + 1];
        uint8_t key[32] = { 0 };

        if (nla_parse_nested(attr, WGPEER_A_MAX, nest, peer_policy) < 0)
                return -EBADMSG;
        if (attr[WGPEER_A_PUBLIC_KEY] == NULL)
                return 0;
        take_key(attr[WGPEER_A_PUBLIC_KEY], key);
        if (!d->open || memcmp(d->peer.key, key, sizeof(key)) != 0) {
                if (pic__wg_dump_end(d) < 0)
                        return -ECANCELED;
                pic__wg_peer_clear(&d->peer);
                memcpy(d->peer.key, key, sizeof(key));
                take_key(attr[WGPEER_A_PRESHARED_KEY], d->peer.psk);
                if (attr[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL] != NULL)
                        d->peer.keepalive = nla_get_u16(attr[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL]);
                take_live(&d->peer, attr);
                d->open = 1;
        }
        return attr[WGPEER_A_ALLOWEDIPS] != NULL ? take_allowed(d, attr[WGPEER_A_ALLOWEDIPS]) : 0;
}

int pic__wg_dump_message(const struct nlmsghdr *h, void *data)
{
        pic__wg_dump *d = data;
        struct nlattr *attr[WGDEVICE_A_MAX + 1], *at;
        struct nlmsghdr *hdr = (struct nlmsghdr *)(uintptr_t)h;
        pic__auto_wg_device pic__wg_device device = { .port = 0 };
        int left, r;

        if (genlmsg_parse(hdr, 0, attr, WGDEVICE_A_MAX, device_policy) < 0)
                return -EBADMSG;
        if (attr[WGDEVICE_A_LISTEN_PORT] != NULL && d->reader->device != NULL) { /* only the first message has it */
                device.port = nla_get_u16(attr[WGDEVICE_A_LISTEN_PORT]);
                take_key(attr[WGDEVICE_A_PRIVATE_KEY], device.private_key);
                r = d->reader->device(&device, d->reader->data, d->err);
                if (r < 0)
                        return failed(d, r);
        }
        if (attr[WGDEVICE_A_PEERS] == NULL)
                return 0;
        nla_for_each_nested(at, attr[WGDEVICE_A_PEERS], left)
        {
                r = take_peer(d, at);
                if (r < 0)
                        return r;
        }
        return 0;
}

void pic__wg_dump_free(pic__wg_dump *d)
{
        pic__wg_peer_free(&d->peer);
}
