/* Between a parser and the tree: both parsers hand over what they meet, one thing after the other; the limits that hold
 * for every document are kept here. */
#ifndef PIC_CODEC_BUILD_H
#define PIC_CODEC_BUILD_H

#include "base/arena.h"
#include "base/map.h"
#include "codec/doc.h"

struct pic__doc {
        pic__arena arena;
        const char *name;
        pic__node *root;
        size_t nodes;
};

typedef struct pic__place {
        unsigned line;
        unsigned column;
} pic__place;

/* A list or map that is not closed yet. */
struct pic__build_level {
        pic__node *node;
        pic__node *last;
        pic__map keys; /* key -> node: only while the map is open */
};

typedef struct pic__build {
        pic__doc *doc;
        const char *key; /* met, its value not yet */
        pic__place key_place;
        unsigned depth;
        struct pic__build_level level[PIC__DOC_DEPTH];
} pic__build;

int pic__build_start(pic__build *b, const char *name, size_t len, pic_error **err);
/* 1 when the next scalar is the key of a map. */
int pic__build_wants_key(const pic__build *b);
int pic__build_key(pic__build *b, const char *text, size_t len, pic__place at, pic_error **err);
int pic__build_scalar(pic__build *b, const char *text, size_t len, int quoted, pic__place at, pic_error **err);
int pic__build_null(pic__build *b, pic__place at, pic_error **err);
int pic__build_open(pic__build *b, enum pic__node_type type, pic__place at, pic_error **err);
void pic__build_close(pic__build *b);
/* The finished document; the builder is empty after. PIC_SYNTAX when nothing was built. */
int pic__build_finish(pic__build *b, pic__doc **ret, pic_error **err);
/* Drops what is unfinished. Fine after finish. */
void pic__build_free(pic__build *b);
#define pic__auto_build PIC__AUTO(pic__build_free)

/* PIC_SYNTAX with name and place in message and details. */
int pic__build_fail(const pic__build *b, pic__place at, pic_error **err, const char *fmt, ...) PIC_PRINTF(4, 5);

/* "file", "line", "column" into the details. */
void pic__place_put(pic_error **err, const char *name, pic__place at);
/* Place of a byte of the text: characters are counted, lines end in LF. */
pic__place pic__place_of(const char *text, size_t len, size_t offset);
/* The checks of the bytes that both formats share: length and UTF-8. */
int pic__build_check_text(const pic__build *b, const char *text, size_t len, pic_error **err);

#endif
