/* Owns: the table's form. Numbers come in ascending order and their places ascend with them, so it is written from
 * front to back; a look goes to the place that a number ought to have and on until one is empty. */
#include "sieve/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

__extension__ typedef unsigned __int128 wide;

static const char keys_magic[8] = "pickeys1", table_magic[8] = "picsiev1";

#define SETS_MAX ((1u << 20) - 2)
#define SLACK 4096 /* places behind the last one, so that nothing goes round */
#define MARK_BITS 44

struct head {
        char magic[8];
        uint64_t lists, slots, sets;
};

/* --- one list --------------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
        const uint64_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

size_t pic__sieve_keys_sort(uint64_t *at, size_t count)
{
        size_t i, n = 0;

        if (count == 0)
                return 0;
        qsort(at, count, sizeof(at[0]), ascending);
        for (i = 1; i < count; i++) {
                if ((at[i] ^ at[n]) <= PIC__SIEVE_HOW)
                        at[n] |= at[i];
                else
                        at[++n] = at[i];
        }
        return n + 1;
}

void pic__sieve_keys_head(size_t count, uint8_t out[PIC__SIEVE_KEYS_HEAD])
{
        uint64_t n = count;

        memcpy(out, keys_magic, sizeof(keys_magic));
        memcpy(out + sizeof(keys_magic), &n, sizeof(n));
}

int pic__sieve_keys_read(const void *bytes, size_t len, pic__sieve_keys *ret)
{
        const uint8_t *at = bytes;
        uint64_t n;

        if (len < PIC__SIEVE_KEYS_HEAD || memcmp(at, keys_magic, sizeof(keys_magic)) != 0)
                return -1;
        memcpy(&n, at + sizeof(keys_magic), sizeof(n));
        if (n > PIC__SIEVE_NAMES_MAX || len != PIC__SIEVE_KEYS_HEAD + n * sizeof(uint64_t))
                return -1;
        ret->at = (const void *)(at + PIC__SIEVE_KEYS_HEAD);
        ret->count = n;
        return 0;
}

/* --- making ----------------------------------------------------------------------------------------------------- */

struct make {
        uint64_t *sets; /* two words each */
        size_t count, room;
        uint32_t *index; /* place in sets plus one, by hash; twice as many as room */
        uint64_t *slot;
        size_t slots, next;
};

static size_t place_of(uint64_t number, size_t slots)
{
        return (size_t)((wide)number * slots >> 64);
}

static uint64_t mark_of(uint64_t number)
{
        return number >> 2 & (((uint64_t)1 << MARK_BITS) - 1);
}

static uint32_t *find_set(const struct make *m, uint64_t self, uint64_t below)
{
        uint64_t h = (self * 0x9e3779b97f4a7c15u ^ below) * 0xff51afd7ed558ccdu;
        size_t at = h >> 20 & (2 * m->room - 1);

        for (; m->index[at] != 0; at = (at + 1) & (2 * m->room - 1)) {
                const uint64_t *s = &m->sets[2 * (m->index[at] - 1)];

                if (s[0] == self && s[1] == below)
                        break;
        }
        return &m->index[at];
}

static int grow_sets(struct make *m)
{
        size_t room = m->room == 0 ? 256 : 2 * m->room, i;
        uint64_t *sets = pic__realloc(m->sets, room * 2 * sizeof(sets[0]));

        if (sets == NULL)
                return -1;
        m->sets = sets;
        pic__free(m->index);
        m->room = room;
        m->index = pic__alloc(2 * room * sizeof(m->index[0]));
        if (m->index == NULL)
                return -1;
        for (i = 0; i < m->count; i++)
                *find_set(m, m->sets[2 * i], m->sets[2 * i + 1]) = (uint32_t)i + 1;
        return 0;
}

static long set_of(struct make *m, uint64_t self, uint64_t below)
{
        uint32_t *at;

        if (m->count == m->room && grow_sets(m) < 0)
                return -1;
        at = find_set(m, self, below);
        if (*at == 0) {
                if (m->count == SETS_MAX)
                        return -1;
                m->sets[2 * m->count] = self;
                m->sets[2 * m->count + 1] = below;
                *at = (uint32_t)++m->count;
        }
        return (long)*at - 1;
}

static int put(struct make *m, uint64_t number, uint64_t self, uint64_t below)
{
        size_t place = place_of(number, m->slots);
        long set = set_of(m, self, below);

        if (place < m->next)
                place = m->next;
        if (set < 0 || place + 1 >= m->slots + SLACK)
                return -1;
        m->slot[place] = mark_of(number) << (64 - MARK_BITS) | ((uint64_t)set + 1);
        m->next = place + 1;
        return 0;
}

