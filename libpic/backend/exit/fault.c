/* Owns: finding in a log what went wrong last. Text in, text out. */
#include "backend/exit/fault.h"

#include <string.h>

#define SHOWN 160
#define VAGUE_LINES 12

/* Where the mark begins in the line, or NULL. A "*" stands for anything up to what follows it. */
static const char *find(const char *line, const char *end, const char *mark)
{
        const char *first = NULL, *at = line;

        while (*mark != '\0') {
                size_t len = strcspn(mark, "*");
                const char *here = len > 0 ? memmem(at, (size_t)(end - at), mark, len) : at;

                if (here == NULL)
                        return NULL;
                if (first == NULL)
                        first = here;
                at = here + len;
                mark += len + (mark[len] == '*');
        }
        return first;
}

static void put(const pic__exit_fault *f, const char *from, const char *end, pic__buf *why)
{
        char line[SHOWN * 4];
        size_t len = (size_t)(end - from);

        while (len > 0 && strchr(" .\r", from[len - 1]) != NULL)
                len--;
        if (len >= sizeof(line))
                len = sizeof(line) - 1;
        memcpy(line, from, len);
        line[len] = '\0';
        pic__buf_puts(why, f->words);
        if (f->hint != NULL)
                pic__buf_putf(why, ": %s", f->hint);
        pic__buf_puts(why, " (\"");
        pic__buf_put_shown(why, line, SHOWN);
        pic__buf_puts(why, "\")");
}

struct found {
        const pic__exit_fault *fault; /* NULL: nothing yet */
        const char *from, *end;
};

/* What the line says, if it says anything. */
static const pic__exit_fault *judge(const pic__exit_fault *table, size_t count, const char *line, const char *end,
                                    const char **ret_from)
{
        size_t i;

        for (i = 0; i < count; i++) {
                *ret_from = find(line, end, table[i].mark);
                if (*ret_from != NULL)
                        return &table[i];
        }
        return NULL;
}

int pic__exit_fault_find(const pic__exit_fault *table, size_t count, const char *text, pic__buf *why)
{
        const char *end = text + strlen(text), *line, *from;
        struct found best = { 0 };
        unsigned left = VAGUE_LINES;

        for (; end > text && left > 0; end = line > text ? line - 1 : text) {
                const pic__exit_fault *f;

                line = memrchr(text, '\n', (size_t)(end - text));
                line = line != NULL ? line + 1 : text;
                f = judge(table, count, line, end, &from);
                if (best.fault != NULL)
                        left--;
                if (f != NULL && f->words == NULL)
                        break;
                if (f == NULL || (best.fault != NULL && f->vague))
                        continue;
                best = (struct found){ f, from, end };
                if (!f->vague)
                        break;
        }
        if (best.fault == NULL)
                return 0;
        put(best.fault, best.from, best.end, why);
        return 1;
}
