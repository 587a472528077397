/* How long to wait before something that keeps dying is started again. Pure. */
#ifndef PIC_SYS_BACKOFF_H
#define PIC_SYS_BACKOFF_H

#include <pic/types.h>

typedef struct pic__backoff {
        pic_time last;    /* of the last death; 0: none yet */
        unsigned streak;  /* deaths that followed each other within a minute */
        pic_time began;   /* when it was started; 0: not known */
        unsigned most_ms; /* 0: 30,000 */
        unsigned well_ms; /* who lived that long was well: a death after it follows no other. 0: nobody */
} pic__backoff;

void pic__backoff_start(pic__backoff *b, pic_time now);
void pic__backoff_death(pic__backoff *b, pic_time now);
/* Milliseconds left: 0 at first, then 100, doubling to the most, counted from the last death. */
unsigned pic__backoff_left(const pic__backoff *b, pic_time now);

#endif
