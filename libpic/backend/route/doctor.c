/* Owns: what `pic doctor` says about links and routes. */
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include <pic/log.h>

#include "backend/route/inside.h"

struct finding {
        pic__finding_fn fn;
        void *data;
};

static void look_forwarding(pic__finding_fn fn, void *data)
{
        static const char *const keys[] = { "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding" };
        char value[32], what[128], fix[128];
        size_t i;

        for (i = 0; i < PIC__COUNT(keys); i++) {
                int r = pic__procsys_read(keys[i], value, sizeof(value), NULL);

                if (r == 0 && strcmp(value, "0") != 0)
                        continue;
                snprintf(what, sizeof(what), "%s forwarding is off: devices reach nothing beyond the cell over it",
                         i == 0 ? "IPv4" : "IPv6");
                snprintf(fix, sizeof(fix),
                         r == 0 ? "`pic up` sets it; if that is not allowed here: sysctl -w %s=1"
                                : "this kernel does not have %s: boot without ipv6.disable=1",
                         keys[i]);
                fn(r == 0 ? PIC_LOG_WARNING | PIC__ACT_APPLY : PIC_LOG_WARNING, "route", what, fix, data);
        }
}

static void look_default(pic__route *b, pic__finding_fn fn, void *data)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes all = PIC__VEC_INIT;
        int family[2] = { 0, 0 }, k;
        char what[128];
        size_t i;

        if (pic__route_get_routes(&b->nl, 0, &all, NULL) < 0)
                return;
        for (i = 0; i < all.count; i++)
                if (all.at[i].to.len == 0 && all.at[i].type == RTN_UNICAST && !pic__route_is_exit(&all.at[i]))
                        family[all.at[i].to.addr.family == 4 ? 0 : 1] = 1;
        for (k = 0; k < 2; k++) {
                if (family[k])
                        continue;
                snprintf(what, sizeof(what), "this host has no default route for %s: devices get no internet over it",
                         k == 0 ? "IPv4" : "IPv6");
                fn(PIC_LOG_WARNING, "route", what,
                   "set up the host's own connection; a device with full tunnel still sends this traffic here", data);
        }
}

static void look_links(const pic__route *b, pic__finding_fn fn, void *data)
{
        char what[128], fix[64];
        size_t i;

        for (i = 0; i < b->links.count; i++) {
                const pic__route_link *l = &b->links.at[i];

                if ((l->flags & IFF_UP) && l->mtu >= 1280)
                        continue;
                snprintf(what, sizeof(what),
                         l->flags & IFF_UP ? "device %s has an MTU under 1280: it carries no IPv6"
                                           : "device %s is down",
                         l->name);
                snprintf(fix, sizeof(fix),
                         l->flags & IFF_UP ? "set the cell's mtu to 1280 or more" : "`pic apply` sets it up");
                fn(l->flags & IFF_UP ? PIC_LOG_WARNING : PIC_LOG_WARNING | PIC__ACT_APPLY, "route", what, fix, data);
        }
}

/* What WireGuard puts around a packet: IP's header, UDP's, and its own 32 bytes. */
enum { AROUND4 = 60, AROUND6 = 80 };

/* The least that a way of this machine's own into the internet takes; 0: there is none. */
static uint32_t outer_mtu(const pic__route *b, const pic__route_routes *routes, const pic__route_links *links,
                          int family)
{
        uint32_t least = 0;
        size_t i;

        for (i = 0; i < routes->count; i++) {
                const pic__route_route *r = &routes->at[i];
                const pic__route_link *l = pic__route_link_at(links, r->index);

                if (r->to.len != 0 || r->to.addr.family != family || r->type != RTN_UNICAST || l == NULL ||
                    pic__route_is_exit(r) || pic__route_link_at(&b->links, r->index) != NULL)
                        continue;
                least = least == 0 || l->mtu < least ? l->mtu : least;
        }
        return least;
}

/* outer: by family; 0 where there is none. */
static void tell_mtu(const pic__route_link *l, uint32_t outer4, uint32_t outer6, pic__finding_fn fn, void *data)
{
        int bad4 = outer4 != 0 && l->mtu + AROUND4 > outer4, bad6 = outer6 != 0 && l->mtu + AROUND6 > outer6;
        uint32_t least = outer4 == 0 || (outer6 != 0 && outer6 < outer4) ? outer6 : outer4;
        char what[192], fix[96];

        if (!bad4 && !bad6)
                return;
        snprintf(what, sizeof(what),
                 "packets of device %s (MTU %u) do not fit into the way out over %s (MTU %u) as a whole", l->name,
                 l->mtu, bad4 ? "IPv4" : "IPv6", bad4 ? outer4 : outer6);
        snprintf(fix, sizeof(fix), "pic cell set --mtu %u; devices get it with their next configuration",
                 least > 1280 + AROUND6 ? least - AROUND6 : 1280);
        fn(bad4 ? PIC_LOG_WARNING : PIC_LOG_INFO, "route", what, fix, data);
}

/* A packet that does not fit is cut in two on its way, or is lost where that is not allowed: pages that hang. */
static void look_mtu(pic__route *b, pic__finding_fn fn, void *data)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes routes = PIC__VEC_INIT;
        PIC__AUTO(pic__route_links_free) pic__route_links links = PIC__VEC_INIT;
        size_t i;

        if (b->links.count == 0 || pic__route_get_routes(&b->nl, 0, &routes, NULL) < 0 ||
            pic__route_get_links(&b->nl, &links, NULL) < 0)
                return;
        for (i = 0; i < b->links.count; i++)
                tell_mtu(&b->links.at[i], outer_mtu(b, &routes, &links, 4), outer_mtu(b, &routes, &links, 6), fn, data);
}

static void tell_wide(const pic__prefix *net, const char *device, void *data)
{
        const struct finding *f = data;
        char what[192], text[PIC__PREFIX_TEXT];

        snprintf(what, sizeof(what),
                 "%s is directly at %s, but too wide to be taken for a network of this machine: its hosts count as "
                 "internet",
                 pic__prefix_print(net, text), device);
        f->fn(PIC_LOG_INFO, "route", what,
              "where hosts of yours are there, give the device their own, narrower network (`ip route add NETWORK dev "
              "...`)",
              f->data);
}

static void look_wide(pic__route *b, pic__finding_fn fn, void *data)
{
        struct finding f = { fn, data };

        (void)pic__route_too_wide(b, tell_wide, &f, NULL);
}

void pic__route_doctor(pic__backend *backend, pic__finding_fn fn, void *data)
{
        pic__route *b = (pic__route *)backend;

        look_forwarding(fn, data);
        look_default(b, fn, data);
        look_links(b, fn, data);
        look_mtu(b, fn, data);
        look_wide(b, fn, data);
}
