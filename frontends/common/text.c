/* Owns: text for people and JSON strings, for all front ends. */
#include "common/text.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

/* A second byte that makes a longer form than needed, half a pair, or a number past the end. */
static int second_is_wrong(unsigned char first, unsigned char second)
{
        switch (first) {
        case 0xe0: return second < 0xa0;
        case 0xed: return second > 0x9f;
        case 0xf0: return second < 0x90;
        case 0xf4: return second > 0x8f;
        default: return 0;
        }
}

/* Bytes of the character that begins here (RFC 3629), 0 when it is none. */
static size_t utf8_len(const unsigned char *s)
{
        size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0, i;

        for (i = 1; i < len; i++)
                if ((s[i] & 0xc0) != 0x80)
                        return 0;
        return len > 1 && second_is_wrong(s[0], s[1]) ? 0 : len;
}

void text_json(FILE *out, const char *s)
{
        if (s == NULL) {
                fputs("null", out);
                return;
        }
        fputc('"', out);
        while (*s != '\0') {
                unsigned char c = (unsigned char)*s;
                size_t len = utf8_len((const unsigned char *)s);

                if (c == '"' || c == '\\')
                        fprintf(out, "\\%c", c);
                else if (c == '\n')
                        fputs("\\n", out);
                else if (c < 0x20 || c == 0x7f)
                        fprintf(out, "\\u%04x", c);
                else if (len == 0)
                        fputs("\\ufffd", out); /* a word of the command line may be anything; JSON may not */
                else
                        fwrite(s, 1, len, out);
                s += len > 0 ? len : 1;
        }
        fputc('"', out);
}

int64_t text_duration(const char *s)
{
        static const struct {
                const char *unit;
                int64_t ms;
        } units[] = { { "ms", 1 }, { "s", 1000 }, { "", 1000 }, { "m", 60000 }, { "h", 3600000 } };
        char *end;
        size_t i;
        long long n;

        if (*s < '0' || *s > '9')
                return -1;
        errno = 0;
        n = strtoll(s, &end, 10);
        if (errno != 0 || n > 86400000)
                return -1;
        for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
                if (strcmp(end, units[i].unit) == 0)
                        return n * units[i].ms <= 86400000 ? n * units[i].ms : -1;
        return -1;
}

/* Digits of a fixed number; -1 when others stand there. */
static int digits(const char **at, int count)
{
        int n = 0;

        while (count-- > 0) {
                if (**at < '0' || **at > '9')
                        return -1;
                n = n * 10 + (*(*at)++ - '0');
        }
        return n;
}

/* ":30" or nothing: then it is zero. */
static int part(const char **at, int *ret)
{
        *ret = 0;
        if (**at != ':')
                return 0;
        ++*at;
        *ret = digits(at, 2);
        return *ret;
}

static int clock_time(const char **at, struct tm *tm)
{
        if (**at != 'T' && **at != ' ')
                return 0;
        ++*at;
        tm->tm_hour = digits(at, 2);
        if (tm->tm_hour < 0 || **at != ':' || part(at, &tm->tm_min) < 0 || part(at, &tm->tm_sec) < 0)
                return -1;
        return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 61 ? 0 : -1;
}

int64_t text_moment(const char *s, int64_t now)
{
        struct tm tm = { .tm_isdst = -1 }, same;
        const char *at = s;
        int utc;
        time_t t;

        if (text_duration(s) >= 0 && s[strspn(s, "0123456789")] != '\0')
                return now - text_duration(s) * 1000;
        tm.tm_year = digits(&at, 4) - 1900;
        if (tm.tm_year < 70 || *at++ != '-')
                return -1;
        tm.tm_mon = digits(&at, 2) - 1;
        if (*at++ != '-')
                return -1;
        tm.tm_mday = digits(&at, 2);
        if (clock_time(&at, &tm) < 0)
                return -1;
        utc = *at == 'Z';
        at += utc;
        same = tm;
        t = utc ? timegm(&tm) : mktime(&tm);
        if (*at != '\0' || t < 0 || tm.tm_mon != same.tm_mon || tm.tm_mday != same.tm_mday) /* no such day */
                return -1;
        return (int64_t)t * 1000000;
}

