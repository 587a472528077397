/* Owns: reading the rules, and looking into them. Sources are kept by network, longest first. */
#include "sieve/rules.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define NAME_MAX_LEN 64

struct source {
        uint8_t bytes[16];
        uint8_t size; /* 4, 16; 0: free place */
        uint8_t len;
        uint8_t none;
        uint32_t viewer; /* of view.h */
        uint64_t lists;
};

struct let {
        uint64_t number, lists;
};

struct pic__sieve_rules {
        uint64_t all;
        const uint32_t *ids;
        size_t count;
        char name[PIC__SIEVE_LISTS][NAME_MAX_LEN];
        PIC__VEC(struct let) lets;
        struct source *at; /* by hash */
        size_t room, used;
        uint8_t lens[2][129]; /* which lengths there are of each family */
        int ended, listed, note;
        pic__sieve_views *views; /* NULL: everybody is told every name */
};

/* --- sources ---------------------------------------------------------------------------------------------------- */

static void cut(uint8_t *bytes, size_t size, unsigned len)
{
        size_t i;

        for (i = 0; i < size; i++) {
                unsigned from = (unsigned)i * 8;

                if (len <= from)
                        bytes[i] = 0;
                else if (len < from + 8)
                        bytes[i] &= (uint8_t)(0xff00u >> (len - from));
        }
}

static struct source *place_of(struct source *all, size_t room, const struct source *s)
{
        uint64_t h = s->len * 0x9e3779b97f4a7c15u;
        size_t i;

        for (i = 0; i < s->size; i++)
                h = (h ^ s->bytes[i]) * 0x100000001b3u;
        for (i = (h ^ h >> 32) & (room - 1);; i = (i + 1) & (room - 1)) {
                struct source *at = &all[i];

                if (at->size == 0 ||
                    (at->size == s->size && at->len == s->len && memcmp(at->bytes, s->bytes, s->size) == 0))
                        return at;
        }
}

static int grow(pic__sieve_rules *r)
{
        size_t room = r->room == 0 ? 64 : 2 * r->room, i;
        struct source *at = pic__alloc(room * sizeof(*at));

        if (at == NULL)
                return -1;
        for (i = 0; i < r->room; i++)
                if (r->at[i].size != 0)
                        *place_of(at, room, &r->at[i]) = r->at[i];
        pic__free(r->at);
        r->at = at;
        r->room = room;
        return 0;
}

static int read_place(const char *text, struct source *ret)
{
        char copy[64], *slash;
        unsigned long len;

        snprintf(copy, sizeof(copy), "%s", text);
        slash = strchr(copy, '/');
        if (slash != NULL)
                *slash = '\0';
        if (inet_pton(AF_INET, copy, ret->bytes) == 1)
                ret->size = 4;
        else if (inet_pton(AF_INET6, copy, ret->bytes) == 1)
                ret->size = 16;
        else
                return -1;
        len = slash != NULL ? strtoul(slash + 1, NULL, 10) : 8u * ret->size;
        if (len > 8u * ret->size)
                return -1;
        ret->len = (uint8_t)len;
        cut(ret->bytes, ret->size, ret->len);
        return 0;
}

static struct source *source_at(pic__sieve_rules *r, const char *place)
{
        struct source s = { .lists = 0 }, *at;

        if (read_place(place, &s) < 0 || (2 * r->used >= r->room && grow(r) < 0))
                return NULL;
        at = place_of(r->at, r->room, &s);
        if (at->size == 0) {
                r->used++;
                *at = s;
        }
        r->lens[s.size == 16][s.len] = 1;
        return at;
}

static int add_source(pic__sieve_rules *r, const char *place, uint64_t lists, int none)
{
        struct source *at = source_at(r, place);

        if (at == NULL)
                return -1;
        at->lists = lists;
        at->none = (uint8_t)none;
        return 0;
}

static int add_viewer(pic__sieve_rules *r, const char *place, const char *class, char *own)
{
        struct source *at = r->views != NULL ? source_at(r, place) : NULL;

        if (at == NULL)
                return -1;
        at->viewer = pic__sieve_viewer(r->views, place, class, own);
        return at->viewer > 0 ? 0 : -1;
}

/* The longest that holds it; NULL: none. */
static const struct source *find(const pic__sieve_rules *r, const uint8_t *source, size_t len)
{
        struct source s = { .size = (uint8_t)len };
        unsigned bits;

        if (r->used == 0)
                return NULL;
        memcpy(s.bytes, source, len);
        for (bits = 8u * (unsigned)len + 1; bits-- > 0;) {
                const struct source *at;

                if (!r->lens[len == 16][bits])
                        continue;
                cut(s.bytes, len, bits);
                s.len = (uint8_t)bits;
                at = place_of(r->at, r->room, &s);
                if (at->size != 0)
                        return at;
        }
        return NULL;
}

uint64_t pic__sieve_rules_of(const pic__sieve_rules *r, const uint8_t *source, size_t len)
{
        const struct source *at = find(r, source, len);

        return at == NULL ? r->all : at->none ? 0 : r->all | at->lists;
}

unsigned pic__sieve_rules_hide(const pic__sieve_rules *r, const uint8_t *source, size_t len,
                               const pic__sieve_name *name, unsigned type)
{
        const struct source *at = r->views != NULL ? find(r, source, len) : NULL;

        if (r->views == NULL || (at != NULL && at->none))
                return 0;
        return pic__sieve_views_hide(r->views, at != NULL ? at->viewer : 0, name, type);
}

int pic__sieve_rules_bare(const pic__sieve_rules *r)
{
        return r->views != NULL && !r->listed;
}

