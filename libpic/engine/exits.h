/* The agent's watch over its exits: probes, counters, names, and what follows: which are down, where a group leads,
 * where far ends are. It acts on nothing: facts come out, and who has the engine makes them true (exits_follow.c). */
#ifndef PIC_ENGINE_EXITS_H
#define PIC_ENGINE_EXITS_H

#include "base/json.h"
#include "base/log.h"
#include "engine/exits_facts.h"
#include "engine/findings.h"
#include "plan/backend.h"
#include "sys/clock.h"

typedef struct pic__exits pic__exits;

/* Something of a connection changed that somebody may want to know: verb "exit-down", "exit-up", "exit-moved",
 * "exit-revived", and a text: "exit mullvad is down: no answer for 4 s". */
typedef void (*pic__exits_news_fn)(pic_id id, const char *name, const char *verb, const char *text, void *data);

typedef struct pic__exits_opts {
        const pic__clock *clock; /* borrowed, as the next one */
        const pic__log *log;
        pic__exits_news_fn news;                                 /* may be NULL */
        void (*fault)(unsigned slot, pic__buf *out, void *data); /* the last words of what carries it; may be NULL */
        /* Why nothing carries it, though it is wished: the code, and err; 0: something does. May be NULL. */
        int (*refusal)(unsigned slot, pic_error **err, void *data);
        /* Looks after programs that are there and do nothing; `down`: the exit has not worked for a while. 1: one was
         * replaced, and `told` says which. May be NULL. */
        int (*revive)(unsigned slot, int down, pic__buf *told, void *data);
        /* Whom what carries it over TCP waits for, PIC__FAR_ENDS at most; 0: nobody. May be NULL. */
        size_t (*awaited)(unsigned slot, pic__far_end *out, void *data);
        void *data;
        const char *resolv_conf; /* of a test; NULL: the machine's */
} pic__exits_opts;

int pic__exits_new(const pic__exits_opts *opts, pic__exits **ret, pic_error **err);
pic__exits *pic__exits_unref(pic__exits *x);
PIC__CLEANUP(pic__exits, pic__exits_unref)

/* Watches what the snapshot has and is enabled; starts from `known` for what it did not watch before. The snapshot is
 * borrowed until the next call. */
int pic__exits_watch(pic__exits *x, const pic__snap *s, const pic__exits_known *known, pic_error **err);
/* What was made of an exit was made anew; or something happened among all of them, so that each is asked. */
void pic__exits_made(pic__exits *x, unsigned slot);
void pic__exits_alarm(pic__exits *x);

int pic__exits_fd(const pic__exits *x);       /* readable: turn() is due */
pic_time pic__exits_due(const pic__exits *x); /* monotonic; 0: never */
void pic__exits_turn(pic__exits *x);          /* never waits */
/* What each has carried of devices, to be told. */
void pic__exits_passed(pic__exits *x, const pic__passed *passed);
/* What is known now. Fills *k, which the caller clears. */
int pic__exits_known_now(const pic__exits *x, pic__exits_known *k, pic_error **err);

/* Tries a connection out: what pic__trial_json() says, into out. 1: there it is; 0: it goes on, ask again when turn()
 * was called; one that is known to be down is not waited for as long. PIC_BADSTATE: nothing carries it: it is turned
 * off, there to block, or no member of the group works; PIC_DENIED, PIC_IO, PIC_NOMEM. */
int pic__exits_try(pic__exits *x, const pic_obj *connection, pic__json *out, pic_error **err);

/* [{"name","type","slot","enabled","state","since",…}] of all connections of a snapshot; x may be NULL: nobody
 * watches. */
void pic__exits_json(const pic__exits *x, const pic__snap *s, const pic__clock *clock, pic__json *j);
/* Of one the keys "state", "since", "active", "error", into an object that is open. */
void pic__exits_state_json(const pic__exits *x, const pic__snap *s, const pic_obj *connection, const pic__clock *clock,
                           pic__json *j);
/* Of one: "off", "starting", "up", "down". */
const char *pic__exits_state(const pic__exits *x, const pic__snap *s, const pic_obj *connection);
/* Why one is down, in words; nothing where nobody knows. */
void pic__exits_why(const pic__exits *x, const pic_obj *connection, pic__buf *out);
void pic__exits_doctor(const pic__exits *x, const pic__snap *s, pic__findings *f);

#endif
