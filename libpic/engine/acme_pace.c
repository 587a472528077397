/* Owns: the table of limits, and the order of tries. Two tries go to the first CA; what fails twice is likely to be
 * wrong here, so it is rehearsed where failing costs nothing, and asked of the second CA where there is one, by turns.
 * A rehearsal that comes out well is followed by the real thing at once; each fourth one is left out, since what is for
 * trying out may be down for reasons of its own. */
#include "engine/acme_pace.h"

#include <string.h>

#include "base/mem.h"
#include "base/time.h"

#define MINUTE (60 * PIC__SECOND)
#define HOUR (3600 * PIC__SECOND)
#define DAY (86400 * PIC__SECOND)
#define LIMITED DAY

#define LE "https://letsencrypt.org/docs/rate-limits/"

/* Ours are below theirs: others may ask for the same domain, and a cell that was restored from a backup has forgotten
 * what it tried since. Where nothing is known of another CA it gets what Let's Encrypt's least allows. */
const pic__acme_limit pic__acme_limits[] = {
        { PIC__ACME_FIRST, 0, 0, 4, HOUR, "5 failed validations per account, name and hour: " LE },
        { PIC__ACME_FIRST, 0, 0, 10, DAY, "as above; no more is of use" },
        { PIC__ACME_FIRST, 1, 0, 3, 7 * DAY, "5 certificates of the same names in 7 days: " LE },
        { PIC__ACME_FIRST, 0, 1, 20, 3 * HOUR, "300 orders per account in 3 hours: " LE },
        { PIC__ACME_FIRST, 1, 1, 25, 7 * DAY, "50 certificates per registered domain in 7 days: " LE },
        { PIC__ACME_SECOND, 0, 0, 4, HOUR, "not known: as of the first" },
        { PIC__ACME_SECOND, 0, 0, 10, DAY, "not known: as of the first" },
        { PIC__ACME_SECOND, 1, 0, 3, 7 * DAY, "not known: as of the first" },
        { PIC__ACME_SECOND, 0, 1, 20, 3 * HOUR, "not known: as of the first" },
        { PIC__ACME_SECOND, 1, 1, 25, 7 * DAY, "not known: as of the first" },
        { PIC__ACME_REHEARSAL, 0, 0, 4, HOUR,
          "200 failed validations per account, name and hour: https://letsencrypt.org/docs/staging-environment/" },
        { PIC__ACME_REHEARSAL, 0, 1, 40, 3 * HOUR, "as above" },
};
const size_t pic__acme_limits_count = PIC__COUNT(pic__acme_limits);

/* After so many failures in a row. */
static const pic_time waits[] = { 0, 15 * MINUTE, HOUR, 3 * HOUR, 8 * HOUR, DAY };

enum pic__acme_where pic__acme_next_where(const pic__acme_track *t, int has_second, int has_rehearsal)
{
        unsigned n = has_second ? 2 : 1, k = t->failures - 2;

        if (t->failures < 2 || t->rehearsed)
                return PIC__ACME_FIRST;
        if (has_second && k % n == 0)
                return PIC__ACME_SECOND;
        return has_rehearsal && (k / n) % 4 != 3 ? PIC__ACME_REHEARSAL : PIC__ACME_FIRST;
}

static int counts(const pic__acme_try *try, const pic__acme_limit *l)
{
        return try->where == l->where && (!l->issued || try->issued);
}

/* When the oldest of the last `most` leaves the window; 0: there are not so many in it. */
static pic_time free_at(const pic__acme_track *t, const pic__acme_limit *l, const pic__acme_track *const *all,
                        size_t count, pic_time now)
{
        pic_time newest[64] = { 0 };
        unsigned n = 0, k;
        size_t i, m;

        for (i = 0; i < (l->all ? count : 1); i++) {
                const pic__acme_track *of = l->all ? all[i] : t;

                for (m = 0; m < of->count; m++) {
                        pic_time at = of->tries[m].at;

                        if (!counts(&of->tries[m], l) || at + l->window <= now || at > now + l->window)
                                continue;
                        if (n == l->most && at <= newest[n - 1])
                                continue;
                        n -= n == l->most;
                        for (k = n++; k > 0 && newest[k - 1] < at; k--) /* newest first */
                                newest[k] = newest[k - 1];
                        newest[k] = at;
                }
        }
        return n == l->most ? newest[n - 1] + l->window : 0;
}

static pic_time least(const pic__acme_track *t, enum pic__acme_where where, const pic__acme_track *const *all,
                      size_t count, pic_time now, const pic__acme_limit **ret)
{
        pic_time at = now;
        size_t i;

        *ret = NULL;
        for (i = 0; i < pic__acme_limits_count; i++) {
                const pic__acme_limit *l = &pic__acme_limits[i];
                pic_time free = l->where == where ? free_at(t, l, all, count, now) : 0;

                if (free > at) {
                        at = free;
                        *ret = l;
                }
        }
        return at;
}

pic_time pic__acme_until(pic_time next, pic_time now)
{
        return next <= now + LIMITED ? next : now;
}

pic_time pic__acme_next_at(const pic__acme_track *t, enum pic__acme_where where, const pic__acme_track *const *all,
                           size_t count, pic_time now)
{
        const pic__acme_limit *held;
        pic_time at = least(t, where, all, count, now, &held), next = pic__acme_until(t->next, now);

        return next > at ? next : at;
}

const pic__acme_limit *pic__acme_held(const pic__acme_track *t, enum pic__acme_where where,
                                      const pic__acme_track *const *all, size_t count, pic_time now)
{
        const pic__acme_limit *held;

        (void)least(t, where, all, count, now, &held);
        return held;
}

static void wait_more(pic__acme_track *t, pic_time now)
{
        size_t n = t->failures < PIC__COUNT(waits) ? t->failures : PIC__COUNT(waits) - 1;

        t->next = now + waits[n];
}

void pic__acme_tried(pic__acme_track *t, enum pic__acme_where where, pic_time now)
{
        if (t->count == PIC__ACME_TRIES) {
                memmove(t->tries, t->tries + 1, sizeof(t->tries) - sizeof(t->tries[0]));
                t->count--;
        }
        t->tries[t->count++] = (pic__acme_try){ now, (unsigned char)where, 0 };
        t->rehearsed = 0;
        t->failures++;
        wait_more(t, now);
}

void pic__acme_failed(pic__acme_track *t, int limited, pic_time now)
{
        wait_more(t, now);
        if (limited && t->next < now + LIMITED)
                t->next = now + LIMITED;
}

void pic__acme_done(pic__acme_track *t, pic_time now)
{
        pic__acme_try *last = t->count > 0 ? &t->tries[t->count - 1] : NULL;

        if (last == NULL)
                return;
        t->next = now;
        if (last->where == PIC__ACME_REHEARSAL) {
                t->rehearsed = 1; /* what failed before stays counted: the real thing has not come out yet */
                return;
        }
        last->issued = 1;
        t->failures = 0;
}

void pic__acme_again(pic__acme_track *t)
{
        t->next = 0;
        t->failures = 0;
        t->rehearsed = 0;
}

pic_time pic__acme_tell_at(unsigned failures, pic_time now)
{
        static const pic_time each[] = {
                0, 10 * PIC__SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR
        };

        return now + each[failures < PIC__COUNT(each) ? failures : PIC__COUNT(each) - 1];
}
