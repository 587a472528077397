/* Owns: what stands in haproxy's answers. */
#include <ctype.h>
#include <stdio.h>
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

int pic__front_read_names(char *text, int (*fn)(const char *name, void *data), void *data)
{
        char *save = NULL, *line;
        int r = 0;

        for (line = strtok_r(text, "\n", &save); r == 0 && line != NULL; line = strtok_r(NULL, "\n", &save)) {
                if (line[0] == '#' || line[0] == '*') /* a comment; a change that nobody brought to its end */
                        continue;
                line[strcspn(line, ": ")] = '\0';
                if (line[0] != '\0')
                        r = fn(line, data);
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
