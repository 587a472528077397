/* Owns: the row in order. */
#include "model/order.h"

#include <string.h>

#include "base/vec.h"

/* Index of the first slot whose id is not before `id`. */
static size_t lower(const pic__order *o, int64_t id)
{
        size_t lo = 0, hi = o->count;

        if (hi == 0 || o->at[hi - 1].id < id)
                return hi;
        while (lo < hi) {
                size_t mid = lo + (hi - lo) / 2;

                if (o->at[mid].id < id)
                        lo = mid + 1;
                else
                        hi = mid;
        }
        return lo;
}

int pic__order_reserve(pic__order *o)
{
        return pic__vec_grow((void **)&o->at, &o->room, o->count, sizeof(o->at[0]));
}

void pic__order_put(pic__order *o, int64_t id, void *item)
{
        size_t i = lower(o, id);

        if (i < o->count && (o->at[i].id == id || o->at[i].item == NULL)) {
                o->live += o->at[i].item == NULL; /* a gap in the right place serves any id */
        } else {
                memmove(o->at + i + 1, o->at + i, (o->count - i) * sizeof(o->at[0]));
                o->count++;
                o->live++;
        }
        o->at[i].id = id;
        o->at[i].item = item;
}

void *pic__order_find(const pic__order *o, int64_t id)
{
        size_t i = lower(o, id);

        return i < o->count && o->at[i].id == id ? o->at[i].item : NULL;
}

static void sweep(pic__order *o)
{
        size_t i, n = 0;

        for (i = 0; i < o->count; i++)
                if (o->at[i].item != NULL)
                        o->at[n++] = o->at[i];
        o->count = n;
}

void pic__order_drop(pic__order *o, int64_t id)
{
        size_t i = lower(o, id);

        if (i == o->count || o->at[i].id != id || o->at[i].item == NULL)
                return;
        o->at[i].item = NULL;
        o->live--;
        while (o->count > 0 && o->at[o->count - 1].item == NULL)
                o->count--;
        if (o->count > 16 && o->live < o->count / 2)
                sweep(o);
}

void *pic__order_next(const pic__order *o, size_t *at)
{
        while (*at < o->count) {
                void *item = o->at[(*at)++].item;

                if (item != NULL)
                        return item;
        }
        return NULL;
}

void *pic__order_from(const pic__order *o, int64_t id, int64_t *ret_id)
{
        size_t i = lower(o, id);

        while (i < o->count && o->at[i].item == NULL)
                i++;
        if (i == o->count)
                return NULL;
        *ret_id = o->at[i].id;
        return o->at[i].item;
}

void pic__order_free(pic__order *o)
{
        pic__free(o->at);
        *o = (pic__order)PIC__ORDER_INIT;
}
