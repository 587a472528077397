/* An edit from inside: wishes in order, and the context that will run them. */
#ifndef PIC_API_EDIT_H
#define PIC_API_EDIT_H

#include "api/api.h"
#include "change/run.h"
#include "plan/session.h"

struct pic_edit {
        pic__handle h;
        pic_ctx *ctx;
        pic__wishes wishes;
        pic__session session; /* source of family 0: not known */
        pic_time confirm;     /* see pic_edit_confirm_within() */
        char *override;       /* see pic_edit_override() */
        pic_id keep;          /* see pic_edit_keep() */
        int used;
};

/* Runs the edit's wishes in a transaction that has begun: pic__change_run() as this context has it. */
int pic__edit_run(pic_edit *e, pic__store *st, pic__txn *t, pic_error **err);

/* Hands `bad` (taken) on as the call's error; what nobody may, and what came too late, is a
 * row of the journal too. Answers its code. */
int pic__edit_refused(pic_edit *edit, pic_error *bad, pic_error **err);

#endif
