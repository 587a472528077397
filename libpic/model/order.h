/* A row of things in order of a number, each number once. Adding at the end and taking out cost the same at any length
 * (what is taken out leaves a gap; gaps are swept when they are the greater part); finding is a binary search. */
#ifndef PIC_MODEL_ORDER_H
#define PIC_MODEL_ORDER_H

#include <stddef.h>
#include <stdint.h>

typedef struct pic__order_slot {
        int64_t id;
        void *item; /* NULL: a gap */
} pic__order_slot;

typedef struct pic__order {
        pic__order_slot *at;
        size_t count; /* with gaps */
        size_t room;
        size_t live;
} pic__order;

#define PIC__ORDER_INIT       \
        {                     \
                NULL, 0, 0, 0 \
        }

int pic__order_reserve(pic__order *o);                      /* after 0, the next put cannot fail; -1 out of memory */
void pic__order_put(pic__order *o, int64_t id, void *item); /* replaces; reserve first */
void *pic__order_find(const pic__order *o, int64_t id);     /* NULL if absent */
void pic__order_drop(pic__order *o, int64_t id);
void *pic__order_next(const pic__order *o, size_t *at); /* start with *at = 0; NULL at the end */
void *pic__order_from(const pic__order *o, int64_t id,
                      int64_t *ret_id); /* the first that is not before `id`; NULL if none */
void pic__order_free(pic__order *o);

#endif
