/* Owns: a device of ours: whose it is, up or down, its MTU, its addresses. The device itself is made and removed by the
 * wg backend. */
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/route/inside.h"

static struct nl_msg *link_msg(const pic__route_link *link, unsigned flags, unsigned change)
{
        struct ifinfomsg info = {
                .ifi_family = AF_UNSPEC, .ifi_index = link->index, .ifi_flags = flags, .ifi_change = change
        };

        return pic__route_nl_msg(RTM_NEWLINK, NLM_F_REQUEST, &info, sizeof(info));
}

/* Takes the message. */
static int send_msg(pic__route *b, struct nl_msg *m, int bad, const char *what, pic_error **err)
{
        int r;

        if (m == NULL)
                return pic__nomem(err);
        r = bad < 0 ? pic__nomem(err) : pic__route_nl_change(&b->nl, m, what, err);
        nlmsg_free(m);
        return r;
}

static int set_alias(pic__route *b, const pic__route_link *link, const char *alias, pic_error **err)
{
        struct nl_msg *m = link_msg(link, 0, 0);
        char what[64];

        snprintf(what, sizeof(what), "mark device %s", link->name);
        return send_msg(b, m, m != NULL ? nla_put(m, IFLA_IFALIAS, (int)strlen(alias), alias) : 0, what, err);
}

/* A tunnel has no use for an address that the kernel makes up. Quiet: it works without, and not every device can. */
static void no_made_up_address(pic__route *b, const pic__route_link *link)
{
        struct nl_msg *m = link_msg(link, 0, 0);
        struct nlattr *spec, *inet6;

        if (m == NULL)
                return;
        spec = nla_nest_start(m, IFLA_AF_SPEC);
        inet6 = spec != NULL ? nla_nest_start(m, AF_INET6) : NULL;
        if (inet6 != NULL && nla_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE) == 0) {
                nla_nest_end(m, inet6);
                nla_nest_end(m, spec);
                (void)pic__route_nl_change(&b->nl, m, "address mode", NULL);
        }
        nlmsg_free(m);
}

/* Where devices come up without IPv6, or somebody turned it off, ours still needs it. */
static void allow_ipv6(const pic__route_link *link)
{
        char key[96], name[IFNAMSIZ], value[32], *dot;

        snprintf(name, sizeof(name), "%s", link->name);
        while ((dot = strchr(name, '.')) != NULL)
                *dot = '/';
        snprintf(key, sizeof(key), "net.ipv6.conf.%s.disable_ipv6", name);
        if (pic__procsys_read(key, value, sizeof(value), NULL) == 0 && strcmp(value, "0") != 0)
                (void)pic__procsys_write(key, "0", NULL);
}

int pic__route_claim(pic__route *b, pic__route_links *links, const char *name, pic__route_link **ret, pic_error **err)
{
        pic__route_link *link = (pic__route_link *)(uintptr_t)pic__route_link_named(links, name);
        int r;

        if (link == NULL) {
                r = pic__fail(err, PIC_NOTFOUND, "there is no device %s", name);
                pic__hint(err, "it is made with the WireGuard device of the cell; `pic doctor` says what keeps it from "
                               "being made");
                return r;
        }
        *ret = link;
        if (link->ours) {
                allow_ipv6(link);
                return 0;
        }
        if (link->aliased) {
                r = pic__fail(err, PIC_CONFLICT,
                              "device %s belongs to somebody else: its alias is not '" PIC__ROUTE_ALIAS "'", name);
                pic__hint(err, "look at `ip link show %s`; rename it, or clear its alias with: ip link set %s alias ''",
                          name, name);
                return r;
        }
        r = set_alias(b, link, PIC__ROUTE_ALIAS, err);
        if (r < 0)
                return r;
        no_made_up_address(b, link);
        allow_ipv6(link);
        link->ours = 1;
        return pic__route_seen_link(b, link, err);
}

int pic__route_release(pic__route *b, const pic__route_link *link, pic_error **err)
{
        return set_alias(b, link, "", err);
}

/* "up mtu=1420" */
static int parse_link(const char *value, uint32_t *ret_mtu, pic_error **err)
{
        static const char head[] = "up mtu=";
        unsigned long mtu;
        char *end = NULL;

        if (strncmp(value, head, sizeof(head) - 1) != 0 || value[sizeof(head) - 1] < '1' ||
            value[sizeof(head) - 1] > '9')
                return pic__fail(err, PIC_INVALID, "'%s' is no state of a link", value);
        mtu = strtoul(value + sizeof(head) - 1, &end, 10);
        if (*end != '\0' || mtu > 65535)
                return pic__fail(err, PIC_INVALID, "'%s' is no state of a link", value);
        *ret_mtu = (uint32_t)mtu;
        return 0;
}

static int link_up(pic__route *b, pic__route_link *link, uint32_t mtu, pic_error **err)
{
        struct nl_msg *m = link_msg(link, IFF_UP, IFF_UP);
        char what[64];
        int r;

        snprintf(what, sizeof(what), "set device %s up with MTU %u", link->name, mtu);
        r = send_msg(b, m, m != NULL ? nla_put_u32(m, IFLA_MTU, mtu) : 0, what, err);
        if (r < 0)
                return r;
        link->flags |= IFF_UP;
        link->mtu = mtu;
        return pic__route_seen_link(b, link, err);
}

