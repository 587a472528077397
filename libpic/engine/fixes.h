/* Putting right what doctor found, where that risks nothing. A finding's fix is a command of ours; those of a closed
 * list are done by `pic doctor --fix`, by their id ("act" of a finding). */
#ifndef PIC_ENGINE_FIXES_H
#define PIC_ENGINE_FIXES_H

#include "engine/engine.h"
#include "engine/findings.h"

/* The id of what would be done about it: "apply", "repair", "renew", "private", "blocks"; NULL: a person has to. */
const char *pic__fix_of(const char *fix);
/* Does each of them that the findings ask for, once: [{"act","done","error"}] into out, and a row of the journal for
 * each that was done, by this actor. */
int pic__engine_fix(pic__engine *e, const pic__findings *f, const char *actor, pic__json *out, pic_error **err);

#endif
