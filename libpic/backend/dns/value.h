/* The items of this backend as plain values. */
#ifndef PIC_BACKEND_DNS_VALUE_H
#define PIC_BACKEND_DNS_VALUE_H

#include <stddef.h>

#include "base/err.h"
#include "model/net.h"
#include "model/public.h"

#define PIC__DNS_LIST_MAX 64

typedef struct pic__dns_list {
        const char *at[PIC__DNS_LIST_MAX];
        size_t count;
} pic__dns_list;

/* A list that may be longer. */
typedef struct pic__dns_publics {
        const char *at[PIC__PUBLIC_MAX];
        size_t count;
} pic__dns_publics;

/* "listen=ADDR[@PORT],… zone=ZONE reverse=ZONE,… upstream=ADDR[@PORT][#TLSNAME],… allow=PREFIX,… dnssec=no log=yes
 * sieve=yes views=yes forward=ZONE/ADDR[@PORT][#TLSNAME]+…[/insecure],… public=NAME/ADDR+…[/wild],…
 * own=NAME/TTL/TYPE:DATUM+…,…". Zones may end in a dot; here they do not. Texts live in `text`. Only listen and zone
 * are needed. */
typedef struct pic__dns_server {
        char *text;
        pic__dns_list listen;
        pic__dns_list zone; /* one */
        pic__dns_list reverse;
        pic__dns_list upstream;
        pic__dns_list allow;  /* empty: whoever gets here */
        pic__dns_list dnssec; /* empty, or "no": answers are not validated */
        pic__dns_list log;    /* empty, or "yes": who asks for what is written down */
        pic__dns_list sieve;  /* empty, or "yes": a filter stands before it */
        pic__dns_list views;  /* empty, or "yes": and tells names by rights */
        pic__dns_list forward;
        pic__dns_publics outside; /* "public": see model/domain.h */
        pic__dns_list own;        /* see model/own.h */
} pic__dns_server;

int pic__dns_server_parse(const char *value, pic__dns_server *ret, pic_error **err);
void pic__dns_server_free(pic__dns_server *s);

/* 1: a and b have the same zones. */
int pic__dns_server_same_zones(const pic__dns_server *a, const pic__dns_server *b);
/* 1: a and b ask the same servers for everything. */
int pic__dns_server_same_upstreams(const pic__dns_server *a, const pic__dns_server *b);
/* 1: a and b listen at the same places. */
int pic__dns_server_same_listen(const pic__dns_server *a, const pic__dns_server *b);

/* "192.0.2.1@853#dns.example" in its parts; port 0 and tls "" where not given. */
typedef struct pic__dns_upstream {
        pic__addr addr;
        unsigned port;
        const char *tls;
} pic__dns_upstream;
int pic__dns_upstream_parse(const char *text, pic__dns_upstream *ret);

/* One of a server's forwards in its parts. Servers one after the other: start with *at = servers; 1, or 0 at the end.
 */
typedef struct pic__dns_forward {
        char zone[256];
        const char *servers;
        int insecure;
        int tls;
} pic__dns_forward;
int pic__dns_forward_parse(const char *text, pic__dns_forward *ret);
int pic__dns_forward_next(const char **at, char *server, size_t size);

/* The zone of the server that holds a name of `len` bytes which ends in a dot; NULL: none. The longest counts. */
const char *pic__dns_server_zone_of(const pic__dns_server *s, const char *name, size_t len);

/* The zones behind which a file lies that answers for whatever has no record: the cell's (n 0), and the backward ones
 * but where a zone of others lies in one. Their names are what zone_of() gives. 1: n is such a zone. */
#define PIC__DNS_ZONES (PIC__DNS_LIST_MAX + 1)
const char *pic__dns_server_zone_at(const pic__dns_server *s, size_t n); /* NULL past the end */
int pic__dns_server_backed(const pic__dns_server *s, size_t n);

/* 1: records of that name can be held: a zone of the server, or private space backwards. */
int pic__dns_server_holds(const pic__dns_server *s, const char *name, size_t len);

/* In the order in which unbound is told them: of what it has of one name it answers with the last that fits, and an
 * alias always fits. */
enum pic__dns_type {
        PIC__DNS_CNAME,
        PIC__DNS_A,
        PIC__DNS_AAAA,
        PIC__DNS_PTR,
        PIC__DNS_MX,
        PIC__DNS_SRV,
        PIC__DNS_TXT,
        PIC__DNS_TYPES
};
extern const char *const pic__dns_types[PIC__DNS_TYPES];
int pic__dns_type_of(const char *text, size_t len); /* -1: another */

/* 1: a name with its dot that can stand in a line for unbound, whoever gave it ("*.home.internal."). */
int pic__dns_name_plain(const char *name, size_t len);

#define PIC__DNS_TTL 60     /* of a record, in seconds, unless its value says " ttl=N" at its end */
#define PIC__DNS_RDATA 2048 /* room for one of its data */
/* The data of a value ("10.1.0.2,10.1.0.3 ttl=300"), one after the other: start with *at = the value. 1; 0 at the end;
 * -1 when one is too long. */
int pic__dns_value_next(const char **at, char *rdata, unsigned *ret_ttl);

/* "anna.home.internal. A" -> length of the name with its dot, and type. The value must fit the type: nothing in either
 * can end a line or a quote. Without a value (NULL: it is to be removed) the name may be one that somebody else gave.
 * PIC_INVALID. */
int pic__dns_record_parse(const char *key, const char *value, size_t *ret_len, enum pic__dns_type *ret_type,
                          pic_error **err);

#endif
