/* Owns: what is told, and to whom. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "update/update.h"

static char why[1024];

void up_say(const struct up *u, const char *fmt, ...)
{
        va_list ap;

        if (u->json)
                return;
        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputc('\n', stderr);
}

int up_fail(const char *fmt, ...)
{
        va_list ap;

        if (why[0] != '\0')
                return -1; /* what came first is the cause */
        va_start(ap, fmt);
        vsnprintf(why, sizeof(why), fmt, ap);
        va_end(ap);
        return -1;
}

const char *up_why(void)
{
        return why[0] != '\0' ? why : "no reason was told";
}

void up_forget(void)
{
        why[0] = '\0';
}

int up_path(char out[UP_PATH], const char *first, ...)
{
        size_t used = 0, len;
        const char *piece;
        va_list ap;
        int r = 0;

        va_start(ap, first);
        for (piece = first; piece != NULL && r == 0; piece = va_arg(ap, const char *)) {
                len = strlen(piece);
                if (used + len >= UP_PATH) {
                        r = up_fail("%s…: the path is too long", first);
                        break;
                }
                memcpy(out + used, piece, len);
                used += len;
        }
        va_end(ap);
        out[used] = '\0';
        return r;
}
