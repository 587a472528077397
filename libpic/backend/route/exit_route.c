/* Owns: the routing tables of exits. In each lies a floor, the worst route that there can be: what finds no way falls
 * on it and is told so at once. The way itself is the table's first route; another is put beside it before it goes, so
 * that between two ways there is never none. */
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/route/inside.h"
#include "model/exit.h"

#define SEVERAL "several" /* value of a way that somebody put another beside */
#define FIRST6 1024       /* what the kernel makes of metric 0 in IPv6 */

enum part { NO_PART, FLOOR, WAY };

/* What of ours in such a table is neither is an entry as others are, and one too many. */
static enum part part_of(const pic__route_route *r)
{
        if (r->protocol != PIC__ROUTE_PROTOCOL || r->to.len != 0 || !pic__route_exit_table(r->table))
                return NO_PART;
        return pic__route_at_floor(r) ? FLOOR : WAY;
}

int pic__route_exit_table(uint32_t table)
{
        return table >= pic__exit_table(1) && table <= pic__exit_table(PIC__EXIT_SLOTS);
}

int pic__route_at_floor(const pic__route_route *route)
{
        return route->to.len == 0 && route->metric == PIC__EXIT_FLOOR_METRIC && pic__route_exit_table(route->table);
}

int pic__route_is_exit(const pic__route_route *route)
{
        return part_of(route) != NO_PART;
}

int pic__route_is_floor(const pic__route_route *route)
{
        return part_of(route) == FLOOR;
}

static int is_beside(const pic__route_route *a, const pic__route_route *b)
{
        return a->table == b->table && a->to.addr.family == b->to.addr.family && part_of(a) == part_of(b);
}

/* "dev=picx1 via=169.254.96.6"; what more there is to say of it makes it differ from any wish. */
static void print_way(const pic__route_links *links, const pic__route_route *r, char *text, size_t size)
{
        const pic__route_link *link = pic__route_link_at(links, r->index);
        pic__route_route plain = *r;
        int n;

        plain.table = RT_TABLE_MAIN; /* is in the key */
        pic__route_entry_print(&plain, link != NULL ? link->name : "none", text, size);
        n = (int)strlen(text);
        if (r->type != RTN_UNICAST)
                n += snprintf(text + n, size - (size_t)n, " type=%u", r->type);
        if (r->metric != (r->to.addr.family == 4 ? 0 : FIRST6))
                snprintf(text + n, size - (size_t)n, " metric=%u", r->metric);
}

int pic__route_exit_observe(const pic__route_routes *routes, const pic__route_links *links, pic__items *out,
                            pic_error **err)
{
        char key[32], value[160];
        size_t i, k, beside;
        int r = 0;

        for (i = 0; i < routes->count && r == 0; i++) {
                const pic__route_route *route = &routes->at[i];
                enum part part = part_of(route);

                if (part == NO_PART)
                        continue;
                for (k = 0, beside = 0; k < routes->count && (k >= i || beside == 0); k++)
                        beside += k != i && is_beside(&routes->at[k], route);
                if (beside > 0 && k <= i)
                        continue; /* told already */
                if (part == FLOOR)
                        snprintf(value, sizeof(value), route->type == RTN_UNREACHABLE ? "unreachable" : "type=%u",
                                 route->type);
                else if (beside > 0)
                        snprintf(value, sizeof(value), SEVERAL);
                else
                        print_way(links, route, value, sizeof(value));
                snprintf(key, sizeof(key), "%u %d", route->table, route->to.addr.family);
                r = pic__items_add(out, part == FLOOR ? PIC__I_ROUTE_FLOOR : PIC__I_ROUTE_DEFAULT, key, value, NULL,
                                   NULL, err);
        }
        return r;
}

/* "1001 4": the default route of that table. */
static int parse_key(const char *key, pic__route_route *ret, pic_error **err)
{
        char *end = NULL;
        unsigned long table = key[0] >= '1' && key[0] <= '9' ? strtoul(key, &end, 10) : 0;

        if (end == NULL || table > UINT32_MAX || !pic__route_exit_table((uint32_t)table) ||
            (strcmp(end, " 4") != 0 && strcmp(end, " 6") != 0))
                return pic__fail(err, PIC_INVALID, "'%s' is no table of an exit and family", key);
        *ret = (pic__route_route){ .to = { { .family = (uint8_t)(end[1] - '0') }, 0 }, .table = (uint32_t)table };
        return 0;
}

static int in_the_way(const pic__route_links *links, const pic__route_route *wanted, const pic__route_route *found,
                      pic_error **err)
{
        const pic__route_link *link = pic__route_link_at(links, found->index);
        char to[PIC__PREFIX_TEXT], way[128];
        int r;

        pic__route_entry_print(found, link != NULL ? link->name : "none", way, sizeof(way));
        r = pic__fail(err, PIC_CONFLICT, "routing table %u is used by somebody else: %s %s protocol=%u", wanted->table,
                      pic__prefix_print(&found->to, to), way, found->protocol);
        pic__hint(err,
                  "look at `ip -%d route show table %u`; take its routes away, or remove the connection and add "
                  "it again: it gets another table then",
                  wanted->to.addr.family, wanted->table);
        return r;
}

/* Whether only ours is in the table. */
static int check_table(pic__route *b, const pic__route_links *links, const pic__route_route *wanted, pic_error **err)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes all = PIC__VEC_INIT;
        size_t i;
        int r = pic__route_get_table(&b->nl, wanted->to.addr.family, wanted->table, &all, err);

        for (i = 0; i < all.count && r == 0; i++)
                if (all.at[i].protocol != PIC__ROUTE_PROTOCOL)
                        r = in_the_way(links, wanted, &all.at[i], err);
        return r;
}

