/* The shape of the file: made new, or brought forward from what it was. */
#ifndef PIC_STORE_SCHEMA_H
#define PIC_STORE_SCHEMA_H

#include "store/db.h"

/* One way forward: what leads from version to - 1 to `to`: `fn` before the tables of kinds follow their fields, `after`
 * when they have; either may be NULL. Tables of kinds need no step when their field tables change:
 * the differences are found and made good by themselves, after the steps. */
typedef struct pic__migration {
        int to;
        int (*fn)(pic__db *db, pic_error **err);
        int (*after)(pic__db *db, pic_error **err);
} pic__migration;

/* In an empty file. */
int pic__schema_create(pic__db *db, const uint8_t seal_key[32], pic_error **err);
/* Checks that this is a store that we know, and brings it forward when it is older. */
int pic__schema_open(pic__db *db, pic_error **err);
/* The same with a history of one's own (tests). */
int pic__schema_forward(pic__db *db, const pic__migration *steps, size_t count, int version, pic_error **err);
/* A number that changes with the field tables. */
int64_t pic__schema_digest(void);

#endif
