/* Door to OpenSSL's libcrypto: certificates. Keys on P-256, a root that may vouch for its own names and networks only,
 * leaves for servers, revocation lists; reading, and judging a chain. All certificates go in and out as DER. */
#ifndef PIC_SYS_X509_H
#define PIC_SYS_X509_H

#include <pic/types.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define PIC__X509_HEX 65    /* of a SHA-256 in hex digits, and its NUL byte: room for each text of pic__x509_info */
#define PIC__X509_MAX 16384 /* bytes of one certificate that is read */

typedef struct pic__der {
        const uint8_t *data;
        size_t len;
} pic__der;

static inline pic__der pic__der_of(const pic__buf *b)
{
        return (pic__der){ (const uint8_t *)pic__buf_str(b), b->len };
}

/* --- keys: private ones, or the public half that a certificate has -------------------------------------------- */

typedef struct pic__x509_key pic__x509_key;

int pic__x509_key_new(pic__x509_key **ret, pic_error **err);
/* PKCS #8. A buffer for secrets is wanted. */
int pic__x509_key_read(pic__der der, pic__x509_key **ret, pic_error **err);
int pic__x509_key_write(const pic__x509_key *key, pic__buf *out, pic_error **err);
/* Any private key in PEM that OpenSSL reads without a password. PIC_SYNTAX. */
int pic__x509_key_pem(const char *text, size_t len, pic__x509_key **ret, pic_error **err);
int pic__x509_key_of(pic__der certificate, pic__x509_key **ret, pic_error **err);
/* 1: the certificate is of this key. */
int pic__x509_key_fits(const pic__x509_key *key, pic__der certificate);
pic__x509_key *pic__x509_key_unref(pic__x509_key *key);
PIC__CLEANUP(pic__x509_key, pic__x509_key_unref)

/* --- making --------------------------------------------------------------------------------------------------- */

/* What a root may vouch for. Lists of texts that end with NULL. */
typedef struct pic__x509_scope {
        const char *const *zones; /* DNS: the name itself and all below it */
        const char *const *nets;  /* "10.1.0.0/16", "fd00::/64" */
} pic__x509_scope;

/* A root that signs itself. Its name is `label` and a piece of its key's digest, so that no two have one name. */
int pic__x509_root(const pic__x509_key *key, const char *label, const pic__x509_scope *scope, pic_time from,
                   pic_time until, pic__buf *out, pic_error **err);

typedef struct pic__x509_issuer pic__x509_issuer; /* who signs: a root and its key */

int pic__x509_issuer_new(pic__der root, const pic__x509_key *key, pic__x509_issuer **ret, pic_error **err);
pic__x509_issuer *pic__x509_issuer_unref(pic__x509_issuer *i);
PIC__CLEANUP(pic__x509_issuer, pic__x509_issuer_unref)

/* Another root's key and name, vouched for by this one: who trusts only this root trusts what that one signs. */
int pic__x509_cross(const pic__x509_issuer *i, pic__der root, pic_time from, pic_time until, pic__buf *out,
                    pic_error **err);
/* A server's certificate. names: DNS names ("*.x" too) and addresses, the first DNS name is the subject too; ends with
 * NULL.
 */
int pic__x509_leaf(const pic__x509_issuer *i, const pic__x509_key *key, const char *const *names, pic_time from,
                   pic_time until, pic__buf *out, pic_error **err);

/* What another CA is asked with (PKCS #10): the public half of the key, and DNS names ("*.x" too); ends with NULL. */
int pic__x509_request(const pic__x509_key *key, const char *const *names, pic__buf *out, pic_error **err);

typedef struct pic__x509_revoked {
        const char *serial; /* hex */
        pic_time at;
} pic__x509_revoked;

/* Its number is the moment it is made at: it grows, and needs to be kept nowhere. */
int pic__x509_crl(const pic__x509_issuer *i, const pic__x509_revoked *list, size_t count, pic_time now, pic_time next,
                  pic__buf *out, pic_error **err);

/* --- reading -------------------------------------------------------------------------------------------------- */

typedef struct pic__x509_info {
        char subject[128]; /* common name; "" */
        char issuer[128];
        char serial[PIC__X509_HEX];
        char fingerprint[PIC__X509_HEX]; /* SHA-256 of all of it */
        char key_id[PIC__X509_HEX];      /* SHA-256 of its public key */
        char issuer_id[PIC__X509_HEX];   /* what it says of its issuer's key (authority key identifier); "" */
        char own_id[PIC__X509_HEX];      /* what it says of its own (subject key identifier); "" */
        pic_time from, until;
        int ca;
        int self_signed; /* its subject is its issuer */
} pic__x509_info;

/* *names (may be NULL): its DNS names and addresses, joined by ','. PIC_SYNTAX. */
int pic__x509_read(pic__der der, pic__x509_info *ret, pic__buf *names, pic_error **err);
/* Whether the revocation list, which `root` must have signed, has the serial number: 1 or 0; PIC_SYNTAX, PIC_DENIED. */
int pic__x509_crl_has(pic__der crl, pic__der root, const char *serial, pic_error **err);

/* 0: the certificate is signed by the key of the other one, which is a CA's. PIC_DENIED. */
int pic__x509_signed_by(pic__der der, pic__der by, pic_error **err);
/* 0: the chain (the server's own certificate first) leads to one of the roots, at that moment, for that name or address
 * (NULL: any). PIC_DENIED with OpenSSL's words. */
int pic__x509_verify(const pic__der *roots, size_t root_count, const pic__der *chain, size_t chain_count, pic_time when,
                     const char *name, pic_error **err);

/* --- PEM (x509_pem.c) ----------------------------------------------------------------------------------------- */

void pic__x509_pem_put(const char *label, pic__der der, pic__buf *out);
/* Each CERTIFICATE of a text, in order; what stands between them is passed over. What fn answers other than 0 ends it
 * and is the answer. PIC_SYNTAX: there is none, or one is damaged. */
int pic__x509_pem_each(const char *text, size_t len, int (*fn)(pic__der der, void *data), void *data, pic_error **err);

/* Several certificates in one line, as a store keeps them: DER in base64, with blanks between. Appends. */
void pic__x509_text_put(pic__der der, pic__buf *out);
/* Each of them, as above. PIC_CORRUPT. */
int pic__x509_text_each(const char *text, int (*fn)(pic__der der, void *data), void *data, pic_error **err);
/* The first one; the text may be empty: PIC_NOTFOUND. */
int pic__x509_text_first(const char *text, pic__buf *out, pic_error **err);

#endif
