/* Owns: reading lines of logs. unbound: "[1764215656] unbound[12:0] info: text"; wireguard-go: "DEBUG: (wgpic)
 * 2026/11/27 03:54:16 text" and openvpn: "2026-11-27 03:54:16 text", both in local time; chronyd: "2026-11-27T03:54:16Z
 * text"; tor: "Nov 27 03:54:16.000 [notice] text", local and without a year; haproxy: "[NOTICE]   (12) : text"; socat:
 * "2026/11/27 03:54:16 socat[12] E text"; redsocks: "1764215656.123456 notice main.c:165 main(...) text". ssh says no
 * time. */
#include "engine/logline.h"

#include <pic/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/loglevels.h"

#define DAY 86400

static const struct {
        const char *child; /* what its name begins with */
        const char *area;
} children[] = { { "wg", "wg" },     { "wireguard-go", "wg" }, { "nft", "nft" },
                 { "dns", "dns" },   { "unbound", "dns" },     { "sieve", "dns" },
                 { "exit", "exit" }, { "chronyd", "ntp" },     { "haproxy", "front" } };

static const struct {
        const char *word;
        int level;
} words[] = { { "ERROR", PIC_LOG_ERROR },     { "error", PIC_LOG_ERROR },     { "err", PIC_LOG_ERROR },
              { "fatal", PIC_LOG_ERROR },     { "ALERT", PIC_LOG_ERROR },     { "emerg", PIC_LOG_ERROR },
              { "crit", PIC_LOG_ERROR },      { "E", PIC_LOG_ERROR },         { "F", PIC_LOG_ERROR },
              { "WARNING", PIC_LOG_WARNING }, { "warning", PIC_LOG_WARNING }, { "warn", PIC_LOG_WARNING },
              { "W", PIC_LOG_WARNING },       { "NOTICE", PIC_LOG_INFO },     { "notice", PIC_LOG_INFO },
              { "INFO", PIC_LOG_INFO },       { "info", PIC_LOG_INFO },       { "N", PIC_LOG_INFO },
              { "I", PIC_LOG_INFO },          { "DEBUG", PIC_LOG_DEBUG },     { "debug", PIC_LOG_DEBUG },
              { "D", PIC_LOG_DEBUG } };

static int is(const char *word, size_t len, const char *other)
{
        return strlen(other) == len && memcmp(word, other, len) == 0;
}

const char *pic__log_area(const char *word, size_t len)
{
        size_t i;

        for (i = 0; i < PIC__LOG_AREAS; i++)
                if (is(word, len, pic__log_areas[i]))
                        return pic__log_areas[i];
        for (i = 0; i < PIC__COUNT(children); i++)
                if (len >= strlen(children[i].child) && memcmp(word, children[i].child, strlen(children[i].child)) == 0)
                        return children[i].area;
        return NULL;
}

/* "exit12-tor": 12. */
static unsigned slot_of(const char *name)
{
        unsigned slot = 0;
        char dash = '\0';

        return sscanf(name, "exit%3u%c", &slot, &dash) == 2 && dash == '-' ? slot : 0;
}

void pic__logwriter_make(const char *name, pic__logwriter *ret)
{
        *ret = (pic__logwriter){ .name = name, .slot = slot_of(name), .hour = -1 };
        if (strcmp(name, "agent") != 0)
                ret->area = pic__log_area(name, strlen(name));
}

/* --- times ----------------------------------------------------------------------------------------------------- */

struct rest {
        const char *at, *end;
};

static size_t left(const struct rest *r)
{
        return (size_t)(r->end - r->at);
}

static int is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* So many digits at `s`; -1 when they are not there. */
static int number(const char *s, int n)
{
        int value = 0;

        for (; n > 0; n--, s++) {
                if (!is_digit(*s))
                        return -1;
                value = value * 10 + (*s - '0');
        }
        return value;
}

/* "03:54:16" in seconds, or -1. */
static int clock_at(const char *s)
{
        int h = number(s, 2), m = number(s + 3, 2), sec = number(s + 6, 2);

        return h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60 || s[2] != ':' || s[5] != ':'
                       ? -1
                       : h * 3600 + m * 60 + sec;
}

