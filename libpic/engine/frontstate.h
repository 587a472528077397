/* The front: what it serves, and whether it does. */
#ifndef PIC_ENGINE_FRONTSTATE_H
#define PIC_ENGINE_FRONTSTATE_H

#include "engine/engine.h"

/* {"wished","ready","serving","name","addresses","url","trust","not_after","trouble","hint",
 * "connections","requests","handshakes","services":[…]} */
int pic__engine_front(pic__engine *e, pic__json *out, pic_error **err);

#endif
