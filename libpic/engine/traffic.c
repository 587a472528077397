/* Owns: when traffic is counted, and whose it is. What counters mean (they begin anew, nobody knows since when they
 * count) is the store's: store/traffic.c. What could not be written is part of the next count: the counters of last
 * time are in the same transaction. */
#include "engine/traffic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_i.h"
#include "engine/health.h"
#include "engine/healthlog.h"
#include "engine/live.h"

#define EVERY (300 * PIC__SECOND)
#define ASKED (3 * PIC__SECOND)
#define HOUR (3600 * PIC__SECOND)

struct pic__traffic {
        pic__stats *stats; /* NULL: not opened yet */
        pic_time next;     /* monotonic */
        pic_time counted;  /* the last time */
        uint64_t device;   /* all bytes of the cell's device then; 0: not known */
        int began;         /* the first count is over: what counters say from now on came in our life */
        int64_t hour;      /* of the last pruning */
        int told;          /* a trouble, in the log */
        pic_time look;     /* when health is looked at next; monotonic */
        uint64_t noted;    /* what was found last */
        int asked;         /* what is open in the file was compared once */
};

static pic_time mono(const pic__engine *e)
{
        return e->clock->mono(e->clock->data);
}

static uint64_t number_in(const char *device, const char *what)
{
        char path[128];
        uint64_t n = 0;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", device, what);
        f = fopen(path, "re");
        if (f == NULL)
                return 0;
        if (fscanf(f, "%" SCNu64, &n) != 1)
                n = 0;
        (void)fclose(f);
        return n;
}

/* 1: nothing has passed, so nobody need be asked. */
static int is_idle(const pic__engine *e, uint64_t *ret)
{
        const char *device = pic__obj_text(pic__snap_cell(e->snap), "device");

        *ret = e->fake ? 0 : number_in(device, "rx_bytes") + number_in(device, "tx_bytes");
        return !e->fake && *ret == e->traffic->device;
}

static int note(pic__stats *st, enum pic__counted kind, int64_t id, const uint64_t came[2], pic_time now,
                pic_error **err)
{
        return came[0] == 0 && came[1] == 0 ? 0 : pic__stats_add(st, kind, id, came, now, err);
}

static int count_peers(pic__engine *e, int first, pic_time now, pic_error **err)
{
        PIC__AUTO(pic__lives_free) pic__lives lives = PIC__LIVES_INIT;
        const pic_obj *peer;
        size_t at = 0;
        int r = pic__lives_read(e, &lives, err);

        while (r >= 0 && (peer = pic__snap_next(e->snap, PIC__PEER, &at)) != NULL) {
                const pic__live *live = pic__lives_of(&lives, peer);
                const uint64_t is[2] = { live != NULL ? live->rx : 0, live != NULL ? live->tx : 0 };
                uint64_t came[2];

                if (live == NULL)
                        continue;
                r = pic__stats_counter(e->traffic->stats, PIC__COUNTED_PEER, peer->id, is, first, came, err);
                if (r > 0)
                        r = note(e->traffic->stats, PIC__COUNTED_PEER, peer->id, came, now, err);
        }
        return r < 0 ? r : 0;
}

/* Counters are a slot's, whoever has it. */
static int count_exits(pic__engine *e, int first, pic_time now, pic_error **err)
{
        const pic_obj *c;
        pic__passed passed;
        size_t at = 0;
        int r = 0;

        if (pic__snap_count(e->snap, PIC__CONNECTION) == 0)
                return 0;
        r = pic__engine_passed(e, &passed, err);
        while (r >= 0 && (c = pic__snap_next(e->snap, PIC__CONNECTION, &at)) != NULL) {
                unsigned slot = pic__exit_slot(c);
                const uint64_t is[2] = { passed.rx[slot], passed.tx[slot] };
                uint64_t came[2];

                r = pic__stats_counter(e->traffic->stats, PIC__COUNTED_SLOT, slot, is, first, came, err);
                if (r > 0)
                        r = note(e->traffic->stats, PIC__COUNTED_EXIT, c->id, came, now, err);
        }
        return r < 0 ? r : 0;
}

static int is_there(enum pic__counted kind, int64_t id, void *data)
{
        const pic__engine *e = data;

        return kind != PIC__COUNTED_PEER || pic__snap_get(e->snap, PIC__PEER, id) != NULL;
}

