/* A table of text for a terminal: columns as wide as their widest cell. */
#ifndef PIC_FRONTEND_TABLE_H
#define PIC_FRONTEND_TABLE_H

#include <stdio.h>

struct table;

/* heads: column titles; NULL when out of memory. */
struct table *table_new(const char *const *heads, size_t columns);
/* Adds a cell (copied; NULL is "-"); a row ends by itself after the last column. -1 when out of memory. */
int table_cell(struct table *t, const char *text);
void table_print(const struct table *t, FILE *out, int color);
void table_free(struct table *t);

#endif
