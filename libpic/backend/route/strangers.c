/* Owns: rules of others that choose a routing table before the main one, in which our routes and the host's way out
 * are: what they may do to packets from our devices, and to packets for them.
 *
 * A rule is taken by its conditions: what certainly does not meet our packets is passed over; when one leads all of
 * ours to the main table, those after it are. Marks of ours are class << 16 (model of the firewall), and in the low
 * half that of the packet's exit (model/exit.h) or nothing: a rule that wants anything else there meets none of them.
 * What has an exit is led to that one's table by our own rules, and to nothing after them. */
#include <stdio.h>
#include <string.h>

#include <pic/log.h>

#include "backend/route/inside.h"
#include "backend/route/rule.h"
#include "model/exit.h"

#define TOLD 32

struct strangers {
        pic__route *b;
        pic__finding_fn fn;
        void *data;
        const char *dev;
        pic__prefix nets[2]; /* of our device; family 0: none */
        size_t told;
        uint32_t exits; /* priority of the next of our own rules for exits; 0: none comes */
        int looked;     /* the next two are known */
        pic__route_links links;
        pic__route_routes ways; /* default routes of other tables than main */
};

/* What of ours is led to the main table already. */
struct safe {
        int from, to;
        int ended;      /* all there is */
        uint32_t until; /* what comes from our devices passes over all rules before this priority */
};

static const pic__prefix *net_of(const struct strangers *s, int family)
{
        return &s->nets[family == 4 ? 0 : 1];
}

static int overlaps(const pic__prefix *a, const pic__prefix *b)
{
        return a->addr.family == 0 || b->addr.family == 0 || pic__prefix_overlaps(a, b);
}

/* `wide` has all of `net`. */
static int covers(const pic__prefix *wide, const pic__prefix *net)
{
        return wide->addr.family == 0 || (wide->len <= net->len && overlaps(wide, net));
}

static int has_mark(const pic__route_rule *r)
{
        return r->mark != 0 || r->mask != UINT32_MAX;
}

/* Whether the low half of some packet's mark is what the rule wants. */
static int exit_meets(const struct strangers *s, const pic__route_rule *r)
{
        /* Where the exit is down and that is chosen, the firewall takes the first of its bits away. */
        static const uint32_t bits[] = { 0, PIC__EXIT_OPEN, PIC__EXIT_OPEN | 0x1000 };
        uint32_t mask = r->mask & 0xffff, want = r->mark & mask;
        unsigned slot;
        size_t i;

        if (want == 0 || s->exits == 0)
                return want == 0;
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                for (i = 0; i < PIC__COUNT(bits); i++)
                        if (((pic__exit_mark(slot) ^ bits[i]) & mask) == want)
                                return 1;
        return (PIC__EXIT_NEAR & mask) == want;
}

/* Whether some packet from our device, and whether every one, meets the conditions. */
static int from_some(const struct strangers *s, const pic__route_rule *r)
{
        if (r->out[0] != '\0' || (r->in[0] != '\0' && strcmp(r->in, s->dev) != 0))
                return 0;
        return overlaps(&r->from, net_of(s, r->family)) && exit_meets(s, r);
}

static int from_all(const struct strangers *s, const pic__route_rule *r)
{
        return from_some(s, r) && !has_mark(r) && !r->narrow && r->to.addr.family == 0 && r->from.addr.family == 0;
}

/* The same of packets for our devices, which come from anywhere. */
static int to_some(const struct strangers *s, const pic__route_rule *r)
{
        if (r->out[0] != '\0' || strcmp(r->in, s->dev) == 0)
                return 0;
        if (r->from.addr.family != 0 && covers(net_of(s, r->family), &r->from))
                return 0; /* from one device to another */
        return overlaps(&r->to, net_of(s, r->family)) && (r->mark & r->mask) == 0;
}

static int to_all(const struct strangers *s, const pic__route_rule *r)
{
        return to_some(s, r) && !has_mark(r) && !r->narrow && r->in[0] == '\0' && r->from.addr.family == 0 &&
               covers(&r->to, net_of(s, r->family));
}

