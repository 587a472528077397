/* The table of references: who names whom. Foreign keys on it refuse to delete what is in use. */
#ifndef PIC_STORE_REF_H
#define PIC_STORE_REF_H

#include "store/inner.h"

/* After a row was written: brings its references up to date. before may be NULL. PIC_NOTFOUND for an unknown name,
 * unless deferred. */
int pic__ref_put(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err);
/* Before a row is deleted: PIC_INUSE when others refer to it (unless deferred); forgets whom it referred to. */
int pic__ref_remove(pic__txn *t, const pic_obj *o, pic_error **err);
/* Objects that refer to this one, itself left out. The caller frees *ret_users with pic__free. */
int pic__ref_users(pic__db *db, enum pic__kind kind, pic_id id, pic__store_key **ret_users, size_t *ret_count,
                   pic_error **err);
/* At commit of a deferred transaction: what is still unknown is an error now. */
int pic__ref_settle(pic__txn *t, pic_error **err);
/* Makes all rows of the table again (it holds nothing that the objects do not say). */
int pic__ref_rebuild(pic__db *db, pic_error **err);

#endif
