/* Which addresses this machine has in the internet: its own when they are public, else (behind a router that
 * translates) the IPv4 address that the router says it has, else the one that a service of the web sees us come from.
 * Driven by one descriptor. */
#ifndef PIC_ENGINE_DOMAINS_FIND_H
#define PIC_ENGINE_DOMAINS_FIND_H

#include "base/err.h"
#include "engine/router.h"
#include "sys/http.h"

typedef struct pic__outside {
        char ip4[48], ip6[48]; /* "" none, or nobody knows */
        int behind;            /* the IPv4 address is a router's: ports have to be led here */
        char host[128];        /* of the service that is asked */
        char asked[128];       /* which service said so, or "the router (…)"; "" none */
        char above[48];        /* the router's own address where it is none of the internet: there is another one */
        pic_error *why;        /* why there is no IPv4 address; NULL: nothing is wrong */
        pic__http *http;       /* a service is being asked */
        size_t turn;           /* which of them: the next one when one fails */
        char services[2048];   /* who is asked when the router does not know */
        pic__router router;
        unsigned mute;       /* it was silent: so often it is not asked */
        const char *ca_file; /* borrowed; NULL: whom the system trusts */
} pic__outside;

/* Looks: at the machine's own addresses; asks the router, if `router`; then a service, "https://…,…". 1: done; 0:
 * somebody is asked, go on. */
int pic__outside_begin(pic__outside *o, const char *services, int router);
int pic__outside_fd(const pic__outside *o); /* -1: nobody is asked */
int pic__outside_go_on(pic__outside *o);    /* 1: done */
/* What a look that is done found, so that the next one may begin: into *seen, in place of what was found before. */
void pic__outside_found(pic__outside *o, pic__outside *seen);
void pic__outside_free(pic__outside *o);

/* The first IPv4 address in a text of others: "198.51.100.7\n", "ip=198.51.100.7", {"ip":"…"}. 1, or 0. */
int pic__outside_read(const char *text, char ip4[48]);
void pic__outside_own4(char text[48]); /* where the kernel would send from; "" nowhere */
/* 1: an address of the internet, and of nobody's private network. */
int pic__outside_is_public(const char *address);

#endif
