/* Owns: JSON in, RFC 8259 to the letter, with the place of every value. Recursion is bounded by the builder's depth
 * limit. jansson, the library at hand, forgets where a value stood; libyaml, which knows, takes much that is not JSON
 * and refuses surrogate pairs. See README. */
#include <string.h>

#include "base/buf.h"
#include "codec/build.h"

struct in {
        pic__build *b;
        const char *at;
        const char *end;
        const char *seen; /* how far `here` has been counted */
        pic__place here;
        pic__buf text; /* the string being read */
};

/* Places only move forward, so that counting them costs one pass over the text in all. */
static pic__place place(struct in *p)
{
        for (; p->seen < p->at; p->seen++) {
                if (*p->seen == '\n') {
                        p->here.line++;
                        p->here.column = 1;
                } else if (((unsigned char)*p->seen & 0xc0) != 0x80) {
                        p->here.column++;
                }
        }
        return p->here;
}

static int bad(struct in *p, const char *what, pic_error **err)
{
        return pic__build_fail(p->b, place(p), err, "%s", p->at == p->end ? "the document ends too early" : what);
}

static void skip(struct in *p)
{
        while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
                p->at++;
}

static int peek(const struct in *p)
{
        return p->at < p->end ? (unsigned char)*p->at : -1;
}

static int hex4(struct in *p, unsigned *ret)
{
        unsigned value = 0;
        int i;

        for (i = 0; i < 4; i++) {
                int c = peek(p);

                if (c >= '0' && c <= '9')
                        value = value * 16 + (unsigned)(c - '0');
                else if (c >= 'a' && c <= 'f')
                        value = value * 16 + (unsigned)(c - 'a') + 10;
                else if (c >= 'A' && c <= 'F')
                        value = value * 16 + (unsigned)(c - 'A') + 10;
                else
                        return -1;
                p->at++;
        }
        *ret = value;
        return 0;
}

static void put_utf8(pic__buf *b, unsigned c)
{
        if (c < 0x80) {
                pic__buf_putc(b, (char)c);
        } else if (c < 0x800) {
                pic__buf_putc(b, (char)(0xc0 | (c >> 6)));
                pic__buf_putc(b, (char)(0x80 | (c & 0x3f)));
        } else if (c < 0x10000) {
                pic__buf_putc(b, (char)(0xe0 | (c >> 12)));
                pic__buf_putc(b, (char)(0x80 | ((c >> 6) & 0x3f)));
                pic__buf_putc(b, (char)(0x80 | (c & 0x3f)));
        } else {
                pic__buf_putc(b, (char)(0xf0 | (c >> 18)));
                pic__buf_putc(b, (char)(0x80 | ((c >> 12) & 0x3f)));
                pic__buf_putc(b, (char)(0x80 | ((c >> 6) & 0x3f)));
                pic__buf_putc(b, (char)(0x80 | (c & 0x3f)));
        }
}

/* Behind "\u". */
static int unicode(struct in *p, pic_error **err)
{
        unsigned c, low;

        if (hex4(p, &c) < 0)
                return bad(p, "\\u needs four hexadecimal digits", err);
        if (c >= 0xd800 && c <= 0xdbff) {
                if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
                        return bad(p, "half a surrogate pair", err);
                p->at += 2;
                if (hex4(p, &low) < 0 || low < 0xdc00 || low > 0xdfff)
                        return bad(p, "half a surrogate pair", err);
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        } else if (c >= 0xdc00 && c <= 0xdfff) {
                return bad(p, "half a surrogate pair", err);
        }
        put_utf8(&p->text, c);
        return 0;
}

/* Behind a backslash. */
static int escape(struct in *p, pic_error **err)
{
        static const char in[] = "\"\\/bfnrt", out[] = "\"\\/\b\f\n\r\t";
        int c = peek(p);
        const char *found = c > 0 ? strchr(in, c) : NULL;

        if (c == 'u') {
                p->at++;
                return unicode(p, err);
        }
        if (found == NULL)
                return bad(p, "no such escape", err);
        pic__buf_putc(&p->text, out[found - in]);
        p->at++;
        return 0;
}

/* From the opening quote on; the text ends up in p->text. */
static int string(struct in *p, pic_error **err)
{
        pic__buf_clear(&p->text);
        p->at++;
        for (;;) {
                const char *from = p->at;
                int r, c;

                while ((c = peek(p)) >= 0x20 && c != '"' && c != '\\')
                        p->at++;
                pic__buf_put(&p->text, from, (size_t)(p->at - from));
                if (c < 0x20)
                        return bad(p, "a control character in a string", err);
                p->at++;
                if (c == '"')
                        return p->text.failed ? pic__nomem(err) : 0;
                r = escape(p, err);
                if (r < 0)
                        return r;
        }
}

