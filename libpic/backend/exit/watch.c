/* Owns: one descriptor that tells all: a process has died, its next start is due, somebody touched a link, an address,
 * a route or a firewall, here or in a namespace of ours; we rang ourselves. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "backend/exit/inside.h"

#define NFT_GROUP 7 /* NFNLGRP_NFTABLES of linux/netfilter/nfnetlink.h */
#define NFT_DONE (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN)
#define TOLD_MAX (64 << 10)
#define FIT_MS 500 /* between two looks at the ways to far ends */
#define ROUNDS 64  /* of reading: who floods us is believed to have changed everything */

static int watch(const pic__exit *b, int fd)
{
        struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

        return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &e);
}

static int join(int fd, int group)
{
        return setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
}

/* What happens in other namespaces is told as well where the kernel lets us (CAP_NET_BROADCAST); without, looking comes
 * with the ticks only. */
static int listen_to(pic__exit *b, int protocol, const int *groups, size_t count)
{
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol), on = 1;
        const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
        size_t i;

        if (fd < 0)
                return -1;
        if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0) { /* without a name nothing is told */
                close(fd);
                return -1;
        }
        b->all = setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on)) == 0;
        for (i = 0; i < count; i++)
                if (join(fd, groups[i]) < 0) {
                        close(fd);
                        return -1;
                }
        (void)watch(b, fd);
        return fd;
}

/* Of a firewall only that a change of it has ended, which is told once: the cell's own tells 20,000 elements when all
 * devices move, and what we did not read in time made us look at all namespaces (a second for fifty). */
static void hear_ends_alone(int fd)
{
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NFT_DONE), 0, 1), /* it reads as the network does */
                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
                BPF_STMT(BPF_RET | BPF_K, 0),
        };
        const struct sock_fprog program = { PIC__COUNT(code), code };

        if (fd >= 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)); /* else we hear it all */
}

int pic__exit_watch_open(pic__exit *b, pic_error **err)
{
        static const int links[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
                                     RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE };
        static const int firewalls[] = { NFT_GROUP };

        b->epoll = epoll_create1(EPOLL_CLOEXEC);
        b->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        b->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        if (b->epoll < 0 || b->wake < 0 || b->timer < 0 || watch(b, b->wake) < 0 || watch(b, b->timer) < 0)
                return pic__fail_errno(err, errno, "exit: cannot make descriptors");
        b->heard[0] = listen_to(b, NETLINK_ROUTE, links, PIC__COUNT(links));
        b->heard[1] = listen_to(b, NETLINK_NETFILTER, firewalls, PIC__COUNT(firewalls));
        hear_ends_alone(b->heard[1]);
        return 0;
}

void pic__exit_watch_close(pic__exit *b)
{
        int *const fds[] = { &b->epoll, &b->wake, &b->timer, &b->heard[0], &b->heard[1] };
        size_t i;

        for (i = 0; i < PIC__COUNT(fds); i++) {
                if (*fds[i] >= 0)
                        close(*fds[i]);
                *fds[i] = -1;
        }
}

/* A closed pidfd leaves epoll by itself; a number may come again with another process behind it. */
void pic__exit_watch_fd(const pic__exit *b, int *watched, int fd)
{
        if (*watched >= 0)
                (void)epoll_ctl(b->epoll, EPOLL_CTL_DEL, *watched, NULL);
        *watched = fd >= 0 && watch(b, fd) == 0 ? fd : -1;
}

void pic__exit_ring(pic__exit *b)
{
        uint64_t one = 1;

        while (write(b->wake, &one, sizeof(one)) < 0 && errno == EINTR)
                ;
}

/* The sooner of two times counts. */
void pic__exit_ring_in(pic__exit *b, unsigned ms)
{
        struct itimerspec t = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 } }, set;

        if (ms == 0) {
                pic__exit_ring(b);
                return;
        }
        if (timerfd_gettime(b->timer, &set) == 0 && (set.it_value.tv_sec != 0 || set.it_value.tv_nsec != 0) &&
            (set.it_value.tv_sec < t.it_value.tv_sec ||
             (set.it_value.tv_sec == t.it_value.tv_sec && set.it_value.tv_nsec <= t.it_value.tv_nsec)))
                return;
        (void)timerfd_settime(b->timer, 0, &t, NULL);
}

