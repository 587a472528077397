/* Owns: the picture of unbound's records. One piece of memory a name, because ten thousand devices are thirty thousand
 * names. */
#include "backend/dns/names.h"

#include <string.h>

struct pic__dns_name {
        uint16_t len;                /* of the name, which stands first in text */
        uint16_t at[PIC__DNS_TYPES]; /* where a value begins in text; 0: none */
        char text[];
};

static pic__dns_name *find(const pic__dns_names *n, const char *name, size_t len)
{
        return pic__map_get(&n->map, name, len);
}

static const char *value_of(const pic__dns_name *e, unsigned type)
{
        return e != NULL && e->at[type] != 0 ? e->text + e->at[type] : NULL;
}

const char *pic__dns_names_get(const pic__dns_names *n, const char *name, size_t len, enum pic__dns_type type)
{
        return value_of(find(n, name, len), type);
}

/* A copy of `old` (may be NULL) with one value exchanged; NULL when out of memory. */
static pic__dns_name *make(const pic__dns_name *old, const char *name, size_t len, enum pic__dns_type type,
                           const char *value)
{
        size_t size = len + 1, at = len + 1;
        const char *texts[PIC__DNS_TYPES];
        pic__dns_name *e;
        unsigned i;

        for (i = 0; i < PIC__DNS_TYPES; i++) {
                texts[i] = i == type ? value : value_of(old, i);
                size += texts[i] != NULL ? strlen(texts[i]) + 1 : 0;
        }
        e = size <= UINT16_MAX ? pic__alloc(sizeof(*e) + size) : NULL;
        if (e == NULL)
                return NULL;
        e->len = (uint16_t)len;
        memcpy(e->text, name, len);
        for (i = 0; i < PIC__DNS_TYPES; i++) {
                size_t n = texts[i] != NULL ? strlen(texts[i]) + 1 : 0;

                if (n == 0)
                        continue;
                memcpy(e->text + at, texts[i], n);
                e->at[i] = (uint16_t)at;
                at += n;
        }
        return e;
}

static int is_last(const pic__dns_name *e, enum pic__dns_type type)
{
        unsigned i;

        for (i = 0; i < PIC__DNS_TYPES; i++)
                if (i != type && e->at[i] != 0)
                        return 0;
        return 1;
}

int pic__dns_names_set(pic__dns_names *n, const char *name, size_t len, enum pic__dns_type type, const char *value)
{
        pic__dns_name *old = find(n, name, len), *new;
        int had = value_of(old, type) != NULL;

        if (value == NULL && !had)
                return 0;
        if (value == NULL && is_last(old, type)) {
                pic__map_remove(&n->map, name, len);
                pic__free(old);
                n->records--;
                n->wild -= name[0] == '*';
                return 0;
        }
        new = make(old, name, len, type, value);
        if (new == NULL || pic__map_set(&n->map, new->text, len, new) < 0) {
                pic__free(new);
                return -1;
        }
        n->wild += old == NULL && name[0] == '*';
        pic__free(old);
        n->records += (size_t)((value != NULL) - had);
        return 0;
}

static int each_of(const pic__dns_name *e,
                   int (*fn)(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data),
                   void *data)
{
        unsigned i;
        int r = 0;

        for (i = 0; r >= 0 && i < PIC__DNS_TYPES; i++) {
                const char *value = value_of(e, i);

                if (value != NULL)
                        r = fn(e->text, e->len, (enum pic__dns_type)i, value, data);
        }
        return r < 0 ? r : 0;
}

int pic__dns_names_each(const pic__dns_names *n, const char *name, size_t len,
                        int (*fn)(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data),
                        void *data)
{
        const pic__dns_name *e;
        size_t at = 0;
        int r = 0;

        if (name != NULL)
                return each_of(find(n, name, len), fn, data);
        while (r >= 0 && (e = pic__map_next(&n->map, &at)) != NULL)
                r = each_of(e, fn, data);
        return r;
}

static int differs(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        const char *other = pic__dns_names_get(data, name, len, type);

        return other == NULL || strcmp(other, value) != 0 ? -1 : 0;
}

int pic__dns_names_same(const pic__dns_names *a, const pic__dns_names *b)
{
        return a->records == b->records && pic__dns_names_each(a, NULL, 0, differs, (void *)(uintptr_t)b) == 0;
}

void pic__dns_names_free(pic__dns_names *n)
{
        size_t at = 0;
        void *e;

        while ((e = pic__map_next(&n->map, &at)) != NULL)
                pic__free(e);
        pic__map_free(&n->map);
        n->records = n->wild = 0;
}
