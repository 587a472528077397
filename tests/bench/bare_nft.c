/* The least that adds or removes two nft elements: one libnftnl batch in one send. */
#include "bare_nft.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

static struct mnl_socket *socket_;
static uint32_t seq = 1;

int bare_nft_open(void)
{
        socket_ = mnl_socket_open(NETLINK_NETFILTER);
        return socket_ != NULL && mnl_socket_bind(socket_, 0, MNL_SOCKET_AUTOPID) == 0 ? 0 : -1;
}

static void element(struct mnl_nlmsg_batch *b, int add, const char *table, const char *map, const uint8_t *key,
                    uint32_t len, uint32_t mark)
{
        struct nftnl_set *s = nftnl_set_alloc();
        struct nftnl_set_elem *e = nftnl_set_elem_alloc();
        struct nlmsghdr *h;

        nftnl_set_set_str(s, NFTNL_SET_TABLE, table);
        nftnl_set_set_str(s, NFTNL_SET_NAME, map);
        nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, key, len);
        if (add)
                nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA, &mark, sizeof(mark));
        nftnl_set_elem_add(s, e);
        h = nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(b), add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
                                  NFPROTO_INET, NLM_F_ACK | (add ? NLM_F_CREATE : 0), seq++);
        nftnl_set_elems_nlmsg_build_payload(h, s);
        mnl_nlmsg_batch_next(b);
        nftnl_set_free(s);
}

int bare_nft_change(int add, const char *table, const uint8_t key4[4], const uint8_t key6[16], uint32_t mark)
{
        _Alignas(struct nlmsghdr) char buf[8192];
        struct mnl_nlmsg_batch *b = mnl_nlmsg_batch_start(buf, sizeof(buf));
        int acks = 0, status = 0;

        nftnl_batch_begin(mnl_nlmsg_batch_current(b), seq++);
        mnl_nlmsg_batch_next(b);
        element(b, add, table, "peers4", key4, 4, mark);
        element(b, add, table, "peers6", key6, 16, mark);
        nftnl_batch_end(mnl_nlmsg_batch_current(b), seq++);
        mnl_nlmsg_batch_next(b);
        if (mnl_socket_sendto(socket_, mnl_nlmsg_batch_head(b), mnl_nlmsg_batch_size(b)) < 0)
                status = -1;
        mnl_nlmsg_batch_stop(b);
        while (status == 0 && acks < 2) {
                ssize_t n = mnl_socket_recvfrom(socket_, buf, sizeof(buf));
                struct nlmsghdr *h = (void *)buf;
                int left = (int)n;

                if (n <= 0)
                        return -1;
                for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
                        if (h->nlmsg_type != NLMSG_ERROR)
                                continue;
                        if (((struct nlmsgerr *)mnl_nlmsg_get_payload(h))->error != 0)
                                status = -1;
                        acks++;
                }
        }
        return status;
}
