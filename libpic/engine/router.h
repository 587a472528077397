/* Asking the router before this machine: which public IPv4 address it has, and to lead a port here. By the programs
 * natpmpc (NAT-PMP, which routers that speak PCP know too) and upnpc (UPnP IGD): what they read comes from whoever is
 * in the lan, so each runs as a user without any right, with a limit of time, memory and output, and is believed only
 * when it speaks of the machine that the default route leads to. Driven by one descriptor; nobody waits. */
#ifndef PIC_ENGINE_ROUTER_H
#define PIC_ENGINE_ROUTER_H

#include "base/err.h"
#include "sys/job.h"

enum pic__router_way { PIC__ROUTER_NATPMP, PIC__ROUTER_UPNP, PIC__ROUTER_WAYS };

typedef struct pic__router_said {
        char address[48];  /* that it has in the internet; "" it says none */
        int led;           /* the port leads here, */
        unsigned port;     /* this one outside, */
        unsigned lifetime; /* so many seconds; 0: for good */
        char refusal[128]; /* why not, in its words; "" nothing was refused */
        int only_for_good; /* it leads ports for good or not at all */
} pic__router_said;

typedef struct pic__router {
        char gateway[48];         /* "" there is none */
        enum pic__router_way way; /* that is tried now, or answered */
        int tried;                /* how many ways, this time */
        int answered;             /* what `said` says is its answer */
        unsigned port;            /* what is asked for; 0: the address alone */
        unsigned lifetime;
        pic__router_said said;
        pic__job *job;
} pic__router;

/* port 0: only its address; else UDP port `port` for `lifetime` seconds, 0: no more. The way that answered last is
 * tried first. 1: nobody can be asked (no gateway, no program); 0: go on. */
int pic__router_begin(pic__router *r, unsigned port, unsigned lifetime);
int pic__router_fd(const pic__router *r); /* -1: nobody is asked */
int pic__router_go_on(pic__router *r);    /* 1: done, whether it answered or not */
void pic__router_free(pic__router *r);    /* also ends what is not done */

const char *pic__router_way_name(enum pic__router_way way); /* "NAT-PMP", "UPnP" */
/* The next hop of the default route, of a text like /proc/net/route. 1, or 0. */
int pic__router_gateway(const char *text, char gateway[48]);
/* What a program wrote. 1: the router answered, and *ret is what; 0: nobody did, or somebody else. */
int pic__router_read(enum pic__router_way way, const char *text, const char *gateway, pic__router_said *ret);
int pic__router_can(void); /* 1: one of the two programs is here */

#endif
