/* Owns: reading XML as far as lists need it. */
#include "keeper/xml.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX_ = 4096 };

void pic__xml_start(pic__xml *x, const char *text, size_t len)
{
        *x = (pic__xml){ .at = text, .end = text + len, .text = PIC__BUF_INIT };
}

void pic__xml_end(pic__xml *x)
{
        pic__buf_free(&x->text);
}

int pic__xml_closes(const pic__xml *x, enum pic__xml_what what, const char *name)
{
        return what == PIC__XML_CLOSE && strcmp(x->name, name) == 0;
}

static int begins(const pic__xml *x, const char *text)
{
        size_t len = strlen(text);

        return (size_t)(x->end - x->at) >= len && memcmp(x->at, text, len) == 0;
}

/* To behind the next `text`. */
static int skip_past(pic__xml *x, const char *text)
{
        const char *found = memmem(x->at, (size_t)(x->end - x->at), text, strlen(text));

        if (found == NULL)
                return -1;
        x->at = found + strlen(text);
        return 0;
}

static void put_char(pic__buf *out, unsigned long c)
{
        if (c == 0 || c > 0x7f) /* nothing of ours has it */
                c = '?';
        pic__buf_putc(out, (char)c);
}

/* &amp; and its like. -1: it is none. */
static int take_entity(pic__xml *x)
{
        static const struct {
                const char *text;
                char is;
        } known[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
        size_t i;

        for (i = 0; i < PIC__COUNT(known); i++)
                if (begins(x, known[i].text)) {
                        pic__buf_putc(&x->text, known[i].is);
                        x->at += strlen(known[i].text);
                        return 0;
                }
        if (begins(x, "&#")) {
                int hex = x->end - x->at > 2 && x->at[2] == 'x';
                char digits[9] = "";
                const char *from = x->at + (hex ? 3 : 2), *to = memchr(x->at, ';', (size_t)(x->end - x->at));

                if (to == NULL || to <= from || to - from > 8)
                        return -1;
                memcpy(digits, from, (size_t)(to - from));
                put_char(&x->text, strtoul(digits, NULL, hex ? 16 : 10));
                x->at = to + 1;
                return 0;
        }
        return -1;
}

/* As far as the next tag. */
static int take_text(pic__xml *x)
{
        while (x->at < x->end && *x->at != '<') {
                if (x->text.len > TEXT_MAX_)
                        return -1;
                if (*x->at == '&') {
                        if (take_entity(x) < 0)
                                return -1;
                        continue;
                }
                pic__buf_putc(&x->text, *x->at++);
        }
        return x->text.failed ? -1 : 0;
}

/* What is neither text nor a tag. 1: passed over; 0: there is none. */
static int take_other(pic__xml *x)
{
        if (begins(x, "<?"))
                return skip_past(x, "?>") < 0 ? -1 : 1;
        if (begins(x, "<!--"))
                return skip_past(x, "-->") < 0 ? -1 : 1;
        if (begins(x, "<![CDATA[")) {
                const char *from = x->at + 9;

                if (skip_past(x, "]]>") < 0 || x->at - 3 - from > TEXT_MAX_)
                        return -1;
                pic__buf_put(&x->text, from, (size_t)(x->at - 3 - from));
                return 1;
        }
        return begins(x, "<!") ? -1 : 0;
}

static int take_name(pic__xml *x)
{
        const char *from = x->at, *colon;
        size_t len;

        while (x->at < x->end && strchr(" \t\r\n/>", *x->at) == NULL)
                x->at++;
        colon = memchr(from, ':', (size_t)(x->at - from));
        if (colon != NULL)
                from = colon + 1;
        len = (size_t)(x->at - from);
        if (len == 0 || len >= sizeof(x->name))
                return -1;
        memcpy(x->name, from, len);
        x->name[len] = '\0';
        return 0;
}

/* Attributes: their values may have a '>' in them. */
static int skip_attributes(pic__xml *x)
{
        char quote = '\0';

        for (; x->at < x->end; x->at++) {
                if (quote != '\0')
                        quote = *x->at == quote ? '\0' : quote;
                else if (*x->at == '"' || *x->at == '\'')
                        quote = *x->at;
                else if (*x->at == '>')
                        return 0;
        }
        return -1;
}

static enum pic__xml_what take_tag(pic__xml *x)
{
        int closes;

        x->at++;
        closes = x->at < x->end && *x->at == '/';
        x->at += closes;
        if (take_name(x) < 0 || skip_attributes(x) < 0)
                return PIC__XML_BAD;
        x->empty = !closes && x->at[-1] == '/';
        x->at++;
        return closes ? PIC__XML_CLOSE : PIC__XML_OPEN;
}

enum pic__xml_what pic__xml_next(pic__xml *x)
{
        int r;

        pic__buf_clear(&x->text);
        if (x->empty) {
                x->empty = 0;
                return PIC__XML_CLOSE;
        }
        do {
                if (take_text(x) < 0)
                        return PIC__XML_BAD;
                if (x->at >= x->end)
                        return PIC__XML_END;
                r = take_other(x);
        } while (r > 0);
        return r < 0 ? PIC__XML_BAD : take_tag(x);
}
