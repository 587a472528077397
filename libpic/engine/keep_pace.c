/* Owns: the patience of backups. */
#include "engine/keep_pace.h"

#include <time.h>

#include "base/time.h"
#include "engine/blocks_i.h"

#define SLACK (60 * PIC__SECOND) /* a clock that is set a little is no jump */

/* The first such minute of a day after t. A day that has none (summer begins) has the one that mktime makes of it. */
static pic_time next_minute(pic_time t, int minutes)
{
        time_t from = (time_t)(t / PIC__SECOND), to;
        struct tm tm;

        if (localtime_r(&from, &tm) == NULL)
                return t + 86400 * PIC__SECOND;
        tm.tm_hour = minutes / 60;
        tm.tm_min = minutes % 60;
        tm.tm_sec = 0;
        tm.tm_isdst = -1;
        to = mktime(&tm);
        if (to <= from) {
                tm.tm_mday++;
                tm.tm_hour = minutes / 60;
                tm.tm_min = minutes % 60;
                tm.tm_isdst = -1;
                to = mktime(&tm);
        }
        return to > from ? (pic_time)to * PIC__SECOND : t + 86400 * PIC__SECOND;
}

pic_time pic__keep_next(const pic__keep_pace *p, pic_time now)
{
        if (p->every == 0)
                return 0;
        if (p->failures > 0)
                return p->tried > now + SLACK ? now : p->tried + pic__block_patience(p->failures, p->every);
        if (p->good == 0 || p->good > now + SLACK)
                return p->since != 0 && p->since < now ? p->since : now;
        return p->at >= 0 ? next_minute(p->good, p->at) : p->good + p->every;
}

int pic__keep_stale(const pic__keep_pace *p, pic_time now)
{
        pic_time from = p->good > p->since ? p->good : p->since;

        return p->every != 0 && from != 0 && now > from && now - from > 2 * p->every;
}
