/* Setting and clearing the TXT record that proves a name to a public CA (dns-01), through whoever has the name's zone:
 * a name server that takes changes (nsupdate), a provider's web API, a script. Driven by one descriptor; what is secret
 * goes over standard input or inside TLS, never into arguments. */
#ifndef PIC_ENGINE_ACME_TXT_H
#define PIC_ENGINE_ACME_TXT_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/seals.h"
#include "model/obj.h"

typedef struct pic__acme_txt pic__acme_txt;

typedef struct pic__acme_txt_opts {
        const pic_obj *domain;
        const pic__seals *seals;
        const char *name;  /* of the record: "_acme-challenge.home.example.org" */
        const char *value; /* letters, digits, '-' and '_' */
        int clear;
        const uint8_t *seed; /* of the cell's identity, 32 bytes; NULL: it has none */
        pic_time now;
} pic__acme_txt_opts;

/* PIC_UNSUPPORTED: that mode cannot, or a program is missing; PIC_CORRUPT: its secret does not open. */
int pic__acme_txt_start(const pic__acme_txt_opts *opts, pic__acme_txt **ret, pic_error **err);
int pic__acme_txt_fd(const pic__acme_txt *t); /* readable: go on */
/* 0: not done; 1: done. Else why it was not, in the provider's words. */
int pic__acme_txt_go_on(pic__acme_txt *t, pic_error **err);
/* How long all of the zone's servers take to have it, as is known of that provider. */
unsigned pic__acme_txt_settle_ms(const pic_obj *domain);
pic__acme_txt *pic__acme_txt_unref(pic__acme_txt *t);
PIC__CLEANUP(pic__acme_txt, pic__acme_txt_unref)

/* Pure, for tests: what nsupdate is told. PIC_VALUE. */
int pic__acme_txt_nsupdate(const pic__acme_txt_opts *o, const char *key, pic__buf *out, pic_error **err);
/* The first "id" of a list "result", as Cloudflare answers: 1, 0: the list is empty; PIC_BACKEND in its words,
 * without the secret. */
int pic__acme_txt_id(const char *text, size_t len, const char *secret, char id[65], pic_error **err);

#endif
