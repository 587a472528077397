/* Owns: routes with our protocol number. */
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/route/inside.h"

/* A route as its item says it. */
struct entry {
        pic__prefix to;
        char dev[IFNAMSIZ];
        pic__addr via;
        uint32_t table;
};

void pic__route_entry_print(const pic__route_route *route, const char *dev, char *text, size_t size)
{
        char via[PIC__ADDR_TEXT];
        int n = snprintf(text, size, "dev=%s", dev);

        if (route->via.family != 0)
                n += snprintf(text + n, size - (size_t)n, " via=%s", pic__addr_print(&route->via, via));
        if (route->table != RT_TABLE_MAIN)
                snprintf(text + n, size - (size_t)n, " table=%u", route->table);
}

static int parse_word(const char *word, struct entry *e)
{
        char *end = NULL;

        if (strncmp(word, "dev=", 4) == 0 && word[4] != '\0' && strlen(word + 4) < sizeof(e->dev)) {
                snprintf(e->dev, sizeof(e->dev), "%s", word + 4);
                return 0;
        }
        if (strncmp(word, "via=", 4) == 0)
                return pic__addr_parse(word + 4, &e->via);
        if (strncmp(word, "table=", 6) == 0 && word[6] >= '1' && word[6] <= '9') {
                e->table = (uint32_t)strtoul(word + 6, &end, 10);
                return *end == '\0' ? 0 : -1;
        }
        return -1;
}

static int parse_entry(const pic__item *item, struct entry *e, pic_error **err)
{
        char text[128], *save = NULL, *word;

        memset(e, 0, sizeof(*e));
        e->table = RT_TABLE_MAIN;
        if (pic__prefix_parse(item->key, &e->to) != 0)
                return pic__fail(err, PIC_INVALID, "'%s' is no destination of a route", item->key);
        snprintf(text, sizeof(text), "%s", item->value);
        for (word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
                if (parse_word(word, e) < 0)
                        break;
        if (word != NULL || e->dev[0] == '\0' || strlen(item->value) >= sizeof(text) ||
            (e->via.family != 0 && e->via.family != e->to.addr.family))
                return pic__fail(err, PIC_INVALID, "route %s: '%s' is no way", item->key, item->value);
        return 0;
}

static struct rtmsg head_of(int type, const pic__route_route *route)
{
        struct rtmsg head = { .rtm_family = route->to.addr.family == 4 ? AF_INET : AF_INET6,
                              .rtm_dst_len = route->to.len,
                              .rtm_table = route->table < 256 ? (unsigned char)route->table : RT_TABLE_UNSPEC,
                              .rtm_protocol = PIC__ROUTE_PROTOCOL,
                              .rtm_scope = RT_SCOPE_UNIVERSE,
                              .rtm_type = route->type };

        if (type == RTM_DELROUTE)
                head.rtm_scope = RT_SCOPE_NOWHERE;
        else if (head.rtm_family == AF_INET && route->via.family == 0 && route->type == RTN_UNICAST)
                head.rtm_scope = RT_SCOPE_LINK;
        return head;
}

int pic__route_route_put(pic__route *b, int type, int flags, const pic__route_route *route, pic_error **err)
{
        int width = route->to.addr.family == 4 ? 4 : 16, bad = 0, r;
        struct rtmsg info = head_of(type, route);
        char text[PIC__PREFIX_TEXT], what[96];
        struct nl_msg *m;

        m = pic__route_nl_msg(type, NLM_F_REQUEST | flags, &info, sizeof(info));
        if (m == NULL)
                return pic__nomem(err);
        if (route->to.len > 0)
                bad |= nla_put(m, RTA_DST, width, route->to.addr.bytes);
        if (route->via.family != 0)
                bad |= nla_put(m, RTA_GATEWAY, width, route->via.bytes);
        bad |= nla_put_u32(m, RTA_TABLE, route->table);
        if (route->index != 0)
                bad |= nla_put_u32(m, RTA_OIF, (uint32_t)route->index);
        if (route->metric != 0)
                bad |= nla_put_u32(m, RTA_PRIORITY, route->metric);
        snprintf(what, sizeof(what), "%s route %s", type == RTM_NEWROUTE ? "add" : "remove",
                 pic__prefix_print(&route->to, text));
        r = bad < 0 ? pic__nomem(err) : pic__route_nl_change(&b->nl, m, what, err);
        nlmsg_free(m);
        return r;
}

int pic__route_route_drop(pic__route *b, const pic__route_route *route, pic_error **err)
{
        return pic__route_route_put(b, RTM_DELROUTE, 0, route, err);
}

/* Names what is in the way. */
static int conflict(pic__route *b, const pic__route_links *links, const struct entry *e, pic_error **err)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes all = PIC__VEC_INIT;
        char way[128], to[PIC__PREFIX_TEXT];
        size_t i;

        if (pic__route_get_routes(&b->nl, 0, &all, NULL) < 0)
                return PIC_CONFLICT;
        for (i = 0; i < all.count; i++) {
                const pic__route_route *r = &all.at[i];
                const pic__route_link *link = pic__route_link_at(links, r->index);

                if (r->table != e->table || r->to.len != e->to.len || pic__addr_cmp(&r->to.addr, &e->to.addr) != 0)
                        continue;
                pic__route_entry_print(r, link != NULL ? link->name : "none", way, sizeof(way));
                pic__wrap(err, "route %s: there is one already (%s protocol=%u)", pic__prefix_print(&e->to, to), way,
                          r->protocol);
                pic__hint(err, "choose another subnet for the peer, or remove the other route: ip route del %s", to);
                break;
        }
        return PIC_CONFLICT;
}

static int route_gone(pic__route *b, const pic__route_links *links, const struct entry *e, pic_error **err)
{
        const pic__route_link *link = pic__route_link_named(links, e->dev);
        pic__route_route route = { .to = e->to, .via = e->via, .table = e->table, .type = RTN_UNICAST };
        pic_error *bad = NULL;
        int r;

        if (link == NULL)
                return 0; /* went with its device */
        route.index = link->index;
        r = pic__route_route_drop(b, &route, &bad);
        if (r == PIC_NOTFOUND && !(link->flags & IFF_UP)) {
                pic_error_free(bad); /* went when the device went down */
                return 0;
        }
        if (r < 0 && err != NULL)
                *err = bad;
        else
                pic_error_free(bad);
        return r;
}

int pic__route_route_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err)
{
        pic__route_route route = { 0 };
        pic__route_link *link;
        struct entry e;
        int r;

        r = parse_entry(step->after != NULL ? step->after : step->before, &e, err);
        if (r < 0)
                return r;
        if (step->verb == PIC__REMOVE)
                return route_gone(b, links, &e, err);
        r = pic__route_claim(b, links, e.dev, &link, err);
        if (r < 0)
                return r;
        route = (pic__route_route){
                .to = e.to, .via = e.via, .table = e.table, .index = link->index, .type = RTN_UNICAST
        };
        r = pic__route_route_put(b, RTM_NEWROUTE, step->verb == PIC__ADD ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_REPLACE,
                                 &route, err);
        return r == PIC_CONFLICT ? conflict(b, links, &e, err) : r;
}
