/* Passkeys: what is kept of them is their public half, the counter they told last, and when they were used. A table
 * beside the journal, as for sessions: so no undo, no import and no return to a revision brings one back. That one was
 * added or removed is a row of the journal. */
#ifndef PIC_STORE_PASSKEY_H
#define PIC_STORE_PASSKEY_H

#include "base/time.h"
#include "store/store.h"

#define PIC__PASSKEYS_MAX 20   /* of one user */
#define PIC__PASSKEY_NAME 65   /* bytes of what a person calls it, NUL included */
#define PIC__PASSKEY_RP 254    /* of the name of the page that it is for */
#define PIC__PASSKEY_ID 1023   /* what WebAuthn allows a credential's id */
#define PIC__PASSKEY_KEY 512   /* the longest we take is one of RSA */
#define PIC__PASSKEY_HANDLE 32 /* by which a passkey knows whose it is */

typedef struct pic__passkey {
        pic_id id;
        pic_id user;
        char name[PIC__PASSKEY_NAME];
        char rp[PIC__PASSKEY_RP];
        uint8_t credential[PIC__PASSKEY_ID];
        size_t credential_len;
        int64_t alg; /* as COSE numbers them */
        uint8_t key[PIC__PASSKEY_KEY];
        size_t key_len;
        uint32_t count; /* of uses, as it says itself; 0: it does not count */
        pic_time created;
        pic_time used;    /* 0: never */
        pic_time suspect; /* when its counter went back last: there may be a copy; 0: never */
} pic__passkey;

/* A new one; id, created, used and suspect of it do not count. 1: it is kept, and *ret_id; 0: this credential is known
 * already, or this user has one of that name. */
int pic__txn_passkey_add(pic__txn *t, const pic__passkey *p, pic_id *ret_id, pic_error **err);
/* 1, 0: there is none. */
int pic__store_passkey(pic__store *st, const uint8_t *credential, size_t len, pic__passkey *ret, pic_error **err);
/* The oldest first; user 0: all. */
int pic__store_passkeys(pic__store *st, pic_id user, int (*fn)(const pic__passkey *p, void *data), void *data,
                        pic_error **err);
/* It let somebody in, and counted so far. */
int pic__txn_passkey_used(pic__txn *t, pic_id id, uint32_t count, pic_error **err);
int pic__txn_passkey_suspect(pic__txn *t, pic_id id, pic_error **err);
/* Of this user. 1; 0: there is none, or another has that name. */
int pic__txn_passkey_name(pic__txn *t, pic_id user, pic_id id, const char *name, pic_error **err);
int pic__txn_passkey_end(pic__txn *t, pic_id user, pic_id id, pic_error **err); /* 1, 0 */

/* What an authenticator is told of who somebody is, and tells back: always the same for a user, and nothing that says
 * who it is. */
int pic__store_handle(pic__store *st, pic_id user, uint8_t ret[PIC__PASSKEY_HANDLE], pic_error **err);

#endif
