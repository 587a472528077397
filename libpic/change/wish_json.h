/* Wishes as JSON, so that a plan can be kept and carried out later, and a draft can grow from command to command:
 *   {"revision": 12, "wishes": [{"do": "set", "kind": "peer", "name": "anna", "field": "access", "value": "lan"}, …]}
 * do: add, have (added when it is not there), set, unset, remove, rekey, prune (with "document": what the wishes of
 * that number do not name goes), undo and return (with "revision"). "revision" beside them: they are for that state
 * only. */
#ifndef PIC_CHANGE_WISH_JSON_H
#define PIC_CHANGE_WISH_JSON_H

#include "base/json.h"
#include "change/wish.h"
#include "codec/doc.h"

/* The list alone. */
void pic__wishes_write(const pic__wishes *w, pic__json *j);
/* Whether a document is such wishes rather than a cell. */
int pic__wishes_are(const pic__doc *doc);
/* Appends them. Each field is judged by its own rule. PIC_SYNTAX, PIC_VALUE, PIC_NOTFOUND, PIC_DENIED, each with its
 * place, all at once; PIC_CONFLICT: they are for another revision than wishes that are there. On failure *w may hold
 * some: the caller takes them back. */
int pic__wishes_read(pic__wishes *w, const pic__doc *doc, pic_error **err);

#endif
