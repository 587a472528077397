/* When the agent acts next: interval, repairs after events, retries after failures. Pure: times come in, decisions go
 * out. All times are monotonic, in microseconds; 0 means never. */
#ifndef PIC_ENGINE_PACE_H
#define PIC_ENGINE_PACE_H

#include <pic/types.h>

typedef struct pic__pace {
        pic_time interval;    /* between full looks */
        pic_time looked;      /* when everything was looked at last */
        pic_time next_look;   /* by the interval */
        pic_time repair_at;   /* after an event */
        pic_time retry_at;    /* after a failure */
        pic_time last_repair; /* when the last repair began */
        pic_time retry_gap;
        pic_time repair_gap; /* between repairs; grows while each finds something */
} pic__pace;

void pic__pace_start(pic__pace *p, pic_time now, pic_time interval);
void pic__pace_event(pic__pace *p, pic_time now); /* somebody changed something */
/* A full look (or a whole apply) was made: found > 0 steps were needed, or it failed (found < 0). */
void pic__pace_looked(pic__pace *p, pic_time now, long found);
void pic__pace_applied(pic__pace *p, pic_time now, int ok); /* a change was applied, or was not */
/* A change went through: the look by the interval waits for a quiet moment, so that of many changes in a row none waits
 * for a look. */
void pic__pace_busy(pic__pace *p, pic_time now);
int pic__pace_look_due(const pic__pace *p, pic_time now); /* interval, event or retry: look at everything */
pic_time pic__pace_next(const pic__pace *p);

#endif
