/* Which addresses this machine has in the internet: its own when they are public, else the IPv4 address that a service
 * of the web sees us come from (behind a router that translates). Driven by one descriptor. */
#ifndef PIC_ENGINE_DOMAINS_FIND_H
#define PIC_ENGINE_DOMAINS_FIND_H

#include "base/err.h"
#include "sys/http.h"

typedef struct pic__outside {
        char ip4[48], ip6[48]; /* "" none, or nobody knows */
        int behind;            /* the IPv4 address is a router's: ports have to be led here */
        char host[128];        /* of the service that is asked */
        char asked[128];       /* which service said so; "" none */
        pic_error *why;        /* why there is no IPv4 address; NULL: nothing is wrong */
        pic__http *http;       /* a service is being asked */
        size_t turn;           /* which of them: the next one when one fails */
        const char *ca_file;   /* borrowed; NULL: whom the system trusts */
} pic__outside;

/* Looks. services: "https://…,…". 1: done; 0: a service is asked, go on. */
int pic__outside_begin(pic__outside *o, const char *services);
int pic__outside_fd(const pic__outside *o); /* -1: nobody is asked */
int pic__outside_go_on(pic__outside *o);    /* 1: done */
void pic__outside_free(pic__outside *o);

/* The first IPv4 address in a text of others: "198.51.100.7\n", "ip=198.51.100.7", {"ip":"…"}. 1, or 0. */
int pic__outside_read(const char *text, char ip4[48]);
/* 1: an address of the internet, and of nobody's private network. */
int pic__outside_is_public(const char *address);

#endif
