/* Who is kept from what: a text that the agent writes and the filter reads. Lines:
 *
 *   pic-sieve 1
 *   pass NAME            never blocked by any list, nor what is below: the cell's own
 *   list ID NAME all     for every device; without "all": for those that are named
 *   allow ID NAME        never blocked by this list, nor what is below
 *   from PLACE ID,…      an address or network: for it these lists too
 *   none NETWORK         for it no list, and every name
 *   note                 what is blocked is written down: who asked for what
 *   views                names are told by rights: lines of view.h follow
 *   end                  all of it is here */
#ifndef PIC_SIEVE_RULES_H
#define PIC_SIEVE_RULES_H

#include "sieve/table.h"
#include "sieve/view.h"

typedef struct pic__sieve_rules pic__sieve_rules;

/* For a table with these lists, in its order; of others nothing is known. NULL: out of memory, or no such text. */
pic__sieve_rules *pic__sieve_rules_read(const char *text, size_t len, const uint32_t *ids, size_t count);
void pic__sieve_rules_free(pic__sieve_rules *r);
/* A bit for each list of the table that holds for this source (4 or 16 bytes). */
uint64_t pic__sieve_rules_of(const pic__sieve_rules *r, const uint8_t *source, size_t len);
/* Of `who`, those that let the name pass taken out. */
uint64_t pic__sieve_rules_left(const pic__sieve_rules *r, const pic__sieve_name *name, uint64_t who);
/* How the question of this source has to be put: pic__sieve_views_hide(). */
unsigned pic__sieve_rules_hide(const pic__sieve_rules *r, const uint8_t *source, size_t len,
                               const pic__sieve_name *name, unsigned type);
int pic__sieve_rules_bare(const pic__sieve_rules *r); /* 1: names by rights alone, no list: no table is needed */
int pic__sieve_rules_note(const pic__sieve_rules *r); /* 1: what is blocked is written down */
const char *pic__sieve_rules_name(const pic__sieve_rules *r, size_t list); /* "" */

#endif
