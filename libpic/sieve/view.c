/* Owns: who is told which name. Everything is sorted once, when the rules are read, and then looked up by halves: a
 * question costs the same with one device and with ten thousand. */
#include "sieve/view.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define DEPTH 4 /* of names that lead to names */
#define TYPE_ANY 255
#define WILD 1u /* beside the number of what is above it */
#define CLASSES 65536u

struct addr {
        uint8_t bytes[16];
        uint8_t size; /* 4, 16; 0: none */
};

struct viewer {
        uint16_t class;
        uint64_t whose; /* of all its places the same */
        struct addr own[2];
};

struct owner {
        struct addr a;
        uint32_t viewer;
};

enum kind { FREE, CELL, OWNED, BEHIND };

struct has {
        uint64_t number;
        struct addr a;
        enum kind kind;
        uint32_t owner; /* the viewer whose address that is, or behind whom it lies; 0: nobody's */
};

struct lead {
        uint64_t number, to;
        unsigned type;
};

struct reach {
        struct addr first, last;
        uint16_t class;
};

struct net {
        struct addr a;
        unsigned len;
        uint32_t viewer; /* behind whom it lies; 0: the cell's own */
};

struct pic__sieve_views {
        PIC__VEC(struct viewer) viewers;
        PIC__VEC(struct owner) owners;
        PIC__VEC(struct has) names;
        PIC__VEC(struct lead) leads;
        PIC__VEC(struct reach) reach;
        PIC__VEC(struct net) inside;
        PIC__VEC(uint64_t) zones;
        struct addr cell[2];
        uint32_t begin[CLASSES + 1]; /* of each class among reach */
        int wild;                    /* there are wildcards */
};

pic__sieve_views *pic__sieve_views_new(void)
{
        return pic__alloc(sizeof(pic__sieve_views));
}

