/* The engine makes the world as the store says. It has the backends, the snapshot it last applied, and the key that
 * opens seals. One thread at a time. Used by the agent (real world) and, in process, by a context of the fake world. */
#ifndef PIC_ENGINE_ENGINE_H
#define PIC_ENGINE_ENGINE_H

#include "plan/backend.h"
#include "plan/derive.h"
#include "store/store.h"

typedef struct pic__engine pic__engine;

typedef struct pic__engine_opts {
        const char *dir;
        const char *run_dir;
        int fake; /* the fake world */
        const pic__clock *clock;
        const pic__log *log;
        const char
                *web_ca; /* of a test: a file with who vouches for servers of the web; NULL: whom the system trusts */
        struct pic__logfile *file; /* the agent's, whose levels can be told; NULL: it has none */
} pic__engine_opts;

/* Opens store, key (PIC_DENIED without it) and backends. Applies nothing. */
int pic__engine_open(const pic__engine_opts *opts, pic__engine **ret, pic_error **err);
pic__engine *pic__engine_unref(pic__engine *e);
PIC__CLEANUP(pic__engine, pic__engine_unref)

/* Brings the world up to the store: the first time and after drift by observing everything, else by what changed.
 * *ret_steps may be NULL. When a change fails, its steps are undone: PIC_ROLLEDBACK, or PIC_BROKEN; when everything was
 * looked at, what can be is put right all the same: PIC_BACKEND, some steps could not be taken. The cause says why.
 * Nothing to do costs no observing and writes nothing. */
int pic__engine_apply(pic__engine *e, size_t *ret_steps, pic_error **err);
/* Looks at everything (observes it again unless nothing can have changed) and repairs what differs. */
int pic__engine_repair(pic__engine *e, size_t *ret_steps, pic_error **err);
/* The same as the agent does it by itself: when the cell says that what others change is left alone, only what keeps
 * packets out is put back. *ret_steps: what was done or is news. */
int pic__engine_look(pic__engine *e, size_t *ret_steps, pic_error **err);
/* 1: differences are left alone that the cell now wants put right. */
int pic__engine_wants_look(const pic__engine *e);
/* What looks since the last call found of others' doing becomes lines of the log and, bounded, rows of the journal. */
void pic__engine_tell_drift(pic__engine *e, const char *actor);
/* {"revision","steps":[…],"foreign":[{"level","area","what","fix"}],"repair":BOOL,"repaired":N}: what separates world
 * and store (not read when nothing can have changed), and what others do beside us. `repair`: and puts it right; actor:
 * for the journal. */
int pic__engine_drift(pic__engine *e, int repair, const char *actor, pic__json *out, pic_error **err);
/* What separates world and store: {"revision","steps":[…]}. Always observes everything. Changes nothing. */
int pic__engine_plan(pic__engine *e, pic__json *out, size_t *ret_steps, pic_error **err);

pic_revision pic__engine_applied(const pic__engine *e);
const pic_error *pic__engine_failure(const pic__engine *e); /* of the last apply; NULL when it was fine */
pic_time pic__engine_next_due(const pic__engine *e);        /* wall time of the next expiry; 0 none */
pic_revision pic__engine_behind(pic__engine *e);  /* the store's revision when it was not applied, else 0; cheap */
unsigned pic__engine_looks(const pic__engine *e); /* how often everything was looked at */
void pic__engine_stop(pic__engine *e);            /* asks the agent's loop to end */
int pic__engine_stopping(const pic__engine *e);

/* JSON for the status verb: cell, revision, applied, world, agent, counts, and with_peers also each peer's live state.
 */
int pic__engine_status(pic__engine *e, int with_peers, pic__json *out, pic_error **err);
int pic__engine_doctor(pic__engine *e, pic__json *out, pic_error **err); /* [{"level","area","what","fix"}] */
#define PIC__QR_BYTES 2953 /* what a QR code holds at most: version 40, level L */
/* The device's config text; applies the show-once rule and writes the journal row. form: "config", "qr". actor, way:
 * for the journal. PIC_BADSTATE when the key is gone (hint: pic peer rekey) or was made on the client and `form` is qr;
 * PIC_VALUE when it is too long for a QR code. */
int pic__engine_reveal(pic__engine *e, const char *peer, const char *form, const char *actor, const char *way,
                       pic__buf *out, pic_error **err);

/* For the agent's loop. */
size_t pic__engine_fds(pic__engine *e, int *fds, size_t max); /* backends' event descriptors */
int pic__engine_event(pic__engine *e); /* drains them; 1 when something of ours may have changed, PIC__DRAIN_OPEN when
                                          the rules are gone */
void pic__engine_tick(pic__engine *e);
/* The watch over exits: a descriptor (-1: none), a monotonic time (0: never), and what is then due: probes, names,
 * counters. What that tells is made true at once: exits_follow.c. Never waits for an exit. */
const char *pic__engine_exit_name(const pic__engine *e, unsigned slot); /* of the connection there; NULL: none */
int pic__engine_exits_fd(const pic__engine *e);
pic_time pic__engine_exits_due(const pic__engine *e);
void pic__engine_exits_turn(pic__engine *e);
/* What steps put off because nobody need wait for it: a monotonic time (0: nothing), and what is then to be done. */
pic_time pic__engine_later_due(const pic__engine *e);
void pic__engine_later(pic__engine *e);
void pic__engine_tidy(pic__engine *e); /* clears the store's write-ahead log */
/* Takes all of ours out of the machine, the device first, the rules that block last (keep_block: they stay). Goes on
 * after a failure; answers the first. */
int pic__engine_teardown(pic__engine *e, int keep_block, pic_error **err);

#endif
