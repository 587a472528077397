/* One publication: a public name's addresses are told to whoever has its zone, by the domain's mode. Driven by one
 * descriptor, so that nobody waits. What is secret goes over standard input or inside TLS, and into no message. */
#ifndef PIC_ENGINE_DDNS_H
#define PIC_ENGINE_DDNS_H

#include "base/buf.h"
#include "base/err.h"
#include "model/obj.h"

#define PIC__DDNS_TTL 60       /* of a published address, in seconds, where we may say so */
#define PIC__DDNS_SAID_MAX 200 /* of an answer, as it is told */

typedef struct pic__ddns pic__ddns;

typedef struct pic__ddns_opts {
        const pic_obj *domain; /* kept */
        const char *ip4, *ip6; /* to publish; "": none of that family */
        const char *secret;    /* token, password or key, opened; "" none. Copied, wiped at the end */
        const char *second;    /* where a mode has two: the token beside a password */
        const uint8_t *seed;   /* pic_ngo: of the cell's identity, 32 bytes */
        pic_time now;
        const char *ca_file; /* who vouches for servers; NULL: whom the system trusts */
} pic__ddns_opts;

int pic__ddns_start(const pic__ddns_opts *opts, pic__ddns **ret, pic_error **err);
int pic__ddns_fd(const pic__ddns *d); /* readable: go on */
/* 0: not done; 1: done. PIC_DENIED: refused for good (a wrong token): again makes no sense before somebody acts;
 * PIC_NOTFOUND: they know no such name; else it may go well later: PIC_TIMEOUT, PIC_BACKEND, PIC_UNSUPPORTED (a program
 * is missing), PIC_VALUE. */
int pic__ddns_go_on(pic__ddns *d, pic_error **err);
const char *pic__ddns_said(const pic__ddns *d); /* the last answer in their words, without secrets */
pic__ddns *pic__ddns_unref(pic__ddns *d);
PIC__CLEANUP(pic__ddns, pic__ddns_unref)

/* --- pure, for tests ------------------------------------------------------------------------------------------ */

/* "{name}" and the like filled in, each so that it can stand in a query. */
void pic__ddns_fill(const char *url, const pic__ddns_opts *o, pic__buf *out);
/* What nsupdate is told. PIC_VALUE: the key is none. */
int pic__ddns_nsupdate(const pic__ddns_opts *o, pic__buf *out, pic_error **err);
/* Answers: 1 done; errors as pic__ddns_go_on. */
int pic__ddns_read_dyndns2(const char *text, pic_error **err);
int pic__ddns_read_duckdns(const char *text, pic_error **err);
/* What a text of others shows of itself: one line, cut, and without the secrets. */
void pic__ddns_shown(const char *text, const char *secret, const char *second, pic__buf *out);

#endif
