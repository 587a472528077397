/* Owns: JSON output. */
#include "base/json.h"

#include "base/utf8.h"

#define DIGITS 20 /* of the longest number, with its sign */

static void before(pic__json *j)
{
        if (j->comma)
                pic__buf_putc(j->out, ',');
        j->comma = 1;
}

/* How many bytes from here stand for themselves. */
static size_t plain(const char *s)
{
        size_t n = 0;

        while ((unsigned char)s[n] >= 0x20 && (unsigned char)s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
                n++;
        return n;
}

/* The character that begins here, which is none of those; its length in *s. */
static size_t put_special(pic__buf *out, const char *s)
{
        size_t n = pic__utf8_len(s);

        if (n == 0) {
                pic__buf_puts(out, "\xef\xbf\xbd");
                return 1;
        }
        if (n > 1)
                pic__buf_put(out, s, n);
        else if (*s == '\n')
                pic__buf_put(out, "\\n", 2);
        else if (*s == '"' || *s == '\\')
                pic__buf_put(out, *s == '"' ? "\\\"" : "\\\\", 2);
        else
                pic__buf_putf(out, "\\u%04x", (unsigned char)*s);
        return n;
}

static void quote(pic__buf *out, const char *s)
{
        pic__buf_putc(out, '"');
        for (;;) {
                size_t n = plain(s);

                pic__buf_put(out, s, n);
                s += n;
                if (*s == '\0')
                        break;
                s += put_special(out, s);
        }
        pic__buf_putc(out, '"');
}

void pic__json_open(pic__json *j, char bracket)
{
        before(j);
        pic__buf_putc(j->out, bracket);
        j->comma = 0;
}

void pic__json_close(pic__json *j, char bracket)
{
        pic__buf_putc(j->out, bracket);
        j->comma = 1;
}

void pic__json_key(pic__json *j, const char *key)
{
        before(j);
        quote(j->out, key);
        pic__buf_putc(j->out, ':');
        j->comma = 0;
}

void pic__json_str(pic__json *j, const char *text)
{
        if (text == NULL) {
                pic__json_null(j);
                return;
        }
        before(j);
        quote(j->out, text);
}

void pic__json_int(pic__json *j, int64_t value)
{
        uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
        char digits[DIGITS];
        size_t at = DIGITS;

        before(j);
        do {
                digits[--at] = (char)('0' + rest % 10);
                rest /= 10;
        } while (rest != 0);
        if (value < 0)
                digits[--at] = '-';
        pic__buf_put(j->out, digits + at, DIGITS - at);
}

void pic__json_bool(pic__json *j, int value)
{
        before(j);
        pic__buf_puts(j->out, value ? "true" : "false");
}

void pic__json_null(pic__json *j)
{
        before(j);
        pic__buf_puts(j->out, "null");
}

void pic__json_raw(pic__json *j, const char *json)
{
        before(j);
        pic__buf_puts(j->out, json);
}

void pic__json_kstr(pic__json *j, const char *key, const char *text)
{
        pic__json_key(j, key);
        pic__json_str(j, text);
}

void pic__json_kint(pic__json *j, const char *key, int64_t value)
{
        pic__json_key(j, key);
        pic__json_int(j, value);
}

void pic__json_kbool(pic__json *j, const char *key, int value)
{
        pic__json_key(j, key);
        pic__json_bool(j, value);
}
