/* Owns: which prefixes the host uses, apart from ours. */
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "backend/route/inside.h"

struct host {
        pic__route_links links;
        pic__route_addrs addrs;
        pic__route_routes routes;
        int (*fn)(const char *prefix, const char *ifname, void *data);
        void *data;
};

/* The name to tell, or NULL for a link that does not count. */
static const char *counts(const struct host *h, int index)
{
        const pic__route_link *link = pic__route_link_at(&h->links, index);

        return link != NULL && !link->ours && link->exit == 0 && !(link->flags & IFF_LOOPBACK) ? link->name : NULL;
}

static int tell(const struct host *h, pic__prefix p, const char *name)
{
        char text[PIC__PREFIX_TEXT];

        pic__prefix_mask(&p);
        return h->fn(pic__prefix_print(&p, text), name, h->data);
}

static int each(const struct host *h)
{
        const char *name;
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < h->addrs.count; i++) {
                name = counts(h, h->addrs.at[i].index);
                if (name != NULL && !h->addrs.at[i].kernel)
                        r = tell(h, h->addrs.at[i].at, name);
        }
        for (i = 0; r == 0 && i < h->routes.count; i++) {
                const pic__route_route *e = &h->routes.at[i];

                name = counts(h, e->index);
                /* A default route is no prefix, and a route that leads nowhere is no use of one. */
                if (name != NULL && e->type == RTN_UNICAST && e->to.len > 0 && e->table != RT_TABLE_LOCAL &&
                    e->protocol != PIC__ROUTE_PROTOCOL)
                        r = tell(h, e->to, name);
        }
        return r;
}

int pic__route_host_prefixes(int (*fn)(const char *prefix, const char *ifname, void *data), void *data, pic_error **err)
{
        struct host h = { PIC__VEC_INIT, PIC__VEC_INIT, PIC__VEC_INIT, fn, data };
        pic__route_nl nl = { 0 };
        int r = pic__route_nl_open(&nl, err);

        if (r == 0)
                r = pic__route_get_links(&nl, &h.links, err);
        if (r == 0)
                r = pic__route_get_addrs(&nl, &h.addrs, err);
        if (r == 0)
                r = pic__route_get_routes(&nl, 0, &h.routes, err);
        if (r == 0)
                r = each(&h);
        pic__route_links_free(&h.links);
        pic__route_addrs_free(&h.addrs);
        pic__route_routes_free(&h.routes);
        pic__route_nl_close(&nl);
        return r;
}
