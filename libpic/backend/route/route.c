/* Owns: the backend as plan/backend.h wants it: all items, steps in order, taking everything out. */
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <stdio.h>

#include "backend/route/inside.h"
#include "backend/route/rule.h"
#include "sys/file.h"

/* A link of ours that is down is no item: it is set up again by adding it. */
static int put_links(const pic__route_links *links, pic__items *out, pic_error **err)
{
        char value[32];
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < links->count; i++) {
                const pic__route_link *l = &links->at[i];

                if (!l->ours || !(l->flags & IFF_UP))
                        continue;
                snprintf(value, sizeof(value), "up mtu=%u", l->mtu);
                r = pic__items_add(out, PIC__I_ROUTE_LINK, l->name, value, NULL, NULL, err);
        }
        return r;
}

/* With an address comes a route to its network, and comes only then: without it nothing reaches that network any more.
 * While the device is down there is none. */
static int is_lonely(const pic__route_routes *kernel, const pic__route_link *link, const pic__route_addr *a)
{
        pic__prefix net = a->at;
        size_t i;

        pic__prefix_mask(&net);
        if (!(link->flags & IFF_UP) || net.len == (net.addr.family == 4 ? 32 : 128))
                return 0;
        for (i = 0; i < kernel->count; i++)
                if (kernel->at[i].index == a->index && kernel->at[i].to.len == net.len &&
                    kernel->at[i].table == RT_TABLE_MAIN && kernel->at[i].type == RTN_UNICAST &&
                    pic__addr_cmp(&kernel->at[i].to.addr, &net.addr) == 0)
                        return 0;
        return 1;
}

static int put_addrs(pic__route *b, const pic__route_links *links, const pic__route_addrs *addrs, pic__items *out,
                     pic_error **err)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes kernel = PIC__VEC_INIT;
        char key[IFNAMSIZ + PIC__PREFIX_TEXT + 2], text[PIC__PREFIX_TEXT];
        size_t i;
        int r = pic__route_get_routes(&b->nl, RTPROT_KERNEL, &kernel, err);

        for (i = 0; r == 0 && i < addrs->count; i++) {
                const pic__route_link *l = pic__route_link_at(links, addrs->at[i].index);

                if (l == NULL || !l->ours || addrs->at[i].kernel)
                        continue;
                snprintf(key, sizeof(key), "%s %s", l->name, pic__prefix_print(&addrs->at[i].at, text));
                r = pic__items_add(out, PIC__I_ROUTE_ADDR, key,
                                   is_lonely(&kernel, l, &addrs->at[i]) ? PIC__ROUTE_LONELY : "", NULL, NULL, err);
        }
        return r;
}

static int put_routes(pic__route *b, const pic__route_links *links, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes routes = PIC__VEC_INIT;
        char to[PIC__PREFIX_TEXT], way[128];
        size_t i;
        int r = pic__route_get_routes(&b->nl, PIC__ROUTE_PROTOCOL, &routes, err);

        for (i = 0; r == 0 && i < routes.count; i++) {
                const pic__route_link *l = pic__route_link_at(links, routes.at[i].index);

                if (pic__route_is_exit(&routes.at[i]))
                        continue;
                pic__route_entry_print(&routes.at[i], l != NULL ? l->name : "none", way, sizeof(way));
                r = pic__items_add(out, PIC__I_ROUTE_ROUTE, pic__prefix_print(&routes.at[i].to, to), way, NULL, NULL,
                                   err);
        }
        return r < 0 ? r : pic__route_exit_observe(&routes, links, out, err);
}

static int look(pic__route *b, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__route_links_free) pic__route_links links = PIC__VEC_INIT;
        PIC__AUTO(pic__route_addrs_free) pic__route_addrs addrs = PIC__VEC_INIT;
        int r = pic__route_get_links(&b->nl, &links, err);

        if (r == 0)
                r = pic__route_get_addrs(&b->nl, &addrs, err);
        if (r == 0)
                r = pic__route_seen(b, &links, err);
        if (r == 0)
                r = put_links(&links, out, err);
        if (r == 0)
                r = put_addrs(b, &links, &addrs, out, err);
        if (r == 0)
                r = put_routes(b, &links, out, err);
        if (r == 0)
                r = pic__route_rule_observe(b, out, err);
        return r < 0 ? r : pic__route_sysctl_observe(b, out, err);
}

