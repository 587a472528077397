/* Owns: tables on a terminal. */
#include "common/table.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"

/* gcc's analyzer takes what an array holds for lost when the array moves. */
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

struct table {
        char **cells; /* heads first */
        size_t count;
        size_t room;
        size_t columns;
};

int table_cell(struct table *t, const char *text)
{
        char *copy;

        if (t == NULL)
                return -1;
        if (t->count == t->room) {
                size_t room = t->room != 0 ? t->room * 2 : 64;
                char **cells = realloc(t->cells, room * sizeof(*cells));

                if (cells == NULL)
                        return -1;
                t->cells = cells;
                t->room = room;
        }
        copy = strdup(text != NULL && text[0] != '\0' ? text : "-");
        if (copy == NULL)
                return -1;
        t->cells[t->count++] = copy;
        return 0;
}

struct table *table_new(const char *const *heads, size_t columns)
{
        struct table *t = calloc(1, sizeof(*t));
        size_t i;

        if (t == NULL)
                return NULL;
        t->columns = columns;
        for (i = 0; i < columns; i++) {
                if (table_cell(t, heads[i]) < 0) {
                        table_free(t);
                        return NULL;
                }
        }
        return t;
}

static size_t column_width(const struct table *t, size_t column)
{
        size_t widest = 0, i;

        for (i = column; i < t->count; i += t->columns) {
                size_t w = text_width(t->cells[i]);

                if (w > widest)
                        widest = w;
        }
        return widest;
}

void table_print(const struct table *t, FILE *out, int color)
{
        size_t *widths, i, c;

        if (t == NULL)
                return;
        widths = calloc(t->columns, sizeof(*widths));
        if (widths == NULL)
                return;
        for (c = 0; c < t->columns; c++)
                widths[c] = column_width(t, c);
        for (i = 0; i < t->count; i++) {
                c = i % t->columns;
                if (i == 0 && color)
                        fputs("\033[1m", out);
                fputs(t->cells[i], out);
                if (c + 1 < t->columns)
                        fprintf(out, "%*s", (int)(widths[c] - text_width(t->cells[i]) + 2), "");
                else
                        fputs(i + 1 == t->columns && color ? "\033[0m\n" : "\n", out);
        }
        free(widths);
}

void table_free(struct table *t)
{
        size_t i;

        if (t == NULL)
                return;
        for (i = 0; i < t->count; i++)
                free(t->cells[i]);
        free(t->cells);
        free(t);
}