void pic__sieve_views_free(pic__sieve_views *v)
{
        if (v == NULL)
                return;
        pic__vec_free(&v->viewers);
        pic__vec_free(&v->owners);
        pic__vec_free(&v->names);
        pic__vec_free(&v->leads);
        pic__vec_free(&v->reach);
        pic__vec_free(&v->inside);
        pic__vec_free(&v->zones);
        pic__free(v);
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

static int read_addr(const char *text, struct addr *ret)
{
        memset(ret, 0, sizeof(*ret));
        if (inet_pton(AF_INET, text, ret->bytes) == 1)
                ret->size = 4;
        else if (inet_pton(AF_INET6, text, ret->bytes) == 1)
                ret->size = 16;
        return ret->size > 0 ? 0 : -1;
}

static int read_number(const char *text, uint64_t *ret)
{
        int wild = strncmp(text, "*.", 2) == 0;
        pic__sieve_name n;

        text += wild ? 2 : 0;
        if (pic__sieve_name_text(text, strlen(text), &n) < 0)
                return -1;
        *ret = pic__sieve_number(&n) | (wild ? WILD : 0);
        return 0;
}

static int read_class(const char *text, uint16_t *ret)
{
        char *end;
        unsigned long mark = strtoul(text, &end, 16);

        *ret = (uint16_t)(mark >> 16);
        return *end == '\0' && mark >> 16 > 0 && mark >> 16 < CLASSES ? 0 : -1;
}

static int take_cell(pic__sieve_views *v, const char *text)
{
        struct addr a;

        if (read_addr(text, &a) < 0)
                return -1;
        v->cell[a.size == 16] = a;
        return 0;
}

static int take_inside(pic__sieve_views *v, const char *text, uint32_t viewer)
{
        const char *slash = strchr(text, '/');
        struct net n = { .viewer = viewer };
        char at[INET6_ADDRSTRLEN];

        if (slash == NULL || (size_t)(slash - text) >= sizeof(at))
                return -1;
        memcpy(at, text, (size_t)(slash - text));
        at[slash - text] = '\0';
        n.len = (unsigned)strtoul(slash + 1, NULL, 10);
        if (read_addr(at, &n.a) < 0 || n.len > 8u * n.a.size)
                return -1;
        return pic__vec_push(&v->inside, n);
}

static int take_zone(pic__sieve_views *v, const char *text)
{
        uint64_t number;

        return read_number(text, &number) < 0 ? -1 : pic__vec_push(&v->zones, number);
}

static int take_name(pic__sieve_views *v, const char *name, char *list)
{
        struct has h = { .kind = FREE };
        char *save = NULL, *one;
        int bad = 0;

        if (read_number(name, &h.number) < 0)
                return -1;
        v->wild |= (h.number & WILD) != 0;
        if (strcmp(list, "-") == 0)
                return pic__vec_push(&v->names, h);
        for (one = strtok_r(list, ",", &save); one != NULL && !bad; one = strtok_r(NULL, ",", &save))
                bad = read_addr(one, &h.a) < 0 || pic__vec_push(&v->names, h) < 0;
        return bad ? -1 : 0;
}

static int take_lead(pic__sieve_views *v, const char *name, const char *type, const char *to)
{
        struct lead l = { .type = (unsigned)strtoul(type, NULL, 10) };

        return read_number(name, &l.number) < 0 || read_number(to, &l.to) < 0 ? -1 : pic__vec_push(&v->leads, l);
}

static int take_reach(pic__sieve_views *v, const char *class, char *range)
{
        char *last = strchr(range, '-');
        struct reach x;

        if (last != NULL)
                *last++ = '\0';
        if (read_class(class, &x.class) < 0 || read_addr(range, &x.first) < 0 ||
            read_addr(last != NULL ? last : range, &x.last) < 0 || x.first.size != x.last.size)
                return -1;
        return pic__vec_push(&v->reach, x);
}

uint32_t pic__sieve_viewer(pic__sieve_views *v, const char *place, const char *class, char *own)
{
        struct viewer x = { .whose = 0xcbf29ce484222325u };
        char *save = NULL, *one;
        size_t n = 0, i;

        if (strcmp(class, "all") == 0)
                return PIC__SIEVE_ALL;
        if (own == NULL || read_class(class, &x.class) < 0 || v->viewers.count >= PIC__SIEVE_ALL - 1)
                return 0;
        for (one = strtok_r(own, ",", &save); one != NULL && n < 2; one = strtok_r(NULL, ",", &save), n++) {
                struct owner o = { .viewer = (uint32_t)v->viewers.count + 1 };

                if (read_addr(one, &x.own[n]) < 0)
                        return 0;
                for (i = 0; i < x.own[n].size; i++)
                        x.whose = (x.whose ^ x.own[n].bytes[i]) * 0x100000001b3u;
                o.a = x.own[n];
                if (pic__vec_push(&v->owners, o) < 0)
                        return 0;
        }
        if (pic__vec_push(&v->viewers, x) < 0)
                return 0;
        if (strchr(place, '/') != NULL && take_inside(v, place, (uint32_t)v->viewers.count) < 0)
                return 0;
        return (uint32_t)v->viewers.count;
}

int pic__sieve_views_take(pic__sieve_views *v, const char *what, char *one, char *two, char *three)
{
        if (strcmp(what, "cell") == 0)
                return take_cell(v, one);
        if (strcmp(what, "inside") == 0)
                return take_inside(v, one, 0);
        if (strcmp(what, "zone") == 0)
                return take_zone(v, one);
        if (strcmp(what, "name") == 0)
                return two != NULL ? take_name(v, one, two) : -1;
        if (strcmp(what, "reach") == 0)
                return two != NULL ? take_reach(v, one, two) : -1;
        if (strcmp(what, "leads") == 0)
                return three != NULL ? take_lead(v, one, two, three) : -1;
        return 1;
}

/* --- sorting ---------------------------------------------------------------------------------------------------- */

static int compare(const struct addr *a, const struct addr *b)
{
        return a->size != b->size ? (a->size > b->size) - (a->size < b->size) : memcmp(a->bytes, b->bytes, a->size);
}

static int by_addr(const void *a, const void *b)
{
        const struct owner *x = a, *y = b;

        return compare(&x->a, &y->a);
}

static int by_name(const void *a, const void *b)
{
        const struct has *x = a, *y = b;

        return (x->number > y->number) - (x->number < y->number);
}

static int by_lead(const void *a, const void *b)
{
        const struct lead *x = a, *y = b;

        return (x->number > y->number) - (x->number < y->number);
}

static int by_reach(const void *a, const void *b)
{
        const struct reach *x = a, *y = b;

        return x->class != y->class ? (x->class > y->class) - (x->class < y->class) : compare(&x->first, &y->first);
}

static int in_net(const struct net *n, const struct addr *a)
{
        unsigned whole = n->len / 8, rest = n->len % 8;

        return n->a.size == a->size && memcmp(n->a.bytes, a->bytes, whole) == 0 &&
               (rest == 0 || ((n->a.bytes[whole] ^ a->bytes[whole]) & (0xff00u >> rest) & 0xff) == 0);
}

/* Of a device's own address the device, else behind whom it lies. */
static void find_owner(const pic__sieve_views *v, struct has *h)
{
        struct owner key = { .a = h->a }, *o;
        size_t i;

        h->kind = FREE;
        h->owner = 0;
        if (h->a.size == 0)
                return;
        if (compare(&h->a, &v->cell[h->a.size == 16]) == 0) {
                h->kind = CELL;
                return;
        }
        o = v->owners.count > 0 ? bsearch(&key, v->owners.at, v->owners.count, sizeof(key), by_addr) : NULL;
        if (o != NULL) {
                h->kind = OWNED;
                h->owner = o->viewer;
        }
        for (i = 0; h->owner == 0 && i < v->inside.count; i++)
                if (in_net(&v->inside.at[i], &h->a)) {
                        h->kind = BEHIND;
                        h->owner = v->inside.at[i].viewer;
                }
}

/* Of each class those that overlap become one, so that the one that begins last before an address is the only one that
 * may hold it. */
static void join_reach(pic__sieve_views *v)
{
        struct reach *at = v->reach.at;
        size_t i, n = 0;
        unsigned c = 0;

        for (i = 1; i < v->reach.count; i++) {
                if (at[n].class == at[i].class && at[n].first.size == at[i].first.size &&
                    compare(&at[i].first, &at[n].last) <= 0) {
                        if (compare(&at[i].last, &at[n].last) > 0)
                                at[n].last = at[i].last;
                } else {
                        at[++n] = at[i];
                }
        }
        v->reach.count = v->reach.count > 0 ? n + 1 : 0;
        for (i = 0; i < v->reach.count; i++)
                while (c <= at[i].class)
                        v->begin[c++] = (uint32_t)i;
        while (c <= CLASSES)
                v->begin[c++] = (uint32_t)v->reach.count;
}

void pic__sieve_views_end(pic__sieve_views *v)
{
        size_t i;

        if (v->owners.count > 1)
                qsort(v->owners.at, v->owners.count, sizeof(v->owners.at[0]), by_addr);
        for (i = 0; i < v->names.count; i++)
                find_owner(v, &v->names.at[i]);
        if (v->names.count > 1)
                qsort(v->names.at, v->names.count, sizeof(v->names.at[0]), by_name);
        if (v->leads.count > 1)
                qsort(v->leads.at, v->leads.count, sizeof(v->leads.at[0]), by_lead);
        if (v->reach.count > 1)
                qsort(v->reach.at, v->reach.count, sizeof(v->reach.at[0]), by_reach);
        join_reach(v);
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

static int reaches(const pic__sieve_views *v, const struct viewer *who, const struct addr *a)
{
        size_t low = v->begin[who->class], high = v->begin[who->class + 1u];

        if (a->size == 0)
                return 0;
        while (low < high) { /* the first that begins behind it */
                size_t mid = (low + high) / 2;

                if (compare(&v->reach.at[mid].first, a) <= 0)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low > v->begin[who->class] && v->reach.at[low - 1].last.size == a->size &&
               compare(a, &v->reach.at[low - 1].last) <= 0;
}

/* A device is reached when one of its addresses is. */
static int may_know(const pic__sieve_views *v, const struct viewer *who, const struct has *h)
{
        const struct viewer *owner = h->owner > 0 ? &v->viewers.at[h->owner - 1] : NULL;

        if (h->kind == FREE || h->kind == CELL)
                return 1;
        if (who == NULL)
                return 0;
        if (owner != NULL && owner->whose == who->whose)
                return 1;
        if (owner == NULL || h->kind == BEHIND)
                return reaches(v, who, &h->a);
        return reaches(v, who, &owner->own[0]) || reaches(v, who, &owner->own[1]);
}

static size_t first_name(const pic__sieve_views *v, uint64_t number)
{
        size_t low = 0, high = v->names.count;

        while (low < high) {
                size_t mid = (low + high) / 2;

                if (v->names.at[mid].number < number)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low;
}

static size_t first_lead(const pic__sieve_views *v, uint64_t number)
{
        size_t low = 0, high = v->leads.count;

        while (low < high) {
                size_t mid = (low + high) / 2;

                if (v->leads.at[mid].number < number)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low;
}

static int is_there(const pic__sieve_views *v, uint64_t number)
{
        size_t i = first_name(v, number), k = first_lead(v, number);

        return (i < v->names.count && v->names.at[i].number == number) ||
               (k < v->leads.count && v->leads.at[k].number == number);
}

/* 0, 1, or PIC__SIEVE_AS_TYPE: the cell's own names are there for everybody, but not all that they lead to. */
static unsigned hides(const pic__sieve_views *v, const struct viewer *who, uint64_t number, unsigned type, int depth)
{
        int cells = 0;
        size_t i;

        for (i = first_name(v, number); i < v->names.count && v->names.at[i].number == number; i++) {
                if (!may_know(v, who, &v->names.at[i]))
                        return 1;
                cells |= v->names.at[i].kind == CELL;
        }
        for (i = first_lead(v, number); i < v->leads.count && v->leads.at[i].number == number; i++) {
                const struct lead *l = &v->leads.at[i];

                if (depth == DEPTH || (cells && l->type != type && type != TYPE_ANY))
                        continue;
                if (hides(v, who, l->to, 0, depth + 1) == 1)
                        return cells ? PIC__SIEVE_AS_TYPE : 1;
        }
        return 0;
}

/* How many labels of the name are a zone of the cell's. */
static size_t zone_of(const pic__sieve_views *v, const pic__sieve_name *name)
{
        size_t k, i;

        for (k = name->count; k > 0; k--)
                for (i = 0; i < v->zones.count; i++)
                        if (v->zones.at[i] == name->at[k - 1])
                                return k;
        return 0;
}

enum { BARE, COVERED, TOP, SHOWN };

/* Whether wildcards answer for a name: the nearest that may be known does (*ret_at: its labels); or one that is hidden,
 * at the top of the zone or below. */
static int wildcard_of(const pic__sieve_views *v, const struct viewer *who, const pic__sieve_name *name, unsigned type,
                       size_t zone, size_t *ret_at)
{
        int found = BARE;
        size_t k;

        if (!v->wild || zone == 0)
                return BARE;
        for (k = name->count - 1; k >= zone; k--) {
                uint64_t number = name->at[k - 1] | WILD;

                if (!is_there(v, number))
                        continue;
                if (hides(v, who, number, type, 0) == 0) {
                        *ret_at = k;
                        return SHOWN;
                }
                found = k == zone ? TOP : COVERED;
        }
        return found;
}

static const struct viewer *viewer_at(const pic__sieve_views *v, uint32_t viewer)
{
        return viewer > 0 && viewer <= v->viewers.count ? &v->viewers.at[viewer - 1] : NULL;
}

unsigned pic__sieve_views_hide(const pic__sieve_views *v, uint32_t viewer, const pic__sieve_name *name, unsigned type)
{
        const struct viewer *who = viewer_at(v, viewer);
        size_t n = name->count, zone, at = 0;
        int known, found;
        unsigned how;

        if (viewer == PIC__SIEVE_ALL || n == 0)
                return 0;
        known = is_there(v, name->at[n - 1]);
        how = known ? hides(v, who, name->at[n - 1], type, 0) : 0;
        if (known ? how != 1 : !v->wild)
                return how;
        zone = zone_of(v, name);
        found = wildcard_of(v, who, name, type, zone, &at);
        if (found == SHOWN)
                return known ? (unsigned)(n - at) : 0; /* that one answers for it */
        if (!known && found == BARE)
                return 0;
        if (zone == n)
                return PIC__SIEVE_AS_TYPE;
        if (found == TOP)
                return (unsigned)(n - zone) | PIC__SIEVE_AS_NONE;
        return zone == 0 ? 1 : (unsigned)(n - zone);
}
