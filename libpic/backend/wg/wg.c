/* Owns: the backend: which transport carries the cell's device, reading it, and what the engine calls. */
#include "backend/wg/wg.h"

#include <string.h>

#include "backend/wg/reading.h"
#include "model/key.h"

#define NOTE_TICKS 30  /* a minute: what a wireguard-go that dies has not told yet */
#define SAVE_TICKS 300 /* ten minutes: phones move all day, and disks are written to for less */

static pic__wg *wg_of(pic__backend *b)
{
        return (pic__wg *)b;
}

int pic__wg_find(pic__wg *w, pic_error **err)
{
        pic__wg_transport *both[] = { w->kernel, w->user };
        size_t i;
        int r;

        w->now = NULL;
        w->link.index = 0;
        for (i = 0; i < PIC__COUNT(both); i++) {
                if (both[i] == NULL)
                        continue;
                r = both[i]->ops->find(both[i], &w->link, err);
                if (r < 0)
                        return r;
                if (r > 0) {
                        w->now = both[i];
                        break;
                }
        }
        if (w->user != NULL)
                pic__wg_events_watch(&w->events, pic__wg_user_child(w->user));
        return 0;
}

int pic__wg_observe(pic__wg *w, pic__items *out, pic_error **err)
{
        pic__auto_wg_reading pic__wg_reading reading = PIC__WG_READING_INIT;
        int r = pic__wg_reading_take(w, &reading, err);

        return r < 0 ? r : pic__wg_reading_items(&reading, out, err);
}

int pic__wg_remove(pic__wg *w, pic_error **err)
{
        int r;

        if (w->now == NULL)
                return 0;
        r = w->now->ops->destroy(w->now, &w->link, err);
        if (r == 0) {
                w->now = NULL;
                w->link.index = 0; /* so that its going is no news */
                if (w->user != NULL)
                        pic__wg_events_watch(&w->events, pic__wg_user_child(w->user));
        }
        return r;
}

struct show {
        const char *key;
        void (*fn)(const pic__live *live, void *data);
        void *data;
};

static int show_peer(pic__wg_peer *peer, void *data, pic_error **err)
{
        struct show *s = data;
        pic__live live = { .handshake = peer->handshake, .rx = peer->rx, .tx = peer->tx };

        (void)err;
        pic__key_encode(peer->key, live.key);
        memcpy(live.endpoint, peer->endpoint, sizeof(live.endpoint));
        if (s->key == NULL || strcmp(s->key, live.key) == 0)
                s->fn(&live, s->data);
        return 0;
}

static int live(pic__backend *b, const char *key, void (*fn)(const pic__live *live, void *data), void *data,
                pic_error **err)
{
        pic__wg *w = wg_of(b);
        struct show s = { key, fn, data };
        pic__wg_reader reader = { NULL, show_peer, &s };
        int r = pic__wg_find(w, err);

        return r < 0 || w->now == NULL ? r : w->now->ops->read(w->now, &w->link, &reader, err);
}

static int observe(pic__backend *b, pic__items *out, pic_error **err)
{
        return pic__wg_observe(wg_of(b), out, err);
}

/* All of it is read, because WireGuard tells nobody when a peer changes; but texts are made of it only when it did. */
static int news(pic__backend *b, pic__items *out, pic_error **err)
{
        pic__auto_wg_reading pic__wg_reading reading = PIC__WG_READING_INIT;
        pic__wg *w = wg_of(b);
        int known = w->known, r;
        uint64_t sum = w->sum;

        r = pic__wg_reading_take(w, &reading, err);
        if (r < 0 || (known && w->known && w->sum == sum))
                return r;
        r = pic__wg_reading_items(&reading, out, err);
        w->known = w->known && r == 0;
        return r < 0 ? r : 1;
}

static int apply(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        pic__wg *w = wg_of(b);
        int r = pic__wg_apply(w, steps, count, ret_done, err);

        if (w->user != NULL)
                pic__wg_events_watch(&w->events, pic__wg_user_child(w->user));
        return r;
}

static int event_fd(pic__backend *b)
{
        return wg_of(b)->events.epoll;
}

/* 1 when wireguard-go ran for us and runs no more. */
static int died(pic__wg *w)
{
        pic__child *child = w->user != NULL ? pic__wg_user_child(w->user) : NULL;

        return child != NULL && pic__child_pid(child) > 0 && !pic__child_alive(child);
}

