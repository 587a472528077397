/* Documents in: YAML (libyaml's events) and JSON (RFC 8259, our own reader: see README) become the same small tree,
 * each node with its place, so that an error can say file:line:column. Limits while it is built: 8 MiB of text, 64
 * levels, 1,000,000 nodes, no anchors or aliases, no tags or directives, no second document, no duplicate keys, no tabs
 * in YAML indentation, valid UTF-8, no NUL character. */
#ifndef PIC_CODEC_DOC_H
#define PIC_CODEC_DOC_H

#include "base/err.h"

enum pic__node_type { PIC__N_NULL, PIC__N_SCALAR, PIC__N_LIST, PIC__N_MAP };

typedef struct pic__node {
        enum pic__node_type type;
        unsigned line;     /* from 1; 0 unknown */
        unsigned column;   /* in characters, from 1 */
        int quoted;        /* SCALAR: it was a quoted string (so "true" is text) */
        const char *key;   /* in a map */
        unsigned key_line; /* where the key is */
        unsigned key_column;
        const char *text;        /* SCALAR: numbers and booleans as written */
        struct pic__node *first; /* LIST, MAP: children in order */
        struct pic__node *next;
        size_t count;
} pic__node;

typedef struct pic__doc pic__doc;

#define PIC__DOC_TEXT ((size_t)8 << 20)
#define PIC__DOC_DEPTH 64
#define PIC__DOC_NODES 1000000

/* PIC_SYNTAX with details file, line, column, and a message "cell.yaml:3:7: …". name is for messages. */
int pic__doc_yaml(const char *text, size_t len, const char *name, pic__doc **ret, pic_error **err);
int pic__doc_json(const char *text, size_t len, const char *name, pic__doc **ret, pic_error **err);
const pic__node *pic__doc_root(const pic__doc *d);
const char *pic__doc_name(const pic__doc *d);
const pic__node *pic__node_get(const pic__node *map, const char *key); /* NULL if absent */
pic__doc *pic__doc_unref(pic__doc *d);
PIC__CLEANUP(pic__doc, pic__doc_unref)
/* Puts "name:line:column: " before the error's message and the place into its details. n NULL: only the name. Returns
 * the code. */
int pic__doc_place(const pic__doc *d, const pic__node *n, pic_error **err);
int pic__doc_place_key(const pic__doc *d, const pic__node *n, pic_error **err); /* the place of its key */

#endif
