/* Owns: the last look for trouble that nobody asked for. */
#include "engine/health.h"

#include "base/time.h"
#include "engine/engine_i.h"

struct pic__health {
        pic__findings found;
        pic_time at; /* monotonic */
};

void pic__engine_drop_health(pic__engine *e)
{
        if (e->health == NULL)
                return;
        pic__findings_free(&e->health->found);
        pic__free(e->health);
        e->health = NULL;
}

const pic__findings *pic__engine_health(pic__engine *e, pic_time *ret_at)
{
        pic_time now = e->clock->mono(e->clock->data);
        struct pic__health *h = e->health;

        if (h == NULL || now - h->at >= PIC__HEALTH_EVERY) {
                h = pic__alloc(sizeof(*h));
                if (h == NULL)
                        return NULL;
                h->found = (pic__findings)PIC__FINDINGS_INIT;
                h->at = now;
                pic__engine_find(e, &h->found);
                pic__engine_drop_health(e);
                e->health = h;
        }
        if (ret_at != NULL)
                *ret_at = h->at;
        return h->found.failed ? NULL : &h->found;
}
