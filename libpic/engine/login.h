/* Who a person is, as only the agent can say: it has the key to which passwords are sealed. */
#ifndef PIC_ENGINE_LOGIN_H
#define PIC_ENGINE_LOGIN_H

#include "engine/engine.h"

typedef struct pic__login {
        const char *user;
        uint8_t proof[32]; /* of the password: change/password.h */
        const char *code;  /* of the second factor; NULL: none was said */
        int check;         /* only whether the password is right */
        const char *actor; /* for the journal, where a recovery code is used up */
        const char *way;
} pic__login;

/* 0: it is right. PIC_DENIED: it is not, or the user is turned off; always the same words, the detail "part"
 * ("password", "code") is for who counts attempts. PIC_BADSTATE with detail "need", "code". A one-time code counts
 * once: PIC_BUSY, when that cannot be noted now. */
int pic__engine_login(pic__engine *e, const pic__login *q, pic_error **err);

#endif
