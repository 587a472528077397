/* The kernel's links, addresses and routes as plain values. */
#ifndef PIC_BACKEND_ROUTE_VIEW_H
#define PIC_BACKEND_ROUTE_VIEW_H

#include <net/if.h>

#include "backend/route/nl.h"
#include "base/vec.h"
#include "model/net.h"

typedef struct pic__route_link {
        int index;
        char name[IFNAMSIZ];
        unsigned flags; /* IFF_* */
        uint32_t mtu;
        int ours;      /* its alias is ours; never of an exit's, which has a backend of its own */
        int aliased;   /* it has an alias of somebody else */
        unsigned exit; /* "picx7": 7; 0: no exit's */
        int marked;    /* an exit's, and the alias says that it is really one */
} pic__route_link;

typedef struct pic__route_addr {
        int index;
        pic__prefix at;  /* address with its host bits, and the length */
        pic__prefix net; /* the network that it brings: of the far end's address where there is one */
        int kernel;      /* made by the kernel itself: link-local of IPv6 */
} pic__route_addr;

typedef struct pic__route_route {
        pic__prefix to;
        pic__addr via; /* family 0: none */
        int index;     /* 0: none */
        uint32_t table;
        uint32_t metric;
        uint8_t type;
        uint8_t protocol;
        int direct; /* some of it is there without another hop between */
} pic__route_route;

typedef PIC__VEC(pic__route_link) pic__route_links;
typedef PIC__VEC(pic__route_addr) pic__route_addrs;
typedef PIC__VEC(pic__route_route) pic__route_routes;

/* Each reads one message; 0, or -1 when it is of another kind, another family or malformed. */
int pic__route_read_link(const struct nlmsghdr *h, pic__route_link *ret);
int pic__route_read_addr(const struct nlmsghdr *h, pic__route_addr *ret);
int pic__route_read_route(const struct nlmsghdr *h, pic__route_route *ret);

/* All there are, appended. */
int pic__route_get_links(pic__route_nl *nl, pic__route_links *ret, pic_error **err);
int pic__route_get_addrs(pic__route_nl *nl, pic__route_addrs *ret, pic_error **err);
/* protocol 0: of all protocols. */
int pic__route_get_routes(pic__route_nl *nl, uint8_t protocol, pic__route_routes *ret, pic_error **err);

/* Those of one table and family (4, 6). */
int pic__route_get_table(pic__route_nl *nl, int family, uint32_t table, pic__route_routes *ret, pic_error **err);
/* Those that `want` says 1 of. */
int pic__route_get_some(pic__route_nl *nl, int (*want)(const struct nlmsghdr *h), pic__route_routes *ret,
                        pic_error **err);
/* Those that are `direct`. */
int pic__route_get_direct(pic__route_nl *nl, pic__route_routes *ret, pic_error **err);

/* "picx7": 7; 0: no name of an exit's device. */
unsigned pic__route_exit_named(const char *name);

const pic__route_link *pic__route_link_at(const pic__route_links *links, int index);
const pic__route_link *pic__route_link_named(const pic__route_links *links, const char *name);

/* "10.1.0.1/16": as pic__prefix_parse, but host bits may be set. */
int pic__route_parse(const char *text, pic__prefix *ret);

static inline void pic__route_links_free(pic__route_links *v)
{
        pic__vec_free(v);
}
static inline void pic__route_addrs_free(pic__route_addrs *v)
{
        pic__vec_free(v);
}
static inline void pic__route_routes_free(pic__route_routes *v)
{
        pic__vec_free(v);
}

#endif
