/* Owns: the agent's patience. An event is followed by a repair 50 ms later, so that a burst is one; two repairs are a
 * second apart or more, and when each finds something (somebody undoes our work all the time) the distance doubles up
 * to a minute. A failed apply is tried again after 1 s, doubling to 60 s; what somebody else does meanwhile is put
 * right without waiting for that. */
#include "engine/pace.h"

#include "base/time.h"

#define DEBOUNCE ((pic_time)50000)
#define GAP_MIN PIC__SECOND
#define GAP_MAX (60 * PIC__SECOND)
#define QUIET (3 * PIC__SECOND)
#define PUT_OFF_MAX 4 /* intervals */

static pic_time longer(pic_time gap)
{
        return gap * 2 < GAP_MAX ? gap * 2 : GAP_MAX;
}

static pic_time sooner(pic_time a, pic_time b)
{
        if (a == 0 || b == 0)
                return a + b;
        return a < b ? a : b;
}

void pic__pace_start(pic__pace *p, pic_time now, pic_time interval)
{
        *p = (pic__pace){ .interval = interval,
                          .looked = now,
                          .next_look = now + interval,
                          .retry_gap = GAP_MIN,
                          .repair_gap = GAP_MIN };
}

void pic__pace_event(pic__pace *p, pic_time now)
{
        pic_time at = now + DEBOUNCE;

        if (p->repair_at != 0)
                return; /* it comes: this event is part of the burst */
        if (p->last_repair != 0 && at < p->last_repair + p->repair_gap)
                at = p->last_repair + p->repair_gap;
        p->repair_at = at;
}

void pic__pace_looked(pic__pace *p, pic_time now, long found)
{
        int close = p->last_repair != 0 && now - p->last_repair < 2 * p->repair_gap;
        int by_event = p->repair_at != 0 && p->repair_at <= now;

        if (found == 0 || (found > 0 && !close))
                p->repair_gap = GAP_MIN;
        else if (found > 0 || by_event) /* also when it is our own vain attempts that we hear */
                p->repair_gap = longer(p->repair_gap);
        p->last_repair = p->looked = now;
        p->repair_at = 0;
        p->next_look = now + p->interval;
        pic__pace_applied(p, now, found >= 0);
}

void pic__pace_applied(pic__pace *p, pic_time now, int ok)
{
        if (ok) {
                p->retry_at = 0;
                p->retry_gap = GAP_MIN;
                return;
        }
        p->repair_at = 0;
        if (p->retry_at > now)
                return; /* somebody tried in between: that does not put the next attempt off */
        p->retry_at = now + p->retry_gap;
        p->retry_gap = longer(p->retry_gap);
}

void pic__pace_busy(pic__pace *p, pic_time now)
{
        pic_time latest = p->looked + PUT_OFF_MAX * p->interval, at = now + QUIET;

        if (at > latest)
                at = latest;
        if (p->next_look < at)
                p->next_look = at;
}

int pic__pace_look_due(const pic__pace *p, pic_time now)
{
        pic_time next = pic__pace_next(p);

        return next != 0 && next <= now;
}

pic_time pic__pace_next(const pic__pace *p)
{
        return sooner(p->next_look, sooner(p->repair_at, p->retry_at));
}
