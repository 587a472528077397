/* Owns: what stands in haproxy's answers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/front/socket.h"

int pic__front_read_map(char *text, int (*fn)(const char *key, const char *value, void *data), void *data)
{
        char *save = NULL, *line;
        int r = 0;

        for (line = strtok_r(text, "\n", &save); r == 0 && line != NULL; line = strtok_r(NULL, "\n", &save)) {
                char *key = strchr(line, ' '), *value = key != NULL ? strchr(key + 1, ' ') : NULL;

                if (strncmp(line, "0x", 2) != 0 || value == NULL)
                        continue;
                *value = '\0';
                r = fn(key + 1, value + 1, data);
        }
        return r;
}

/* The next line that is neither a comment nor a change that nobody brought to its end, cut behind its certificate:
 * "CERT:LINE [options] NAME", where all but the first may be missing. NULL: there is none. */
static char *next_listed(char *text, char **save, const char **number, const char **name)
{
        char *line = strtok_r(text, "\n", save), *end;

        while (line != NULL && (line[0] == '#' || line[0] == '*'))
                line = strtok_r(NULL, "\n", save);
        *number = *name = "";
        if (line == NULL)
                return NULL;
        end = line + strcspn(line, ": ");
        if (*end == ':') {
                *end++ = '\0';
                *number = end;
                end += strcspn(end, " ");
        }
        if (*end == ' ') {
                *end++ = '\0';
                end += *end == '[' ? strcspn(end, "]") : 0;
                *name = end + strspn(end, "] ");
        }
        return line;
}

int pic__front_read_names(char *text, int (*fn)(const char *name, void *data), void *data)
{
        const char *number, *name;
        char *save = NULL, *cert;
        int r = 0;

        for (; r == 0 && (cert = next_listed(text, &save, &number, &name)) != NULL; text = NULL)
                if (cert[0] != '\0' && name[0] == '\0')
                        r = fn(cert, data);
        return r;
}

int pic__front_read_shown(char *text, int (*fn)(const pic__front_shown *s, void *data), void *data)
{
        pic__front_shown s;
        char *save = NULL;
        int r = 0;

        for (; r == 0 && (s.cert = next_listed(text, &save, &s.line, &s.name)) != NULL; text = NULL)
                if (s.cert[0] != '\0' && s.name[0] != '\0')
                        r = fn(&s, data);
        return r;
}

/* The next cell of a line; some are in quotes. *at is NULL behind the last one. */
static char *next_cell(char **at)
{
        char *cell = *at, *to;

        if (cell == NULL)
                return NULL;
        if (*cell != '"') {
                *at = strchr(cell, ',');
                if (*at != NULL)
                        *(*at)++ = '\0';
                return cell;
        }
        to = ++cell;
        for (*at = cell; **at != '\0'; (*at)++) {
                if (**at == '"' && *++*at != '"') /* two of them are one */
                        break;
                *to++ = **at;
        }
        *at = **at == ',' ? *at + 1 : NULL;
        *to = '\0';
        return cell;
}

enum { NAME, STATUS, CONNECTIONS, CHECK, LAST, CELLS, COLUMNS_MAX = 200 };

/* In which column each cell is that is wanted. */
static void read_head(char *line, int column[CELLS])
{
        static const char *const names[CELLS] = { "svname", "status", "scur", "check_desc", "last_chk" };
        char *cell;
        int i, k;

        for (k = 0; k < CELLS; k++)
                column[k] = -1;
        for (i = 0; i < COLUMNS_MAX && (cell = next_cell(&line)) != NULL; i++)
                for (k = 0; k < CELLS; k++)
                        if (strcmp(cell, names[k]) == 0)
                                column[k] = i;
}

static void read_row(char *line, const int column[CELLS], pic__front_server *ret)
{
        const char *cells[CELLS] = { "", "", "", "", "" };
        char *cell;
        int i, k;

        for (i = 0; i < COLUMNS_MAX && (cell = next_cell(&line)) != NULL; i++)
                for (k = 0; k < CELLS; k++)
                        if (column[k] == i)
                                cells[k] = cell;
        *ret = (pic__front_server){ cells[NAME], cells[STATUS], cells[CHECK], cells[LAST],
                                    strtoll(cells[CONNECTIONS], NULL, 10) };
}

int pic__front_read_servers(char *text, int (*fn)(const pic__front_server *s, void *data), void *data)
{
        char *save = NULL, *line;
        int column[CELLS], known = 0, r = 0;
        pic__front_server s;

        for (line = strtok_r(text, "\n", &save); r == 0 && line != NULL; line = strtok_r(NULL, "\n", &save)) {
                if (strncmp(line, "# ", 2) == 0) {
                        read_head(line + 2, column);
                        known = column[NAME] >= 0 && column[STATUS] >= 0;
                        continue;
                }
                if (!known)
                        continue;
                read_row(line, column, &s);
                if (s.name[0] != '\0')
                        r = fn(&s, data);
        }
        return r;
}

int pic__front_read_line(const char *text, const char *name, char *out, size_t size)
{
        size_t len = strlen(name), n;
        const char *at;

        for (at = text; at != NULL && *at != '\0'; at = strchr(at, '\n'), at = at != NULL ? at + 1 : NULL) {
                if (strncmp(at, name, len) != 0 || strncmp(at + len, ": ", 2) != 0)
                        continue;
                at += len + 2;
                n = strcspn(at, "\n");
                if (n >= size)
                        return -1;
                memcpy(out, at, n);
                out[n] = '\0';
                return 0;
        }
        return -1;
}

void pic__front_serial(const char *hex, char *out, size_t size)
{
        size_t zeros = strspn(hex, "0"), len, n = 0;

        hex += zeros;
        len = strlen(hex);
        if (len % 2 == 1 && size > 1)
                out[n++] = '0';
        for (; *hex != '\0' && n + 1 < size; hex++)
                out[n++] = (char)tolower((unsigned char)*hex);
        out[n] = '\0';
}
