/* One errand at whoever has a public name's zone, by the domain's mode: its addresses are published, or the TXT record
 * that proves it to a public CA is set or cleared. Driven by one descriptor, so that nobody waits. What is secret goes
 * over standard input or inside TLS, and into no argument and no message. */
#ifndef PIC_ENGINE_PROVIDER_H
#define PIC_ENGINE_PROVIDER_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/seals.h"
#include "model/obj.h"

#define PIC__PROVIDER_TTL 60       /* of a record of ours, in seconds, where we may say so */
#define PIC__PROVIDER_SAID_MAX 200 /* of an answer, as it is told */

typedef struct pic__provider pic__provider;

enum pic__errand { PIC__ERRAND_ADDRESSES, PIC__ERRAND_SET, PIC__ERRAND_CLEAR };

/* What lets us change the zone, opened. */
typedef struct pic__provider_keys {
        pic__buf secret;  /* token, password or key; empty: none */
        pic__buf second;  /* where a mode has two: the token beside a password */
        uint8_t seed[32]; /* of the cell's identity, where it is wanted */
        int has_seed;
} pic__provider_keys;
/* Of a domain, by its mode. PIC_CORRUPT: one does not open; PIC_VALUE: it is none. */
int pic__provider_keys_open(pic__provider_keys *k, const pic__seals *seals, const pic_obj *domain, const pic_obj *cell,
                            pic_error **err);
void pic__provider_keys_wipe(pic__provider_keys *k);

typedef struct pic__provider_opts {
        enum pic__errand errand;
        const pic_obj *domain;        /* kept */
        const char *ip4, *ip6;        /* to publish; "": none of that family */
        const char *record, *text;    /* "_acme-challenge.home.example.org"; letters, digits, '-' and '_' */
        const pic__provider_keys *by; /* copied, wiped at the end */
        pic_time now;
        const char *ca_file; /* who vouches for servers; NULL: whom the system trusts */
} pic__provider_opts;

/* PIC_UNSUPPORTED: that mode cannot do it. */
int pic__provider_start(const pic__provider_opts *opts, pic__provider **ret, pic_error **err);
int pic__provider_fd(const pic__provider *p); /* readable: go on */
/* 0: not done; 1: done. PIC_DENIED: refused for good (a wrong token): again makes no sense before somebody acts;
 * PIC_NOTFOUND: they know no such name; else it may go well later: PIC_TIMEOUT, PIC_BACKEND, PIC_UNSUPPORTED (a program
 * is missing), PIC_VALUE. */
int pic__provider_go_on(pic__provider *p, pic_error **err);
const char *pic__provider_said(const pic__provider *p); /* the last answer in their words, without secrets */
/* How long all of the zone's servers take to have a TXT record, as is known of that provider. */
unsigned pic__provider_settle_ms(const pic_obj *domain);
pic__provider *pic__provider_unref(pic__provider *p);
PIC__CLEANUP(pic__provider, pic__provider_unref)

/* --- pure, for tests ------------------------------------------------------------------------------------------ */

/* What nsupdate is told. PIC_VALUE: the key is none. */
int pic__provider_nsupdate(const pic__provider_opts *o, pic__buf *out, pic_error **err);
/* Answers: 1 done; errors as pic__provider_go_on. */
int pic__provider_read_dyndns2(const char *text, pic_error **err);
int pic__provider_read_duckdns(const char *text, pic_error **err);
/* Text that may stand in a query, as %xx where it must. */
void pic__provider_encode(const char *text, pic__buf *out);
/* What a text of others shows of itself: one line, cut, and without the secrets. */
void pic__provider_shown(const char *text, const char *secret, const char *second, pic__buf *out);

#endif
