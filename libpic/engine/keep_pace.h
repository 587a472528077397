/* When a target gets its next backup, and when one is missing. Pure but for the machine's zone of time. */
#ifndef PIC_ENGINE_KEEP_PACE_H
#define PIC_ENGINE_KEEP_PACE_H

#include <pic/types.h>

/* All by the wall clock; 0: never. */
typedef struct pic__keep_pace {
        pic_time every; /* between two; 0: only when asked for */
        int at;         /* minutes after midnight of the machine's zone, each day; -1: as every says */
        pic_time since; /* when the target was seen first, or came on */
        pic_time tried; /* the last attempt */
        pic_time good;  /* the last success */
        unsigned failures;
} pic__keep_pace;

/* When the next attempt is due: now or earlier when it is. 0: never. A moment that lies ahead, because the clock was
 * put back since, is none. */
pic_time pic__keep_next(const pic__keep_pace *p, pic_time now);
/* 1: the last success is twice as old as it should be; or there is none, and there could be two. */
int pic__keep_stale(const pic__keep_pace *p, pic_time now);

#endif
