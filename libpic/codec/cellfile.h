/* A cell as one document:
 *   cell:   {name: home, domain: internal, …}
 *   groups: {kids: {access: [internet]}}
 *   peers:  {anna: {access: [internet, "service:calendar"], groups: [kids]}}
 * Field names and rules are the field tables'; lists may be YAML lists or comma text. Unknown keys are errors with a
 * near name as hint. A section that is not there says nothing about its things; one that is there and empty ("groups:
 * {}") says that there are none. */
#ifndef PIC_CODEC_CELLFILE_H
#define PIC_CODEC_CELLFILE_H

#include "base/buf.h"
#include "base/json.h"
#include "codec/doc.h"
#include "model/snap.h"

/* What a document wishes: called for each object in order cell, groups, peers, then for each of its fields (text NULL:
 * absent, `field: null` or `~`). `at` is the place, for errors that come later. For the cell the name is NULL: it is a
 * field like the others. A callback that fails stops nothing: its error gets the place and is collected, except that
 * the fields of a refused object are passed over; all are reported together, up to PIC__CELLFILE_ERRORS, and the code
 * is the first one's. */
typedef struct pic__cellfile_ops {
        int (*object)(enum pic__kind kind, const char *name, const pic__node *at, void *data, pic_error **err);
        int (*field)(enum pic__kind kind, const char *name, const char *field, const char *text, const pic__node *at,
                     void *data, pic_error **err);
        /* May be NULL. "secrets: [password]" of a connection: what it has, and the document does not hold. */
        int (*secret)(enum pic__kind kind, const char *name, const char *field, const pic__node *at, void *data,
                      pic_error **err);
        /* May be NULL: the section of this kind is there, even if it is empty. Called before its objects. */
        int (*section)(enum pic__kind kind, const pic__node *at, void *data, pic_error **err);
        void *data;
} pic__cellfile_ops;

#define PIC__CELLFILE_ERRORS 100

/* PIC_SYNTAX for what has not the shape of a cell, PIC_NOTFOUND for an unknown field, and what the callbacks answer. */
int pic__cellfile_read(const pic__doc *doc, const pic__cellfile_ops *ops, pic_error **err);
/* Canonical YAML of everything a person can set that is present (no SYSTEM fields, no secrets, but the names of those
 * that connections have; public keys only of devices that made their own). Reading it back wishes the same. */
int pic__cellfile_write(const pic__snap *s, pic__buf *out, pic_error **err);
/* The same as JSON; failure is the buffer's. */
void pic__cellfile_write_json(const pic__snap *s, pic__json *out);

#endif
