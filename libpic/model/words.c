/* Owns: words "name=value" with any bytes in the value. */
#include "model/words.h"

#include <string.h>

static int plain(unsigned char c)
{
        return c > ' ' && c < 0x7f && c != '%' && c != '=';
}

void pic__word_put(pic__buf *out, const char *name, const char *value)
{
        static const char hex[] = "0123456789abcdef";

        if (out->len > 0 && out->data[out->len - 1] != '\n')
                pic__buf_putc(out, ' ');
        pic__buf_puts(out, name);
        pic__buf_putc(out, '=');
        for (; *value != '\0'; value++) {
                unsigned char c = (unsigned char)*value;

                if (plain(c)) {
                        pic__buf_putc(out, (char)c);
                        continue;
                }
                pic__buf_putc(out, '%');
                pic__buf_putc(out, hex[c >> 4]);
                pic__buf_putc(out, hex[c & 15]);
        }
}

static int digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a value, which may be three. -1: none that we would write. */
static int take(const char **at)
{
        int high, low;

        if (plain((unsigned char)**at))
                return (unsigned char)*(*at)++;
        if (**at != '%')
                return -1;
        high = digit((*at)[1]);
        low = high < 0 ? -1 : digit((*at)[2]);
        if (low < 0 || plain((unsigned char)(high << 4 | low)) || (high | low) == 0)
                return -1;
        *at += 3;
        return high << 4 | low;
}

int pic__word_next(const char **at, char *name, size_t size, pic__buf *value)
{
        size_t len;

        pic__buf_clear(value);
        *at += strspn(*at, " \n");
        if (**at == '\0')
                return 0;
        len = strcspn(*at, "= \n");
        if (len == 0 || len >= size || (*at)[len] != '=')
                return -1;
        memcpy(name, *at, len);
        name[len] = '\0';
        *at += len + 1;
        while (**at != '\0' && **at != ' ' && **at != '\n') {
                int c = take(at);

                if (c < 0)
                        return -1;
                pic__buf_putc(value, (char)c);
        }
        return value->failed ? -1 : 1;
}

int pic__word_get(const char *text, const char *name, pic__buf *out)
{
        char one[32];
        int r;

        while ((r = pic__word_next(&text, one, sizeof(one), out)) > 0)
                if (strcmp(one, name) == 0)
                        return 1;
        pic__buf_clear(out);
        return r;
}
