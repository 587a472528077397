/* Owns: the engine's life, and what the agent's loop asks of it between two applies. */
#include "engine/engine.h"

#include <string.h>

#include "engine/acme.h"
#include "engine/alerts.h"
#include "engine/blocks.h"
#include "engine/domains.h"
#include "engine/engine_i.h"
#include "engine/favour.h"
#include "engine/health.h"
#include "engine/keep.h"
#include "engine/keyfile.h"
#include "engine/lead.h"
#include "engine/machine.h"
#include "engine/paths.h"
#include "engine/traffic.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define BUSY_MS 5000u

static int copy_opts(pic__engine *e, const pic__engine_opts *opts, pic_error **err)
{
        e->fake = opts->fake;
        e->clock = opts->clock != NULL ? opts->clock : &pic__clock_real;
        e->log = opts->log;
        e->file = opts->file;
        e->web_ca = opts->web_ca;
        e->applied = -1;
        e->certs_seen = -1;
        e->dirty = 1;
        e->since = e->clock->now(e->clock->data);
        e->started = e->clock->mono(e->clock->data);
        pic__boot_id(e->boot);
        e->dir = pic__strdup(opts->dir);
        e->run_dir = opts->run_dir != NULL ? pic__strdup(opts->run_dir) : pic__run_dir(opts->dir);
        e->log_dir = pic__log_dir(opts->dir);
        return e->dir != NULL && e->run_dir != NULL && e->log_dir != NULL ? 0 : pic__nomem(err);
}

/* A key that opens none of the store's seals would fail late and darkly: look now. */
static int read_key(pic__engine *e, pic_error **err)
{
        uint8_t theirs[32];
        int r;

        r = pic__keyfile_read(e->dir, e->seals.key, err);
        if (r < 0)
                return r;
        r = pic__store_seal_key(e->store, theirs, err);
        if (r < 0)
                return r;
        pic__wg_public(e->seals.key, e->seals.public_key);
        if (pic__same(e->seals.public_key, theirs, sizeof(theirs)))
                return 0;
        (void)pic__fail(err, PIC_CORRUPT, "the key in %s is not the one this cell's secrets are sealed to", e->dir);
        pic__hint(err, "Put the key back that belongs to this store: both are in the same backup.");
        return PIC_CORRUPT;
}

static int make_dirs(pic__engine *e, pic_error **err)
{
        int r = pic__dir_make(e->run_dir, 0755, err);

        return r < 0 ? r : pic__dir_make(e->log_dir, 0750, err);
}

