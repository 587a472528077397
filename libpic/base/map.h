/* Hash map from bytes to pointers: open addressing, FNV-1a with a finalizer. Keys are
 * borrowed (they must live as long as the entry), values are not owned. Lookups cost the same at any size. */
#ifndef PIC_BASE_MAP_H
#define PIC_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct pic__map_slot {
        const void *key;
        size_t len;
        uint64_t hash; /* 0: never used, 1: removed */
        void *value;
} pic__map_slot;

typedef struct pic__map {
        pic__map_slot *slots;
        size_t room; /* power of two, or 0 */
        size_t count;
        size_t used; /* count + removed */
} pic__map;

#define PIC__MAP_INIT         \
        {                     \
                NULL, 0, 0, 0 \
        }

/* Sets or replaces; on replacement the key pointer is replaced too. -1 when out of memory (map unchanged). */
int pic__map_set(pic__map *m, const void *key, size_t len, void *value);
void *pic__map_get(const pic__map *m, const void *key, size_t len); /* NULL if absent */
void *pic__map_remove(pic__map *m, const void *key, size_t len);    /* what was there, or NULL */
/* Iterates: start with *at = 0; returns NULL at the end. Do not change the map meanwhile. */
void *pic__map_next(const pic__map *m, size_t *at);
void pic__map_free(pic__map *m);
uint64_t pic__hash(const void *data, size_t len);

#endif
