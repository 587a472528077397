/* Owns: proofs about the tree: making them from all leaves (RFC 6962, section 2.1), and judging them with none
 * (RFC 9162, section 2.1). */
#include <string.h>

#include "audit/tree.h"

struct source {
        pic__leaf_fn fn;
        void *data;
        uint8_t (*path)[PIC__SHA256];
        int count;
};

/* The largest power of two below n; n > 1. */
static uint64_t split(uint64_t n)
{
        uint64_t k = 1;

        while (k < n - k)
                k <<= 1;
        return k;
}

/* Root of the leaves from `from`, `n` > 0 of them. */
static int range_root(const struct source *s, uint64_t from, uint64_t n, uint8_t out[PIC__SHA256])
{
        pic__tree t = { .size = 0 };
        uint64_t i;

        for (i = 0; i < n; i++) {
                uint8_t leaf[PIC__SHA256];

                if (s->fn(from + i, leaf, s->data) < 0)
                        return -1;
                pic__tree_append(&t, leaf);
        }
        pic__tree_root(&t, out);
        return 0;
}

static int add(struct source *s, uint64_t from, uint64_t n)
{
        if (s->count >= PIC__TREE_LEVELS || range_root(s, from, n, s->path[s->count]) < 0)
                return -1;
        s->count++;
        return 0;
}

/* The path is asked for from the leaf upwards, but found from the root downwards. */
static void reverse(struct source *s)
{
        int i, j;

        for (i = 0, j = s->count - 1; i < j; i++, j--) {
                uint8_t swap[PIC__SHA256];

                memcpy(swap, s->path[i], sizeof(swap));
                memcpy(s->path[i], s->path[j], sizeof(swap));
                memcpy(s->path[j], swap, sizeof(swap));
        }
}

int pic__tree_inclusion(uint64_t index, uint64_t size, pic__leaf_fn fn, void *data, uint8_t path[][PIC__SHA256])
{
        struct source s = { fn, data, path, 0 };
        uint64_t from = 0;

        if (index >= size)
                return -1;
        while (size > 1) {
                uint64_t k = split(size);
                int left = index < k, r = left ? add(&s, from + k, size - k) : add(&s, from, k);

                if (r < 0)
                        return -1;
                if (!left) {
                        from += k;
                        index -= k;
                }
                size = left ? k : size - k;
        }
        reverse(&s);
        return s.count;
}

int pic__tree_consistency(uint64_t old, uint64_t size, pic__leaf_fn fn, void *data, uint8_t path[][PIC__SHA256])
{
        struct source s = { fn, data, path, 0 };
        uint64_t from = 0;
        int whole = 1;

        if (old == 0 || old > size)
                return -1;
        while (old != size) {
                uint64_t k = split(size);
                int left = old <= k, r = left ? add(&s, from + k, size - k) : add(&s, from, k);

                if (r < 0)
                        return -1;
                if (!left) {
                        from += k;
                        old -= k;
                        whole = 0;
                }
                size = left ? k : size - k;
        }
        if (!whole && add(&s, from, size) < 0)
                return -1;
        reverse(&s);
        return s.count;
}

int pic__tree_included(const uint8_t leaf[PIC__SHA256], uint64_t index, uint64_t size,
                       const uint8_t path[][PIC__SHA256], size_t count, const uint8_t root[PIC__SHA256])
{
        uint64_t at = index, last = size - 1;
        uint8_t hash[PIC__SHA256];
        size_t i;

        if (index >= size)
                return 0;
        memcpy(hash, leaf, sizeof(hash));
        for (i = 0; i < count; i++) {
                if (last == 0)
                        return 0;
                if ((at & 1) != 0 || at == last) {
                        pic__node_hash(path[i], hash, hash);
                        while ((at & 1) == 0 && at != 0) {
                                at >>= 1;
                                last >>= 1;
                        }
                } else {
                        pic__node_hash(hash, path[i], hash);
                }
                at >>= 1;
                last >>= 1;
        }
        return last == 0 && memcmp(hash, root, sizeof(hash)) == 0;
}

/* The walk of 2.1.4.2, once the first hash is known: a is the old root in the making, b the new one. */
static int walk(uint64_t at, uint64_t last, const uint8_t path[][PIC__SHA256], size_t count, uint8_t a[PIC__SHA256],
                uint8_t b[PIC__SHA256])
{
        size_t i;

        for (i = 0; i < count; i++) {
                if (last == 0)
                        return 0;
                if ((at & 1) != 0 || at == last) {
                        pic__node_hash(path[i], a, a);
                        pic__node_hash(path[i], b, b);
                        while ((at & 1) == 0 && at != 0) {
                                at >>= 1;
                                last >>= 1;
                        }
                } else {
                        pic__node_hash(b, path[i], b);
                }
                at >>= 1;
                last >>= 1;
        }
        return last == 0;
}

int pic__tree_consistent(uint64_t old, const uint8_t old_root[PIC__SHA256], uint64_t size,
                         const uint8_t root[PIC__SHA256], const uint8_t path[][PIC__SHA256], size_t count)
{
        uint64_t at = old - 1, last = size - 1;
        uint8_t a[PIC__SHA256], b[PIC__SHA256];
        int power = (old & (old - 1)) == 0;

        if (old == 0 || old > size)
                return 0;
        if (old == size)
                return count == 0 && memcmp(old_root, root, PIC__SHA256) == 0;
        if (count == 0 && !power)
                return 0;
        memcpy(a, power ? old_root : path[0], PIC__SHA256);
        memcpy(b, a, PIC__SHA256);
        while ((at & 1) != 0) {
                at >>= 1;
                last >>= 1;
        }
        if (!walk(at, last, power ? path : path + 1, power ? count : count - 1, a, b))
                return 0;
        return memcmp(a, old_root, PIC__SHA256) == 0 && memcmp(b, root, PIC__SHA256) == 0;
}
