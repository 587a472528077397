/* Owns: our link. A kernel device is made under a working name and gets its name and our mark in one message, so that a
 * kill at any moment leaves either no pic0 or one that is marked; what a kill left under the working name is removed
 * the next time. */
#include "backend/wg/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>

static const struct nla_policy link_policy[IFLA_MAX + 1] = {
        [IFLA_IFNAME] = { .type = NLA_STRING },
        [IFLA_IFALIAS] = { .minlen = 1 },
};

static const struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
        [IFLA_INFO_KIND] = { .type = NLA_STRING },
};

int pic__wg_link_parse(const struct nlmsghdr *h, pic__wg_link *ret)
{
        struct nlattr *attr[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
        struct nlmsghdr *hdr = (struct nlmsghdr *)(uintptr_t)h;
        const struct ifinfomsg *ifi = nlmsg_data(h);

        if (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK)
                return -1;
        if (nlmsg_parse(hdr, sizeof(*ifi), attr, IFLA_MAX, link_policy) < 0 || attr[IFLA_IFNAME] == NULL)
                return -1;
        *ret = (pic__wg_link){ .index = ifi->ifi_index, .up = (ifi->ifi_flags & IFF_UP) != 0 };
        snprintf(ret->name, sizeof(ret->name), "%s", nla_get_string(attr[IFLA_IFNAME]));
        ret->ours = attr[IFLA_IFALIAS] != NULL && nla_strcmp(attr[IFLA_IFALIAS], PIC__WG_ALIAS) == 0;
        if (attr[IFLA_LINKINFO] != NULL &&
            nla_parse_nested(info, IFLA_INFO_MAX, attr[IFLA_LINKINFO], info_policy) == 0 &&
            info[IFLA_INFO_KIND] != NULL)
                snprintf(ret->kind, sizeof(ret->kind), "%s", nla_get_string(info[IFLA_INFO_KIND]));
        return 0;
}

/* A message about the link `index`, or about none. */
static struct nl_msg *message(int type, int flags, int index)
{
        struct ifinfomsg ifi = { .ifi_index = index };
        struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

        if (msg != NULL && nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0) {
                nlmsg_free(msg);
                return NULL;
        }
        return msg;
}

struct search {
        const char *kind;
        pic__wg_link found;
};

static int take_any(const struct nlmsghdr *h, void *data)
{
        struct search *s = data;

        pic__wg_link_parse(h, &s->found);
        return 0;
}

static int take_ours(const struct nlmsghdr *h, void *data)
{
        struct search *s = data;
        pic__wg_link link;

        if (s->found.index == 0 && pic__wg_link_parse(h, &link) == 0 && link.ours && strcmp(link.kind, s->kind) == 0)
                s->found = link;
        return 0;
}

int pic__wg_link_get(pic__nl *nl, const char *name, pic__wg_link *ret, pic_error **err)
{
        pic__auto_nl_msg struct nl_msg *msg = message(RTM_GETLINK, 0, 0);
        struct search s = { .kind = NULL };
        int r;

        if (msg == NULL || nla_put_string(msg, IFLA_IFNAME, name) < 0)
                return pic__nomem(err);
        r = pic__nl_ask(nl, msg, take_any, &s);
        if (r == -ENODEV)
                return 0;
        if (r < 0)
                return pic__nl_fail(nl, err, -r, "link %s: cannot ask for it", name);
        *ret = s.found;
        return s.found.index != 0;
}

int pic__wg_link_ours(pic__nl *nl, const char *kind, pic__wg_link *ret, pic_error **err)
{
        pic__auto_nl_msg struct nl_msg *msg = message(RTM_GETLINK, NLM_F_DUMP, 0);
        struct search s = { .kind = kind };
        int r;

        if (msg == NULL)
                return pic__nomem(err);
        r = pic__nl_ask(nl, msg, take_ours, &s);
        if (r < 0)
                return pic__nl_fail(nl, err, -r, "links: cannot list them");
        *ret = s.found;
        return s.found.index != 0;
}

/* Gives it its name and our mark; name NULL: only the mark. */
static int rename_and_mark(pic__nl *nl, int index, const char *name)
{
        pic__auto_nl_msg struct nl_msg *msg = message(RTM_SETLINK, 0, index);

        if (msg == NULL || (name != NULL && nla_put_string(msg, IFLA_IFNAME, name) < 0) ||
            nla_put_string(msg, IFLA_IFALIAS, PIC__WG_ALIAS) < 0)
                return -ENOMEM;
        return pic__nl_ask(nl, msg, NULL, NULL);
}

static int create(pic__nl *nl, const char *name)
{
        pic__auto_nl_msg struct nl_msg *msg = message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
        struct nlattr *info;

        if (msg == NULL || nla_put_string(msg, IFLA_IFNAME, name) < 0)
                return -ENOMEM;
        info = nla_nest_start(msg, IFLA_LINKINFO);
        if (info == NULL || nla_put_string(msg, IFLA_INFO_KIND, "wireguard") < 0)
                return -ENOMEM;
        nla_nest_end(msg, info);
        return pic__nl_ask(nl, msg, NULL, NULL);
}

static int remove_index(pic__nl *nl, int index)
{
        pic__auto_nl_msg struct nl_msg *msg = message(RTM_DELLINK, 0, index);

        return msg != NULL ? pic__nl_ask(nl, msg, NULL, NULL) : -ENOMEM;
}

int pic__wg_link_make(pic__nl *nl, const char *name, pic__wg_link *ret, pic_error **err)
{
        char working[IF_NAMESIZE + 1];
        pic__wg_link link;
        int r;

        snprintf(working, sizeof(working), "%.14s~", name);
        r = pic__wg_link_get(nl, working, &link, err);
        if (r < 0)
                return r;
        if (r > 0 && strcmp(link.kind, "wireguard") == 0)
                (void)remove_index(nl, link.index);
        r = create(nl, working);
        if (r == -EOPNOTSUPP)
                return pic__fail(err, PIC_UNSUPPORTED, "device %s: this kernel has no WireGuard", name);
        if (r < 0)
                return pic__nl_fail(nl, err, -r, "device %s: cannot create it", name);
        r = pic__wg_link_get(nl, working, &link, err);
        if (r <= 0)
                return r < 0 ? r : pic__fail(err, PIC_BACKEND, "device %s: gone as soon as it was made", name);
        r = rename_and_mark(nl, link.index, name);
        if (r < 0) {
                r = pic__nl_fail(nl, err, -r, "device %s: cannot name it", name);
                (void)remove_index(nl, link.index);
                return r;
        }
        link.ours = 1;
        snprintf(link.name, sizeof(link.name), "%s", name);
        *ret = link;
        return 0;
}

int pic__wg_link_mark(pic__nl *nl, const pic__wg_link *link, pic_error **err)
{
        int r = rename_and_mark(nl, link->index, NULL);

        return r < 0 ? pic__nl_fail(nl, err, -r, "device %s: cannot mark it as ours", link->name) : 0;
}

int pic__wg_link_remove(pic__nl *nl, const pic__wg_link *link, pic_error **err)
{
        int r = remove_index(nl, link->index);

        if (r < 0 && r != -ENODEV)
                return pic__nl_fail(nl, err, -r, "device %s: cannot remove it", link->name);
        return 0;
}
