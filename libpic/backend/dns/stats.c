/* Owns: reading unbound's statistics. */
#include "backend/dns/stats.h"

#include <stdlib.h>
#include <string.h>

uint64_t pic__dns_stat(const char *text, const char *name)
{
        size_t len = strlen(name);

        for (; text != NULL; text = strchr(text, '\n')) {
                text += *text == '\n';
                if (strncmp(text, name, len) == 0 && text[len] == '=')
                        return strtoull(text + len + 1, NULL, 10);
        }
        return 0;
}