static int from_meets(const struct strangers *s, const pic__route_rule *r)
{
        return r->inverted ? !from_all(s, r) : from_some(s, r);
}

static int to_meets(const struct strangers *s, const pic__route_rule *r)
{
        return r->inverted ? !to_all(s, r) : to_some(s, r);
}

static int is_main(const pic__route_rule *r)
{
        return r->action == FR_ACT_TO_TBL && r->table == RT_TABLE_MAIN && !r->vrf;
}

/* What the main table answers goes no further: all of it, or (without default routes) what is for our networks. */
static void note_main(const struct strangers *s, const pic__route_rule *r, struct safe *safe)
{
        int from = r->inverted ? 0 : from_all(s, r), to = r->inverted ? 0 : to_all(s, r);

        safe->to |= to;
        if (r->suppress < 0 && s->exits == 0)
                safe->from |= from;
        safe->ended |= from && to && r->suppress < 0 && s->exits == 0;
}

static void put_rule(const pic__route_rule *r, pic__buf *out)
{
        char text[PIC__PREFIX_TEXT];

        pic__buf_putf(out, "%s rule %u:%s", r->family == 4 ? "ip" : "ip -6", r->priority, r->inverted ? " not" : "");
        pic__buf_putf(out, " from %s", r->from.addr.family != 0 ? pic__prefix_print(&r->from, text) : "all");
        if (r->to.addr.family != 0)
                pic__buf_putf(out, " to %s", pic__prefix_print(&r->to, text));
        if (r->in[0] != '\0')
                pic__buf_putf(out, " iif %s", r->in);
        if (has_mark(r))
                pic__buf_putf(out, " fwmark 0x%x/0x%x", r->mark, r->mask);
}

static int want_default(const struct nlmsghdr *h)
{
        pic__route_route route;

        return pic__route_read_route(h, &route) == 0 && route.to.len == 0 && route.table != RT_TABLE_MAIN &&
               route.type == RTN_UNICAST;
}

static void find_ways(struct strangers *s)
{
        if (!s->looked)
                (void)pic__route_get_some(&s->b->nl, want_default, &s->ways, NULL);
        s->looked = 1;
}

/* The way out that another table has; 0: it has none, so only what its routes are for goes there. */
static int put_default(struct strangers *s, const pic__route_rule *r, pic__buf *out)
{
        char text[PIC__ADDR_TEXT];
        size_t i;

        find_ways(s);
        for (i = 0; i < s->ways.count; i++) {
                const pic__route_route *route = &s->ways.at[i];
                const pic__route_link *link = pic__route_link_at(&s->links, route->index);

                if (route->table != r->table || route->to.addr.family != r->family)
                        continue;
                pic__buf_puts(out, ", default");
                if (route->via.family != 0)
                        pic__buf_putf(out, " via %s", pic__addr_print(&route->via, text));
                if (link != NULL)
                        pic__buf_putf(out, " dev %s", link->name);
                return 1;
        }
        return 0;
}

/* Rules before it that lead ours to the main table. */
static void put_fix(const struct strangers *s, const pic__route_rule *r, const struct safe *safe, pic__buf *out)
{
        const char *ip = r->family == 4 ? "ip" : "ip -6";
        char text[PIC__PREFIX_TEXT];

        if (r->priority < 2)
                return;
        pic__buf_puts(out, "if that is not meant: ");
        if (from_meets(s, r) && !safe->from && s->exits != 0)
                pic__buf_putf(out, "%s rule add pref %u iif %s goto %u", ip, r->priority - 1, s->dev, s->exits);
        else if (from_meets(s, r) && !safe->from)
                pic__buf_putf(out, "%s rule add pref %u iif %s lookup main", ip, r->priority - 1, s->dev);
        if (to_meets(s, r) && !safe->to)
                pic__buf_putf(out, "%s%s rule add pref %u to %s lookup main",
                              from_meets(s, r) && !safe->from ? "; " : "", ip, r->priority - 1,
                              pic__prefix_print(net_of(s, r->family), text));
}

