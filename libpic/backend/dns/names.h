/* What unbound holds for us, by name: at most one text for each type (several of one type, set by somebody else, are
 * joined by ','). */
#ifndef PIC_BACKEND_DNS_NAMES_H
#define PIC_BACKEND_DNS_NAMES_H

#include "backend/dns/value.h"
#include "base/map.h"

typedef struct pic__dns_name pic__dns_name;

typedef struct pic__dns_names {
        pic__map map;
        size_t records;
        size_t wild; /* names that are wildcards */
} pic__dns_names;

#define PIC__DNS_NAMES_INIT         \
        {                           \
                PIC__MAP_INIT, 0, 0 \
        }

/* NULL: not there. The text lives until the name changes. */
const char *pic__dns_names_get(const pic__dns_names *n, const char *name, size_t len, enum pic__dns_type type);
/* value NULL: removes. -1 when out of memory (nothing changed). */
int pic__dns_names_set(pic__dns_names *n, const char *name, size_t len, enum pic__dns_type type, const char *value);
/* Calls back for each record of one name, or (name NULL) of all; stops at a negative answer and returns it. */
int pic__dns_names_each(const pic__dns_names *n, const char *name, size_t len,
                        int (*fn)(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data),
                        void *data);
int pic__dns_names_same(const pic__dns_names *a, const pic__dns_names *b);
void pic__dns_names_free(pic__dns_names *n);

#endif
