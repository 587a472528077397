/* Owns: the waits between restarts. */
#include "sys/backoff.h"

#define MINUTE ((pic_time)60 * 1000000)
#define FIRST_MS 100u
#define LAST_MS 30000u

void pic__backoff_death(pic__backoff *b, pic_time now)
{
        if (b->last == 0 || now - b->last > MINUTE)
                b->streak = 0;
        if (b->streak < 32)
                b->streak++;
        b->last = now;
}

unsigned pic__backoff_left(const pic__backoff *b, pic_time now)
{
        unsigned wait = FIRST_MS, i;
        pic_time passed = (now - b->last) / 1000;

        if (b->streak < 2) /* the first death: at once */
                return 0;
        for (i = 2; i < b->streak && wait < LAST_MS; i++)
                wait *= 2;
        if (wait > LAST_MS)
                wait = LAST_MS;
        if (passed < 0)
                passed = 0;
        return passed < (pic_time)wait ? wait - (unsigned)passed : 0;
}
