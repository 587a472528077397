/* Sessions from inside, and the texts by which they are known. */
#ifndef PIC_API_SESSION_H
#define PIC_API_SESSION_H

#include "api/api.h"
#include "store/session.h"

#define PIC__SECRET_BYTES 32
#define PIC__SECRET_TEXT 48 /* "pic_", 43 characters of base64url, NUL */

/* A new secret of a session, a token, a browser or a link. The caller wipes it. */
void pic__secret_new(char text[PIC__SECRET_TEXT]);
void pic__secret_hash(const char *text, uint8_t hash[32]);

/* What a session is made of; texts are copied. */
typedef struct pic__session_is {
        const pic_obj *user;         /* NULL: setup */
        const pic_obj *api_token;    /* NULL: it is no token's */
        const pic__session_row *row; /* NULL for a token's */
        const char *role;
        const char *text;   /* its secret */
        int fresh;          /* it was made just now: the secret is told */
        pic_time now;       /* when it was found; of a fresh one it does not matter */
        const char *device; /* for the browser; NULL: none */
} pic__session_is;

int pic__session_make(const pic__session_is *is, pic_session **ret, pic_error **err);
pic_session *pic__session_ref(const pic_session *s);
/* The same, found at that time; NULL: out of memory. */
pic_session *pic__session_copy(const pic_session *s, pic_time now);

/* Where attempts come from, as a gate's key: of IPv6 the /64. */
void pic__gate_address(const char *address, char key[PIC__SESSION_ADDRESS]);
/* PIC_BUSY with "retry_ms". */
int pic__gate_closed(pic_time wait, pic_error **err);
/* Puts what others say of themselves into a session's row: shown, and cut. */
void pic__session_say(pic__session_row *row, const char *address, const char *agent);
/* A row of the journal in this transaction, about a user, or the cell when `user` is NULL; bounded. */
int pic__session_note(pic__txn *t, const pic_obj *user, const char *verb, const char *text, pic_error **err);
/* Rows of what was refused: bounded. */
void pic__session_refused(pic_ctx *ctx, const char *what, const char *address);

#endif
