/* One thing of any kind: a row of values, one for each field of its kind's table. Objects are counted; an object
 * that more than one holder has is never changed: make a copy with pic__obj_edit(). This is public pic_obj. */
#ifndef PIC_MODEL_OBJ_H
#define PIC_MODEL_OBJ_H

#include "base/buf.h"
#include "base/json.h"
#include "model/field.h"

struct pic_obj {
        uint32_t magic;
        int refs;
        enum pic__kind kind;
        pic_id id;             /* 0 until the store gave one */
        pic_revision revision; /* of the last change */
        pic__val vals[];       /* pic__kinds[kind].count of them */
};

int pic__obj_new(enum pic__kind kind, pic_obj **ret, pic_error **err); /* all values absent */
pic_obj *pic__obj_ref(const pic_obj *o);
pic_obj *pic__obj_unref(pic_obj *o);
PIC__CLEANUP(pic_obj, pic__obj_unref)
int pic__obj_edit(const pic_obj *o, pic_obj **ret, pic_error **err); /* a copy that may be changed */

/* Raw value by field index; never NULL. */
const pic__val *pic__obj_val(const pic_obj *o, int field);
/* Effective value by name: the field's default when absent. Text is borrowed; "" / 0 when absent without default. The
 * field must exist. */
const char *pic__obj_text(const pic_obj *o, const char *field);
int64_t pic__obj_int(const pic_obj *o, const char *field);
int pic__obj_has(const pic_obj *o, const char *field); /* present (default does not count) */
const char *pic__obj_name(const pic_obj *o);

/* Set from text, by name: parses and checks. PIC_NOTFOUND unknown field (hint: near names), PIC_DENIED for a SYSTEM
 * field unless `system`, PIC_VALUE. NULL text makes it absent. */
int pic__obj_set(pic_obj *o, const char *field, const char *text, int system, pic_error **err);
int pic__obj_set_int(pic_obj *o, const char *field, int64_t value, pic_error **err); /* for the cell's own use */

/* Checks of the object by itself (required fields, fields against each other); reports all that is wrong as followers.
 */
int pic__obj_check(const pic_obj *o, pic_error **err);

/* Items of a LIST value, one after the other: start with *at = the text; 0 at the end. item is NUL-terminated, cut to
 * size. */
int pic__list_next(const char **at, char *item, size_t size);
int pic__list_has(const char *list, const char *item);

/* {"name":"anna",…}: all non-secret fields of the table, absent ones as null, lists as arrays, plus "id" and
 * "revision". */
void pic__obj_json(const pic_obj *o, pic__json *j);
/* One value as JSON has it: null, a number, a boolean, a text, or a list of texts. */
void pic__val_json(const pic__field *f, const pic__val *v, pic__json *j);
/* Field by field; either side may be NULL (made, removed). Called for each difference, secrets with before/after
 * "(secret)". */
int pic__obj_diff(const pic_obj *before, const pic_obj *after,
                  int (*fn)(const pic__field *f, const char *before, const char *after, void *data), void *data);

/* Names of other objects that this one refers to (REF lists, and peer:/group: in grants). */
int pic__obj_refs(const pic_obj *o, int (*fn)(enum pic__kind kind, const char *name, const char *field, void *data),
                  void *data);
/* Rewrites references after a rename. *ret_changed says whether there were any. */
int pic__obj_rename_ref(pic_obj *o, enum pic__kind kind, const char *from, const char *to, int *ret_changed,
                        pic_error **err);

#endif