static int digits(struct in *p)
{
        const char *from = p->at;

        while (peek(p) >= '0' && peek(p) <= '9')
                p->at++;
        return p->at > from;
}

static int number(struct in *p, pic_error **err)
{
        pic__place at = place(p);
        const char *from = p->at;

        if (peek(p) == '-')
                p->at++;
        if (peek(p) == '0')
                p->at++;
        else if (!digits(p))
                return bad(p, "not a value", err);
        if (peek(p) == '.') {
                p->at++;
                if (!digits(p))
                        return bad(p, "a digit must follow the point", err);
        }
        if (peek(p) == 'e' || peek(p) == 'E') {
                p->at++;
                if (peek(p) == '+' || peek(p) == '-')
                        p->at++;
                if (!digits(p))
                        return bad(p, "a digit must follow the exponent", err);
        }
        return pic__build_scalar(p->b, from, (size_t)(p->at - from), 0, at, err);
}

static int literal(struct in *p, pic_error **err)
{
        static const char *const words[] = { "true", "false", "null" };
        pic__place at = place(p);
        size_t i;

        for (i = 0; i < PIC__COUNT(words); i++) {
                size_t len = strlen(words[i]);

                if ((size_t)(p->end - p->at) < len || memcmp(p->at, words[i], len) != 0)
                        continue;
                p->at += len;
                return i == 2 ? pic__build_null(p->b, at, err) : pic__build_scalar(p->b, words[i], len, 0, at, err);
        }
        return bad(p, "not a value", err);
}

static int value(struct in *p, pic_error **err);

/* Behind an item: 1 another one follows, 0 it was the last. */
static int more(struct in *p, int close, pic_error **err)
{
        skip(p);
        if (peek(p) != ',' && peek(p) != close)
                return bad(p, close == '}' ? "',' or '}' must follow" : "',' or ']' must follow", err);
        return *p->at++ == ',';
}

static int member(struct in *p, pic_error **err)
{
        pic__place at;
        int r;

        skip(p);
        at = place(p);
        if (peek(p) != '"')
                return bad(p, "a key in double quotes must follow", err);
        r = string(p, err);
        if (r == 0)
                r = pic__build_key(p->b, pic__buf_str(&p->text), p->text.len, at, err);
        if (r < 0)
                return r;
        skip(p);
        if (peek(p) != ':')
                return bad(p, "':' must follow", err);
        p->at++;
        return value(p, err);
}

static int container(struct in *p, int close, pic_error **err)
{
        int r = pic__build_open(p->b, close == '}' ? PIC__N_MAP : PIC__N_LIST, place(p), err);

        if (r < 0)
                return r;
        p->at++;
        skip(p);
        if (peek(p) == close) {
                p->at++;
                pic__build_close(p->b);
                return 0;
        }
        do {
                r = close == '}' ? member(p, err) : value(p, err);
                if (r == 0)
                        r = more(p, close, err);
        } while (r > 0);
        if (r == 0)
                pic__build_close(p->b);
        return r;
}

static int value(struct in *p, pic_error **err)
{
        pic__place at;
        int c, r;

        skip(p);
        c = peek(p);
        if (c == '{' || c == '[')
                return container(p, c == '{' ? '}' : ']', err);
        if (c == '-' || (c >= '0' && c <= '9'))
                return number(p, err);
        if (c != '"')
                return literal(p, err);
        at = place(p);
        r = string(p, err);
        return r < 0 ? r : pic__build_scalar(p->b, pic__buf_str(&p->text), p->text.len, 1, at, err);
}

int pic__doc_json(const char *text, size_t len, const char *name, pic__doc **ret, pic_error **err)
{
        pic__auto_build pic__build b;
        struct in p = { &b, text, text + len, text, { 1, 1 }, PIC__BUF_SECRET };
        int r;

        r = pic__build_start(&b, name, len, err);
        if (r == 0)
                r = pic__build_check_text(&b, text, len, err);
        if (r < 0)
                return r;
        r = value(&p, err);
        pic__buf_wipe(&p.text);
        skip(&p);
        if (r == 0 && p.at < p.end)
                r = bad(&p, "the document must end here", err);
        return r < 0 ? r : pic__build_finish(&b, ret, err);
}
