/* The CA from inside: shared by the files certs*.c. */
#ifndef PIC_ENGINE_CERTS_I_H
#define PIC_ENGINE_CERTS_I_H

#include "change/ca.h"
#include "engine/certs.h"
#include "engine/engine_i.h"
#include "model/cert.h"
#include "sys/x509.h"

#define PIC__DAY (86400 * PIC__SECOND)

/* One transaction of the CA. */
typedef struct pic__ca {
        pic__engine *e;
        pic__txn *t;
        pic_obj *cell; /* as this transaction has it */
        pic_time now;  /* pic__engine_moment() */
        pic_time due;  /* pic__engine_due_by() */
        pic__x509_key *key;
        pic__x509_issuer *issuer; /* the root; NULL: not opened yet */
        pic__buf root;            /* its certificate */
        pic__x509_info info;
        int written;
} pic__ca;

int pic__ca_begin(pic__engine *e, const char *actor, const char *way, pic__ca *ret, pic_error **err);
int pic__ca_commit(pic__ca *ca, pic_error **err);
void pic__ca_end(pic__ca *ca); /* takes back what was not committed */

/* certs_root.c: a root that may vouch for what the cell is called now, opened. Makes the first one, or (fresh: in any
 * case) another one. */
int pic__ca_open(pic__ca *ca, int fresh, pic_error **err);
/* The root and key of these fields, as somebody who signs. PIC_NOTFOUND: there is none. */
int pic__ca_issuer(pic__ca *ca, const char *certificate, const char *secret, pic__x509_issuer **ret, pic_error **err);
/* 1: the root of this cell is of other names or networks than the cell. */
int pic__ca_is_other(const pic_obj *cell);
/* 1: it ends within two years. */
int pic__ca_is_old(const pic_obj *cell, pic_time now);

/* certs_leaf.c */
enum pic__cert_need { PIC__CERT_FINE, PIC__CERT_ISSUE, PIC__CERT_RENEW };
/* What a certificate of the own CA needs. root: the key of the present root in hex (PIC__X509_HEX), "" none. */
enum pic__cert_need pic__cert_needs(const pic_obj *cell, const char *root, const pic_obj *cert, pic_time due,
                                    pic_time moment);
int pic__ca_issue(pic__ca *ca, const pic_obj *cert, const char *verb, pic_error **err);

#endif