static void tell(struct strangers *s, const pic__route_rule *r, const struct safe *safe)
{
        pic__auto_buf pic__buf what = PIC__BUF_INIT, fix = PIC__BUF_INIT;
        int from = from_meets(s, r) && !safe->from, level = PIC_LOG_WARNING;
        const char *whose = from ? "from our devices" : "for our devices";

        if (s->told++ == TOLD)
                s->fn(PIC_LOG_WARNING, "route",
                      "more rules of others come before the main routing table than are listed", "ip rule; ip -6 rule",
                      s->data);
        if (s->told > TOLD)
                return;
        put_rule(r, &what);
        if (is_main(r)) {
                pic__buf_puts(&what, " lookup main: comes before the exits' own rules, so what devices send there is "
                                     "refused");
        } else if (r->action == FR_ACT_TO_TBL) {
                pic__buf_putf(&what, " lookup %u", r->table);
                if (!put_default(s, r, &what))
                        level = PIC_LOG_INFO;
                pic__buf_putf(&what, ": comes before the main table, packets %s go %s", whose,
                              level == PIC_LOG_INFO ? "there when it has a route for them" : "that way");
        } else if (r->action == FR_ACT_GOTO) {
                pic__buf_putf(&what, " goto %u: packets %s may miss the main table", r->target, whose);
        } else {
                pic__buf_putf(&what, ": drops packets %s", whose);
        }
        put_fix(s, r, safe, &fix);
        s->fn(level, "route", pic__buf_str(&what), pic__buf_str(&fix), s->data);
}

static int is_others(const pic__route_rule *r)
{
        switch (r->action) {
        case FR_ACT_TO_TBL: return r->table != RT_TABLE_LOCAL && r->table != RT_TABLE_DEFAULT && !r->vrf;
        case FR_ACT_GOTO:
        case FR_ACT_BLACKHOLE:
        case FR_ACT_UNREACHABLE:
        case FR_ACT_PROHIBIT: return 1;
        default: return 0;
        }
}

static uint32_t next_of_ours(const pic__route_rules *rules, size_t from)
{
        size_t i;

        for (i = from; i < rules->count; i++)
                if (rules->at[i].family == rules->at[from].family && rules->at[i].protocol == PIC__ROUTE_PROTOCOL)
                        return rules->at[i].priority;
        return 0;
}

/* 1: leads what comes from our devices past what stands between, to the exits' rules. */
static int leads_to_exits(const struct strangers *s, const pic__route_rule *r)
{
        return r->action == FR_ACT_GOTO && s->exits != 0 && r->target <= s->exits && !r->inverted && from_all(s, r);
}

static void look_at_rule(struct strangers *s, const pic__route_rule *r, struct safe *safe)
{
        int from = from_meets(s, r) && !safe->from && r->priority >= safe->until;

        if (leads_to_exits(s, r))
                safe->until = r->target;
        else if (is_main(r) && !(from && from_all(s, r) && s->exits != 0 && r->suppress < 0))
                note_main(s, r, safe);
        else if (is_others(r) && (from || (to_meets(s, r) && !safe->to)))
                tell(s, r, safe);
}

static void look_at_family(struct strangers *s, const pic__route_rules *rules, int family)
{
        struct safe safe = { 0, 0, 0, 0 };
        char what[128];
        size_t i;

        for (i = 0; i < rules->count && !safe.ended; i++) {
                const pic__route_rule *r = &rules->at[i];

                if (r->family != family || r->protocol == PIC__ROUTE_PROTOCOL)
                        continue;
                s->exits = next_of_ours(rules, i);
                look_at_rule(s, r, &safe);
        }
        if (safe.ended || (safe.from && safe.to))
                return;
        snprintf(what, sizeof(what), "no rule leads all of IPv%d to the main routing table: our routes are not asked",
                 family);
        s->fn(PIC_LOG_WARNING, "route", what,
              family == 4 ? "ip rule add pref 32766 lookup main" : "ip -6 rule add pref 32766 lookup main", s->data);
}

