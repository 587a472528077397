/* Owns: the hash map. Load stays under 3/4; removed slots are swept when the table grows. */
#include "base/map.h"

#include <string.h>

#include "base/mem.h"

uint64_t pic__hash(const void *data, size_t len)
{
        const unsigned char *p = data;
        uint64_t h = 0xcbf29ce484222325u;
        size_t i;

        for (i = 0; i < len; i++)
                h = (h ^ p[i]) * 0x100000001b3u;
        h ^= h >> 32;
        h *= 0xd6e8feb86659fd93u;
        h ^= h >> 32;
        return h;
}

static uint64_t slot_hash(const void *key, size_t len)
{
        uint64_t h = pic__hash(key, len);

        return h > 1 ? h : h + 2;
}

static pic__map_slot *find(const pic__map *m, const void *key, size_t len, uint64_t hash)
{
        size_t i;

        if (m->room == 0)
                return NULL;
        for (i = (size_t)hash & (m->room - 1); m->slots[i].hash != 0; i = (i + 1) & (m->room - 1)) {
                pic__map_slot *s = &m->slots[i];

                if (s->hash == hash && s->len == len && memcmp(s->key, key, len) == 0)
                        return s;
        }
        return NULL;
}

static void place(pic__map_slot *slots, size_t room, const pic__map_slot *new)
{
        size_t i = (size_t) new->hash &(room - 1);

        while (slots[i].hash > 1)
                i = (i + 1) & (room - 1);
        slots[i] = *new;
}

static int grow(pic__map *m)
{
        size_t room = 16, i;
        pic__map_slot *slots;

        while (room < (m->count + 1) * 2)
                room *= 2;
        slots = pic__alloc(room * sizeof(*slots));
        if (slots == NULL)
                return -1;
        for (i = 0; i < m->room; i++)
                if (m->slots[i].hash > 1)
                        place(slots, room, &m->slots[i]);
        pic__free(m->slots);
        m->slots = slots;
        m->room = room;
        m->used = m->count;
        return 0;
}

int pic__map_set(pic__map *m, const void *key, size_t len, void *value)
{
        pic__map_slot new = { key, len, slot_hash(key, len), value };
        pic__map_slot *old = find(m, key, len, new.hash);

        if (old != NULL) {
                *old = new;
                return 0;
        }
        if ((m->used + 1) * 4 > m->room * 3 && grow(m) < 0)
                return -1;
        place(m->slots, m->room, &new);
        m->count++;
        m->used++; /* may count a reused slot twice: grows a little early, never too late */
        return 0;
}

void *pic__map_get(const pic__map *m, const void *key, size_t len)
{
        pic__map_slot *s = find(m, key, len, slot_hash(key, len));

        return s != NULL ? s->value : NULL;
}

void *pic__map_remove(pic__map *m, const void *key, size_t len)
{
        pic__map_slot *s = find(m, key, len, slot_hash(key, len));

        if (s == NULL)
                return NULL;
        s->hash = 1;
        m->count--;
        return s->value;
}

void *pic__map_next(const pic__map *m, size_t *at)
{
        while (*at < m->room) {
                const pic__map_slot *s = &m->slots[(*at)++];

                if (s->hash > 1)
                        return s->value;
        }
        return NULL;
}

void pic__map_free(pic__map *m)
{
        pic__free(m->slots);
        *m = (pic__map)PIC__MAP_INIT;
}
