/* Owns: when what subsystems put off is done: in the first quiet moment after the answer, so that of many changes in a
 * row none waits for it and all share it, and soon in any case. */
#include "base/time.h"
#include "engine/engine_i.h"

#define QUIET ((pic_time)30000)
#define LATEST PIC__SECOND

void pic__engine_put_off(pic__engine *e, enum pic__backend_id id)
{
        pic_time now = e->clock->mono(e->clock->data);

        if (e->backends[id]->ops->later == NULL)
                return;
        if (e->later_at == 0)
                e->later_latest = now + LATEST;
        e->later_at = now + QUIET < e->later_latest ? now + QUIET : e->later_latest;
}

pic_time pic__engine_later_due(const pic__engine *e)
{
        return e->later_at;
}

void pic__engine_later(pic__engine *e)
{
        size_t i;

        e->later_at = 0;
        for (i = 0; i < PIC__BACKENDS; i++)
                if (e->backends[i]->ops->later != NULL)
                        e->backends[i]->ops->later(e->backends[i]);
}
