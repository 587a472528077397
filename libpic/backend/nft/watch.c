/* Owns: nftables' notifications. The kernel tells each part of a transaction; it carries the port of the
 * socket that sent it, so our own are known. While we make large changes we do not listen at all. */
#include "backend/nft/watch.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/nft/attrs.h"
#include "backend/nft/shape.h"
#include "plan/backend.h"

#define RX_SIZE ((size_t)64 << 10)
#define QUEUE (1 << 20)

static int membership(int fd, int option)
{
        int group = NFNLGRP_NFTABLES;

        return setsockopt(fd, SOL_NETLINK, option, &group, sizeof(group));
}

static int open_fd(void)
{
        struct sockaddr_nl self = { .nl_family = AF_NETLINK };
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
        int queue = QUEUE;

        if (fd < 0)
                return -1;
        if (bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0 || membership(fd, NETLINK_ADD_MEMBERSHIP) < 0) {
                close(fd);
                return -1;
        }
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue));
        return fd;
}

int pic__nft_watch_open(pic__nft_watch *w, uint32_t port, pic_error **err)
{
        *w = (pic__nft_watch)PIC__NFT_WATCH_INIT;
        w->port = port;
        w->fd = open_fd();
        if (w->fd < 0)
                return 0;
        w->rx = pic__alloc(RX_SIZE);
        if (w->rx != NULL)
                return 0;
        pic__nft_watch_close(w);
        return pic__nomem(err);
}

void pic__nft_watch_close(pic__nft_watch *w)
{
        if (w->fd >= 0)
                close(w->fd);
        pic__free(w->rx);
        *w = (pic__nft_watch)PIC__NFT_WATCH_INIT;
}

void pic__nft_watch_pause(const pic__nft_watch *w)
{
        if (w->fd >= 0)
                (void)membership(w->fd, NETLINK_DROP_MEMBERSHIP);
}

void pic__nft_watch_resume(pic__nft_watch *w, int lost)
{
        if (w->fd < 0)
                return;
        if (membership(w->fd, NETLINK_ADD_MEMBERSHIP) < 0)
                lost = 1;
        w->lost |= lost;
}

/* In every message but NEWGEN, attribute 1 is the name of the table. */
static int concerns_us(const struct nlmsghdr *msg)
{
        const struct nfgenmsg *gen = mnl_nlmsg_get_payload(msg);
        const struct nlattr *attr;

        if (gen->nfgen_family != NFPROTO_INET)
                return 0;
        pic__nft_each(attr, msg) if (mnl_attr_get_type(attr) == 1 && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >=
                                                                             0) return strcmp(mnl_attr_get_str(attr),
                                                                                              PIC__NFT_TABLE) == 0;
        return 0;
}

static int is_foreign(const pic__nft_watch *w, const struct nlmsghdr *msg)
{
        return mnl_nlmsg_get_payload_len(msg) >= sizeof(struct nfgenmsg) &&
               msg->nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES && (msg->nlmsg_type & 0xff) != NFT_MSG_NEWGEN &&
               msg->nlmsg_pid != w->port && concerns_us(msg);
}

/* Whether packets may pass by it that should not: all but elements and sets that go. A table may be made dormant, a
 * chain's policy is none of ours, a rule or an element more may accept. */
static int opens(unsigned type)
{
        switch (type) {
        case NFT_MSG_NEWTABLE:
        case NFT_MSG_DELTABLE:
        case NFT_MSG_NEWCHAIN:
        case NFT_MSG_DELCHAIN:
        case NFT_MSG_NEWRULE:
        case NFT_MSG_DELRULE:
        case NFT_MSG_NEWSETELEM: return 1;
        default: return 0;
        }
}

int pic__nft_watch_hear(const pic__nft_watch *w, const void *datagram, size_t len)
{
        const struct nlmsghdr *msg;
        int what = 0;

        pic__nft_each_msg(msg, datagram, len)
        {
                if (!is_foreign(w, msg))
                        continue;
                if (opens(msg->nlmsg_type & 0xff))
                        what = PIC__DRAIN_OPEN;
                else if (what == 0)
                        what = 1;
        }
        return what;
}

int pic__nft_watch_drain(pic__nft_watch *w)
{
        int what = w->lost ? PIC__DRAIN_OPEN : 0; /* what nobody heard may have been the table's end */

        w->lost = 0;
        while (w->fd >= 0) {
                ssize_t n = recv(w->fd, w->rx, RX_SIZE, MSG_DONTWAIT);
                int heard;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == ENOBUFS) {
                        what = PIC__DRAIN_OPEN; /* some were lost */
                        continue;
                }
                if (n <= 0)
                        break;
                heard = pic__nft_watch_hear(w, w->rx, (size_t)n);
                what = heard > what ? heard : what;
        }
        return what;
}
