/* What separates two states of the wishes, as a plan: of an edit, of two revisions. */
#ifndef PIC_API_COMPARE_H
#define PIC_API_COMPARE_H

#include "api/api.h"
#include "model/snap.h"

/* `before` is used up: told of the changes, it becomes `after`. revision: of the store that was looked at. */
int pic__compare(pic_ctx *ctx, pic__snap *before, const pic__snap *after, pic_revision revision, pic_plan **ret,
                 pic_error **err);

#endif
