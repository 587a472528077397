/* Owns: the order of a bag: by kind, then key; of equal items the first stays.
 *
 * 10,000 peers make 70,000 items, sorted twice for each full comparison, so this is the hot spot of planning. Comparing
 * texts misses the cache at every step; so each item gets an entry with kind and the first 16 bytes that tell the keys
 * of its kind apart, and mostly only entries are compared. A bag that is in order already is left alone. */
#include <endian.h>
#include <string.h>

#include "plan/item.h"

typedef struct entry {
        uint64_t head[2]; /* first bytes of the key after what all keys of the kind share, big end first */
        uint32_t kind;
        uint32_t index; /* where the item was: makes the order total, so equal items keep theirs */
} entry;

static int item_cmp(const pic__item *a, const pic__item *b)
{
        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        return strcmp(a->key, b->key);
}

static int in_order(const pic__items *items)
{
        size_t i;

        for (i = 1; i < items->count; i++)
                if (item_cmp(&items->at[i - 1], &items->at[i]) >= 0)
                        return 0;
        return 1;
}

/* How many bytes all keys of a kind have in common. */
static void shared_bytes(const pic__items *items, size_t shared[PIC__ITEM_KINDS])
{
        const char *first[PIC__ITEM_KINDS] = { NULL };
        size_t i, n;

        for (i = 0; i < items->count; i++) {
                const pic__item *item = &items->at[i];

                if (first[item->kind] == NULL) {
                        first[item->kind] = item->key;
                        shared[item->kind] = strlen(item->key);
                        continue;
                }
                for (n = 0; n < shared[item->kind] && item->key[n] == first[item->kind][n]; n++)
                        ;
                shared[item->kind] = n;
        }
}

static void read_head(const char *at, uint64_t head[2])
{
        char bytes[16] = { 0 };

        memcpy(bytes, at, strnlen(at, sizeof(bytes)));
        memcpy(head, bytes, sizeof(bytes));
        head[0] = be64toh(head[0]);
        head[1] = be64toh(head[1]);
}

static int entry_cmp(const pic__items *items, const entry *a, const entry *b)
{
        int c;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (a->head[0] != b->head[0])
                return a->head[0] < b->head[0] ? -1 : 1;
        if (a->head[1] != b->head[1])
                return a->head[1] < b->head[1] ? -1 : 1;
        c = strcmp(items->at[a->index].key, items->at[b->index].key);
        return c != 0 ? c : (a->index > b->index) - (a->index < b->index);
}

static void insert_sort(const pic__items *items, entry *e, size_t count)
{
        size_t i, k;

        for (i = 1; i < count; i++) {
                entry moved = e[i];

                for (k = i; k > 0 && entry_cmp(items, &e[k - 1], &moved) > 0; k--)
                        e[k] = e[k - 1];
                e[k] = moved;
        }
}

/* spare: room for half of the entries. */
static void merge_sort(const pic__items *items, entry *e, size_t count, entry *spare)
{
        size_t half = count / 2, left = 0, right = half, to = 0;

        if (count <= 12) {
                insert_sort(items, e, count);
                return;
        }
        merge_sort(items, e, half, spare);
        merge_sort(items, e + half, count - half, spare);
        if (entry_cmp(items, &e[half - 1], &e[half]) < 0)
                return;
        memcpy(spare, e, half * sizeof(*e));
        while (left < half && right < count)
                e[to++] = entry_cmp(items, &spare[left], &e[right]) < 0 ? spare[left++] : e[right++];
        memcpy(&e[to], &spare[left], (half - left) * sizeof(*e));
}

/* Puts items where the entries say, following each cycle once. */
static void permute(pic__items *items, entry *e)
{
        size_t i;

        for (i = 0; i < items->count; i++) {
                pic__item first = items->at[i];
                size_t to = i;

                while (e[to].index != i) {
                        size_t from = e[to].index;

                        items->at[to] = items->at[from];
                        e[to].index = (uint32_t)to;
                        to = from;
                }
                items->at[to] = first;
                e[to].index = (uint32_t)to;
        }
}

