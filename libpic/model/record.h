/* The owner's own names: the texts of a record's fields, and what is wrong with one by itself. */
#ifndef PIC_MODEL_RECORD_H
#define PIC_MODEL_RECORD_H

#include "base/buf.h"
#include "model/obj.h"

#define PIC__RECORD_NAME_MAX 64 /* bytes of a name in the cell's zone, as of all names */
#define PIC__TXT_MAX 1700       /* bytes of one text: what it becomes is a line of unbound, at most 2,047 */
#define PIC__RDATA_TEXT 4096    /* room for any item of a record's lists */
#define PIC__ALIAS_MAX 8        /* aliases in a row */

/* One item of a field of type PIC__T_DNS, by its form (the field's `choices`): "owner", "zone", "target", "address",
 * "mx", "srv" or "txt". Puts the canonical text; -1 and why not (static, never NULL). */
int pic__rdata_parse(const char *form, const char *text, pic__buf *out, const char **ret_rule);
/* What a person may write, in words. */
const char *pic__rdata_rule(const char *form);
/* Where an item of a list ends: at its comma or the end of the text. A text that is not in quotes is one, with all its
 * commas. */
const char *pic__rdata_end(const char *form, const char *text);

/* The bytes of a text as it is kept ("\"a\\044b\"" -> "a,b"); their count. `out` has room for PIC__TXT_MAX. */
size_t pic__txt_bytes(const char *item, char *out);

/* Adds all that is wrong with a record by itself to *list. */
void pic__record_check(const pic_obj *o, pic_error **list);

#define PIC__FORWARDS_MAX \
        24 /* zones of others: each exit's resolver has a list of all zones that the cell answers for */

/* The same for a zone that others are asked for. */
void pic__forward_check(const pic_obj *o, pic_error **list);

/* Where a target leads that is written without a dot at its end ("nas"), or with one ("nas.home.internal."): 1 when it
 * is in the cell's zone, and what it is called there ("nas", "@" for the zone itself); 0 when it is outside. */
int pic__record_inside(const pic_obj *cell, const char *target, char *name, size_t size);
/* Puts its whole name with the dot: "nas.home.internal.". */
void pic__record_full(const pic_obj *cell, const char *target, pic__buf *out);

#endif