static uint64_t sum_of(const pic__items *items, size_t from)
{
        uint64_t sum = 0;

        for (; from < items->count; from++)
                sum += pic__item_sum(&items->at[from]);
        return sum;
}

static int is_closing(enum pic__item_kind kind)
{
        return kind == PIC__I_ROUTE_FLOOR || kind == PIC__I_ROUTE_RULE;
}

static int observe(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__route *b = (pic__route *)backend;
        size_t before = out->count;
        int r = look(b, out, err);

        b->known = b->followed = r == 0;
        b->sum = sum_of(out, before);
        for (b->closing = 0; before < out->count; before++)
                b->closing |= is_closing(out->at[before].kind);
        return r;
}

/* A handful of devices and routes: looking is cheap, only the comparing of everybody's items is spared. */
int pic__route_same(pic__route *b)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;

        return b->followed && look(b, &items, NULL) == 0 && sum_of(&items, 0) == b->sum;
}

/* A handful of devices and routes: looking is cheap, only the comparing is spared. */
static int news(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__route *b = (pic__route *)backend;
        size_t before = out->count;
        int known = b->known, r;
        uint64_t sum = b->sum;

        r = observe(backend, out, err);
        if (r < 0 || !known || b->sum != sum)
                return r < 0 ? r : 1;
        out->count = before;
        return 0;
}

/* What a step makes of the sum. */
static void follow(pic__route *b, const pic__step *step)
{
        b->sum -= step->before != NULL ? pic__item_sum(step->before) : 0;
        b->sum += step->after != NULL ? pic__item_sum(step->after) : 0;
        b->closing |= is_closing(step->kind);
}

static int one_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err)
{
        static int (*const by_kind[PIC__ITEM_KINDS])(pic__route * b, pic__route_links * links, const pic__step *step,
                                                     pic_error **err) = {
                [PIC__I_ROUTE_LINK] = pic__route_link_step,       [PIC__I_ROUTE_ADDR] = pic__route_addr_step,
                [PIC__I_ROUTE_ROUTE] = pic__route_route_step,     [PIC__I_ROUTE_FLOOR] = pic__route_floor_step,
                [PIC__I_ROUTE_DEFAULT] = pic__route_default_step,
        };

        if (step->kind == PIC__I_ROUTE_SYSCTL)
                return pic__route_sysctl_step(b, step, err);
        if (step->kind == PIC__I_ROUTE_RULE)
                return pic__route_rule_step(b, step, err);
        if (step->kind >= PIC__ITEM_KINDS || by_kind[step->kind] == NULL)
                return pic__fail(err, PIC_INVALID, "route: not a step of this backend");
        return by_kind[step->kind](b, links, step, err);
}

static int apply(pic__backend *backend, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        PIC__AUTO(pic__route_links_free) pic__route_links links = PIC__VEC_INIT;
        pic__route *b = (pic__route *)backend;
        size_t i = 0;
        int r = pic__route_get_links(&b->nl, &links, err);

        for (; r == 0 && i < count; i++) {
                r = one_step(b, &links, &steps[i], err);
                if (r < 0)
                        break;
                follow(b, &steps[i]);
        }
        b->followed = b->followed && r == 0;
        b->known = b->known && r == 0;
        *ret_done = i;
        return r;
}

static int event_fd(pic__backend *backend)
{
        return nl_socket_get_fd(((pic__route *)backend)->events);
}

/* Keeps the first failure and goes on: one that fails does not keep the others in place. What went with another thing
 * is no failure. */
static void note(int r, pic_error **first, int *result, pic_error *bad)
{
        if (r < 0 && r != PIC_NOTFOUND && *result == 0) {
                *result = r;
                *first = bad;
        } else {
                pic_error_free(bad);
        }
}

/* `keep_block`: what packets of exits fall on stays. */
static void drop_routes(pic__route *b, int keep_block, pic_error **first, int *result)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes routes = PIC__VEC_INIT;
        pic_error *bad = NULL;
        size_t i;
        int r = pic__route_get_routes(&b->nl, PIC__ROUTE_PROTOCOL, &routes, &bad);

        note(r, first, result, bad);
        for (i = 0; i < routes.count; i++) {
                if (keep_block && pic__route_is_floor(&routes.at[i]))
                        continue;
                bad = NULL;
                r = pic__route_route_drop(b, &routes.at[i], &bad);
                note(r, first, result, bad);
        }
}

