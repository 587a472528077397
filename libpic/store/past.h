/* What was: each row that a change takes the place of is kept, with the revisions between which it was in force. */
#ifndef PIC_STORE_PAST_H
#define PIC_STORE_PAST_H

#include "store/inner.h"

/* Keeps the row of `o` as it is in the file, unless this transaction made it. Before it is changed or removed. */
int pic__past_put(pic__txn *t, const pic_obj *o, pic_error **err);

#endif