const char *text_bytes(uint64_t n, char *buf, size_t size)
{
        static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
        double value = (double)n;
        size_t unit = 0;

        while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
                value /= 1024;
                unit++;
        }
        snprintf(buf, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
        return buf;
}

const char *text_ago(const char *rfc3339, int64_t now, char *buf, size_t size)
{
        struct tm tm = { 0 };
        int64_t gone;

        if (rfc3339 == NULL || sscanf(rfc3339, "%4d-%2d-%2dT%2d:%2d:%2dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                                      &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6) {
                snprintf(buf, size, "never");
                return buf;
        }
        tm.tm_year -= 1900;
        tm.tm_mon -= 1;
        gone = now - (int64_t)timegm(&tm);
        if (gone < 0)
                gone = 0;
        if (gone < 120)
                snprintf(buf, size, "%" PRId64 " s ago", gone);
        else if (gone < 7200)
                snprintf(buf, size, "%" PRId64 " min ago", gone / 60);
        else if (gone < 172800)
                snprintf(buf, size, "%" PRId64 " h ago", gone / 3600);
        else
                snprintf(buf, size, "%" PRId64 " days ago", gone / 86400);
        return buf;
}

int text_is_utf8(void)
{
        return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Bytes of the character that begins here, at least 1, and the columns it takes. In another locale than a UTF-8 one the
 * C library does not know; then each character is taken for one column. */
static size_t next_char(const char *s, size_t *ret_columns)
{
        size_t len = utf8_len((const unsigned char *)s), n;
        mbstate_t state = { 0 };
        wchar_t wide;
        int columns = 1;

        if (len == 0)
                len = 1;
        else if (len > 1 && text_is_utf8()) {
                n = mbrtowc(&wide, s, len, &state);
                columns = n == len ? wcwidth(wide) : 1;
        }
        *ret_columns = columns >= 0 ? (size_t)columns : 1;
        return len;
}

size_t text_width(const char *s)
{
        size_t sum = 0, columns;

        while (*s != '\0') {
                s += next_char(s, &columns);
                sum += columns;
        }
        return sum;
}

size_t text_put(FILE *out, const char *s, size_t width)
{
        const char *mark = text_is_utf8() ? "\u2026" : ".";
        size_t used = 0;

        if (text_width(s) <= width) {
                fputs(s, out);
                return text_width(s);
        }
        while (*s != '\0') {
                size_t columns, len = next_char(s, &columns);

                if (used + columns + 1 > width)
                        break;
                fwrite(s, 1, len, out);
                used += columns;
                s += len;
        }
        fputs(width > 0 ? mark : "", out);
        return used + (width > 0);
}

/* Bytes of the next word and its columns. One that no line holds, a list of addresses say, ends behind a comma. */
static size_t next_word(const char *s, size_t width, size_t *columns)
{
        size_t all = strcspn(s, " "), i = 0, one, comma = 0, until = 0;

        for (*columns = 0; i < all; *columns += one) {
                if (i > 0 && s[i - 1] == ',' && *columns <= width) {
                        comma = i;
                        until = *columns;
                }
                i += next_char(s + i, &one);
        }
        if (*columns <= width || comma == 0)
                return all;
        *columns = until;
        return comma;
}

void text_wrap(FILE *out, const char *s, size_t indent, size_t width)
{
        size_t at = indent, room = width > indent ? width - indent : 1;
        int glued = 0; /* the rest of a word that was cut */

        while (*s != '\0') {
                size_t columns, bytes = next_word(s, room, &columns);

                if (at > indent && at + !glued + columns > width) {
                        fprintf(out, "\n%*s", (int)indent, "");
                        at = indent;
                } else if (at > indent && !glued) {
                        fputc(' ', out);
                        at++;
                }
                fwrite(s, 1, bytes, out);
                at += columns;
                s += bytes;
                glued = *s != ' ' && *s != '\0';
                s += strspn(s, " ");
        }
        fputc('\n', out);
}
