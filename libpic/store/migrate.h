/* Steps that a version needed, beyond what following the field tables does. */
#ifndef PIC_STORE_MIGRATE_H
#define PIC_STORE_MIGRATE_H

#include "store/db.h"

/* 2: the journal becomes a Merkle tree: each row gets its leaf, in order. */
int pic__migrate_leaves(pic__db *db, pic_error **err);
/* 2: what rows were is made from the journal's differences, from its end backwards. Secrets of former times are not
 * there: the journal never had them. After the tables of kinds were brought forward. */
int pic__migrate_past(pic__db *db, pic_error **err);

#endif
