/* Names as numbers: one for a name and one for each of its parents, so that a look costs what the question is long,
 * however many names there are. */
#ifndef PIC_SIEVE_NAME_H
#define PIC_SIEVE_NAME_H

#include <stddef.h>
#include <stdint.h>

#define PIC__SIEVE_LABELS 127
#define PIC__SIEVE_NAME_MAX 253 /* as text, without its last dot */

typedef struct pic__sieve_name {
        uint64_t at[PIC__SIEVE_LABELS]; /* [0] is its last label, [count - 1] all of it */
        size_t count;
} pic__sieve_name;

/* -1: that is no name (letters, digits, hyphens and underscores; the last label has a letter). Its dot at the end is
 * passed over, and so is case. */
int pic__sieve_name_text(const char *text, size_t len, pic__sieve_name *ret);
/* The name at `at` of a message, without compression: where it ends, or 0 when it is none. */
size_t pic__sieve_name_wire(const uint8_t *m, size_t len, size_t at, pic__sieve_name *ret);

/* A name of a list: its number, and whether itself, or all below it, or both. The two lowest bits say so. */
enum { PIC__SIEVE_SELF = 1, PIC__SIEVE_BELOW = 2, PIC__SIEVE_HOW = 3 };

static inline uint64_t pic__sieve_number(const pic__sieve_name *n)
{
        return n->at[n->count - 1];
}

#endif
