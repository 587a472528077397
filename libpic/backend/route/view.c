/* Owns: reading the kernel's answers. A link is ours when its alias says so: "pic", alone or before a space. */
#include "backend/route/view.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

#include "model/exit.h"

#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif

#define PROTO_KERNEL_LL 3 /* IFAPROT_KERNEL_LL, since Linux 5.18 */

/* libnl's attribute calls take no const, but do not write. */
static const struct nlattr *attr(const struct nlmsghdr *h, size_t header, int type)
{
        return nlmsg_find_attr((struct nlmsghdr *)(uintptr_t)h, (int)header, type);
}

static uint32_t number(const struct nlattr *a, uint32_t otherwise)
{
        return a != NULL && nla_len(a) >= (int)sizeof(uint32_t) ? nla_get_u32(a) : otherwise;
}

static int fits(const struct nlmsghdr *h, size_t header)
{
        return h->nlmsg_len >= NLMSG_HDRLEN + header;
}

static int address(const struct nlattr *a, uint8_t family, pic__addr *ret)
{
        int width = family == AF_INET ? 4 : 16;

        memset(ret, 0, sizeof(*ret));
        if (family != AF_INET && family != AF_INET6)
                return -1;
        ret->family = family == AF_INET ? 4 : 6;
        if (a == NULL)
                return 0;
        if (nla_len(a) < width)
                return -1;
        memcpy(ret->bytes, nla_data(a), (size_t)width);
        return 0;
}

static unsigned bits(const pic__addr *a)
{
        return a->family == 4 ? 32 : 128;
}

static int alias_ours(const char *alias)
{
        return strncmp(alias, "pic", 3) == 0 && (alias[3] == '\0' || alias[3] == ' ');
}

unsigned pic__route_exit_named(const char *name)
{
        char dev[PIC__EXIT_DEV];
        unsigned slot = 0;
        const char *at = name + 4;

        if (strncmp(name, "picx", 4) != 0)
                return 0;
        for (; *at >= '0' && *at <= '9' && slot <= PIC__EXIT_SLOTS; at++)
                slot = slot * 10 + (unsigned)(*at - '0');
        return slot >= 1 && slot <= PIC__EXIT_SLOTS && strcmp(pic__exit_dev(slot, dev), name) == 0 ? slot : 0;
}

int pic__route_read_link(const struct nlmsghdr *h, pic__route_link *ret)
{
        const struct ifinfomsg *info = nlmsg_data(h);
        const struct nlattr *name, *alias;
        pic__route_link l = { 0 };

        if ((h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK) || !fits(h, sizeof(*info)))
                return -1;
        name = attr(h, sizeof(*info), IFLA_IFNAME);
        if (name == NULL || info->ifi_family == AF_BRIDGE)
                return -1;
        l.index = info->ifi_index;
        l.flags = info->ifi_flags;
        l.mtu = number(attr(h, sizeof(*info), IFLA_MTU), 0);
        nla_strlcpy(l.name, name, sizeof(l.name));
        alias = attr(h, sizeof(*info), IFLA_IFALIAS);
        if (alias != NULL) {
                char text[64];

                nla_strlcpy(text, alias, sizeof(text));
                l.ours = alias_ours(text);
                l.aliased = !l.ours && text[0] != '\0';
        }
        l.exit = pic__route_exit_named(l.name);
        l.marked = l.exit != 0 && l.ours;
        l.ours = l.ours && l.exit == 0;
        *ret = l;
        return 0;
}

int pic__route_read_addr(const struct nlmsghdr *h, pic__route_addr *ret)
{
        const struct ifaddrmsg *info = nlmsg_data(h);
        const struct nlattr *local, *proto;
        pic__route_addr a = { 0 };

        if ((h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR) || !fits(h, sizeof(*info)))
                return -1;
        local = attr(h, sizeof(*info), IFA_LOCAL);
        if (local == NULL)
                local = attr(h, sizeof(*info), IFA_ADDRESS);
        if (local == NULL || address(local, info->ifa_family, &a.at.addr) < 0 || info->ifa_prefixlen > bits(&a.at.addr))
                return -1;
        a.net.len = info->ifa_prefixlen;
        if (attr(h, sizeof(*info), IFA_ADDRESS) == NULL ||
            address(attr(h, sizeof(*info), IFA_ADDRESS), info->ifa_family, &a.net.addr) < 0)
                a.net.addr = a.at.addr;
        pic__prefix_mask(&a.net);
        a.index = (int)info->ifa_index;
        a.at.len = info->ifa_prefixlen;
        proto = attr(h, sizeof(*info), IFA_PROTO);
        if (proto != NULL && nla_len(proto) >= 1)
                a.kernel = nla_get_u8(proto) == PROTO_KERNEL_LL;
        else /* a kernel that does not tell: what is link-local is its own */
                a.kernel = a.at.addr.family == 6 && a.at.addr.bytes[0] == 0xfe && (a.at.addr.bytes[1] & 0xc0) == 0x80;
        *ret = a;
        return 0;
}

