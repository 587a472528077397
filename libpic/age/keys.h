/* Whom a file is for, or who opens it: X25519 keys in the order in which they came, or a passphrase. */
#ifndef PIC_AGE_KEYS_H
#define PIC_AGE_KEYS_H

#include "base/buf.h"
#include "base/err.h"

enum {
        PIC__AGE_WORK = 18,     /* work factor of a passphrase unless another is wished: a second of a usual machine */
        PIC__AGE_WORK_MAX = 22, /* taken unless another bound is wished */
        PIC__AGE_KEYS_MAX = 1024
};

struct pic__age_pair {
        uint8_t secret[32]; /* of an identity */
        uint8_t public_key[32];
};

typedef struct pic__age_keys {
        uint8_t (*recipients)[32];
        size_t recipient_count;
        struct pic__age_pair *identities;
        size_t identity_count;
        char *passphrase; /* NULL: none */
} pic__age_keys;

/* "age1…" and "AGE-SECRET-KEY-1…". PIC_SYNTAX: it is none, said without the text of a secret; PIC_UNSUPPORTED: of a
 * kind that is not known here; PIC_VALUE: too many, or a key that hides nothing. */
int pic__age_keys_recipient(pic__age_keys *k, const char *text, size_t len, pic_error **err);
int pic__age_keys_identity(pic__age_keys *k, const char *text, size_t len, pic_error **err);
/* A file of them, one a line; empty lines and those that begin with '#' are skipped. secret: identities. PIC_NOTFOUND:
 * there is none in it. Errors have detail "line". */
int pic__age_keys_lines(pic__age_keys *k, const char *text, size_t len, int secret, pic_error **err);
/* PIC_VALUE: it is empty, or there is one already. */
int pic__age_keys_passphrase(pic__age_keys *k, const char *text, pic_error **err);
/* Makes the public halves of all identities recipients. */
int pic__age_keys_own(pic__age_keys *k, pic_error **err);
void pic__age_keys_clear(pic__age_keys *k); /* wipes and frees what is in it */

/* A new identity, and the texts of both halves. The first buffer is secret. */
void pic__age_keygen(pic__buf *identity, pic__buf *recipient);
void pic__age_identity_text(const uint8_t secret[32], pic__buf *out); /* the buffer is secret */
void pic__age_recipient_text(const uint8_t public_key[32], pic__buf *out);

#endif
