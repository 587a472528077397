/* The configuration of unbound. */
#ifndef PIC_BACKEND_DNS_CONF_H
#define PIC_BACKEND_DNS_CONF_H

#include "backend/dns/chooser.h"
#include "backend/dns/names.h"
#include "base/buf.h"

#define PIC__DNS_NEGATIVE_TTL 10 /* how long "there is no such name" is believed: a new device is found soon */

#define PIC__DNS_PATIENCE 800 /* ms: with a server by TLS or TCP; a silent one is told in less than a second */

typedef struct pic__dns_conf {
        const char *dir;      /* unbound's own, absolute */
        const char *socket;   /* control socket */
        const char *records;  /* file of records */
        const char *root_key; /* trust anchor, or NULL: answers are not validated */
        const char *ca;       /* certificates for DNS over TLS */
        const char *queries;  /* file that questions are written to, when they are */
        const char *asked;    /* file that says which of several servers of a zone are asked */
        int ca_here; /* told also where nobody is asked by TLS: unbound reads it at its start, not when it reads
                      * its configuration again */
} pic__dns_conf;

/* Failure is the buffer's. */
void pic__dns_conf_put(pic__buf *out, const pic__dns_server *s, const pic__dns_conf *c);
/* Where it listens behind a filter: "127.1.0.1@5302", made of the cell's own address, so that two cells of one machine
 * are not in each other's way. */
void pic__dns_conf_behind(const pic__dns_server *s, unsigned port, char *out, size_t size);
/* "local-data" lines for all records that are in a zone of the server, to be included. */
void pic__dns_conf_put_records(pic__buf *out, const pic__dns_server *s, const pic__dns_names *names);
/* The file behind zone n (pic__dns_server_backed): its top, wildcards, and these lines. */
void pic__dns_conf_put_behind(pic__buf *out, const pic__dns_server *s, size_t n, const pic__dns_names *names,
                              const pic__buf *lines);
#define PIC__DNS_BEHIND "%s/behind%zu.zone" /* its name: directory, n */
/* Whom to ask for a zone: these, by their places in it. */
void pic__dns_conf_put_asked(pic__buf *out, const pic__dns_group *g, const size_t *chosen, size_t count);
/* An address that unbound never asks: a zone that is forwarded there fails at once. */
#define PIC__DNS_NOBODY "127.255.255.254"
/* "server: …" for servers by TLS that are slow; nothing when they are not. */
void pic__dns_conf_put_patience(pic__buf *out, unsigned ms);
/* " ADDR@PORT" for one server, as unbound wants it; with "#NAME" when it is asked by TLS. */
void pic__dns_conf_put_place(pic__buf *out, const char *server, int tls);
/* One line for each of its data: "<name> 60 A 10.1.0.2". -1: the buffer failed. */
int pic__dns_put_lines(pic__buf *out, const char *name, size_t len, enum pic__dns_type type, const char *value);
/* The two records at the top of a zone, each as one line "<zone>. 10 SOA …". `n` 0: SOA, 1: NS. */
void pic__dns_conf_put_top(pic__buf *out, const pic__dns_server *s, const char *zone, int n);

/* Prefixes that together are all of a family but the allowed ones and those of the cables to exits; calls back with
 * each. -1 when there are too many. */
int pic__dns_conf_others(const pic__dns_list *allow, uint8_t family, void (*fn)(const char *prefix, void *data),
                         void *data);

#endif
