/* The front: what it serves, and whether it does. */
#ifndef PIC_ENGINE_FRONTSTATE_H
#define PIC_ENGINE_FRONTSTATE_H

#include "engine/engine.h"
#include "engine/findings.h"

/* {"wished","ready","serving","name","addresses","url","trust","not_after","trouble","hint",
 * "connections","requests","handshakes","outside","services":[…]} */
int pic__engine_front(pic__engine *e, pic__json *out, pic_error **err);
/* What public services lack to be reached. */
void pic__front_look_at(pic__engine *e, pic__findings *f);

#endif
