/* The agent's own look for trouble, once a minute, for all that want to know how the cell is: alerts, history. */
#ifndef PIC_ENGINE_HEALTH_H
#define PIC_ENGINE_HEALTH_H

#include "engine/engine.h"
#include "engine/findings.h"

#define PIC__HEALTH_EVERY (60 * PIC__SECOND)

/* What doctor finds, now. */
void pic__engine_find(pic__engine *e, pic__findings *f);
/* What it found in the last minute; looks when that was longer ago. Borrowed until the next call; NULL: out of memory.
 * *ret_at (may be NULL): when it looked, by the clock that does not jump. */
const pic__findings *pic__engine_health(pic__engine *e, pic_time *ret_at);
void pic__engine_drop_health(pic__engine *e);

#endif
