/* Owns: reading the device, and what of it is kept meanwhile: plain values, in an arena that is wiped. */
#include "backend/wg/reading.h"

#include <string.h>

#define READ_TRIES 3

struct pic__wg_kept {
        pic__wg_peer peer;
        pic__wg_kept *next;
};

void pic__wg_reading_free(pic__wg_reading *reading)
{
        pic__arena_wipe(&reading->arena);
        explicit_bzero(reading, sizeof(*reading));
}

static int keep_device(const pic__wg_device *device, void *data, pic_error **err)
{
        pic__wg_reading *reading = data;

        (void)err;
        reading->device = *device;
        reading->there = 1;
        reading->sum += pic__wg_device_sum(reading->name, device);
        return 0;
}

static int keep_peer(pic__wg_peer *peer, void *data, pic_error **err)
{
        pic__wg_reading *reading = data;
        size_t count = peer->allowed.count;
        pic__wg_kept *kept = pic__arena_alloc(&reading->arena, sizeof(*kept));
        pic__prefix *allowed = pic__arena_alloc(&reading->arena, (count + 1) * sizeof(*allowed));

        if (kept == NULL || allowed == NULL)
                return pic__nomem(err);
        reading->sum += pic__wg_peer_sum(peer); /* which puts the prefixes in order */
        if (count > 0)
                memcpy(allowed, peer->allowed.at, count * sizeof(*allowed));
        kept->peer = *peer;
        kept->peer.allowed.at = allowed;
        kept->next = NULL;
        if (reading->last != NULL)
                reading->last->next = kept;
        else
                reading->first = kept;
        reading->last = kept;
        return 0;
}

/* It did not answer in time. If it was stopped for that, there is no device now, and that is the answer. */
static int gone(pic__wg *w, pic__wg_reading *reading, pic_error **err)
{
        pic_error *found = NULL;
        int r;

        pic__wg_reading_free(reading);
        r = pic__wg_find(w, &found);
        if (r == 0 && w->now != NULL)
                return PIC_TIMEOUT;
        pic_error_free(*err);
        *err = found;
        return r;
}

int pic__wg_reading_take(pic__wg *w, pic__wg_reading *ret, pic_error **err)
{
        pic__wg_reader reader = { keep_device, keep_peer, ret };
        pic_error *bad = NULL;
        int r = pic__wg_find(w, err), tries;

        w->known = r == 0;
        w->sum = 0;
        if (r < 0 || w->now == NULL)
                return r;
        for (tries = 1;; tries++) {
                memcpy(ret->name, w->link.name, sizeof(ret->name));
                r = w->now->ops->read(w->now, &w->link, &reader, &bad);
                if (r != PIC_BUSY || tries == READ_TRIES)
                        break;
                pic_error_free(pic__take(bad));
                pic__wg_reading_free(ret);
        }
        w->known = r == 0;
        w->sum = ret->sum;
        if (r == PIC_TIMEOUT)
                r = gone(w, ret, &bad);
        if (err != NULL)
                *err = pic__take(bad);
        pic_error_free(bad);
        return r;
}

int pic__wg_reading_items(const pic__wg_reading *reading, pic__items *out, pic_error **err)
{
        pic__auto_buf pic__buf scratch = PIC__BUF_INIT;
        pic__wg_kept *kept;
        int r = reading->there ? pic__wg_device_item(reading->name, &reading->device, out, err) : 0;

        for (kept = reading->first; kept != NULL && r == 0; kept = kept->next)
                r = pic__wg_peer_item(&kept->peer, &scratch, out, err);
        return r;
}
