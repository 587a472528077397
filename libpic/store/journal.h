/* Rows of the journal: what changed, as JSON for programs and as one line for people, made from the field tables. */
#ifndef PIC_STORE_JOURNAL_H
#define PIC_STORE_JOURNAL_H

#include "store/inner.h"

typedef struct pic__change {
        pic__buf before; /* JSON of the changed fields; for an object that was made or removed only one of the two is
                            used */
        pic__buf after;
        pic__buf text;
        size_t count; /* fields that differ */
        int made;
        int removed;
} pic__change;

#define PIC__CHANGE_INIT                                             \
        {                                                            \
                PIC__BUF_INIT, PIC__BUF_INIT, PIC__BUF_INIT, 0, 0, 0 \
        }

/* Either side may be NULL. `verb` NULL: add, change or remove. */
int pic__change_make(pic__change *c, const pic_obj *before, const pic_obj *after, const char *verb, pic_error **err);
void pic__change_free(pic__change *c);
#define pic__auto_change PIC__AUTO(pic__change_free)

/* Writes the row of a change. */
int pic__journal_put(pic__txn *t, const pic__change *c, enum pic__kind kind, pic_id id, const char *name,
                     const char *verb, pic_error **err);

#endif