/* Seconds of a moment of local time. Asking libc costs more than all the rest, so it is asked once an hour's lines. */
static int64_t local(pic__logwriter *w, int64_t day, int seconds)
{
        int64_t hour = day * 24 + seconds / 3600;

        if (hour != w->hour) {
                int64_t from = hour * 3600;
                struct tm tm;
                time_t t = (time_t)from;

                if (gmtime_r(&t, &tm) == NULL)
                        return from;
                tm.tm_isdst = -1;
                w->hour = hour;
                w->hour_began = (int64_t)mktime(&tm);
        }
        return w->hour_began + seconds % 3600;
}

/* "2026-11-27", "2026/11/27", or -1. */
static int64_t day_at(const char *s)
{
        int y = number(s, 4), m = number(s + 5, 2), d = number(s + 8, 2);

        if ((s[4] != '-' && s[4] != '/') || s[7] != s[4] || y < 1970 || m < 1 || m > 12 || d < 1 || d > 31)
                return -1;
        return pic__time_days(y, m, d);
}

/* "2026-11-27T03:54:16Z", "2026-11-27 03:54:16", "2026/11/27 03:54:16" */
static pic_time take_date(struct rest *r, pic__logwriter *w)
{
        const char *s = r->at;
        int64_t day = left(r) >= 20 ? day_at(s) : -1;
        int seconds = day >= 0 ? clock_at(s + 11) : -1;

        if (seconds < 0 || (s[10] != 'T' && s[10] != ' '))
                return PIC__LOG_TIMELESS;
        r->at += 19;
        if (*r->at == 'Z' && s[10] == 'T') {
                r->at++;
                return (day * DAY + seconds) * PIC__SECOND;
        }
        return local(w, day, seconds) * PIC__SECOND;
}

/* "[1764215656] ", "1764215656.123456 ": what was told in seconds. */
static pic_time take_seconds(struct rest *r)
{
        const char *s = r->at + (*r->at == '['), *at = s;
        int64_t value = 0;

        for (; at < r->end && is_digit(*at) && at - s < 11; at++)
                value = value * 10 + (*at - '0');
        if (at - s < 9 || at == r->end || (s > r->at && *at != ']') || (s == r->at && *at != '.'))
                return PIC__LOG_TIMELESS;
        for (at++; s == r->at && at < r->end && is_digit(*at); at++)
                ;
        r->at = at;
        return value * PIC__SECOND;
}

static int month_at(const char *s)
{
        static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        int i;

        for (i = 0; i < 12; i++)
                if (memcmp(names + (size_t)i * 3, s, 3) == 0)
                        return i + 1;
        return 0;
}

/* "Nov 27 03:54:16.000": of the year in which the file was written, or of the one before. */
static pic_time take_month(struct rest *r, pic__logwriter *w)
{
        const char *s = r->at;
        int m, d, seconds, year;
        char when[PIC__TIME_TEXT];
        int64_t t;

        if (left(r) < 16 || s[3] != ' ' || s[6] != ' ')
                return PIC__LOG_TIMELESS;
        m = month_at(s);
        d = number(s + 4, 2);
        seconds = clock_at(s + 7);
        year = number(pic__time_print(w->changed, when), 4);
        if (m == 0 || d < 1 || d > 31 || seconds < 0 || year < 1970)
                return PIC__LOG_TIMELESS;
        t = local(w, pic__time_days(year, m, d), seconds);
        if (t > w->changed / PIC__SECOND + DAY)
                t = local(w, pic__time_days(year - 1, m, d), seconds);
        for (r->at += 15; r->at < r->end && (*r->at == '.' || is_digit(*r->at)); r->at++)
                ;
        return t * PIC__SECOND;
}

static void take_spaces(struct rest *r)
{
        while (r->at < r->end && *r->at == ' ')
                r->at++;
}

static pic_time take_time(struct rest *r, pic__logwriter *w)
{
        pic_time t = PIC__LOG_TIMELESS;

        if (left(r) > 0 && (is_digit(*r->at) || *r->at == '[')) {
                t = take_date(r, w);
                if (t == PIC__LOG_TIMELESS)
                        t = take_seconds(r);
        } else if (left(r) > 0 && *r->at >= 'A' && *r->at <= 'S') {
                t = take_month(r, w);
        }
        if (t != PIC__LOG_TIMELESS)
                take_spaces(r);
        return t;
}

