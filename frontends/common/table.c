/* Owns: tables on a terminal. */
#include "common/table.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"

/* gcc's analyzer takes what an array holds for lost when the array moves. */
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

#define GAP 2
#define CUT_LEAST 12 /* columns that a text keeps */

struct table {
        char **cells; /* heads first */
        size_t count;
        size_t room;
        size_t columns;
        char *cuttable; /* for each column */
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
        t->cuttable = calloc(columns + 1, 1);
        for (i = 0; i < columns; i++) {
                int cut = heads[i][0] == '~';

                if (t->cuttable == NULL || table_cell(t, heads[i] + cut) < 0) {
                        table_free(t);
                        return NULL;
                }
                t->cuttable[i] = (char)cut;
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

static int is_empty(const struct table *t, size_t column)
{
        size_t i;

        for (i = column + t->columns; i < t->count; i += t->columns)
                if (strcmp(t->cells[i], "-") != 0)
                        return 0;
        return 1;
}

/* Of a whole line; a column of no width is not there. `least`: with texts cut as far as they may be. */
static size_t line_width(const struct table *t, const size_t *widths, int least)
{
        size_t sum = 0, c;

        for (c = 0; c < t->columns; c++) {
                int cut = least && t->cuttable[c] && widths[c] > CUT_LEAST;

                sum += widths[c] > 0 ? (cut ? CUT_LEAST : widths[c]) + GAP : 0;
        }
        return sum > GAP ? sum - GAP : 0;
}

/* The widest column that can still be cut, or `columns`. */
static size_t widest_text(const struct table *t, const size_t *widths)
{
        size_t c, best = t->columns;

        for (c = 0; c < t->columns; c++)
                if (t->cuttable[c] && widths[c] > CUT_LEAST && (best == t->columns || widths[c] > widths[best]))
                        best = c;
        return best;
}

static size_t fit(const struct table *t, size_t *widths, size_t width)
{
        size_t c, missing = 0;

        for (c = t->columns; c-- > 1 && line_width(t, widths, 0) > width;)
                if (is_empty(t, c))
                        widths[c] = 0;
        for (c = t->columns; c-- > 1 && line_width(t, widths, 1) > width;) {
                missing += widths[c] > 0;
                widths[c] = 0;
        }
        while (line_width(t, widths, 0) > width && (c = widest_text(t, widths)) < t->columns)
                widths[c]--;
        return missing;
}

static int is_last(const struct table *t, const size_t *widths, size_t column)
{
        while (++column < t->columns)
                if (widths[column] > 0)
                        return 0;
        return 1;
}

static void print_row(const struct table *t, const size_t *widths, size_t row, FILE *out)
{
        size_t c;

        for (c = 0; c < t->columns && row + c < t->count; c++) {
                size_t shown;

                if (widths[c] == 0)
                        continue;
                shown = text_put(out, t->cells[row + c], widths[c]);
                if (!is_last(t, widths, c))
                        fprintf(out, "%*s", (int)(widths[c] - shown + GAP), "");
        }
}

size_t table_print(const struct table *t, FILE *out, int color, size_t width)
{
        size_t *widths, missing = 0, i, c;

        if (t == NULL)
                return 0;
        widths = calloc(t->columns, sizeof(*widths));
        if (widths == NULL)
                return 0;
        for (c = 0; c < t->columns; c++)
                widths[c] = column_width(t, c);
        if (width > 0)
                missing = fit(t, widths, width);
        for (i = 0; i < t->count; i += t->columns) {
                fputs(i == 0 && color ? "\033[1m" : "", out);
                print_row(t, widths, i, out);
                fputs(i == 0 && color ? "\033[0m\n" : "\n", out);
        }
        free(widths);
        return missing;
}

void table_free(struct table *t)
{
        size_t i;

        if (t == NULL)
                return;
        for (i = 0; i < t->count; i++)
                free(t->cells[i]);
        free(t->cells);
        free(t->cuttable);
        free(t);
}
