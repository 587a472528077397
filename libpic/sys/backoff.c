/* Owns: the waits between restarts. */
#include "sys/backoff.h"

#define MINUTE ((pic_time)60 * 1000000)
#define FIRST_MS 100u
#define LAST_MS 30000u

void pic__backoff_start(pic__backoff *b, pic_time now)
{
        b->began = now;
}

static int was_well(const pic__backoff *b, pic_time now)
{
        return b->well_ms != 0 && b->began != 0 && now - b->began >= (pic_time)b->well_ms * 1000;
}

void pic__backoff_death(pic__backoff *b, pic_time now)
{
        if (b->last == 0 || now - b->last > MINUTE || was_well(b, now))
                b->streak = 0;
        b->began = 0;
        if (b->streak < 32)
                b->streak++;
        b->last = now;
}

unsigned pic__backoff_left(const pic__backoff *b, pic_time now)
{
        unsigned wait = FIRST_MS, most = b->most_ms != 0 ? b->most_ms : LAST_MS, i;
        pic_time passed = (now - b->last) / 1000;

        if (b->streak < 2) /* the first death: at once */
                return 0;
        for (i = 2; i < b->streak && wait < most; i++)
                wait *= 2;
        if (wait > most)
                wait = most;
        if (passed < 0)
                passed = 0;
        return passed < (pic_time)wait ? wait - (unsigned)passed : 0;
}
