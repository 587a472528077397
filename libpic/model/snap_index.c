/* Owns: finding nodes by name, address or key. Open addressing over pointers; a node's key is made from the node when
 * it is needed, so a slot costs eight bytes. At most half of the slots are used. */
#include <string.h>

#include "model/snap_impl.h"
#include "model/text.h"

static pic__node removed; /* marks a slot whose node was taken out */

size_t pic__index_key_of(const pic__node *n, enum pic__index_key which, uint8_t key[PIC__INDEX_KEY_MAX])
{
        if (which == PIC__BY_ADDR4 || which == PIC__BY_ADDR6) {
                int v4 = which == PIC__BY_ADDR4;

                memcpy(key, v4 ? n->addr4 : n->addr6, v4 ? sizeof(n->addr4) : sizeof(n->addr6));
                if (v4)
                        return n->has4 ? sizeof(n->addr4) : 0;
                return n->has6 ? sizeof(n->addr6) : 0;
        }
        if (which == PIC__BY_NAME)
                pic__fold(pic__obj_name(n->o), (char *)key, PIC__INDEX_KEY_MAX);
        else
                strncpy((char *)key, pic__obj_text(n->o, "public_key"), PIC__INDEX_KEY_MAX - 1);
        key[PIC__INDEX_KEY_MAX - 1] = '\0';
        return strlen((const char *)key);
}

static void place(pic__node **slots, size_t room, enum pic__index_key which, pic__node *n)
{
        uint8_t key[PIC__INDEX_KEY_MAX];
        size_t len = pic__index_key_of(n, which, key), i;

        i = (size_t)pic__hash(key, len) & (room - 1);
        while (slots[i] != NULL && slots[i] != &removed)
                i = (i + 1) & (room - 1);
        slots[i] = n;
}

int pic__index_reserve(pic__index *x, enum pic__index_key which)
{
        size_t room = 16, i;
        pic__node **slots;

        if ((x->used + 1) * 2 <= x->room)
                return 0;
        while (room < (x->count + 1) * 3)
                room *= 2;
        slots = pic__alloc(room * sizeof(*slots));
        if (slots == NULL)
                return -1;
        for (i = 0; i < x->room; i++)
                if (x->slots[i] != NULL && x->slots[i] != &removed)
                        place(slots, room, which, x->slots[i]);
        pic__free(x->slots);
        x->slots = slots;
        x->room = room;
        x->used = x->count;
        return 0;
}

void pic__index_add(pic__index *x, enum pic__index_key which, pic__node *n)
{
        uint8_t key[PIC__INDEX_KEY_MAX];

        if (pic__index_key_of(n, which, key) == 0)
                return;
        place(x->slots, x->room, which, n);
        x->count++;
        x->used++;
}

void pic__index_remove(pic__index *x, enum pic__index_key which, const pic__node *n)
{
        uint8_t key[PIC__INDEX_KEY_MAX];
        size_t len = pic__index_key_of(n, which, key), i;

        if (len == 0 || x->room == 0)
                return;
        i = (size_t)pic__hash(key, len) & (x->room - 1);
        for (; x->slots[i] != NULL; i = (i + 1) & (x->room - 1)) {
                if (x->slots[i] != n)
                        continue;
                x->slots[i] = &removed;
                x->count--;
                return;
        }
}

pic__node *pic__index_find(const pic__index *x, enum pic__index_key which, const void *key, size_t len, pic_id except)
{
        uint8_t other[PIC__INDEX_KEY_MAX];
        size_t i;

        if (x->room == 0 || len == 0)
                return NULL;
        i = (size_t)pic__hash(key, len) & (x->room - 1);
        for (; x->slots[i] != NULL; i = (i + 1) & (x->room - 1)) {
                pic__node *n = x->slots[i];

                if (n == &removed || n->o->id == except)
                        continue;
                if (pic__index_key_of(n, which, other) == len && memcmp(key, other, len) == 0)
                        return n;
        }
        return NULL;
}
