/* Owns: the check of UTF-8. Never reads past a NUL byte. */
#include "base/utf8.h"

#include <string.h>

/* Table 3-7 of the Unicode standard: first byte, range of the second byte, length. The bytes after the second
 * are 80..bf. */
static const struct {
        unsigned char first_lo, first_hi, second_lo, second_hi, len;
} forms[] = {
        { 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t pic__utf8_len(const char *text)
{
        const unsigned char *s = (const unsigned char *)text;
        size_t i, k;

        for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
                if (s[0] < forms[i].first_lo || s[0] > forms[i].first_hi)
                        continue;
                if (forms[i].len > 1 && (s[1] < forms[i].second_lo || s[1] > forms[i].second_hi))
                        return 0;
                for (k = 2; k < forms[i].len; k++)
                        if ((s[k] & 0xc0) != 0x80)
                                return 0;
                return forms[i].len;
        }
        return 0;
}

static int is_ascii(unsigned char c)
{
        return c != 0 && c < 0x80;
}

size_t pic__utf8_span(const char *text, size_t len)
{
        size_t at = 0;

        while (at < len) {
                char last[5] = { 0 };
                size_t n;

                if (is_ascii((unsigned char)text[at])) {
                        at++;
                        continue;
                }
                /* The text need not end in a NUL byte: the last bytes are looked at in a copy that does. */
                if (len - at < 4) {
                        memcpy(last, text + at, len - at);
                        n = pic__utf8_len(last);
                } else {
                        n = pic__utf8_len(text + at);
                }
                if (n == 0)
                        break;
                at += n;
        }
        return at;
}

int pic__utf8_valid(const char *text, size_t len)
{
        return pic__utf8_span(text, len) == len;
}

/* U+2028 and U+2029 are further lines; U+202A to U+202E and U+2066 to U+2069 turn the direction of what stands behind
 * them, also of the rest of a table or of a journal's line, which then reads as something else. */
static int misleads(const unsigned char *s)
{
        if (s[0] != 0xe2)
                return 0;
        return (s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae) || (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
}

int pic__utf8_printable(const char *text)
{
        while (*text != '\0') {
                const unsigned char *s = (const unsigned char *)text;
                size_t n = pic__utf8_len(text);

                if (n == 0 || s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0))
                        return 0;
                if (misleads(s))
                        return 0;
                text += n;
        }
        return 1;
}