static int count_all(pic__engine *e, pic_error **err)
{
        struct pic__traffic *t = e->traffic;
        pic_time now = e->clock->now(e->clock->data);
        int first = 0, r = pic__stats_boot(t->stats, e->boot, &first, err);

        first = first && !t->began;
        if (r >= 0)
                r = count_peers(e, first, now, err);
        if (r == 0)
                r = count_exits(e, first, now, err);
        if (r == 0 && now / HOUR != t->hour)
                r = pic__stats_prune(t->stats, now, is_there, e, err);
        if (r == 0)
                r = pic__stats_end(t->stats, err);
        if (r == 0)
                t->hour = now / HOUR;
        return r;
}

static int open_stats(pic__engine *e, pic_error **err)
{
        int anew = 0, r = 0;

        if (e->traffic->stats == NULL)
                r = pic__stats_open(e->dir, 1, &e->traffic->stats, &anew, err);
        if (anew)
                pic__log_put(e->log, PIC_LOG_WARNING, "engine",
                             PIC__STATS_FILE " was damaged: it begins anew, what was there is kept as " PIC__STATS_FILE
                                             ".bad");
        return r;
}

static int count(pic__engine *e, pic_error **err)
{
        struct pic__traffic *t = e->traffic;
        uint64_t device;
        int r;

        t->counted = mono(e);
        if (e->snap == NULL || pic__snap_cell(e->snap) == NULL || is_idle(e, &device)) {
                t->began = 1;
                return 0;
        }
        r = open_stats(e, err);
        if (r == 0)
                r = pic__stats_begin(t->stats, err);
        if (r < 0)
                return r;
        r = count_all(e, err);
        pic__stats_abort(t->stats);
        t->began = 1;
        if (r == 0)
                t->device = device;
        return r;
}

/* A trouble is told once: until it is over. */
static void count_and_tell(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;
        int r = count(e, &bad);

        if (r < 0 && !e->traffic->told)
                pic__log_err(e->log, PIC_LOG_WARNING, "engine", bad);
        e->traffic->told = r < 0;
}

/* What a former agent left open is compared by the first look, which waits until what was started has had its time. A
 * cell in which nothing was ever wrong has no file. */
static int note_health(pic__engine *e, pic_error **err)
{
        struct pic__traffic *t = e->traffic;
        const pic__findings *f = pic__engine_health(e, NULL);
        int r;

        if (f == NULL)
                return pic__nomem(err);
        if (t->asked && !pic__healthlog_news(f, t->noted))
                return 0;
        r = open_stats(e, err);
        if (r == 0)
                r = pic__healthlog_note(t->stats, f, e->clock->now(e->clock->data), &t->noted, err);
        t->asked = r == 0;
        return r;
}

static void look_and_tell(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;
        int first = e->traffic->look == 0, r;

        e->traffic->look = mono(e) + PIC__HEALTH_EVERY;
        if (first || e->snap == NULL)
                return;
        r = note_health(e, &bad);
        if (r < 0)
                pic__log_err(e->log, PIC_LOG_DEBUG, "engine", bad);
}

void pic__engine_traffic_tick(pic__engine *e)
{
        if (e->traffic == NULL)
                e->traffic = pic__alloc(sizeof(*e->traffic));
        if (e->traffic == NULL)
                return;
        if (mono(e) >= e->traffic->look)
                look_and_tell(e);
        if (mono(e) < e->traffic->next)
                return;
        e->traffic->next = mono(e) + EVERY;
        count_and_tell(e);
}

void pic__engine_traffic_end(pic__engine *e)
{
        if (e->traffic == NULL)
                return;
        if (e->traffic->began)
                count_and_tell(e);
        pic__stats_unref(e->traffic->stats);
        pic__free(e->traffic);
        e->traffic = NULL;
}

int pic__engine_traffic(pic__engine *e, const pic__traffic_query *q, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        const pic__snap *s = e->snap;
        int r = 0;

        if (e->traffic != NULL && mono(e) >= e->traffic->counted + ASKED)
                count_and_tell(e);
        if (s == NULL) {
                r = pic__engine_load(e, &fresh, NULL, err);
                s = fresh;
        }
        return r < 0 ? r : pic__traffic_read(e->dir, s, q, out, err);
}