static int first_hop(const struct nlattr *multipath)
{
        const struct rtnexthop *hop;

        if (multipath == NULL || nla_len(multipath) < (int)sizeof(*hop))
                return 0;
        hop = nla_data(multipath);
        return hop->rtnh_ifindex;
}

/* A hop of its own: RTA_VIA is one of another family. */
static int goes_on(const struct nlattr *attrs, int len)
{
        return nla_find(attrs, len, RTA_GATEWAY) != NULL || nla_find(attrs, len, RTA_VIA) != NULL;
}

/* Of several ways one without another hop is enough. */
static int some_direct(const struct nlattr *multipath)
{
        const uint8_t *at = nla_data(multipath);
        int left = nla_len(multipath);

        while (left >= (int)sizeof(struct rtnexthop)) {
                const struct rtnexthop *hop = (const void *)at;
                int len = hop->rtnh_len, step = (len + 3) / 4 * 4;

                if (len < (int)sizeof(*hop) || len > left)
                        return 0;
                if (!goes_on((const void *)(hop + 1), len - (int)sizeof(*hop)))
                        return 1;
                at += step;
                left -= step;
        }
        return 0;
}

static int is_direct(const struct nlmsghdr *h)
{
        const struct nlattr *multipath = attr(h, sizeof(struct rtmsg), RTA_MULTIPATH);

        if (multipath != NULL)
                return some_direct(multipath);
        return !goes_on(nlmsg_attrdata(h, sizeof(struct rtmsg)), nlmsg_attrlen(h, sizeof(struct rtmsg)));
}

int pic__route_read_route(const struct nlmsghdr *h, pic__route_route *ret)
{
        const struct rtmsg *info = nlmsg_data(h);
        const struct nlattr *via;
        pic__route_route r = { 0 };

        if ((h->nlmsg_type != RTM_NEWROUTE && h->nlmsg_type != RTM_DELROUTE) || !fits(h, sizeof(*info)))
                return -1;
        if ((info->rtm_flags & RTM_F_CLONED) ||
            address(attr(h, sizeof(*info), RTA_DST), info->rtm_family, &r.to.addr) < 0 ||
            info->rtm_dst_len > bits(&r.to.addr))
                return -1;
        r.to.len = info->rtm_dst_len;
        r.type = info->rtm_type;
        r.direct = info->rtm_type == RTN_UNICAST && is_direct(h);
        r.protocol = info->rtm_protocol;
        r.table = number(attr(h, sizeof(*info), RTA_TABLE), info->rtm_table);
        r.metric = number(attr(h, sizeof(*info), RTA_PRIORITY), 0);
        r.index = (int)number(attr(h, sizeof(*info), RTA_OIF), 0);
        if (r.index == 0)
                r.index = first_hop(attr(h, sizeof(*info), RTA_MULTIPATH));
        via = attr(h, sizeof(*info), RTA_GATEWAY);
        if (via != NULL && address(via, info->rtm_family, &r.via) < 0)
                return -1;
        *ret = r;
        return 0;
}

static int dump(pic__route_nl *nl, int type, const void *header, size_t len, int (*want)(const struct nlmsghdr *h),
                pic__buf *out, pic_error **err)
{
        struct nl_msg *m = pic__route_nl_msg(type, NLM_F_REQUEST | NLM_F_DUMP, header, len);
        int r;

        if (m == NULL)
                return pic__nomem(err);
        r = pic__route_nl_dump_some(nl, m, want, out, err);
        nlmsg_free(m);
        return r;
}

int pic__route_get_links(pic__route_nl *nl, pic__route_links *ret, pic_error **err)
{
        struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const struct nlmsghdr *h = NULL;
        pic__route_link l;
        int r = dump(nl, RTM_GETLINK, &header, sizeof(header), NULL, &out, err);

        if (r < 0)
                return r;
        while ((h = pic__route_nl_next(&out, h)) != NULL)
                if (pic__route_read_link(h, &l) == 0 && pic__vec_push(ret, l) < 0)
                        return pic__nomem(err);
        return 0;
}