/* A file that cannot be read is not worth a failure: the exits are asked anew. */
static void recall_exits(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (pic__exits_known_read(e->run_dir, &e->known, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "exit", bad);
}

int pic__engine_open(const pic__engine_opts *opts, pic__engine **ret, pic_error **err)
{
        PIC__AUTO(pic__engine_unref_p) pic__engine *e = pic__alloc(sizeof(*e));
        int r;

        if (e == NULL)
                return pic__nomem(err);
        r = copy_opts(e, opts, err);
        if (r == 0)
                r = pic__crypto_start(err);
        if (r == 0)
                r = pic__store_open(e->dir, BUSY_MS, e->clock, &e->store, err);
        if (r == 0)
                r = read_key(e, err);
        if (r == 0)
                r = make_dirs(e, err);
        if (r == 0)
                recall_exits(e);
        if (r == 0)
                r = pic__engine_backends(e, err);
        if (r < 0)
                return r;
        *ret = pic__take(e);
        return 0;
}

pic__engine *pic__engine_unref(pic__engine *e)
{
        size_t i;

        if (e == NULL)
                return NULL;
        pic__engine_traffic_end(e);
        for (i = 0; i < PIC__BACKENDS; i++)
                if (e->backends[i] != NULL)
                        e->backends[i]->ops->free(e->backends[i]);
        pic__engine_acme_drop(e);
        pic__engine_drop_exits(e);
        pic__engine_drop_domains(e);
        pic__engine_drop_keep(e);
        pic__engine_drop_favour(e);
        pic__engine_lead_drop(e);
        pic__engine_drop_blocks(e);
        pic__engine_drop_alerts(e);
        pic__engine_drop_health(e);
        pic__machine_drop(e);
        pic__exits_known_clear(&e->known);
        pic__snap_unref(e->snap);
        pic__store_unref(e->store);
        pic_error_free(e->failure);
        pic_error_free(e->unsigned_why);
        pic_error_free(e->certs_why);
        pic__seals_wipe(&e->seals);
        pic__drift_free(&e->drift);
        pic__free(e->dir);
        pic__free(e->run_dir);
        pic__free(e->log_dir);
        pic__free(e);
        return NULL;
}

pic_revision pic__engine_applied(const pic__engine *e)
{
        return e->applied;
}

const pic_error *pic__engine_failure(const pic__engine *e)
{
        return e->failure;
}

pic_time pic__engine_next_due(const pic__engine *e)
{
        return e->snap != NULL ? pic__snap_next_expiry(e->snap) : 0;
}

pic_revision pic__engine_behind(pic__engine *e)
{
        pic_revision revision;

        return pic__store_revision(e->store, &revision, NULL) == 0 && revision != e->applied ? revision : 0;
}

int pic__engine_stopping(const pic__engine *e)
{
        return e->stopping;
}

unsigned pic__engine_looks(const pic__engine *e)
{
        return e->looks;
}

void pic__engine_tidy(pic__engine *e)
{
        pic__store_tidy(e->store);
}

void pic__engine_stop(pic__engine *e)
{
        e->stopping = 1;
}

size_t pic__engine_fds(pic__engine *e, int *fds, size_t max)
{
        size_t i, n = 0;

        for (i = 0; i < PIC__BACKENDS && n < max; i++) {
                pic__backend *b = e->backends[i];
                int fd = b->ops->event_fd != NULL ? b->ops->event_fd(b) : -1;

                if (fd >= 0)
                        fds[n++] = fd;
        }
        return n;
}

int pic__engine_event(pic__engine *e)
{
        int changed = 0;
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++) {
                pic__backend *b = e->backends[i];
                int r = b->ops->drain != NULL ? b->ops->drain(b) : 0;

                if (r > 0 && (r & PIC__DRAIN_NETS) != 0)
                        r = pic__engine_moved(e) ? PIC__DRAIN_OPEN : r & ~PIC__DRAIN_NETS;
                if (r > 0)
                        pic__log_put(e->log, PIC_LOG_DEBUG, "engine", "%s: something changed", pic__backend_names[i]);
                if (r > 0 && i == PIC__B_EXIT && e->exits != NULL)
                        pic__exits_alarm(e->exits);
                if (r > changed)
                        changed = r;
        }
        return changed;
}

void pic__engine_tick(pic__engine *e)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++)
                if (e->backends[i]->ops->tick != NULL)
                        e->backends[i]->ops->tick(e->backends[i]);
}

/* The device first, so that nothing arrives any more; the rules that block last. One that fails does not keep the
 * others in place. */
int pic__engine_teardown(pic__engine *e, int keep_block, pic_error **err)
{
        static const enum pic__backend_id order[] = { PIC__B_WG,   PIC__B_FRONT, PIC__B_DNS, PIC__B_NTP,
                                                      PIC__B_EXIT, PIC__B_ROUTE, PIC__B_NFT };
        pic__auto_err pic_error *first = NULL;
        int result = 0;
        size_t i;

        pic__engine_lead_end(e);
        pic__engine_traffic_end(e); /* counters go with the device */
        for (i = 0; i < PIC__COUNT(order); i++) {
                pic__auto_err pic_error *bad = NULL;
                pic__backend *b = e->backends[order[i]];
                int r;

                /* while that still drops what would leave */
                if (order[i] == PIC__B_NFT && !e->fake && e->snap != NULL && pic__snap_cell(e->snap) != NULL)
                        pic__streams_end(pic__snap_cell(e->snap), e->log);
                r = b->ops->teardown != NULL ? b->ops->teardown(b, keep_block, &bad) : 0;

                if (r == 0)
                        continue;
                (void)pic__wrap(&bad, "taking down %s", pic__backend_names[order[i]]);
                if (result < 0) {
                        pic__log_err(e->log, PIC_LOG_ERROR, "engine", bad);
                        continue;
                }
                result = r;
                first = pic__take(bad);
        }
        pic__engine_forget_attached(e);
        pic__engine_forget_exits(e);
        e->snap = pic__snap_unref(e->snap);
        e->applied = -1;
        e->dirty = 1;
        if (result < 0 && err != NULL)
                *err = pic__take(first);
        return result;
}