/* --- what comes before what is said ------------------------------------------------------------------------------ */

static size_t word_len(const struct rest *r)
{
        size_t n = 0;

        while (n < left(r) && ((r->at[n] | 32) >= 'a') && ((r->at[n] | 32) <= 'z'))
                n++;
        return n;
}

static int level_of(const char *word, size_t len)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(words); i++)
                if (is(word, len, words[i].word))
                        return words[i].level;
        return -1;
}

/* "[notice] ", "info: ", "fatal error: ", "E ", "notice " */
static int take_level(struct rest *r)
{
        struct rest at = { r->at + (left(r) > 0 && *r->at == '['), r->end };
        int bracket = at.at > r->at;
        size_t len = word_len(&at);
        int level = level_of(at.at, len);
        char next = len < left(&at) ? at.at[len] : '\0';

        if (level < 0 || (bracket ? next != ']' : next != ':' && next != ' '))
                return -1;
        at.at += len + 1;
        if (is(at.at - len - 1, len, "fatal") && left(&at) > 6 && memcmp(at.at, "error:", 6) == 0)
                at.at += 6;
        take_spaces(&at);
        *r = at;
        return level;
}

/* "unbound[12:0] ", "socat[12] ", "(wgpic) ", "(12) : " */
static void take_tag(struct rest *r)
{
        size_t n = word_len(r), from = n;
        char close = n > 0 ? ']' : ')';

        if (n >= left(r) || r->at[n] != (n > 0 ? '[' : '('))
                return;
        for (n++; n < left(r) && n < from + 20 && r->at[n] != close && r->at[n] != ' '; n++)
                ;
        if (n >= left(r) || r->at[n] != close)
                return;
        r->at += n + 1;
        take_spaces(r);
        if (left(r) > 1 && r->at[0] == ':' && r->at[1] == ' ')
                r->at += 2;
        take_spaces(r);
}

static void read_child(struct rest *r, pic__logwriter *w, pic__logline *ret)
{
        int level;

        ret->time = take_time(r, w);
        take_tag(r);
        level = take_level(r);
        if (level >= 0)
                take_tag(r);
        if (ret->time == PIC__LOG_TIMELESS)
                ret->time = take_time(r, w);
        ret->level = level >= 0 ? level : PIC_LOG_INFO;
        ret->area = w->area != NULL ? w->area : "agent";
        ret->from = w->name;
        ret->from_len = strlen(w->name);
}

/* "2026-01-31T12:00:00Z INFO engine message"; what is logged under a child's name is about that child. */
static void read_own(struct rest *r, pic__logwriter *w, pic__logline *ret)
{
        struct rest word = *r;
        const char *area;

        ret->time = take_date(&word, w);
        ret->level = PIC_LOG_INFO;
        ret->area = "agent";
        if (ret->time == PIC__LOG_TIMELESS)
                return;
        take_spaces(&word);
        *r = word;
        ret->level = take_level(r);
        if (ret->level < 0) {
                ret->level = PIC_LOG_INFO;
                return;
        }
        word = *r;
        while (word.at < word.end && *word.at != ' ')
                word.at++;
        area = pic__log_area(r->at, (size_t)(word.at - r->at));
        if (area == NULL || word.at == word.end)
                return;
        ret->area = area;
        if (!is(r->at, (size_t)(word.at - r->at), area)) {
                ret->from = r->at;
                ret->from_len = (size_t)(word.at - r->at);
        }
        r->at = word.at + 1;
}

void pic__logline_read(const char *line, size_t len, pic__logwriter *w, pic__logline *ret)
{
        struct rest r = { line, line + len };

        *ret = (pic__logline){ .from = line };
        if (left(&r) > 0 && r.end[-1] == '\r')
                r.end--;
        if (strcmp(w->name, "agent") == 0)
                read_own(&r, w, ret);
        else
                read_child(&r, w, ret);
        ret->text = r.at;
        ret->text_len = left(&r);
}
