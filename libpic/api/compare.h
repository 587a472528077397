/* What separates two states of the wishes, as a plan: of an edit, of two revisions. */
#ifndef PIC_API_COMPARE_H
#define PIC_API_COMPARE_H

#include "api/api.h"
#include "change/changes.h"
#include "plan/session.h"

typedef struct pic__compare_opts {
        pic_revision revision;       /* of the store that was looked at */
        const char *wishes;          /* JSON of the edit's wishes, or NULL */
        const char *secrets;         /* JSON: what becomes of connections' secrets, or NULL */
        const char *questions;       /* JSON, or NULL */
        const pic__session *session; /* who makes the change, or NULL */
        int real;                    /* it is made on this machine: who is in the way here is told */
} pic__compare_opts;

/* The snapshot is told of the changes, which are put in order. */
int pic__compare_changes(pic__snap *s, pic__changes *changes, const pic__compare_opts *opts, pic_plan **ret,
                         pic_error **err);
/* `before` is used up: told of the changes, it becomes `after`. */
int pic__compare(pic_ctx *ctx, pic__snap *before, const pic__snap *after, pic_revision revision, pic_plan **ret,
                 pic_error **err);

#endif
