/* Owns: the text of own records of names in others' zones. */
#include "model/own.h"

#include <stdio.h>
#include <string.h>

#include "model/net.h"
#include "model/text.h"

static const char *const types[] = { "A", "AAAA", "MX", "SRV", "TXT", "CNAME" };

int pic__own_is(const char *record_name)
{
        size_t len = strlen(record_name);

        return len > 1 && record_name[len - 1] == '.';
}

static int is_plain(char c)
{
        return pic__is_alnum(c) || c == '.' || c == '_' || c == '-';
}

void pic__own_put(pic__buf *out, const char *type, const char *data)
{
        pic__buf_putf(out, "%s:", type);
        for (; *data != '\0'; data++)
                if (is_plain(*data))
                        pic__buf_putc(out, *data);
                else
                        pic__buf_putf(out, "%%%02X", (unsigned)(unsigned char)*data);
}

static int digit_of(char c)
{
        static const char digits[] = "0123456789ABCDEF";
        const char *at = c != '\0' ? strchr(digits, c) : NULL;

        return at != NULL ? (int)(at - digits) : -1;
}

/* What stands in a text up to `end`, with what is written by number. -1: something else. */
static int decode(const char *text, const char *end, char *out, size_t size)
{
        size_t n = 0;

        for (; text < end && n + 1 < size; n++) {
                int high = *text == '%' && end - text > 2 ? digit_of(text[1]) : -1;
                int low = high >= 0 ? digit_of(text[2]) : -1;

                if (low < 0 && !is_plain(*text))
                        return -1;
                out[n] = (char)(low >= 0 ? high << 4 | low : *text);
                text += low >= 0 ? 3 : 1;
        }
        out[n] = '\0';
        return text == end && strlen(out) == n ? 0 : -1;
}

/* Letters, digits, what names have, and blanks between: numbers and hosts. */
static int is_words(const char *data)
{
        for (; *data != '\0'; data++)
                if (!is_plain(*data) && *data != ' ')
                        return 0;
        return 1;
}

/* Texts in quotes, of printable ASCII, with nothing in them that ends a word in single quotes. */
static int is_texts(const char *data)
{
        int inside = 0;

        if (*data != '"')
                return 0;
        for (; *data != '\0'; data++) {
                if (*data < ' ' || *data > '~' || *data == '\'')
                        return 0;
                if (*data == '"')
                        inside = !inside;
                else if (!inside && *data != ' ')
                        return 0;
                else if (*data == '\\' && *++data == '\0')
                        return 0;
        }
        return !inside;
}

static int fits(const char *type, const char *data)
{
        pic__addr a;

        if (data[0] == '\0')
                return 0;
        if (strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0)
                return pic__addr_parse(data, &a) == 0 && a.family == (type[1] == '\0' ? 4 : 6);
        return strcmp(type, "TXT") == 0 ? is_texts(data) : is_words(data);
}

int pic__own_next(const char **at, char type[8], char data[PIC__OWN_DATA])
{
        size_t len = strcspn(*at, ":"), i;
        const char *end;

        if (**at == '\0')
                return 0;
        if ((*at)[len] != ':' || len >= 8)
                return -1;
        memcpy(type, *at, len);
        type[len] = '\0';
        for (i = 0; i < PIC__COUNT(types) && strcmp(types[i], type) != 0; i++)
                ;
        end = *at + len + 1 + strcspn(*at + len + 1, "+");
        if (i == PIC__COUNT(types) || decode(*at + len + 1, end, data, PIC__OWN_DATA) < 0 || !fits(type, data))
                return -1;
        *at = end + (*end == '+' && end[1] != '\0');
        return 1;
}

int pic__own_parse(const char *text, pic__own *ret)
{
        size_t len = strcspn(text, "/"), digits;
        char data[PIC__OWN_DATA], type[8], number[8];
        pic__own o = { .name = "" };
        const char *at;
        long ttl;
        int r, count = 0;

        if (len == 0 || len >= sizeof(o.name) || text[len] != '/')
                return -1;
        memcpy(o.name, text, len);
        digits = strcspn(text + len + 1, "/");
        if (!is_words(o.name) || strchr(o.name, ' ') != NULL || digits >= sizeof(number) ||
            text[len + 1 + digits] != '/')
                return -1;
        memcpy(number, text + len + 1, digits);
        number[digits] = '\0';
        if (pic__decimal(number, 1, 86400, &ttl) < 0)
                return -1;
        o.ttl = (unsigned)ttl;
        o.data = at = text + len + 1 + digits + 1;
        while ((r = pic__own_next(&at, type, data)) > 0)
                count++;
        if (r < 0 || count == 0)
                return -1;
        *ret = o;
        return 0;
}

void pic__own_lines(pic__buf *out, const pic__own *own)
{
        int aliases; /* at the end: of what unbound has of a name it answers with what it read first, from there */

        for (aliases = 0; aliases < 2; aliases++) {
                char data[PIC__OWN_DATA], type[8];
                const char *at = own->data;

                while (pic__own_next(&at, type, data) > 0) {
                        char quote = strcmp(type, "TXT") == 0 ? '\'' : '"';

                        if ((strcmp(type, "CNAME") == 0) == aliases)
                                pic__buf_putf(out, "        local-data: %c%s. %u %s %s%c\n", quote, own->name, own->ttl,
                                              type, data, quote);
                }
        }
}
