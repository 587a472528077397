/* The table of all lists together: which of them name a name, and how. Made once from the lists' numbers, then only
 * read, from a file that many processes map. */
#ifndef PIC_SIEVE_TABLE_H
#define PIC_SIEVE_TABLE_H

#include "base/buf.h"
#include "sieve/name.h"

#define PIC__SIEVE_LISTS 64
#define PIC__SIEVE_NAMES_MAX 8000000u /* of all lists together */

/* One list's numbers, ascending; the file of a list is a magic word, their count, and they. */
typedef struct pic__sieve_keys {
        const uint64_t *at;
        size_t count;
        uint32_t id; /* of the list */
} pic__sieve_keys;

/* Sorts, joins what is said twice; how many are left. */
size_t pic__sieve_keys_sort(uint64_t *at, size_t count);
#define PIC__SIEVE_KEYS_HEAD 16
void pic__sieve_keys_head(size_t count, uint8_t out[PIC__SIEVE_KEYS_HEAD]);
/* -1: these bytes (which stay) are no list. */
int pic__sieve_keys_read(const void *bytes, size_t len, pic__sieve_keys *ret);

typedef struct pic__sieve_table {
        const uint8_t *bytes;
        size_t size;
        size_t lists, slots, sets;
        const uint32_t *id;   /* of each list */
        const uint64_t *set;  /* of each combination of lists two words: who names it itself, who all below */
        const uint64_t *slot; /* 44 bits of a number, 20 of its combination plus one */
} pic__sieve_table;

/* Lists in this order, PIC__SIEVE_LISTS at most. -1: out of memory, or more than a table holds. */
int pic__sieve_table_make(const pic__sieve_keys *lists, size_t count, pic__buf *out);
/* -1: these bytes (which stay) are no table. */
int pic__sieve_table_read(const void *bytes, size_t size, pic__sieve_table *ret);
/* A bit for each list that blocks the name: it is in it itself, or something above it is with all below. */
uint64_t pic__sieve_table_find(const pic__sieve_table *t, const pic__sieve_name *name);

#endif
