/* What is wished of a public CA, read from a snapshot: for which names a certificate is, whose domain proves them, whom
 * to ask. Pure. */
#ifndef PIC_ENGINE_ACME_WISH_H
#define PIC_ENGINE_ACME_WISH_H

#include "base/buf.h"
#include "engine/acme_pace.h"
#include "model/snap.h"

#define PIC__ACME_NAMES 64 /* of one certificate */

typedef struct pic__acme_wish {
        const pic_obj *cert;   /* of the snapshot */
        const pic_obj *domain; /* of its first name: whose CA is asked, and for whom */
        pic__buf subjects;     /* "home.example.org,*.home.example.org" */
        char wished[65];       /* digest of all of it and of the domains that prove it */
} pic__acme_wish;

/* PIC_NOTFOUND: a name is of no domain of the cell; PIC_VALUE: a wildcard where nothing can prove it, too many names.
 */
int pic__acme_read_wish(const pic__snap *s, const pic_obj *cert, pic__acme_wish *ret, pic_error **err);
void pic__acme_wish_free(pic__acme_wish *w);
/* The domain in use that a name is of, the closest one; NULL: none. */
const pic_obj *pic__acme_domain(const pic__snap *s, const char *name);
/* How that domain proves names: "http-01", "dns-01". */
const char *pic__acme_proof(const pic_obj *domain);
/* Whom to ask: a URL, NULL where there is none. */
const char *pic__acme_directory(const pic_obj *domain, enum pic__acme_where where);
/* 1: certificates of that directory count wherever the system's list of roots counts. */
int pic__acme_is_public(const char *directory);
/* What a certificate keeps of who issued it. */
void pic__acme_mark(const char *directory, char out[65]);

enum pic__acme_need { PIC__ACME_FINE, PIC__ACME_ISSUE, PIC__ACME_RENEW };
enum pic__acme_need pic__acme_needs(const pic__acme_wish *w, pic_time due);
/* When it will next need something; 0: it does now. */
pic_time pic__acme_needs_at(const pic__acme_wish *w);
/* Of one of the public CAs that the cell looks after. */
int pic__acme_is(const pic_obj *cert);

#endif
