/* What differs between two states, object by object, with references that keep both sides alive. */
#ifndef PIC_CHANGE_CHANGES_H
#define PIC_CHANGE_CHANGES_H

#include "base/vec.h"
#include "plan/derive.h"
#include "store/store.h"

typedef struct pic__changes {
        PIC__VEC(pic__change) list;
        PIC__VEC(pic_obj *) refs;
} pic__changes;

#define PIC__CHANGES_INIT                    \
        {                                    \
                PIC__VEC_INIT, PIC__VEC_INIT \
        }

void pic__changes_free(pic__changes *c);
#define pic__auto_changes PIC__AUTO(pic__changes_free)

/* What the store (or its open transaction) has otherwise than `before`, which is what it had at revision `since`.
 * *ret_revision may be NULL. */
int pic__changes_read(pic__store *st, pic_revision since, const pic__snap *before, pic__changes *ret,
                      pic_revision *ret_revision, pic_error **err);
/* The same of two snapshots. */
int pic__changes_between(const pic__snap *before, const pic__snap *after, pic__changes *ret, pic_error **err);
/* Of two that have no history in common: compared by what they say. same: it is one cell all the same, so that who has
 * an identity in both is one object; else only who has the same name, too. */
int pic__changes_apart(const pic__snap *before, const pic__snap *after, int same, pic__changes *ret, pic_error **err);
/* In order of kind; removals first; then of id. */
void pic__changes_sort(pic__changes *c);
/* Tells a snapshot that was told of these that it is all as before. */
int pic__changes_untell(const pic__changes *c, pic__snap *s, pic_error **err);

#endif
