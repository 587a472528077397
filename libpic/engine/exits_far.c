/* Owns: which addresses lead back to this cell. An exit through itself would be a loop. */
#include "engine/exits_far.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "model/exit.h"
#include "model/text.h"

static int in_network(const pic_obj *o, const char *field, const pic__addr *a)
{
        const char *list = pic__obj_text(o, field);
        char one[PIC__PREFIX_TEXT];
        pic__prefix p;

        while (pic__list_next(&list, one, sizeof(one)))
                if (pic__prefix_parse(one, &p) == 0 && p.addr.family == a->family && pic__prefix_has(&p, a))
                        return 1;
        return 0;
}

static const pic_obj *behind(const pic__snap *s, const pic__addr *a)
{
        const pic_obj *peer;
        size_t at = 0;

        while ((peer = pic__snap_next_routed(s, &at)) != NULL)
                if (in_network(peer, "subnets", a))
                        return peer;
        return NULL;
}

static int same(const pic__addr *a, const struct sockaddr *at)
{
        struct sockaddr_in in4;
        struct sockaddr_in6 in6;

        if (a->family == 4 && at->sa_family == AF_INET) {
                memcpy(&in4, at, sizeof(in4));
                return memcmp(&in4.sin_addr, a->bytes, 4) == 0;
        }
        if (a->family == 6 && at->sa_family == AF_INET6) {
                memcpy(&in6, at, sizeof(in6));
                return memcmp(&in6.sin6_addr, a->bytes, 16) == 0;
        }
        return 0;
}

static int is_own(const pic__addr *a)
{
        struct ifaddrs *all = NULL, *i;
        int found = 0;

        if (getifaddrs(&all) < 0)
                return 0;
        for (i = all; i != NULL && !found; i = i->ifa_next)
                found = i->ifa_addr != NULL && same(a, i->ifa_addr);
        freeifaddrs(all);
        return found;
}

int pic__far_is_local(const char *name)
{
        static const char *const below[] = { ".local", ".lan", ".home", ".internal", ".home.arpa" };
        size_t len = strlen(name), i;

        for (i = 0; i < PIC__COUNT(below); i++)
                if (len > strlen(below[i]) && pic__same_name(name + len - strlen(below[i]), below[i]))
                        return 1;
        return strchr(name, '.') == NULL;
}

pic__addr pic__far_meant(const pic__addr *a)
{
        static const pic__prefix nat64 = { { 6, { 0x00, 0x64, 0xff, 0x9b } }, 96 };
        pic__addr inner = { .family = 4 };

        if (a->family != 6 || !pic__prefix_has(&nat64, a))
                return *a;
        memcpy(inner.bytes, a->bytes + 12, 4);
        return inner;
}

/* What lan means: private space, and the networks that this machine is attached to. */
static const char *near(const pic__snap *s, const pic__addr *a)
{
        const pic__addr to = pic__far_meant(a);
        size_t count, i;
        const pic__range *lan = pic__ranges_lan(to.family, &count);

        for (i = 0; i < count; i++)
                if (pic__addr_cmp(&lan[i].first, &to) <= 0 && pic__addr_cmp(&to, &lan[i].last) <= 0)
                        return "in private space";
        return pic__attached_find(pic__snap_attached(s), a) != NULL ? "in a network that this machine is attached to"
                                                                    : NULL;
}

/* 1: it is ours, or behind a device. */
static int leads_back(const pic__snap *s, const pic__addr *a, pic__buf *reason)
{
        const pic_obj *cell = pic__snap_cell(s), *peer = pic__snap_by_addr(s, a);
        char text[PIC__ADDR_TEXT];
        pic__prefix links;

        pic__exit_links(a->family, &links);
        (void)pic__addr_print(a, text);
        if (peer != NULL)
                pic__buf_putf(reason, "%s, which is the device %s", text, pic__obj_name(peer));
        else if (cell != NULL && in_network(cell, a->family == 4 ? "net4" : "net6", a))
                pic__buf_putf(reason, "%s, which is in the cell's own network", text);
        else if (pic__prefix_has(&links, a))
                pic__buf_putf(reason, "%s, which is inside this cell", text);
        else if ((peer = behind(s, a)) != NULL)
                pic__buf_putf(reason, "%s, which is behind the device %s", text, pic__obj_name(peer));
        else if (is_own(a))
                pic__buf_putf(reason, "%s, which is this machine itself", text);
        else
                return 0;
        return 1;
}

pic__far pic__far_refused(const pic__snap *s, const char *name, const pic__addr *a, pic__buf *reason)
{
        const char *place = name != NULL && !pic__far_is_local(name) ? near(s, a) : NULL;
        char text[PIC__ADDR_TEXT];

        if (leads_back(s, a, reason))
                return PIC__FAR_BACK;
        if (place == NULL)
                return PIC__FAR_GOOD;
        pic__buf_putf(reason, "%s, which is %s", pic__addr_print(a, text), place);
        return PIC__FAR_NEAR;
}
