/* A table of text for a terminal: columns as wide as their widest cell, as long as they fit. */
#ifndef PIC_FRONTEND_TABLE_H
#define PIC_FRONTEND_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct table;

/* heads: column titles. A title that begins with '~' (not shown) is of a column whose texts may be cut: a note, not an
 * address. NULL when out of memory. */
struct table *table_new(const char *const *heads, size_t columns);
/* Adds a cell (copied; NULL is "-"); a row ends by itself after the last column. -1 when out of memory. */
int table_cell(struct table *t, const char *text);
/* width: columns of the terminal, 0: any number. Where that is too narrow, columns without content go first, then
 * columns from the right until the others fit with their texts cut. Answers how many columns with content are missing.
 */
size_t table_print(const struct table *t, FILE *out, int color, size_t width);
void table_free(struct table *t);

#endif
