/* Owns: small judgements on bytes from outside. Pure. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

static int hex(int c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* plus: '+' is a blank, as in a query. A NUL byte is refused: nothing here may end early. */
int text_percent(const char *in, size_t len, char *out, size_t size, int plus)
{
        size_t i, n = 0;

        for (i = 0; i < len; i++) {
                int c = (unsigned char)in[i];

                if (c == '%') {
                        int high = i + 2 < len ? hex(in[i + 1]) : -1, low = i + 2 < len ? hex(in[i + 2]) : -1;

                        if (high < 0 || low < 0)
                                return -1;
                        c = high * 16 + low;
                        i += 2;
                } else if (plus && c == '+') {
                        c = ' ';
                }
                if (c == 0 || n + 1 >= size)
                        return -1;
                out[n++] = (char)c;
        }
        out[n] = '\0';
        return text_utf8(out, n) ? (int)n : -1;
}

/* How many bytes follow the first one of a character, and what it must be above; -1: it begins none. */
static int follows(unsigned char c, uint32_t *ret_least)
{
        static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
        int n = c < 0x80 ? 0 : (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : -1;

        *ret_least = n >= 0 ? least[n] : 0;
        return n;
}

int text_utf8(const char *s, size_t len)
{
        size_t i = 0;

        while (i < len) {
                unsigned char c = (unsigned char)s[i++];
                uint32_t least, code;
                int n = follows(c, &least);

                if (n < 0 || (size_t)n > len - i)
                        return 0;
                code = n == 0 ? c : c & (0x3fu >> n);
                for (; n > 0; n--, i++) {
                        if (((unsigned char)s[i] & 0xc0) != 0x80)
                                return 0;
                        code = code << 6 | ((unsigned char)s[i] & 0x3fu);
                }
                if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                        return 0;
        }
        return 1;
}

/* Bytes that are no character become '?': a text that was cut, a tool's own words. */
void text_clean(char *s)
{
        size_t len = strlen(s), i = 0;

        while (i < len) {
                uint32_t least;
                int n = follows((unsigned char)s[i], &least);

                if (n >= 0 && (size_t)n < len - i && text_utf8(s + i, (size_t)n + 1))
                        i += (size_t)n + 1;
                else
                        s[i++] = '?';
        }
}

int text_depth(const char *s, size_t len)
{
        int depth = 0, most = 0, inside = 0;
        size_t i;

        for (i = 0; i < len; i++) {
                if (inside && s[i] == '\\') {
                        i++;
                } else if (s[i] == '"') {
                        inside = !inside;
                } else if (!inside && (s[i] == '{' || s[i] == '[')) {
                        if (++depth > most)
                                most = depth;
                } else if (!inside && (s[i] == '}' || s[i] == ']')) {
                        depth--;
                }
        }
        return most;
}

int text_same(const char *a, const char *b)
{
        size_t la = strlen(a), lb = strlen(b), i;
        unsigned differ = la != lb;

        for (i = 0; i < lb; i++)
                differ |= (unsigned)((unsigned char)a[la > 0 ? i % la : 0] ^ (unsigned char)b[i]);
        return differ == 0;
}

/* FNV-1a. It names what was sent (an ETag), it protects nothing. */
uint64_t text_hash(const char *s, size_t len, uint64_t seed)
{
        uint64_t h = 0xcbf29ce484222325u ^ seed;
        size_t i;

        for (i = 0; i < len; i++)
                h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
        return h;
}

int text_int(const char *s, int64_t min, int64_t max, int64_t *ret)
{
        char *end;
        long long n;

        errno = 0;
        n = strtoll(s, &end, 10);
        if ((*s != '-' && (*s < '0' || *s > '9')) || end == s || *end != '\0' || errno != 0 || n < min || n > max)
                return -1;
        *ret = n;
        return 0;
}

int text_find(const char *hay, const char *needle)
{
        return needle[0] == '\0' || strcasestr(hay, needle) != NULL;
}

int text_is_address(const char *s)
{
        unsigned char bytes[16];

        return inet_pton(AF_INET, s, bytes) == 1 || inet_pton(AF_INET6, s, bytes) == 1;
}
