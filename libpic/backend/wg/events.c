/* Owns: the event descriptor. WireGuard tells nobody when a peer is changed, in the kernel or out of it: that is only
 * found by reading. What can be heard at once is heard here. */
#include "backend/wg/events.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int watch_fd(pic__wg_events *ev, int fd)
{
        struct epoll_event e = { .events = EPOLLIN };

        return epoll_ctl(ev->epoll, EPOLL_CTL_ADD, fd, &e);
}

int pic__wg_events_open(pic__wg_events *ev, pic_error **err)
{
        int r;

        *ev = (pic__wg_events){ .epoll = epoll_create1(EPOLL_CLOEXEC), .kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
        if (ev->epoll < 0 || ev->kick < 0) {
                r = pic__fail_errno(err, errno, "no event descriptor");
                pic__wg_events_close(ev);
                return r;
        }
        ev->links = nl_socket_alloc();
        r = ev->links != NULL ? nl_connect(ev->links, NETLINK_ROUTE) : -NLE_NOMEM;
        if (r == 0)
                r = nl_socket_add_membership(ev->links, RTNLGRP_LINK);
        if (r == 0)
                r = nl_socket_set_nonblocking(ev->links);
        if (r == 0 && (watch_fd(ev, nl_socket_get_fd(ev->links)) < 0 || watch_fd(ev, ev->kick) < 0))
                r = -NLE_FAILURE;
        if (r == 0)
                return 0;
        pic__wg_events_close(ev);
        return r == -NLE_NOMEM ? pic__nomem(err)
                               : pic__fail(err, PIC_BACKEND, "netlink: cannot listen to links: %s", nl_geterror(r));
}

void pic__wg_events_close(pic__wg_events *ev)
{
        nl_socket_free(ev->links);
        ev->links = NULL;
        if (ev->epoll >= 0)
                close(ev->epoll);
        if (ev->kick >= 0)
                close(ev->kick);
        ev->epoll = ev->kick = -1;
}

void pic__wg_events_watch(pic__wg_events *ev, const pic__child *child)
{
        pid_t pid = pic__child_pid(child);

        /* A pidfd leaves the set by itself when it is closed. */
        if (pid > 0 && pid != ev->watched)
                (void)watch_fd(ev, pic__child_fd(child));
        ev->watched = pid;
}

void pic__wg_events_kick(pic__wg_events *ev)
{
        uint64_t one = 1;

        if (write(ev->kick, &one, sizeof(one)) < 0)
                return; /* full: it is readable already */
}

/* A link goes down before it goes: whoever asks for it then waits, in the kernel, for the end of that. */
static unsigned hear(const struct nlmsghdr *h, const pic__wg_link *link)
{
        pic__wg_link now;

        if (link->index == 0 || pic__wg_link_parse(h, &now) < 0 || now.index != link->index)
                return 0;
        if (h->nlmsg_type == RTM_DELLINK || !now.up || !now.ours || strcmp(now.name, link->name) != 0)
                return PIC__WG_HEARD_LINK;
        return 0;
}

unsigned pic__wg_events_hear(const void *datagram, size_t len, const pic__wg_link *link)
{
        struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)datagram; /* libnl takes no const, but does not write */
        unsigned heard = 0;
        int left = (int)len;

        for (; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
                heard |= hear(h, link);
        return heard;
}

unsigned pic__wg_events_drain(pic__wg_events *ev, const pic__wg_link *link)
{
        _Alignas(struct nlmsghdr) unsigned char room[16384];
        uint64_t kicks;
        unsigned heard = read(ev->kick, &kicks, sizeof(kicks)) == (ssize_t)sizeof(kicks) ? PIC__WG_HEARD_KICK : 0;

        for (;;) {
                ssize_t n = recv(nl_socket_get_fd(ev->links), room, sizeof(room), MSG_DONTWAIT);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == ENOBUFS) { /* some were lost, whatever they were */
                        heard |= link->index != 0 ? PIC__WG_HEARD_LINK : 0;
                        continue;
                }
                if (n <= 0)
                        return heard;
                heard |= pic__wg_events_hear(room, (size_t)n, link);
        }
}
