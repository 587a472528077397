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

int pic__items_add_long(pic__items *items, const pic__item *item, pic_error **err)
{
        pic__item new = *item;

        if (item->secret != NULL && item->secret_len > PIC__ITEM_SECRET_MAX)
                return pic__fail(err, PIC_INVALID, "a secret of %zu bytes", item->secret_len);
        if (grow(items) < 0)
                return pic__nomem(err);
        new.key = pic__arena_dup(&items->arena, item->key, strlen(item->key));
        new.value = pic__arena_dup(&items->arena, item->value, strlen(item->value));
        if (item->secret != NULL)
                new.secret =
                        (const uint8_t *)pic__arena_dup(&items->arena, (const char *)item->secret, item->secret_len);
        if (new.key == NULL || new.value == NULL || (item->secret != NULL && new.secret == NULL))
                return pic__nomem(err);
        items->at[items->count++] = new;
        return 0;
}

int pic__items_add(pic__items *items, enum pic__item_kind kind, const char *key, const char *value,
                   const uint8_t *secret, const char *why, pic_error **err)
{
        pic__item item = { kind, key, value, secret, secret != NULL ? SECRET : 0, why };

        return pic__items_add_long(items, &item, err);
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

static int same_secret(const pic__item *a, const pic__item *b)
{
        volatile uint8_t differ = 0;
        size_t i;

        if (a->secret == NULL || b->secret == NULL)
                return a->secret == b->secret;
        if (a->secret_len != b->secret_len)
                return 0;
        for (i = 0; i < a->secret_len; i++)
                differ = (uint8_t)(differ | (a->secret[i] ^ b->secret[i]));
        return differ == 0;
}

int pic__item_same(const pic__item *a, const pic__item *b)
{
        return strcmp(a->value, b->value) == 0 && same_secret(a, b);
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
                        explicit_bzero(secret.own, items->at[i].secret_len);
        }
        pic__free(items->at);
        pic__arena_free(&items->arena);
        *items = (pic__items)PIC__ITEMS_INIT;
}