/* Leaves the bag, so nobody wipes it later. */
static void drop(pic__item *item)
{
        union {
                const uint8_t *shown;
                uint8_t *own;
        } secret = { item->secret };

        if (secret.own != NULL)
                explicit_bzero(secret.own, item->secret_len);
        item->key = NULL;
}

/* Drops all but the first of equal items, when their entries are in order. Only entries with the same head need a look
 * at the keys. */
static void drop_equals(const pic__items *items, const entry *e, size_t count)
{
        size_t i, first = 0;

        for (i = 1; i < count; i++) {
                if (e[i].kind == e[first].kind && e[i].head[0] == e[first].head[0] &&
                    e[i].head[1] == e[first].head[1] &&
                    strcmp(items->at[e[i].index].key, items->at[e[first].index].key) == 0)
                        drop(&items->at[e[i].index]);
                else
                        first = i;
        }
}

static int sort_by_entries(pic__items *items)
{
        size_t shared[PIC__ITEM_KINDS] = { 0 };
        size_t count = items->count, i;
        entry *e = pic__alloc((count + count / 2) * sizeof(*e));

        if (e == NULL)
                return -1;
        shared_bytes(items, shared);
        for (i = 0; i < count; i++) {
                e[i].kind = (uint32_t)items->at[i].kind;
                e[i].index = (uint32_t)i;
                read_head(items->at[i].key + shared[items->at[i].kind], e[i].head);
        }
        merge_sort(items, e, count, e + count);
        drop_equals(items, e, count);
        permute(items, e);
        pic__free(e);
        return 0;
}

/* Without memory for entries: the same order by rotations alone. Slower, but sorting cannot fail. */
static void reverse(pic__item *at, size_t from, size_t to)
{
        while (from + 1 < to) {
                pic__item moved = at[from];

                at[from++] = at[--to];
                at[to] = moved;
        }
}

/* The first place in from..to whose item is not below `item` (above = 0), or is above it (above = 1). */
static size_t bound(const pic__item *at, size_t from, size_t to, const pic__item *item, int above)
{
        while (from < to) {
                size_t mid = from + (to - from) / 2;

                if (item_cmp(&at[mid], item) < above)
                        from = mid + 1;
                else
                        to = mid;
        }
        return from;
}

static void merge_in_place(pic__item *at, size_t low, size_t mid, size_t high)
{
        size_t left, right;

        if (low == mid || mid == high || item_cmp(&at[mid - 1], &at[mid]) <= 0)
                return;
        if (mid - low >= high - mid) {
                left = low + (mid - low) / 2;
                right = bound(at, mid, high, &at[left], 0);
        } else {
                right = mid + (high - mid) / 2;
                left = bound(at, low, mid, &at[right], 1);
        }
        reverse(at, left, mid);
        reverse(at, mid, right);
        reverse(at, left, right);
        merge_in_place(at, low, left, left + (right - mid));
        merge_in_place(at, left + (right - mid), right, high);
}

static void sort_in_place(pic__item *at, size_t low, size_t high)
{
        size_t mid = low + (high - low) / 2;

        if (high - low < 2)
                return;
        sort_in_place(at, low, mid);
        sort_in_place(at, mid, high);
        merge_in_place(at, low, mid, high);
}

static void drop_equals_in_place(pic__items *items)
{
        size_t i, first = 0;

        for (i = 1; i < items->count; i++) {
                if (item_cmp(&items->at[first], &items->at[i]) == 0)
                        drop(&items->at[i]);
                else
                        first = i;
        }
}

void pic__items_sort(pic__items *items)
{
        size_t i, kept = 0;

        if (in_order(items))
                return;
        if (items->count >= UINT32_MAX || sort_by_entries(items) < 0) {
                sort_in_place(items->at, 0, items->count);
                drop_equals_in_place(items);
        }
        for (i = 0; i < items->count; i++)
                if (items->at[i].key != NULL)
                        items->at[kept++] = items->at[i];
        items->count = kept;
}
