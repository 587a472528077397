/* What a fake backend holds: items by kind and key, and their text in a file. Private to the fake. */
#ifndef PIC_BACKEND_FAKE_WORLD_H
#define PIC_BACKEND_FAKE_WORLD_H

#include "base/buf.h"
#include "base/map.h"
#include "plan/item.h"

typedef struct pic__fake_item {
        enum pic__item_kind kind;
        size_t secret_len;
        uint8_t *secret; /* inside text, or NULL */
        char *value;     /* inside text */
        char *id;        /* "<kind> <key>": key of the map; inside text */
        char *key;       /* inside id */
        char text[];
} pic__fake_item;

typedef struct pic__fake_world {
        pic__map items; /* pic__fake_item by id */
} pic__fake_world;

#define PIC__FAKE_WORLD_INIT  \
        {                     \
                PIC__MAP_INIT \
        }

const pic__fake_item *pic__fake_find(const pic__fake_world *w, enum pic__item_kind kind, const char *key);
/* Adds or replaces. -1 when out of memory: nothing changed. */
int pic__fake_set(pic__fake_world *w, const pic__item *item);
void pic__fake_unset(pic__fake_world *w, enum pic__item_kind kind, const char *key);
void pic__fake_clear(pic__fake_world *w);
/* All of them, in no order. */
int pic__fake_copy(const pic__fake_world *w, pic__items *out, pic_error **err);

/* One item a line, in order: kind, key, value, secret in hex or "-", separated by tabs. */
int pic__fake_print(const pic__fake_world *w, pic__buf *out, pic_error **err);
/* Into an empty world. PIC_CORRUPT names the line. `text` is taken apart. */
int pic__fake_parse(pic__fake_world *w, char *text, const char *path, pic_error **err);

#endif
