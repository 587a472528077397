/* Between rows and objects. */
#ifndef PIC_STORE_ROW_H
#define PIC_STORE_ROW_H

#include "model/obj.h"
#include "store/db.h"

/* The object in the statement's present row (PIC__K_GET and its like). */
int pic__row_read(sqlite3_stmt *s, enum pic__kind kind, pic_obj **ret, pic_error **err);
/* For PIC__K_INSERT and PIC__K_UPDATE; borrows the object's texts until the statement is given back. */
void pic__row_bind(sqlite3_stmt *s, const pic_obj *o, pic_id id, pic_revision revision);

/* One row by statement with one argument; *ret is NULL when there is none. */
int pic__row_by_id(pic__db *db, enum pic__kind kind, enum pic__k k, pic_id id, pic_obj **ret, pic_error **err);
int pic__row_by_name(pic__db *db, enum pic__kind kind, const char *name, pic_obj **ret, pic_error **err);
/* PIC_NOTFOUND with near names as a hint. */
int pic__row_absent(pic__db *db, enum pic__kind kind, const char *name, pic_error **err);

#endif
