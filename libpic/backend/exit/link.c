/* Owns: looking at one link. A socket for each look: that happens at a change and when something was heard, not in
 * between. */
#include "backend/exit/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALIAS "pic"

static void read_kind(struct nlattr *nested, pic__exit_link_info *ret)
{
        struct nlattr *info[IFLA_INFO_MAX + 1];

        if (nla_parse_nested(info, IFLA_INFO_MAX, nested, NULL) == 0 && info[IFLA_INFO_KIND] != NULL)
                ret->veth = nla_strcmp(info[IFLA_INFO_KIND], "veth") == 0;
}

static int take(struct nlmsghdr *h, pic__exit_link_info *ret)
{
        struct nlattr *attr[IFLA_MAX + 1];
        const struct ifinfomsg *ifi = nlmsg_data(h);

        if (nlmsg_parse(h, sizeof(*ifi), attr, IFLA_MAX, NULL) < 0)
                return -1;
        *ret = (pic__exit_link_info){ .index = ifi->ifi_index, .up = (ifi->ifi_flags & IFF_UP) != 0, .peer_nsid = -1 };
        ret->ours = attr[IFLA_IFALIAS] != NULL && nla_len(attr[IFLA_IFALIAS]) > 0 &&
                    nla_strcmp(attr[IFLA_IFALIAS], ALIAS) == 0;
        if (attr[IFLA_MTU] != NULL && nla_len(attr[IFLA_MTU]) >= (int)sizeof(uint32_t))
                ret->mtu = nla_get_u32(attr[IFLA_MTU]);
        if (attr[IFLA_LINKINFO] != NULL)
                read_kind(attr[IFLA_LINKINFO], ret);
        if (attr[IFLA_LINK_NETNSID] != NULL && nla_len(attr[IFLA_LINK_NETNSID]) >= (int)sizeof(int32_t))
                ret->peer_nsid = (int)nla_get_u32(attr[IFLA_LINK_NETNSID]);
        return 0;
}

static int ask(int fd, const char *name)
{
        struct {
                struct nlmsghdr h;
                struct ifinfomsg ifi;
                char attr[64];
        } m = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(m.ifi)),
                       .nlmsg_type = RTM_GETLINK,
                       .nlmsg_flags = NLM_F_REQUEST } };
        struct rtattr *a = (struct rtattr *)(void *)m.attr;
        size_t len = strlen(name) + 1;

        if (len > IF_NAMESIZE)
                return -1;
        a->rta_type = IFLA_IFNAME;
        a->rta_len = (unsigned short)RTA_LENGTH(len);
        memcpy(RTA_DATA(a), name, len);
        m.h.nlmsg_len += (uint32_t)RTA_ALIGN(a->rta_len);
        return send(fd, &m, m.h.nlmsg_len, 0) == (ssize_t)m.h.nlmsg_len ? 0 : -1;
}

static int answer(int fd, const char *name, pic__exit_link_info *ret, pic_error **err)
{
        static const size_t size = 32 << 10;
        pic__auto_free char *room = pic__alloc(size);
        struct nlmsghdr *h = (struct nlmsghdr *)(void *)room;
        ssize_t n;

        if (room == NULL)
                return pic__nomem(err);
        n = recv(fd, room, size, MSG_TRUNC);
        if (n < (ssize_t)sizeof(*h) || n > (ssize_t)size || h->nlmsg_len > (size_t)n)
                return pic__fail(err, PIC_IO, "link %s: a strange answer", name);
        if (h->nlmsg_type == NLMSG_ERROR) {
                const struct nlmsgerr *e = NLMSG_DATA(h);

                if (e->error == -ENODEV)
                        return 0;
                return pic__fail_errno(err, -e->error, "link %s: cannot ask for it", name);
        }
        return take(h, ret) == 0 ? 1 : pic__fail(err, PIC_IO, "link %s: a strange answer", name);
}

int pic__exit_link_get(const char *name, pic__exit_link_info *ret, pic_error **err)
{
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), r;
        const struct timeval limit = { 2, 0 };

        memset(ret, 0, sizeof(*ret));
        if (fd < 0)
                return pic__fail_errno(err, errno, "netlink");
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        r = ask(fd, name) == 0 ? answer(fd, name, ret, err) : pic__fail_errno(err, errno, "link %s", name);
        close(fd);
        return r;
}