/* --- hearing ---------------------------------------------------------------------------------------------------- */

static void look_at_all(pic__exit *b)
{
        size_t i;

        b->moved = 1;
        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL)
                        b->at[i]->look = 1;
}

/* In the namespace that ours calls `nsid`. */
static void look_by_nsid(pic__exit *b, int nsid)
{
        size_t i;

        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL && (b->at[i]->nsid == nsid || b->at[i]->nsid < 0))
                        b->at[i]->look = 1;
}

/* Here: only the cell's ends of cables are ours. */
static void look_by_link(pic__exit *b, struct nlmsghdr *h)
{
        struct nlattr *attr[IFLA_MAX + 1];
        size_t i;

        if ((h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK) ||
            nlmsg_parse(h, sizeof(struct ifinfomsg), attr, IFLA_MAX, NULL) < 0 || attr[IFLA_IFNAME] == NULL ||
            nla_len(attr[IFLA_IFNAME]) <= 0)
                return;
        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL && nla_strcmp(attr[IFLA_IFNAME], b->at[i]->dev) == 0)
                        b->at[i]->look = 1;
}

static int nsid_of(struct msghdr *m)
{
        struct cmsghdr *c;

        for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c))
                if (c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_LISTEN_ALL_NSID &&
                    c->cmsg_len >= CMSG_LEN(sizeof(int))) {
                        int nsid;

                        memcpy(&nsid, CMSG_DATA(c), sizeof(nsid));
                        return nsid;
                }
        return -1;
}

static void take(pic__exit *b, int links, char *told, ssize_t n, int nsid)
{
        struct nlmsghdr *h = (struct nlmsghdr *)(void *)told;
        int left = (int)n;

        if (nsid >= 0) {
                look_by_nsid(b, nsid);
                return;
        }
        b->moved |= links;
        for (; links && nlmsg_ok(h, left); h = nlmsg_next(h, &left))
                look_by_link(b, h);
}

static void hear_one(pic__exit *b, int links, int fd)
{
        pic__auto_free char *told = pic__alloc(TOLD_MAX);
        int round;

        for (round = 0; told != NULL && round < ROUNDS; round++) {
                union {
                        struct cmsghdr h;
                        char room[CMSG_SPACE(sizeof(int)) * 4];
                } control;
                struct iovec iov = { told, TOLD_MAX };
                struct msghdr m = {
                        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
                };
                ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

                if (n > 0)
                        take(b, links, told, n, nsid_of(&m));
                else if (n < 0 && errno == ENOBUFS)
                        look_at_all(b);
                else if (n == 0 || errno != EINTR)
                        return;
        }
        look_at_all(b);
}

void pic__exit_hear(pic__exit *b)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(b->heard); i++)
                if (b->heard[i] >= 0)
                        hear_one(b, i == 0, b->heard[i]);
}

static int emptied(int fd)
{
        uint64_t n;

        return read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n);
}

/* Not at each of a thousand routes. */
void pic__exit_fit(pic__exit *b)
{
        pic_time now = pic__clock_real.mono(pic__clock_real.data);
        size_t i;

        if (!b->moved)
                return;
        if (b->fitted != 0 && now - b->fitted < (pic_time)FIT_MS * 1000) {
                pic__exit_ring_in(b, FIT_MS);
                return;
        }
        b->fitted = now;
        b->moved = 0;
        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL)
                        pic__tunnel_fit(b->at[i]);
}

/* A death of a process is mended here and no news: what is there is what was wished. */
int pic__exit_drain(pic__backend *backend)
{
        pic__exit *b = (pic__exit *)backend;
        int news = emptied(b->wake);
        size_t i;

        (void)emptied(b->timer);
        pic__exit_hear(b);
        for (i = 1; i <= PIC__EXIT_SLOTS; i++) {
                pic__exit_space *s = b->at[i];

                if (s == NULL)
                        continue;
                if (!pic__child_alive(s->holder) && s->watched >= 0) {
                        pic__exit_watch_fd(b, &s->watched, -1);
                        news = 1;
                }
                pic__exit_mend(b, s);
                news |= s->look;
        }
        pic__exit_fit(b);
        return news ? 1 : 0;
}
