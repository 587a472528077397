/* Owns: quoting of YAML scalars. Other readers know YAML 1.1 or 1.2 and guess types from plain text: "no" is false,
 * "1:20" is 80, "2027-01-31" a date. So plain is the exception: letters, digits and a few signs that mean nothing
 * anywhere. */
#include "codec/yaml_out.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

static int is_plain_char(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != '\0' && strchr("._/@-", c) != NULL);
}

static int is_word_of_yaml(const char *text)
{
        static const char *const words[] = {
                "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"
        };
        size_t i;

        for (i = 0; i < PIC__COUNT(words); i++)
                if (strcasecmp(text, words[i]) == 0)
                        return 1;
        return 0;
}

static int is_plain(const char *text, int what)
{
        int digit = text[0] >= '0' && text[0] <= '9';
        const char *s;

        if (!is_plain_char(text[0]) || strchr("._/@-", text[0]) != NULL)
                return 0;
        if (what == PIC__YAML_TEXT && (digit || is_word_of_yaml(text)))
                return 0;
        for (s = text; *s != '\0'; s++)
                if (!is_plain_char(*s))
                        return 0;
        return 1;
}

/* Printable for YAML and harmless on a terminal: no C1, no line or paragraph separator, no byte order mark, no
 * U+FFFE/F. */
static int is_open(const char *s, size_t n)
{
        if (n == 2)
                return !((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0);
        if (n == 3)
                return memcmp(s, "\xe2\x80\xa8", 3) != 0 && memcmp(s, "\xe2\x80\xa9", 3) != 0 &&
                       memcmp(s, "\xef\xbb\xbf", 3) != 0 && memcmp(s, "\xef\xbf\xbe", 3) != 0 &&
                       memcmp(s, "\xef\xbf\xbf", 3) != 0;
        return 1;
}

static unsigned code_point(const char *text, size_t n)
{
        const unsigned char *s = (const unsigned char *)text;

        if (n == 2)
                return ((unsigned)s[0] & 0x1f) << 6 | (s[1] & 0x3f);
        return ((unsigned)s[0] & 0x0f) << 12 | ((unsigned)s[1] & 0x3f) << 6 | (s[2] & 0x3f);
}

void pic__yaml_put(pic__buf *out, const char *text, int what)
{
        if (is_plain(text, what)) {
                pic__buf_puts(out, text);
                return;
        }
        pic__buf_putc(out, '"');
        while (*text != '\0') {
                size_t n = pic__utf8_len(text);

                if (n == 0) { /* values are valid UTF-8; a broken one must not break the document */
                        pic__buf_puts(out, "\\uFFFD");
                        n = 1;
                } else if (*text == '"' || *text == '\\') {
                        pic__buf_putc(out, '\\');
                        pic__buf_putc(out, *text);
                } else if (n == 1 && ((unsigned char)*text < 0x20 || *text == 0x7f)) {
                        pic__buf_putf(out, "\\x%02X", (unsigned char)*text);
                } else if (!is_open(text, n)) {
                        pic__buf_putf(out, "\\u%04X", code_point(text, n));
                } else {
                        pic__buf_put(out, text, n);
                }
                text += n;
        }
        pic__buf_putc(out, '"');
}