int pic__route_floor_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        pic__route_route route;
        int r = parse_key(item->key, &route, err);

        if (r < 0)
                return r;
        route.metric = PIC__EXIT_FLOOR_METRIC;
        if (step->verb == PIC__REMOVE)
                return pic__route_route_drop(b, &route, err);
        if (strcmp(item->value, "unreachable") != 0)
                return pic__fail(err, PIC_INVALID, "table %s: '%s' is no floor", item->key, item->value);
        route.type = RTN_UNREACHABLE;
        if (step->verb == PIC__CHANGE)
                return pic__route_route_put(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &route, err);
        r = check_table(b, links, &route, err);
        return r < 0 ? r : pic__route_route_put(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, err);
}

/* All first routes of ours in that table but `keep`, which may be NULL. How many, or a code. */
static int drop_ways(pic__route *b, const pic__route_route *table, const pic__route_route *keep, pic_error **err)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes all = PIC__VEC_INIT;
        size_t i;
        int r = pic__route_get_table(&b->nl, table->to.addr.family, table->table, &all, err), count = 0;

        for (i = 0; i < all.count && r == 0; i++) {
                const pic__route_route *a = &all.at[i];
                int kept = keep != NULL && a->type == RTN_UNICAST && a->index == keep->index &&
                           pic__addr_cmp(&a->via, &keep->via) == 0 &&
                           a->metric == (a->to.addr.family == 4 ? 0 : FIRST6);

                if (part_of(a) != WAY || kept)
                        continue;
                r = pic__route_route_drop(b, a, err);
                count++;
        }
        return r < 0 ? r : count;
}

/* With its device a way goes too, or had gone before. */
static int way_gone(pic__route *b, const pic__route_links *links, const pic__item *item, const pic__route_route *table,
                    pic_error **err)
{
        const pic__route_link *link;
        char dev[IFNAMSIZ] = "";
        int r = drop_ways(b, table, NULL, err);

        if (r != 0)
                return r < 0 ? r : 0;
        (void)sscanf(item->value, "dev=%15s", dev);
        link = pic__route_link_named(links, dev);
        if (link == NULL || !(link->flags & IFF_UP))
                return 0;
        return pic__fail(err, PIC_NOTFOUND, "routing table %u has no way", table->table);
}

/* "dev=picx1 via=169.254.96.6", both. */
static int parse_way(const pic__item *item, const pic__route_links *links, pic__route_route *route, pic_error **err)
{
        char dev[IFNAMSIZ] = "", via[PIC__ADDR_TEXT] = "", again[96];
        const pic__route_link *link;
        int r;

        if (sscanf(item->value, "dev=%15s via=%45s", dev, via) != 2 || pic__addr_parse(via, &route->via) < 0 ||
            route->via.family != route->to.addr.family)
                return pic__fail(err, PIC_INVALID, "table %s: '%s' is no way", item->key, item->value);
        snprintf(again, sizeof(again), "dev=%s via=%s", dev, pic__addr_print(&route->via, via));
        if (strcmp(again, item->value) != 0)
                return pic__fail(err, PIC_INVALID, "table %s: '%s' is no way", item->key, item->value);
        link = pic__route_link_named(links, dev);
        if (link == NULL) {
                r = pic__fail(err, PIC_NOTFOUND, "routing table %u: there is no device %s", route->table, dev);
                pic__hint(err, "it is made with the connection's namespace; `pic connection list` says what keeps that "
                               "from being made");
                return r;
        }
        route->index = link->index;
        route->type = RTN_UNICAST;
        return 0;
}

/* One way as we make them: the step that puts another in its place leaves nothing behind. */
static int is_plain(const char *value)
{
        const char *via = strstr(value, " via=");

        return strncmp(value, "dev=", 4) == 0 && via != NULL && strchr(via + 1, ' ') == NULL;
}

/* IPv4's kernel replaces a route in its list at once, but marks the former as dead: who looks one up in that moment
 * passes it over and finds the floor. So the new one is put behind the old one, and then the old one goes: whoever
 * stands there finds the new one next. IPv6's has no such mark, and two ways beside each other would share packets. */
static int put_instead(pic__route *b, const pic__route_route *route, const pic__step *step, pic_error **err)
{
        int v4 = route->to.addr.family == 4, r;

        r = pic__route_route_put(b, RTM_NEWROUTE, NLM_F_CREATE | (v4 ? NLM_F_APPEND : NLM_F_REPLACE), route, err);
        if (r == PIC_CONFLICT && v4 && strcmp(step->before->value, SEVERAL) == 0) { /* it is one of them */
                pic_error_free(err != NULL ? pic__take(*err) : NULL);
                r = 0;
        }
        if (r == 0 && (v4 || !is_plain(step->before->value)))
                r = drop_ways(b, route, route, err);
        return r < 0 ? r : 0;
}

int pic__route_default_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        pic_error *bad = NULL;
        pic__route_route route;
        int r;

        r = parse_key(item->key, &route, err);
        if (r < 0)
                return r;
        if (step->verb == PIC__REMOVE)
                return way_gone(b, links, item, &route, err);
        r = parse_way(item, links, &route, err);
        if (r < 0)
                return r;
        /* One that is to be replaced may have gone with its device: then it is made all the same. */
        if (step->verb == PIC__CHANGE)
                r = put_instead(b, &route, step, &bad);
        else
                r = pic__route_route_put(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, &bad);
        if (r == PIC_CONFLICT && check_table(b, links, &route, err) < 0) {
                pic_error_free(bad);
                return PIC_CONFLICT;
        }
        if (r < 0 && err != NULL)
                *err = bad;
        else
                pic_error_free(bad);
        return r;
}
