/* Owns: calendar arithmetic (proleptic Gregorian, UTC). Days from civil by the usual era method. */
#include "base/time.h"

#include <stdio.h>
#include <string.h>

int64_t pic__time_days(int y, int m, int d)
{
        int64_t era, yoe, doy, doe;

        y -= m <= 2;
        era = y / 400;
        yoe = y - era * 400;
        doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
        doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        return era * 146097 + doe - 719468;
}

static void civil_from_days(int64_t days, int *y, int *m, int *d)
{
        int64_t z = days + 719468;
        int64_t era = z / 146097;
        int64_t doe = z - era * 146097;
        int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        int64_t mp = (5 * doy + 2) / 153;

        *d = (int)(doy - (153 * mp + 2) / 5 + 1);
        *m = (int)(mp < 10 ? mp + 3 : mp - 9);
        *y = (int)(yoe + era * 400 + (*m <= 2));
}

const char *pic__time_print(pic_time t, char text[PIC__TIME_TEXT])
{
        int64_t s = t / PIC__SECOND;
        int64_t rest = s % 86400;
        int y, m, d;

        text[0] = '\0';
        if (t <= 0 || s / 86400 > 2932896) /* 9999-12-31 */
                return text;
        civil_from_days(s / 86400, &y, &m, &d);
        /* The remainders change nothing; they let the compiler see that it fits. */
        snprintf(text, PIC__TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)y % 10000, (unsigned)m % 100,
                 (unsigned)d % 100, (unsigned)(rest / 3600) % 100, (unsigned)(rest / 60 % 60), (unsigned)(rest % 60));
        return text;
}

/* Exactly `n` digits at *s, and moves on; -1 if they are not there. */
static int digits(const char **s, int n)
{
        int value = 0;

        for (; n > 0; n--, (*s)++) {
                if (**s < '0' || **s > '9')
                        return -1;
                value = value * 10 + (**s - '0');
        }
        return value;
}

static int month_days(int y, int m)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        if (m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)))
                return 29;
        return days[m - 1];
}

static int parse_clock(const char *s, int64_t *ret_seconds)
{
        int h, min, sec = 0;

        if (*s == '\0') {
                *ret_seconds = 0;
                return 0;
        }
        if (*s++ != 'T')
                return -1;
        h = digits(&s, 2);
        if (h < 0 || h > 23 || *s++ != ':')
                return -1;
        min = digits(&s, 2);
        if (min < 0 || min > 59)
                return -1;
        if (*s == ':') {
                s++;
                sec = digits(&s, 2);
                if (sec < 0 || sec > 59)
                        return -1;
        }
        if (*s == 'Z')
                s++;
        *ret_seconds = h * 3600 + min * 60 + sec;
        return *s == '\0' ? 0 : -1;
}

int pic__time_parse(const char *text, pic_time *ret_time)
{
        const char *s = text;
        int64_t seconds;
        int y, m, d;

        y = digits(&s, 4);
        if (y < 1970 || *s++ != '-')
                return -1;
        m = digits(&s, 2);
        if (m < 1 || m > 12 || *s++ != '-')
                return -1;
        d = digits(&s, 2);
        if (d < 1 || d > month_days(y, m))
                return -1;
        if (parse_clock(s, &seconds) < 0)
                return -1;
        *ret_time = (pic__time_days(y, m, d) * 86400 + seconds) * PIC__SECOND;
        return 0;
}
