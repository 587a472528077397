/* Where the far ends of exits are: names resolved without waiting for any (c-ares), both families. An answer is asked
 * for anew every 5 minutes, and while its exit is in doubt every 30 s; what was known last stays while nobody answers.
 * Addresses that cannot be a far end (special ones, and those that the owner refuses) are left out, with a reason.
 * All times are monotonic. */
#ifndef PIC_ENGINE_EXITS_NAMES_H
#define PIC_ENGINE_EXITS_NAMES_H

#include <pic/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/exits_far.h"
#include "model/exit.h"

#define PIC__NAMES_REMOTE_MAX 1024 /* bytes of what is told of one exit; more addresses are left out */

typedef struct pic__names pic__names;

typedef struct pic__names_opts {
        /* As pic__far_refused; `name` is NULL when the address itself is wished. May be NULL. */
        pic__far (*refuse)(const char *name, const pic__addr *a, pic__buf *reason, void *data);
        void *data;
        const char *resolv_conf; /* of a test; NULL: the machine's */
} pic__names_opts;

int pic__names_new(const pic__names_opts *opts, pic__names **ret, pic_error **err);
/* The far ends of an exit as they are wished: "HOST:PORT[/PROTO],…"; NULL or "": it has none. The same again changes
 * nothing. 0, or PIC_NOMEM. */
int pic__names_set(pic__names *n, unsigned slot, const char *wished, pic_time now, pic_error **err);
/* What another agent found out for it; holds until there is an answer. */
void pic__names_recall(pic__names *n, unsigned slot, const char *remote);
/* The exit does not work, or its handshake is old: its answer may be. */
void pic__names_doubt(pic__names *n, unsigned slot, int doubt, pic_time now);
int pic__names_fd(const pic__names *n);                     /* readable: turn() is due */
pic_time pic__names_due(const pic__names *n, pic_time now); /* 0: never */
void pic__names_turn(pic__names *n, pic_time now);          /* never waits */
/* "ADDR:PORT[/PROTO],…", "" when there is none that may be, NULL when nothing is known yet. */
const char *pic__names_remote(const pic__names *n, unsigned slot);
/* Why the last question was in vain; NULL: it was not. */
const pic_error *pic__names_trouble(const pic__names *n, unsigned slot);
pic__names *pic__names_unref(pic__names *n);
PIC__CLEANUP(pic__names, pic__names_unref)

#endif
