/* Passkeys, as only the agent judges them (W3C WebAuthn level 2, sections 7.1 and 7.2). That a challenge was ours, is
 * fresh and was not used before is for who asks: it is the same process that opens the session. */
#ifndef PIC_ENGINE_PASSKEY_H
#define PIC_ENGINE_PASSKEY_H

#include "engine/engine.h"
#include "engine/fido.h"
#include "engine/findings.h"

/* What both ceremonies have. */
typedef struct pic__ceremony {
        const char *origin;    /* where the page is, by the server's word */
        const char *challenge; /* that was given out */
        pic__bytes client;     /* clientDataJSON */
        const char *actor;     /* for the journal */
        const char *way;
} pic__ceremony;

typedef struct pic__passkey_new {
        pic__ceremony c;
        const char *user;
        const char *name;       /* what the person calls it */
        pic__bytes attestation; /* the object */
} pic__passkey_new;

typedef struct pic__passkey_use {
        pic__ceremony c;
        pic__bytes id;
        pic__bytes handle; /* whose it says it is */
        pic__bytes auth;
        pic__bytes signature;
} pic__passkey_use;

/* Keeps a new one: *ret_id. PIC_NOTFOUND: no such user; PIC_EXISTS: the credential is known, or the name is taken;
 * PIC_BADSTATE: the user has too many; PIC_VALUE: a check failed (the message says which); PIC_SYNTAX, PIC_UNSUPPORTED.
 */
int pic__engine_passkey_add(pic__engine *e, const pic__passkey_new *q, pic_id *ret_id, pic_error **err);
/* 0: it is right, and its use is counted. PIC_DENIED: it is not, or its user is turned off or has no password; the
 * detail "part" is "passkey" (for who counts attempts) and the detail "why" says which check failed, for the journal.
 */
int pic__engine_passkey_login(pic__engine *e, const pic__passkey_use *q, pic_error **err);

/* Trouble with passkeys, for the doctor. */
void pic__engine_passkey_doctor(pic__engine *e, pic__findings *f);

#endif
