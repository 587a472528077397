/* Owns: JSON output. */
#include "base/json.h"

#include <inttypes.h>

#include "base/utf8.h"

static void before(pic__json *j)
{
        if (j->comma)
                pic__buf_putc(j->out, ',');
        j->comma = 1;
}

static void quote(pic__buf *out, const char *s)
{
        pic__buf_putc(out, '"');
        while (*s != '\0') {
                size_t n = pic__utf8_len(s);
                unsigned char c = (unsigned char)*s;

                if (n == 0) {
                        pic__buf_puts(out, "\xef\xbf\xbd");
                        n = 1;
                } else if (c == '"' || c == '\\') {
                        pic__buf_putc(out, '\\');
                        pic__buf_putc(out, *s);
                } else if (c == '\n') {
                        pic__buf_puts(out, "\\n");
                } else if (c < 0x20 || c == 0x7f) {
                        pic__buf_putf(out, "\\u%04x", c);
                } else {
                        pic__buf_put(out, s, n);
                }
                s += n;
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
        before(j);
        pic__buf_putf(j->out, "%" PRId64, value);
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