static int want_exit(const struct nlmsghdr *h)
{
        pic__route_route route;

        return pic__route_read_route(h, &route) == 0 && pic__route_exit_table(route.table);
}

static int has_floor(const pic__route_routes *all, const pic__route_route *route)
{
        size_t i;

        for (i = 0; i < all->count; i++)
                if (pic__route_is_floor(&all->at[i]) && all->at[i].table == route->table &&
                    all->at[i].to.addr.family == route->to.addr.family)
                        return 1;
        return 0;
}

/* Routes of others in the tables of exits. They lead nowhere: the firewall lets such packets out by the exit's own
 * device only. */
static int look_at_tables(struct strangers *s, pic_error **err)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes all = PIC__VEC_INIT;
        char what[320], fix[128], way[128], to[PIC__PREFIX_TEXT];
        size_t i;
        int r = pic__route_get_some(&s->b->nl, want_exit, &all, err);

        for (i = 0; i < all.count && r == 0 && s->told < TOLD; i++) {
                const pic__route_route *route = &all.at[i];
                const pic__route_link *link = pic__route_link_at(&s->links, route->index);

                if (route->protocol == PIC__ROUTE_PROTOCOL || !has_floor(&all, route))
                        continue;
                pic__route_entry_print(route, link != NULL ? link->name : "none", way, sizeof(way));
                snprintf(what, sizeof(what),
                         "a route of somebody else is in an exit's table: %s %s: packets that "
                         "follow it are refused",
                         pic__prefix_print(&route->to, to), way);
                snprintf(fix, sizeof(fix), "ip -%d route del %s table %u", route->to.addr.family, to, route->table);
                s->fn(PIC_LOG_WARNING, "route", what, fix, s->data);
                s->told++;
        }
        return r;
}

/* Our device and what its addresses bring. */
static int find_ours(struct strangers *s, const pic__route_addrs *addrs)
{
        const pic__route_link *ours = NULL;
        size_t i;

        for (i = 0; i < s->links.count && ours == NULL; i++)
                ours = s->links.at[i].ours ? &s->links.at[i] : NULL;
        if (ours == NULL)
                return 0;
        s->dev = ours->name;
        for (i = 0; i < addrs->count; i++)
                if (addrs->at[i].index == ours->index && !addrs->at[i].kernel)
                        s->nets[addrs->at[i].net.addr.family == 4 ? 0 : 1] = addrs->at[i].net;
        return 1;
}

static int look(struct strangers *s, pic_error **err)
{
        PIC__AUTO(pic__route_addrs_free) pic__route_addrs addrs = PIC__VEC_INIT;
        PIC__AUTO(pic__route_rules_free) pic__route_rules rules = PIC__VEC_INIT;
        int family, r = pic__route_get_links(&s->b->nl, &s->links, err);

        if (r == 0)
                r = pic__route_get_addrs(&s->b->nl, &addrs, err);
        if (r < 0 || !find_ours(s, &addrs))
                return r; /* without a device there are no packets of ours */
        r = pic__route_get_rules(&s->b->nl, &rules, err);
        for (family = 4; r == 0 && family <= 6; family += 2)
                if (net_of(s, family)->addr.family != 0)
                        look_at_family(s, &rules, family);
        return r < 0 ? r : look_at_tables(s, err);
}

void pic__route_strangers(pic__backend *backend, pic__finding_fn fn, void *data)
{
        struct strangers s = { .b = (pic__route *)backend, .fn = fn, .data = data };
        pic__auto_err pic_error *bad = NULL;

        if (look(&s, &bad) < 0)
                fn(PIC_LOG_ERROR, "route", pic_error_message(bad),
                   pic_error_hint(bad) != NULL ? pic_error_hint(bad) : "", data);
        pic__vec_free(&s.links);
        pic__vec_free(&s.ways);
}
