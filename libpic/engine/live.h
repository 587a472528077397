/* What is true now of all devices: handshakes, far ends, bytes; by public key. */
#ifndef PIC_ENGINE_LIVE_H
#define PIC_ENGINE_LIVE_H

#include "base/arena.h"
#include "base/map.h"
#include "engine/engine.h"

typedef struct pic__lives {
        pic__arena arena;
        pic__map by_key;
        int failed;
} pic__lives;

#define PIC__LIVES_INIT                           \
        {                                         \
                PIC__ARENA_INIT, PIC__MAP_INIT, 0 \
        }

/* One question to the tunnel. What cannot be read is unknown, and no error but PIC_NOMEM: who asks wants to know most
 * of all when things are broken. */
int pic__lives_read(pic__engine *e, pic__lives *l, pic_error **err);
const pic__live *pic__lives_of(const pic__lives *l, const pic_obj *peer); /* NULL: unknown */
void pic__lives_free(pic__lives *l);

/* What devices sent by exits and got by them; nothing in the fake world. */
int pic__engine_passed(pic__engine *e, pic__passed *ret, pic_error **err);

#endif
