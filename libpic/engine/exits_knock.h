/* Whether the far ends of a carrier over TCP are there at all: each is asked for a new connection, which is closed
 * without a word as soon as anybody looks. What a carrier's own connection has lost comes again after 0.2 s, 0.4, 0.8,
 * 1.6, 3.2, in one stream with all that came later: five packets in six seconds, so bad luck at 5 % loss looks like a
 * death. A new connection stands behind none of them. That it comes about is said by the far end's machine, now. */
#ifndef PIC_ENGINE_EXITS_KNOCK_H
#define PIC_ENGINE_EXITS_KNOCK_H

#include <stddef.h>

#include "plan/backend.h"

#define PIC__KNOCK_EACH 2 /* connections for each far end: one packet in ten is lost at 5 % each way */

typedef struct pic__knock {
        size_t count; /* far ends; 0: nobody is asked */
        int fd[PIC__FAR_ENDS][PIC__KNOCK_EACH];
} pic__knock;

/* Asks so many of them, PIC__FAR_ENDS at most. Zeroes are a knock that never was. */
void pic__knock_start(pic__knock *k, const pic__far_end *ends, size_t count);
/* 1: each of them has taken a connection since the start; 0: not, or nobody was asked. Never waits. */
int pic__knock_heard(const pic__knock *k);
/* Closed by a reset, so that nothing of it stays at either end. */
void pic__knock_end(pic__knock *k);

#endif
