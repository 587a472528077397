/* Putting right what doctor found, where that risks nothing: what a finding says with its level (PIC__ACT_*), by its id
 * ("act" of a finding in JSON). */
#ifndef PIC_ENGINE_FIXES_H
#define PIC_ENGINE_FIXES_H

#include "engine/engine.h"
#include "engine/findings.h"

/* The id: "apply", "repair", "renew", "private", "blocks", "backup", "publish"; NULL: a person has to. */
const char *pic__act_name(int act);
/* Does each of them that the findings ask for, once: [{"act","done","error"}] into out, and a row of the journal for
 * each that was done, by this actor. */
int pic__engine_fix(pic__engine *e, const pic__findings *f, const char *actor, pic__json *out, pic_error **err);

#endif