static void drop_rules(pic__route *b, pic_error **first, int *result)
{
        PIC__AUTO(pic__route_rules_free) pic__route_rules rules = PIC__VEC_INIT;
        pic_error *bad = NULL;
        size_t i;
        int r = pic__route_get_rules(&b->nl, &rules, &bad);

        note(r, first, result, bad);
        for (i = 0; i < rules.count; i++) {
                if (rules.at[i].protocol != PIC__ROUTE_PROTOCOL)
                        continue;
                bad = NULL;
                r = pic__route_rule_drop(b, rules.at[i].family, rules.at[i].priority, &bad);
                note(r, first, result, bad);
        }
}

static void drop_devices(pic__route *b, pic_error **first, int *result)
{
        PIC__AUTO(pic__route_links_free) pic__route_links links = PIC__VEC_INIT;
        PIC__AUTO(pic__route_addrs_free) pic__route_addrs addrs = PIC__VEC_INIT;
        pic_error *bad = NULL;
        size_t i;
        int r = pic__route_get_links(&b->nl, &links, &bad);

        if (r == 0)
                r = pic__route_get_addrs(&b->nl, &addrs, &bad);
        note(r, first, result, bad);
        for (i = 0; i < addrs.count; i++) {
                const pic__route_link *l = pic__route_link_at(&links, addrs.at[i].index);

                if (l == NULL || !l->ours || addrs.at[i].kernel)
                        continue;
                bad = NULL;
                r = pic__route_addr_put(b, RTM_DELADDR, 0, l, &addrs.at[i].at, &bad);
                note(r, first, result, bad);
        }
        for (i = 0; i < links.count; i++) {
                if (!links.at[i].ours)
                        continue;
                bad = NULL;
                r = pic__route_link_down(b, &links.at[i], &bad);
                if (r == 0)
                        r = pic__route_release(b, &links.at[i], &bad);
                note(r, first, result, bad);
        }
}

static int teardown(pic__backend *backend, int keep_block, pic_error **err)
{
        pic__route *b = (pic__route *)backend;
        pic_error *first = NULL, *bad = NULL;
        int result = 0, r;

        b->known = 0;
        if (!keep_block)
                drop_rules(b, &first, &result);
        drop_routes(b, keep_block, &first, &result);
        drop_devices(b, &first, &result);
        r = pic__route_sysctl_give_back(b, &bad);
        note(r, &first, &result, bad);
        b->links.count = 0;
        if (result < 0 && err != NULL)
                *err = first;
        else
                pic_error_free(first);
        return result;
}

static void free_backend(pic__backend *backend)
{
        pic__route *b = (pic__route *)backend;

        pic__route_events_close(b);
        pic__route_nl_close(&b->nl);
        pic__vec_free(&b->links);
        pic__vec_free(&b->held);
        pic__attached_free(&b->nets);
        pic__free(b->record_path);
        pic__free(b->run_dir);
        pic__free(b);
}

static const pic__backend_ops ops = {
        .observe = observe,
        .apply = apply,
        .news = news,
        .event_fd = event_fd,
        .drain = pic__route_drain,
        .attached = pic__route_attached,
        .doctor = pic__route_doctor,
        .strangers = pic__route_strangers,
        .teardown = teardown,
        .free = free_backend,
};

int pic__route_new(const pic__route_opts *opts, pic__backend **ret, pic_error **err)
{
        pic__route *b = pic__alloc(sizeof(*b));
        int r = 0;

        if (b == NULL)
                return pic__nomem(err);
        b->base = (pic__backend){ PIC__B_ROUTE, &ops, opts->log };
        b->followed = 1; /* nothing seen or made yet: nothing there */
        b->run_dir = pic__strdup(opts->run_dir);
        b->record_path = pic__path_join(opts->run_dir, PIC__ROUTE_RECORD);
        if (b->run_dir == NULL || b->record_path == NULL)
                r = pic__nomem(err);
        if (r == 0)
                r = pic__route_nl_open(&b->nl, err);
        if (r == 0)
                r = pic__route_events_open(b, err);
        if (r < 0) {
                free_backend(&b->base);
                return r;
        }
        *ret = &b->base;
        return 0;
}
