/* Owns: which networks the host is attached to. A network is one that an address of ours brings, or one that a route
 * leads to without a hop between; on all devices but the tunnel's and loopback, whether or not their link is up.
 *
 * Of a point-to-point device only the network of its address counts: what else is routed into it lies beyond its far
 * end (a provider's line, another tunnel that carries everything). A single address is the machine's own, or the far
 * end of such a line; on other devices a route to a single address leads to a host that is there. */
#include <linux/rtnetlink.h>
#include <string.h>

#include "backend/route/inside.h"

struct all {
        pic__route_links links;
        pic__route_addrs addrs;
        pic__route_routes routes;
};

static void all_free(struct all *a)
{
        pic__route_links_free(&a->links);
        pic__route_addrs_free(&a->addrs);
        pic__route_routes_free(&a->routes);
}

static int read_all(pic__route_nl *nl, struct all *a, pic_error **err)
{
        int r = pic__route_get_links(nl, &a->links, err);

        if (r == 0)
                r = pic__route_get_addrs(nl, &a->addrs, err);
        return r < 0 ? r : pic__route_get_direct(nl, &a->routes, err);
}

static const pic__route_link *counts(const struct all *a, int index)
{
        const pic__route_link *link = pic__route_link_at(&a->links, index);

        return link != NULL && !link->ours && link->exit == 0 && !(link->flags & IFF_LOOPBACK) ? link : NULL;
}

static int is_single(const pic__prefix *p)
{
        return p->len == (p->addr.family == 4 ? 32 : 128);
}

int pic__route_addr_attaches(const pic__route_addr *addr)
{
        return !addr->kernel && !is_single(&addr->net) && pic__attached_judge(&addr->net) == PIC__ATTACHED_COUNTS;
}

int pic__route_route_attaches(const pic__route_route *route)
{
        if (route->protocol == RTPROT_KERNEL && is_single(&route->to))
                return 0; /* comes with an address */
        return route->direct && route->table != RT_TABLE_LOCAL && route->protocol != PIC__ROUTE_PROTOCOL &&
               pic__attached_judge(&route->to) == PIC__ATTACHED_COUNTS;
}

/* The device of a route that leads to hosts on its wire; NULL. */
static const pic__route_link *wire_of(const struct all *a, const pic__route_route *route)
{
        const pic__route_link *link = counts(a, route->index);

        return link != NULL && !(link->flags & IFF_POINTOPOINT) ? link : NULL;
}

static int collect(pic__route_nl *nl, pic__attached *out, pic_error **err)
{
        PIC__AUTO(all_free) struct all a = { PIC__VEC_INIT, PIC__VEC_INIT, PIC__VEC_INIT };
        int r = read_all(nl, &a, err), failed = 0;
        size_t i;

        if (r < 0)
                return r;
        for (i = 0; i < a.addrs.count && !failed; i++)
                if (counts(&a, a.addrs.at[i].index) != NULL && pic__route_addr_attaches(&a.addrs.at[i]))
                        failed = pic__attached_add(out, a.addrs.at[i].net) < 0;
        for (i = 0; i < a.routes.count && !failed; i++)
                if (pic__route_route_attaches(&a.routes.at[i]) && wire_of(&a, &a.routes.at[i]) != NULL)
                        failed = pic__attached_add(out, a.routes.at[i].to) < 0;
        return failed ? pic__nomem(err) : 0;
}

int pic__route_attached(pic__backend *backend, pic__attached *out, pic_error **err)
{
        pic__auto_attached pic__attached nets = PIC__VEC_INIT;
        pic__route *b = (pic__route *)backend;
        size_t i;
        int r = collect(&b->nl, &nets, err);

        for (i = 0; i < nets.count && r == 0; i++)
                if (pic__attached_add(out, nets.at[i]) < 0)
                        r = pic__nomem(err);
        if (r < 0)
                return r;
        pic__attached_free(&b->nets);
        b->nets = nets;
        nets = (pic__attached)PIC__VEC_INIT;
        return 0;
}

int pic__route_was_attached(const pic__route *b, const pic__prefix *net)
{
        size_t i;

        for (i = 0; i < b->nets.count; i++)
                if (b->nets.at[i].len == net->len && pic__addr_cmp(&b->nets.at[i].addr, &net->addr) == 0)
                        return 1;
        return 0;
}

int pic__route_host_attached(pic__attached *out, pic_error **err)
{
        pic__route_nl nl = { 0 };
        int r = pic__route_nl_open(&nl, err);

        if (r == 0)
                r = collect(&nl, out, err);
        pic__route_nl_close(&nl);
        return r;
}

int pic__route_too_wide(pic__route *b, void (*fn)(const pic__prefix *net, const char *device, void *data), void *data,
                        pic_error **err)
{
        PIC__AUTO(all_free) struct all a = { PIC__VEC_INIT, PIC__VEC_INIT, PIC__VEC_INIT };
        int r = read_all(&b->nl, &a, err);
        size_t i;

        for (i = 0; i < a.routes.count && r == 0; i++) {
                const pic__route_route *route = &a.routes.at[i];

                if (route->direct && route->table != RT_TABLE_LOCAL && wire_of(&a, route) != NULL &&
                    pic__attached_judge(&route->to) == PIC__ATTACHED_WIDE)
                        fn(&route->to, wire_of(&a, route)->name, data);
        }
        return r;
}
