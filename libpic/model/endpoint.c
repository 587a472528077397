/* Owns: host names (RFC 1123) and endpoints. */
#include <string.h>

#include "model/net.h"
#include "model/text.h"

int pic__hostname_ok(const char *text)
{
        size_t len = strnlen(text, 254), label = 0, digits = 0, i;

        if (len == 0 || len > 253)
                return 0;
        for (i = 0; i <= len; i++) {
                char c = text[i];

                if (c == '.' || c == '\0') {
                        if (label == 0 || label > 63 || text[i - 1] == '-')
                                return 0;
                        if (c == '\0')
                                break;
                        label = digits = 0;
                        continue;
                }
                if (!pic__is_alnum(c) && (c != '-' || label == 0))
                        return 0;
                label++;
                digits += c >= '0' && c <= '9';
        }
        /* A last label of digits only is a mistyped address, never a name. */
        return digits < label;
}

static int port_ok(const char *text, uint16_t *ret)
{
        long port;

        if (pic__decimal(text, 1, 65535, &port) < 0)
                return -1;
        *ret = (uint16_t)port;
        return 0;
}

int pic__endpoint_parse(const char *text, char host[256], uint16_t *ret_port)
{
        int bracket = text[0] == '[';
        const char *end = bracket ? strchr(text, ']') : strrchr(text, ':');
        const char *start = text + bracket;
        pic__addr addr;

        if (end == NULL || (bracket && end[1] != ':') || end - start > 253)
                return -1;
        memcpy(host, start, (size_t)(end - start));
        host[end - start] = '\0';
        if (port_ok(end + 1 + bracket, ret_port) < 0)
                return -1;
        if (pic__addr_parse(host, &addr) == 0)
                return addr.family == (bracket ? 6 : 4) ? 0 : -1;
        return !bracket && pic__hostname_ok(host) ? 0 : -1;
}
