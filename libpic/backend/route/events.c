/* Owns: hearing that somebody else changed something of ours. A notification is only a reason to look: links and
 * addresses are then compared with what we last saw or made, so that echoes of our own changes and counters that move
 * are no news. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/route/inside.h"
#include "backend/route/rule.h"

#define EVENT_BUF (32 << 10)
#define EVENT_QUEUE (8 << 20) /* a limit, not memory: some thousand routes may come and go at once */

int pic__route_events_open(pic__route *b, pic_error **err)
{
        int queue = EVENT_QUEUE, r;

        b->event_buf = pic__alloc(EVENT_BUF);
        b->events = b->event_buf != NULL ? nl_socket_alloc() : NULL;
        if (b->events == NULL)
                return pic__nomem(err);
        r = nl_connect(b->events, NETLINK_ROUTE);
        if (r == 0)
                r = nl_socket_add_memberships(b->events, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                              RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_NETCONF,
                                              RTNLGRP_IPV6_NETCONF, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE, 0);
        if (r < 0)
                return pic__fail(err, PIC_BACKEND, "cannot listen to rtnetlink: %s", nl_geterror(r));
        (void)fcntl(nl_socket_get_fd(b->events), F_SETFD, FD_CLOEXEC);
        (void)nl_socket_set_nonblocking(b->events);
        if (setsockopt(nl_socket_get_fd(b->events), SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) < 0)
                (void)nl_socket_set_buffer_size(b->events, queue, 0);
        return 0;
}

void pic__route_events_close(pic__route *b)
{
        if (b->events != NULL)
                nl_socket_free(b->events);
        b->events = NULL;
        pic__free(b->event_buf);
        b->event_buf = NULL;
}

static pic__route_link *seen_at(const pic__route *b, int index)
{
        return (pic__route_link *)(uintptr_t)pic__route_link_at(&b->links, index);
}

int pic__route_seen_link(pic__route *b, const pic__route_link *link, pic_error **err)
{
        pic__route_link *old = seen_at(b, link->index);

        if (old != NULL) {
                *old = *link;
                return 0;
        }
        return pic__vec_push(&b->links, *link) < 0 ? pic__nomem(err) : 0;
}

int pic__route_seen(pic__route *b, const pic__route_links *links, pic_error **err)
{
        size_t i;

        b->links.count = 0;
        for (i = 0; i < links->count; i++)
                if (links->at[i].ours && pic__vec_push(&b->links, links->at[i]) < 0)
                        return pic__nomem(err);
        return 0;
}

/* The floor of an exit, or what somebody put in its place. */
static int opens(const struct nlmsghdr *h, const pic__route_route *r, int replaces)
{
        if (!pic__route_at_floor(r))
                return 0;
        return h->nlmsg_type == RTM_DELROUTE ? r->protocol == PIC__ROUTE_PROTOCOL : replaces;
}

/* Ours; one that the kernel made with an address of ours; or one that somebody put in the place of another, of which
 * the kernel says nothing more. */
static int news_of_route(const pic__route *b, const struct nlmsghdr *h)
{
        int replaces = h->nlmsg_type == RTM_NEWROUTE && (h->nlmsg_flags & NLM_F_REPLACE), nets = 0;
        pic__route_route r;

        if (pic__route_read_route(h, &r) < 0)
                return 0;
        if (seen_at(b, r.index) == NULL && pic__route_route_attaches(&r))
                nets = PIC__ROUTE_NETS;
        if (replaces && pic__route_was_attached(b, &r.to))
                nets = PIC__ROUTE_NETS;
        if (opens(h, &r, replaces))
                return PIC__ROUTE_OPEN | nets;
        if (r.protocol == PIC__ROUTE_PROTOCOL)
                return PIC__ROUTE_SURE | nets;
        if (r.protocol == RTPROT_KERNEL)
                return nets | (r.table == RT_TABLE_MAIN && seen_at(b, r.index) != NULL ? PIC__ROUTE_LOOK : 0);
        return nets | (replaces ? PIC__ROUTE_LOOK : 0);
}

/* Ours lead packets away from the way out that all have. */
static int news_of_rule(const struct nlmsghdr *h)
{
        pic__route_rule r;

        if (pic__route_read_rule(h, &r) < 0 || r.protocol != PIC__ROUTE_PROTOCOL)
                return 0;
        return h->nlmsg_type == RTM_DELRULE ? PIC__ROUTE_OPEN : PIC__ROUTE_SURE;
}

/* With a device networks go of which the kernel does not tell each; and one may become ours, or cease to be. */
static int news_of_link(const pic__route *b, const struct nlmsghdr *h)
{
        pic__route_link link;
        int ours;

        if (pic__route_read_link(h, &link) < 0)
                return 0;
        if (link.exit != 0)
                return PIC__ROUTE_LOOK; /* the way of an exit goes with it */
        ours = seen_at(b, link.index) != NULL;
        return (link.ours && ours ? 0 : PIC__ROUTE_NETS) | (link.ours || ours ? PIC__ROUTE_LOOK : 0);
}

static int news_of_addr(const pic__route *b, const struct nlmsghdr *h)
{
        pic__route_addr addr;

        if (pic__route_read_addr(h, &addr) < 0 || addr.kernel)
                return 0;
        if (seen_at(b, addr.index) != NULL)
                return PIC__ROUTE_LOOK;
        return pic__route_addr_attaches(&addr) ? PIC__ROUTE_NETS : 0;
}

static int news(const pic__route *b, const struct nlmsghdr *h)
{
        if (h->nlmsg_pid == b->nl.port)
                return 0;
        switch (h->nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK: return news_of_link(b, h);
        case RTM_NEWADDR:
        case RTM_DELADDR: return news_of_addr(b, h);
        case RTM_NEWROUTE:
        case RTM_DELROUTE: return news_of_route(b, h);
        case RTM_NEWRULE:
        case RTM_DELRULE: return news_of_rule(h);
        case RTM_NEWNETCONF: return PIC__ROUTE_SETTING;
        default: return 0;
        }
}

int pic__route_hear(const pic__route *b, const void *datagram, size_t len)
{
        struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)datagram; /* libnl takes no const, but does not write */
        int left = (int)len, what = 0;

        for (; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
                what |= news(b, h);
        return what;
}

static int hear_all(pic__route *b)
{
        int what = 0;

        for (;;) {
                struct sockaddr_nl from = { 0 };
                socklen_t size = sizeof(from);
                ssize_t n = recvfrom(nl_socket_get_fd(b->events), b->event_buf, EVENT_BUF, MSG_DONTWAIT,
                                     (struct sockaddr *)&from, &size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == ENOBUFS)
                        what |= PIC__ROUTE_NETS | (b->closing ? PIC__ROUTE_OPEN : PIC__ROUTE_SURE); /* some were lost */
                else if (n <= 0)
                        break;
                else if (from.nl_pid == 0)
                        what |= pic__route_hear(b, b->event_buf, (size_t)n);
        }
        return what;
}

int pic__route_drain(pic__backend *backend)
{
        pic__route *b = (pic__route *)backend;
        int what = hear_all(b), nets = (what & PIC__ROUTE_NETS) ? PIC__DRAIN_NETS : 0, ours;

        if (what & PIC__ROUTE_OPEN)
                return PIC__DRAIN_OPEN | nets;
        ours = (what & PIC__ROUTE_SURE) || ((what & PIC__ROUTE_SETTING) && pic__route_sysctl_drifted(b)) ||
               ((what & PIC__ROUTE_LOOK) && !pic__route_same(b));
        return ours | nets;
}
