/* Commit-confirm, the agent's half. */
#ifndef PIC_ENGINE_REVERT_H
#define PIC_ENGINE_REVERT_H

#include "engine/engine.h"

/* 1 when a change waits for its confirmation, with the time it still has (microseconds; 0: its time is over). */
int pic__engine_confirm_left(pic__engine *e, pic_time *ret_left);
/* Takes the waiting change back, in the store. Nothing happens when none waits any more. */
int pic__engine_revert(pic__engine *e, pic_error **err);

#endif
