/* Who is logged in, and what is told once: tables beside the journal. They hold hashes, never a secret; what they say
 * is no wish, so it is neither exported nor undone. */
#ifndef PIC_STORE_SESSION_H
#define PIC_STORE_SESSION_H

#include "base/time.h"
#include "store/store.h"

#define PIC__META_NOBODY "nobody" /* the key of pic__store_nobody() in the table meta */

#define PIC__SESSION_ADDRESS 64
#define PIC__SESSION_AGENT 200

typedef struct pic__session_row {
        pic_id id;
        pic_id user;   /* 0: setup */
        char role[16]; /* of the user when it was made */
        pic_time created;
        pic_time seen; /* used last, to the minute */
        pic_time until;
        char address[PIC__SESSION_ADDRESS];
        char agent[PIC__SESSION_AGENT];
} pic__session_row;

#define PIC__SESSION_IDLE (8 * 3600 * PIC__SECOND)
#define PIC__SESSION_LIFE (7 * 24 * 3600 * PIC__SECOND)
#define PIC__SESSION_SETUP (2 * 3600 * PIC__SECOND)
#define PIC__SESSIONS_MAX 50 /* of one user; the oldest goes */
#define PIC__DEVICE_LIFE (365 * 24 * 3600 * PIC__SECOND)
#define PIC__DEVICES_MAX 50

/* A new one; id, created and seen of it do not count. What is over goes. */
int pic__txn_session_add(pic__txn *t, const pic__session_row *s, const uint8_t hash[32], pic_id *ret_id,
                         pic_error **err);
/* 1 and a session that is not over, 0: there is none. */
int pic__store_session(pic__store *st, const uint8_t hash[32], pic__session_row *ret, pic_error **err);
/* Notes that it was used. Waits for nobody: that it cannot be noted now is no error. */
void pic__store_session_seen(pic__store *st, pic_id id);
/* 1: it is ended, and *ret_user is whose it was (0: of setup); 0: there is none. */
int pic__txn_session_end(pic__txn *t, pic_id id, pic_id *ret_user, pic_error **err);
/* Sessions that are not over, the newest first; user 0: all. */
int pic__store_sessions(pic__store *st, pic_id user, int (*fn)(const pic__session_row *s, void *data), void *data,
                        pic_error **err);
/* This session goes on when a put of this transaction ends its user's sessions. */
void pic__txn_keep_session(pic__txn *t, pic_id id);
/* After a user was put: a new password or role, or being turned off, ends its sessions; an admin who can log in ends
 * the setup. */
int pic__session_follow(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err);

/* A browser that logged in as this user. */
int pic__txn_device_put(pic__txn *t, const uint8_t hash[32], pic_id user, pic_error **err);
int pic__store_device_is(pic__store *st, const uint8_t hash[32], pic_id user, pic_error **err); /* 1, 0 */

/* The one setup code. */
int pic__txn_setup_put(pic__txn *t, const uint8_t hash[32], pic_time until, pic_error **err);
int pic__store_setup_is(pic__store *st, const uint8_t hash[32], pic_error **err); /* 1, 0 */

/* The one link of a device. Taking it is 1, and it is gone; 0: there is no such link, or its time is over. */
int pic__txn_link_put(pic__txn *t, pic_id peer, const uint8_t hash[32], pic_time until, pic_error **err);
int pic__txn_link_take(pic__txn *t, const uint8_t hash[32], pic_id *ret_peer, pic_time *ret_until, pic_error **err);

/* A one-time code's step, which counts once: 1; 0: it, or a later one, was used. */
int pic__txn_step(pic__txn *t, pic_id user, int64_t step, pic_error **err);

/* The token with this hash (as its field has it): *ret, or NULL. */
int pic__store_token(pic__store *st, const char *hash, pic_obj **ret, pic_error **err);
/* By what salts of users that there are not are made. */
int pic__store_nobody(pic__store *st, uint8_t secret[32], pic_error **err);

#endif
