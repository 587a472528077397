/* Owns: how large a packet may be on the way to a far end, asked of the kernel: of the cell's routes, as they are now.
 */
#include "backend/exit/way.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/exit/link.h"

#define ANSWER_MAX (16 << 10)

static unsigned lesser(unsigned a, unsigned b)
{
        return a == 0 || (b != 0 && b < a) ? b : a;
}

static int ask(int fd, const pic__addr *to)
{
        size_t len = to->family == 4 ? 4 : 16;
        struct {
                struct nlmsghdr h;
                struct rtmsg rt;
                char attr[32];
        } m = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(m.rt)),
                       .nlmsg_type = RTM_GETROUTE,
                       .nlmsg_flags = NLM_F_REQUEST },
                .rt = { .rtm_family = to->family == 4 ? AF_INET : AF_INET6, .rtm_dst_len = (uint8_t)(len * 8) } };
        struct rtattr *a = (struct rtattr *)(void *)m.attr;

        a->rta_type = RTA_DST;
        a->rta_len = (unsigned short)RTA_LENGTH(len);
        memcpy(RTA_DATA(a), to->bytes, len);
        m.h.nlmsg_len += (uint32_t)RTA_ALIGN(a->rta_len);
        return send(fd, &m, m.h.nlmsg_len, 0) == (ssize_t)m.h.nlmsg_len ? 0 : -1;
}

/* A router may have told IPv6 of less than the link takes. */
static unsigned told6(const char *dev)
{
        char path[64 + IF_NAMESIZE], text[16] = "";
        ssize_t n = -1;
        int fd;

        snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/mtu", dev);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                n = read(fd, text, sizeof(text) - 1);
                close(fd);
        }
        return n > 0 ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static unsigned mtu_of_link(unsigned index, int family)
{
        char dev[IF_NAMESIZE];
        pic__exit_link_info link;

        if (if_indextoname(index, dev) == NULL || pic__exit_link_get(dev, &link, NULL) <= 0)
                return 0;
        return family == AF_INET6 ? lesser(link.mtu, told6(dev)) : link.mtu;
}

static unsigned take(struct nlmsghdr *h)
{
        struct nlattr *attr[RTA_MAX + 1], *metric[RTAX_MAX + 1];
        const struct rtmsg *rt = nlmsg_data(h);
        unsigned of_route = 0, of_link = 0;

        if (h->nlmsg_type != RTM_NEWROUTE || nlmsg_parse(h, sizeof(*rt), attr, RTA_MAX, NULL) < 0)
                return 0; /* there is no way */
        if (attr[RTA_METRICS] != NULL && nla_parse_nested(metric, RTAX_MAX, attr[RTA_METRICS], NULL) == 0 &&
            metric[RTAX_MTU] != NULL && nla_len(metric[RTAX_MTU]) >= (int)sizeof(uint32_t))
                of_route = nla_get_u32(metric[RTAX_MTU]);
        if (attr[RTA_OIF] != NULL && nla_len(attr[RTA_OIF]) >= (int)sizeof(uint32_t))
                of_link = mtu_of_link(nla_get_u32(attr[RTA_OIF]), rt->rtm_family);
        return lesser(of_route, of_link);
}

unsigned pic__way_mtu(const pic__exit_places *to)
{
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        const struct timeval limit = { 1, 0 };
        pic__auto_free char *room = pic__alloc(ANSWER_MAX);
        unsigned least = 0;
        size_t i;

        if (fd < 0)
                return 0;
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        for (i = 0; i < to->count && room != NULL; i++) {
                struct nlmsghdr *h = (struct nlmsghdr *)(void *)room;
                ssize_t n;

                if (ask(fd, &to->at[i].addr) < 0)
                        continue;
                n = recv(fd, room, ANSWER_MAX, MSG_TRUNC);
                if (n < 0)
                        break; /* a late answer would be taken for the next one's */
                if (n >= (ssize_t)sizeof(*h) && n <= ANSWER_MAX && h->nlmsg_len <= (size_t)n)
                        least = lesser(least, take(h));
        }
        close(fd);
        return least;
}
