/* Owns: the choice of backups that stay. */
#include "backup/retain.h"

#include "base/mem.h"
#include "base/time.h"

#define DAY (86400 * PIC__SECOND)

static int64_t all(pic_time t)
{
        return t;
}

static int64_t day(pic_time t)
{
        return t / DAY;
}

int64_t pic__retain_week(pic_time t)
{
        return (t / DAY + 3) / 7; /* the epoch was a Thursday */
}

static int64_t month(pic_time t)
{
        int64_t z = t / DAY + 719468, era = z / 146097, doe = z - era * 146097; /* days since 1 March of year 0 */
        int64_t year = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        int64_t of_year = doe - (365 * year + year / 4 - year / 100);

        return (year + era * 400) * 12 + (5 * of_year + 2) / 153;
}

/* The newest one that is older than `than`; NULL: there is none. */
static pic__held *next(pic__held *list, size_t count, pic_time than)
{
        pic__held *best = NULL;
        size_t i;

        for (i = 0; i < count; i++)
                if (list[i].state >= 0 && list[i].created < than && (best == NULL || list[i].created > best->created))
                        best = &list[i];
        return best;
}

static void keep_some(pic__held *list, size_t count, unsigned many, int64_t (*bucket)(pic_time t))
{
        pic_time than = INT64_MAX;
        int64_t last = INT64_MIN;
        pic__held *one;

        while (many > 0 && (one = next(list, count, than)) != NULL) {
                than = one->created;
                if (bucket(one->created) == last)
                        continue;
                last = bucket(one->created);
                one->keep = 1;
                many--;
        }
}

static pic_time newest_good(const pic__held *list, size_t count)
{
        pic_time best = INT64_MIN;
        size_t i;

        for (i = 0; i < count; i++)
                if (list[i].state > 0 && list[i].created > best)
                        best = list[i].created;
        return best;
}

void pic__retain(pic__held *list, size_t count, const pic__retention *r)
{
        pic_time good = newest_good(list, count);
        int any = r->last + r->daily + r->weekly + r->monthly > 0 && good != INT64_MIN;
        size_t i;

        for (i = 0; i < count; i++)
                list[i].keep = !any || list[i].created == good || (list[i].state < 0 && list[i].created > good);
        if (!any)
                return;
        keep_some(list, count, r->last > 0 ? r->last : 1, all);
        keep_some(list, count, r->daily, day);
        keep_some(list, count, r->weekly, pic__retain_week);
        keep_some(list, count, r->monthly, month);
}
