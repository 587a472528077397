/* The door behind the judgement: whoever was found to be somebody gets a session. */
#ifndef PIC_API_ENTER_H
#define PIC_API_ENTER_H

#include "api/session.h"

typedef struct pic__entry {
        pic_ctx *ctx;
        const pic_obj *user; /* as it was judged */
        const char *address; /* or NULL */
        const char *agent;   /* or NULL */
        const char *device;  /* the secret of a browser that is known as this user's; NULL: a new one is made */
        const char *with;    /* what it came in with, for the journal: " with …"; NULL: a password */
        /* What was judged may be otherwise in this moment: 1 while it is not. */
        int (*still)(pic__store *st, const pic_obj *now, const void *data, pic_error **err);
        const void *data;
} pic__entry;

/* PIC_DENIED: the user, or what it came in with, was changed in this moment. */
int pic__session_enter(const pic__entry *e, pic_session **ret, pic_error **err);

#endif