int pic__route_get_addrs(pic__route_nl *nl, pic__route_addrs *ret, pic_error **err)
{
        struct ifaddrmsg header = { .ifa_family = AF_UNSPEC };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const struct nlmsghdr *h = NULL;
        pic__route_addr a;
        int r = dump(nl, RTM_GETADDR, &header, sizeof(header), NULL, &out, err);

        if (r < 0)
                return r;
        while ((h = pic__route_nl_next(&out, h)) != NULL)
                if (pic__route_read_addr(h, &a) == 0 && pic__vec_push(ret, a) < 0)
                        return pic__nomem(err);
        return 0;
}

static int get_routes(pic__route_nl *nl, uint8_t protocol, int (*want)(const struct nlmsghdr *h),
                      pic__route_routes *ret, pic_error **err)
{
        static const uint8_t families[] = { AF_INET, AF_INET6 };
        size_t i;

        for (i = 0; i < PIC__COUNT(families); i++) {
                /* The kernel picks by protocol itself (strict checking), so that a full table costs nothing. Older ones
                 * give all. */
                struct rtmsg header = { .rtm_family = families[i], .rtm_protocol = protocol };
                pic__auto_buf pic__buf out = PIC__BUF_INIT;
                const struct nlmsghdr *h = NULL;
                pic__route_route route;
                int r = dump(nl, RTM_GETROUTE, &header, sizeof(header), want, &out, err);

                if (r < 0)
                        return r;
                while ((h = pic__route_nl_next(&out, h)) != NULL)
                        if (pic__route_read_route(h, &route) == 0 && (protocol == 0 || route.protocol == protocol) &&
                            pic__vec_push(ret, route) < 0)
                                return pic__nomem(err);
        }
        return 0;
}

int pic__route_get_routes(pic__route_nl *nl, uint8_t protocol, pic__route_routes *ret, pic_error **err)
{
        return get_routes(nl, protocol, NULL, ret, err);
}

/* The kernel picks by table itself, as above, and then calls one that nobody has used yet an error. */
int pic__route_get_table(pic__route_nl *nl, int family, uint32_t table, pic__route_routes *ret, pic_error **err)
{
        struct rtmsg header = { .rtm_family = family == 4 ? AF_INET : AF_INET6 };
        struct nl_msg *m = pic__route_nl_msg(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, &header, sizeof(header));
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const struct nlmsghdr *h = NULL;
        pic_error *bad = NULL;
        pic__route_route route;
        int r = m != NULL && nla_put_u32(m, RTA_TABLE, table) == 0 ? pic__route_nl_dump(nl, m, &out, &bad)
                                                                   : pic__nomem(&bad);

        nlmsg_free(m);
        if (r < 0 && r != PIC_NOTFOUND && err != NULL)
                *err = pic__take(bad);
        pic_error_free(bad);
        if (r < 0)
                return r == PIC_NOTFOUND ? 0 : r;
        while ((h = pic__route_nl_next(&out, h)) != NULL)
                if (pic__route_read_route(h, &route) == 0 && route.table == table && pic__vec_push(ret, route) < 0)
                        return pic__nomem(err);
        return 0;
}

int pic__route_get_some(pic__route_nl *nl, int (*want)(const struct nlmsghdr *h), pic__route_routes *ret,
                        pic_error **err)
{
        return get_routes(nl, 0, want, ret, err);
}

static int leads_to_a_wire(const struct nlmsghdr *h)
{
        pic__route_route route;

        return pic__route_read_route(h, &route) == 0 && route.direct;
}

int pic__route_get_direct(pic__route_nl *nl, pic__route_routes *ret, pic_error **err)
{
        return pic__route_get_some(nl, leads_to_a_wire, ret, err);
}

const pic__route_link *pic__route_link_at(const pic__route_links *links, int index)
{
        size_t i;

        for (i = 0; i < links->count; i++)
                if (links->at[i].index == index)
                        return &links->at[i];
        return NULL;
}

const pic__route_link *pic__route_link_named(const pic__route_links *links, const char *name)
{
        size_t i;

        for (i = 0; i < links->count; i++)
                if (strcmp(links->at[i].name, name) == 0)
                        return &links->at[i];
        return NULL;
}

int pic__route_parse(const char *text, pic__prefix *ret)
{
        int r = pic__prefix_parse(text, ret);

        return r == 0 || r == -2 ? 0 : -1;
}