/* The least number that is next in any list, and whose it is. 0: no more. */
static int next_of(const pic__sieve_keys *lists, size_t count, size_t *at, uint64_t ret[3])
{
        uint64_t least = UINT64_MAX;
        int some = 0;
        size_t i;

        for (i = 0; i < count; i++)
                if (at[i] < lists[i].count) {
                        uint64_t n = lists[i].at[at[i]] & ~(uint64_t)PIC__SIEVE_HOW;

                        some = 1;
                        least = n < least ? n : least;
                }
        ret[0] = least;
        ret[1] = ret[2] = 0;
        for (i = 0; i < count; i++)
                while (at[i] < lists[i].count && (lists[i].at[at[i]] & ~(uint64_t)PIC__SIEVE_HOW) <= least) {
                        uint64_t how = lists[i].at[at[i]++];

                        ret[1] |= (how & PIC__SIEVE_SELF) != 0 ? (uint64_t)1 << i : 0;
                        ret[2] |= (how & PIC__SIEVE_BELOW) != 0 ? (uint64_t)1 << i : 0;
                }
        return some;
}

static int fill(struct make *m, const pic__sieve_keys *lists, size_t count)
{
        size_t at[PIC__SIEVE_LISTS] = { 0 };
        uint64_t next[3];
        int r = 0;

        while (r == 0 && next_of(lists, count, at, next))
                r = put(m, next[0], next[1], next[2]);
        return r;
}

static void write_out(const struct make *m, const pic__sieve_keys *lists, size_t count, pic__buf *out)
{
        struct head h = { .lists = count, .slots = m->slots, .sets = m->count };
        uint32_t ids[PIC__SIEVE_LISTS] = { 0 };
        size_t i;

        memcpy(h.magic, table_magic, sizeof(h.magic));
        for (i = 0; i < count; i++)
                ids[i] = lists[i].id;
        pic__buf_put(out, &h, sizeof(h));
        pic__buf_put(out, ids, sizeof(ids));
        if (m->count > 0)
                pic__buf_put(out, m->sets, m->count * 2 * sizeof(m->sets[0]));
        pic__buf_put(out, m->slot, (m->slots + SLACK) * sizeof(m->slot[0]));
}

int pic__sieve_table_make(const pic__sieve_keys *lists, size_t count, pic__buf *out)
{
        struct make m = { 0 };
        size_t i, names = 0;
        int r;

        if (count > PIC__SIEVE_LISTS)
                return -1;
        for (i = 0; i < count; i++)
                names += lists[i].count;
        if (names > PIC__SIEVE_NAMES_MAX)
                return -1;
        m.slots = names + names / 2 + 1;
        m.slot = pic__alloc((m.slots + SLACK) * sizeof(m.slot[0]));
        r = m.slot != NULL ? fill(&m, lists, count) : -1;
        if (r == 0)
                write_out(&m, lists, count, out);
        pic__free(m.slot);
        pic__free(m.sets);
        pic__free(m.index);
        return r < 0 || out->failed ? -1 : 0;
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

int pic__sieve_table_read(const void *bytes, size_t size, pic__sieve_table *ret)
{
        const uint8_t *at = bytes;
        struct head h;

        if (size < sizeof(h) + PIC__SIEVE_LISTS * sizeof(uint32_t))
                return -1;
        memcpy(&h, at, sizeof(h));
        if (memcmp(h.magic, table_magic, sizeof(h.magic)) != 0 || h.lists > PIC__SIEVE_LISTS || h.sets > SETS_MAX ||
            h.slots > 2u * PIC__SIEVE_NAMES_MAX)
                return -1;
        at += sizeof(h);
        *ret = (pic__sieve_table){ .bytes = bytes, .size = size, .lists = h.lists, .slots = h.slots, .sets = h.sets };
        ret->id = (const void *)at;
        at += PIC__SIEVE_LISTS * sizeof(uint32_t);
        ret->set = (const void *)at;
        at += h.sets * 2 * sizeof(uint64_t);
        ret->slot = (const void *)at;
        at += (h.slots + SLACK) * sizeof(uint64_t);
        /* The last place is always empty: there a look ends. */
        return (size_t)(at - (const uint8_t *)bytes) == size && ret->slot[h.slots + SLACK - 1] == 0 ? 0 : -1;
}

static const uint64_t *look(const pic__sieve_table *t, uint64_t number)
{
        uint64_t mark = mark_of(number);
        size_t at = place_of(number, t->slots);

        for (; t->slot[at] != 0; at++)
                if (t->slot[at] >> (64 - MARK_BITS) == mark) {
                        size_t set = (t->slot[at] & (((uint64_t)1 << (64 - MARK_BITS)) - 1)) - 1;

                        return set < t->sets ? &t->set[2 * set] : NULL;
                }
        return NULL;
}

uint64_t pic__sieve_table_find(const pic__sieve_table *t, const pic__sieve_name *name)
{
        uint64_t who = 0;
        size_t i;

        for (i = 0; i < name->count; i++) {
                const uint64_t *set = look(t, name->at[i]);

                if (set != NULL)
                        who |= i + 1 == name->count ? set[0] : set[1];
        }
        return who;
}