int pic__route_link_down(pic__route *b, const pic__route_link *link, pic_error **err)
{
        pic__route_link down = *link;
        char what[64];
        int r;

        snprintf(what, sizeof(what), "set device %s down", link->name);
        r = send_msg(b, link_msg(link, 0, IFF_UP), 0, what, err);
        down.flags &= ~(unsigned)IFF_UP;
        return r < 0 ? r : pic__route_seen_link(b, &down, err);
}

int pic__route_link_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err)
{
        const char *name = step->after != NULL ? step->after->key : step->before->key;
        pic__route_link *link = (pic__route_link *)(uintptr_t)pic__route_link_named(links, name);
        int up = link != NULL && link->ours && (link->flags & IFF_UP);
        uint32_t mtu = 0;
        int r;

        if (step->verb == PIC__REMOVE) {
                if (link == NULL)
                        return 0; /* went with its device */
                if (!up)
                        return pic__fail(err, PIC_NOTFOUND, "device %s is not up, or not ours", name);
                r = pic__route_link_down(b, link, err);
                if (r == 0)
                        link->flags &= ~(unsigned)IFF_UP;
                return r;
        }
        r = parse_link(step->after->value, &mtu, err);
        if (r < 0)
                return r;
        if (step->verb == PIC__ADD && up)
                return pic__fail(err, PIC_CONFLICT, "device %s is up already", name);
        if (step->verb == PIC__CHANGE && !up)
                return pic__fail(err, PIC_NOTFOUND, "device %s is not up, or not ours", name);
        r = pic__route_claim(b, links, name, &link, err);
        return r < 0 ? r : link_up(b, link, mtu, err);
}

int pic__route_addr_put(pic__route *b, int type, int flags, const pic__route_link *link, const pic__prefix *p,
                        pic_error **err)
{
        struct ifaddrmsg info = {
                .ifa_family = p->addr.family == 4 ? AF_INET : AF_INET6,
                .ifa_prefixlen = p->len,
                /* Nobody else can have it: waiting to find that out would only delay the first packet. */
                .ifa_flags = p->addr.family == 6 ? IFA_F_NODAD : 0,
                .ifa_index = (uint32_t)link->index
        };
        struct nl_msg *m = pic__route_nl_msg(type, NLM_F_REQUEST | flags, &info, sizeof(info));
        int width = p->addr.family == 4 ? 4 : 16, bad = 0;
        char text[PIC__PREFIX_TEXT], what[128];

        if (m != NULL)
                bad = nla_put(m, IFA_LOCAL, width, p->addr.bytes) < 0 ||
                                      nla_put(m, IFA_ADDRESS, width, p->addr.bytes) < 0
                              ? -1
                              : 0;
        snprintf(what, sizeof(what), "%s %s %s device %s", type == RTM_NEWADDR ? "add" : "remove",
                 pic__prefix_print(p, text), type == RTM_NEWADDR ? "to" : "from", link->name);
        return send_msg(b, m, bad, what, err);
}

/* "pic0 10.1.0.1/16" */
static int parse_addr(const char *key, char name[IFNAMSIZ], pic__prefix *ret, pic_error **err)
{
        const char *space = strchr(key, ' ');

        if (space == NULL || space == key || space - key >= IFNAMSIZ || pic__route_parse(space + 1, ret) < 0)
                return pic__fail(err, PIC_INVALID, "'%s' is no device and address", key);
        memcpy(name, key, (size_t)(space - key));
        name[space - key] = '\0';
        return 0;
}

static int addr_gone(pic__route *b, const pic__route_links *links, const char *name, const pic__prefix *p,
                     pic_error **err)
{
        const pic__route_link *link = pic__route_link_named(links, name);
        pic_error *e = NULL;
        int r;

        if (link == NULL)
                return 0; /* went with its device */
        if (!link->ours)
                return pic__fail(err, PIC_NOTFOUND, "device %s is not ours", name);
        r = pic__route_addr_put(b, RTM_DELADDR, 0, link, p, &e);
        /* IPv6 addresses go when a device goes down. */
        if (r == PIC_NOTFOUND && !(link->flags & IFF_UP)) {
                pic_error_free(e);
                return 0;
        }
        if (r < 0 && err != NULL)
                *err = e;
        else
                pic_error_free(e);
        return r;
}

int pic__route_addr_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        pic__route_link *link;
        char name[IFNAMSIZ];
        pic__prefix p;
        int r;

        r = parse_addr(item->key, name, &p, err);
        if (r < 0)
                return r;
        if (step->verb == PIC__REMOVE)
                return addr_gone(b, links, name, &p, err);
        if (step->verb == PIC__CHANGE && strcmp(step->before->value, step->after->value) == 0)
                return pic__fail(err, PIC_INVALID, "an address does not change: '%s'", item->key);
        if (item->value[0] != '\0') /* undoing: what the address lacked it need not lack again */
                return step->verb == PIC__CHANGE && strcmp(item->value, PIC__ROUTE_LONELY) == 0
                               ? 0
                               : pic__fail(err, PIC_INVALID, "an address has no value: '%s'", item->key);
        r = pic__route_claim(b, links, name, &link, err);
        if (r == 0 && step->verb == PIC__CHANGE) /* the kernel makes the route with the address only */
                r = pic__route_addr_put(b, RTM_DELADDR, 0, link, &p, err);
        return r < 0 ? r : pic__route_addr_put(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, link, &p, err);
}
