/* Owns: bags of items: filling, finding, comparing, wiping. Sorting is in item_sort.c. */
#include "plan/item.h"

#include <string.h>

#include "base/map.h"

enum { SECRET = 32 };

/* Grows by half: a bag of 100,000 items should not hold room for twice as many. */
static int grow(pic__items *items)
{
        size_t room = items->room + items->room / 2 + 16;
        pic__item *at;

        if (items->count < items->room)
                return 0;
        at = pic__realloc(items->at, room * sizeof(*at));
        if (at == NULL)
                return -1;
        items->at = at;
        items->room = room;
        return 0;
}

int pic__items_add(pic__items *items, enum pic__item_kind kind, const char *key, const char *value,
                   const uint8_t *secret, const char *why, pic_error **err)
{
        pic__item item = { kind, NULL, NULL, NULL, why };

        if (grow(items) < 0)
                return pic__nomem(err);
        item.key = pic__arena_dup(&items->arena, key, strlen(key));
        item.value = pic__arena_dup(&items->arena, value, strlen(value));
        if (secret != NULL)
                item.secret = (const uint8_t *)pic__arena_dup(&items->arena, (const char *)secret, SECRET);
        if (item.key == NULL || item.value == NULL || (secret != NULL && item.secret == NULL))
                return pic__nomem(err);
        items->at[items->count++] = item;
        return 0;
}

const pic__item *pic__items_find(const pic__items *items, enum pic__item_kind kind, const char *key)
{
        size_t low = 0, high = items->count;

        while (low < high) {
                size_t mid = low + (high - low) / 2;
                const pic__item *item = &items->at[mid];
                int c = item->kind != kind ? (item->kind > kind) - (item->kind < kind) : strcmp(item->key, key);

                if (c == 0)
                        return item;
                if (c < 0)
                        low = mid + 1;
                else
                        high = mid;
        }
        return NULL;
}

static int same_secret(const uint8_t *a, const uint8_t *b)
{
        volatile uint8_t differ = 0;
        size_t i;

        if (a == NULL || b == NULL)
                return a == b;
        for (i = 0; i < SECRET; i++)
                differ = (uint8_t)(differ | (a[i] ^ b[i]));
        return differ == 0;
}

int pic__item_same(const pic__item *a, const pic__item *b)
{
        return strcmp(a->value, b->value) == 0 && same_secret(a->secret, b->secret);
}

uint64_t pic__item_sum(const pic__item *item)
{
        return pic__hash(item->key, strlen(item->key)) * ((uint64_t)item->kind * 2 + 1) ^
               pic__hash(item->value, strlen(item->value));
}

void pic__items_wipe(pic__items *items)
{
        size_t i;

        for (i = 0; i < items->count; i++) {
                union {
                        const uint8_t *shown;
                        uint8_t *own; /* the bag's arena: ours to change */
                } secret = { items->at[i].secret };

                if (secret.own != NULL)
                        explicit_bzero(secret.own, SECRET);
        }
        pic__free(items->at);
        pic__arena_free(&items->arena);
        *items = (pic__items)PIC__ITEMS_INIT;
}