/* --- names that pass -------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
        const struct let *x = a, *y = b;

        return (x->number > y->number) - (x->number < y->number);
}

static int add_let(pic__sieve_rules *r, const char *name, uint64_t lists)
{
        pic__sieve_name n;

        if (pic__sieve_name_text(name, strlen(name), &n) < 0)
                return -1;
        return pic__vec_push(&r->lets, (struct let){ pic__sieve_number(&n), lists });
}

static void join_lets(pic__sieve_rules *r)
{
        size_t i, n = 0;

        if (r->lets.count == 0)
                return;
        qsort(r->lets.at, r->lets.count, sizeof(r->lets.at[0]), by_number);
        for (i = 1; i < r->lets.count; i++) {
                if (r->lets.at[i].number == r->lets.at[n].number)
                        r->lets.at[n].lists |= r->lets.at[i].lists;
                else
                        r->lets.at[++n] = r->lets.at[i];
        }
        r->lets.count = n + 1;
}

uint64_t pic__sieve_rules_left(const pic__sieve_rules *r, const pic__sieve_name *name, uint64_t who)
{
        size_t i;

        for (i = 0; i < name->count && who != 0 && r->lets.count > 0; i++) {
                struct let key = { name->at[i], 0 };
                const struct let *at = bsearch(&key, r->lets.at, r->lets.count, sizeof(r->lets.at[0]), by_number);

                if (at != NULL)
                        who &= ~at->lists;
        }
        return who;
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

static int list_of(const pic__sieve_rules *r, const char *id)
{
        unsigned long n = strtoul(id, NULL, 10);
        size_t i;

        for (i = 0; i < r->count; i++)
                if (r->ids[i] == n)
                        return (int)i;
        return -1;
}

static uint64_t lists_of(const pic__sieve_rules *r, char *ids)
{
        char *save = NULL, *id;
        uint64_t all = 0;

        for (id = strtok_r(ids, ",", &save); id != NULL; id = strtok_r(NULL, ",", &save)) {
                int at = list_of(r, id);

                all |= at >= 0 ? (uint64_t)1 << at : 0;
        }
        return all;
}

static int take_list(pic__sieve_rules *r, const char *id, const char *name, const char *all)
{
        int at = list_of(r, id);

        r->listed = 1;
        if (at < 0)
                return 0;
        snprintf(r->name[at], sizeof(r->name[at]), "%s", name);
        if (all != NULL)
                r->all |= (uint64_t)1 << at;
        return 0;
}

static int begin_views(pic__sieve_rules *r)
{
        if (r->views != NULL)
                return -1;
        r->views = pic__sieve_views_new();
        return r->views != NULL ? 0 : -1;
}

/* A line of view.h; 1: it is none. */
static int take_view(pic__sieve_rules *r, const char *what, char *one, char *two, char *three)
{
        if (r->views == NULL)
                return 1;
        if (strcmp(what, "viewer") == 0)
                return two != NULL ? add_viewer(r, one, two, three) : -1;
        return pic__sieve_views_take(r->views, what, one, two, three);
}

static int take_line(pic__sieve_rules *r, char *line)
{
        char *save = NULL, *what = strtok_r(line, " ", &save), *one = strtok_r(NULL, " ", &save),
             *two = strtok_r(NULL, " ", &save), *three = strtok_r(NULL, " ", &save);
        int at;

        if (what == NULL)
                return 0;
        if (strcmp(what, "end") == 0) {
                r->ended = 1;
                return 0;
        }
        if (strcmp(what, "note") == 0) {
                r->note = 1;
                return 0;
        }
        if (strcmp(what, "views") == 0)
                return begin_views(r);
        if (one == NULL)
                return -1;
        if (strcmp(what, "pass") == 0)
                return add_let(r, one, UINT64_MAX);
        if (strcmp(what, "none") == 0)
                return add_source(r, one, 0, 1);
        at = take_view(r, what, one, two, three);
        if (at <= 0)
                return at;
        if (two == NULL)
                return -1;
        if (strcmp(what, "from") == 0)
                return add_source(r, one, lists_of(r, two), 0);
        if (strcmp(what, "list") == 0)
                return take_list(r, one, two, three);
        at = list_of(r, one);
        if (strcmp(what, "allow") == 0)
                return at >= 0 ? add_let(r, two, (uint64_t)1 << at) : 0;
        return -1;
}

pic__sieve_rules *pic__sieve_rules_read(const char *text, size_t len, const uint32_t *ids, size_t count)
{
        static const char first[] = "pic-sieve 1\n";
        pic__auto_free char *copy = pic__strndup(text, len);
        pic__sieve_rules *r = pic__alloc(sizeof(*r));
        char *save = NULL, *line;
        int bad = copy == NULL || r == NULL || strncmp(copy, first, sizeof(first) - 1) != 0 || count > PIC__SIEVE_LISTS;

        if (!bad) {
                r->ids = ids;
                r->count = count;
                for (line = strtok_r(copy + sizeof(first) - 1, "\n", &save); line != NULL && !bad;
                     line = strtok_r(NULL, "\n", &save))
                        bad = take_line(r, line) < 0;
                bad = bad || !r->ended;
                join_lets(r);
                if (r->views != NULL)
                        pic__sieve_views_end(r->views);
                r->ids = NULL;
        }
        if (bad) {
                pic__sieve_rules_free(r);
                return NULL;
        }
        return r;
}

void pic__sieve_rules_free(pic__sieve_rules *r)
{
        if (r == NULL)
                return;
        pic__vec_free(&r->lets);
        pic__sieve_views_free(r->views);
        pic__free(r->at);
        pic__free(r);
}

int pic__sieve_rules_note(const pic__sieve_rules *r)
{
        return r->note;
}

const char *pic__sieve_rules_name(const pic__sieve_rules *r, size_t list)
{
        return list < r->count ? r->name[list] : "";
}