/* Messages tell what was: those of our own making are read here too, when all is well again. */
static int link_differs(pic__wg *w)
{
        pic__wg_link now;

        return pic__wg_link_get(&w->route, w->link.name, &now, NULL) <= 0 || now.index != w->link.index || !now.ours;
}

static int drain(pic__backend *b)
{
        pic__wg *w = wg_of(b);
        unsigned heard = pic__wg_events_drain(&w->events, &w->link);
        int changed = (heard & PIC__WG_HEARD_KICK) || died(w) || ((heard & PIC__WG_HEARD_LINK) && link_differs(w));

        if (changed) { /* the next look will tell */
                w->now = NULL;
                w->link.index = 0;
        }
        return changed;
}

static int note_peer(pic__wg_peer *peer, void *places, pic_error **err)
{
        return pic__wg_places_note(places, peer, err);
}

static void note_places(pic__wg *w)
{
        const pic__wg_reader reader = { NULL, note_peer, &w->places };

        if (w->now == NULL)
                return;
        w->places.look++;
        if (w->now->ops->read(w->now, &w->link, &reader, NULL) == 0)
                pic__wg_places_prune(&w->places);
}

/* A dead wireguard-go is news for drain(): the engine then finds the device missing and adds it and its peers again,
 * which starts the process. If it had to be held back, news again when its time has come. */
static void tick(pic__backend *b)
{
        pic__wg *w = wg_of(b);

        if (died(w) || (w->held_back && pic__child_backoff(pic__wg_user_child(w->user)) == 0)) {
                w->held_back = 0;
                pic__wg_events_kick(&w->events);
        }
        if (++w->ticks % NOTE_TICKS == 0)
                note_places(w);
        if (w->ticks % SAVE_TICKS == 0)
                pic__wg_places_save(&w->places, w->base.log);
}

static int teardown(pic__backend *b, int keep_block, pic_error **err)
{
        pic__wg *w = wg_of(b);
        int r = pic__wg_find(w, err);

        (void)keep_block;
        note_places(w);
        w->known = 0;
        w->held_back = 0;
        return r < 0 ? r : pic__wg_remove(w, err);
}

static void doctor(pic__backend *b, pic__finding_fn fn, void *data)
{
        pic__wg_doctor(wg_of(b), fn, data);
}

static void wg_free(pic__backend *b)
{
        pic__wg *w = wg_of(b);

        note_places(w);
        pic__wg_places_save(&w->places, b->log);
        pic__wg_places_free(&w->places);
        if (w->kernel != NULL)
                w->kernel->ops->free(w->kernel);
        if (w->user != NULL)
                w->user->ops->free(w->user);
        pic__wg_events_close(&w->events);
        pic__nl_close(&w->route);
        pic__free(w);
}

static const pic__backend_ops ops = {
        .observe = observe,
        .apply = apply,
        .news = news,
        .event_fd = event_fd,
        .drain = drain,
        .live = live,
        .doctor = doctor,
        .tick = tick,
        .teardown = teardown,
        .free = wg_free,
};

static int build(pic__wg *w, const pic__wg_opts *opts, pic_error **err)
{
        pic__wg_user_opts user = { opts->run_dir, opts->log_dir, opts->log, &w->route };
        int r = pic__nl_open(&w->route, NETLINK_ROUTE, err);

        if (r == 0)
                r = pic__wg_events_open(&w->events, err);
        if (r == 0)
                r = pic__wg_places_open(&w->places, opts->keep_dir, opts->log, err);
        if (r == 0 && !opts->userspace)
                r = pic__wg_kernel_new(&w->route, &w->kernel, err);
        if (r == 0 && !opts->kernel)
                r = pic__wg_user_new(&user, &w->user, err);
        return r;
}

int pic__wg_new(const pic__wg_opts *opts, pic__backend **ret, pic_error **err)
{
        pic__wg *w;
        int r;

        if (opts->userspace && opts->kernel)
                return pic__fail(err, PIC_INVALID, "wg: neither the kernel nor wireguard-go is allowed");
        w = pic__alloc(sizeof(*w));
        if (w == NULL)
                return pic__nomem(err);
        w->base = (pic__backend){ PIC__B_WG, &ops, opts->log };
        w->events.epoll = w->events.kick = -1;
        r = build(w, opts, err);
        if (r < 0) {
                wg_free(&w->base);
                return r;
        }
        *ret = &w->base;
        return 0;
}
