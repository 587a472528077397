/* Owns: the tree's growing edge. */
#include "audit/tree.h"

#include <string.h>

void pic__leaf_hash(const void *data, size_t len, uint8_t out[PIC__SHA256])
{
        pic__sha256_tagged(0, data, len, NULL, 0, out);
}

void pic__node_hash(const uint8_t left[PIC__SHA256], const uint8_t right[PIC__SHA256], uint8_t out[PIC__SHA256])
{
        pic__sha256_tagged(1, left, PIC__SHA256, right, PIC__SHA256, out);
}

void pic__tree_append(pic__tree *t, const uint8_t leaf[PIC__SHA256])
{
        uint8_t hash[PIC__SHA256];
        unsigned i;

        memcpy(hash, leaf, sizeof(hash));
        for (i = 0; (t->size >> i & 1) != 0; i++)
                pic__node_hash(t->edge[i], hash, hash);
        memcpy(t->edge[i], hash, sizeof(hash));
        t->size++;
}

void pic__tree_root(const pic__tree *t, uint8_t out[PIC__SHA256])
{
        int begun = 0;
        unsigned i;

        if (t->size == 0) {
                pic__sha256(NULL, 0, out);
                return;
        }
        for (i = 0; i < PIC__TREE_LEVELS; i++) {
                if ((t->size >> i & 1) == 0)
                        continue;
                if (begun)
                        pic__node_hash(t->edge[i], out, out);
                else
                        memcpy(out, t->edge[i], PIC__SHA256);
                begun = 1;
        }
}

size_t pic__tree_pack(const pic__tree *t, uint8_t out[PIC__TREE_BYTES])
{
        size_t len = 8;
        unsigned i;

        for (i = 0; i < 8; i++)
                out[i] = (uint8_t)(t->size >> (56 - 8 * i));
        for (i = PIC__TREE_LEVELS; i-- > 0;) {
                if ((t->size >> i & 1) == 0)
                        continue;
                memcpy(out + len, t->edge[i], PIC__SHA256);
                len += PIC__SHA256;
        }
        return len;
}

int pic__tree_unpack(const void *data, size_t len, pic__tree *ret)
{
        const uint8_t *at = data, *end;
        pic__tree t;
        unsigned i;

        memset(&t, 0, sizeof(t));
        if (len < 8 || len > PIC__TREE_BYTES)
                return -1;
        end = at + len;
        for (i = 0; i < 8; i++)
                t.size = t.size << 8 | *at++;
        if (t.size >> PIC__TREE_LEVELS != 0)
                return -1;
        for (i = PIC__TREE_LEVELS; i-- > 0;) {
                if ((t.size >> i & 1) == 0)
                        continue;
                if (end - at < PIC__SHA256)
                        return -1;
                memcpy(t.edge[i], at, PIC__SHA256);
                at += PIC__SHA256;
        }
        if (at != end)
                return -1;
        *ret = t;
        return 0;
}
