/* The time: what the cell serves, and whether this machine's clock is right: certificates depend on it. */
#ifndef PIC_ENGINE_TIMECHECK_H
#define PIC_ENGINE_TIMECHECK_H

#include "engine/engine.h"
#include "engine/findings.h"

/* {"wished","serving","name","addresses","follows","reference","stratum","offset_us","error_us","servers","sets_clock",
 * "kept","wrong"} */
int pic__engine_time(pic__engine *e, pic__json *out, pic_error **err);
/* As findings of doctor. */
void pic__engine_doctor_time(pic__engine *e, const pic_obj *cell, pic__findings *f);

#endif
