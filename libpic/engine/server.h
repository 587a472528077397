/* The agent's socket: listens, answers. One descriptor to wait on; turn() does what is due. */
#ifndef PIC_ENGINE_SERVER_H
#define PIC_ENGINE_SERVER_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "sys/clock.h"

#define PIC__SERVER_CLIENTS 64
#define PIC__SERVER_IDLE_MS 10000 /* a client that has not asked anything for so long is dropped */

typedef struct pic__server pic__server;

typedef struct pic__server_opts {
        const char *run_dir;
        uid_t owner; /* the directory's owner: may call */
        const pic__clock *clock;
        const pic__log *log;
        unsigned idle_ms; /* 0: PIC__SERVER_IDLE_MS */
        /* An empty answer: not yet; the same is asked again by pic__server_again(). */
        void (*answer)(const char *request, size_t len, const char *actor, pic__buf *answer, void *data);
        void (*refused)(const char *actor, void *data); /* somebody who may not call; may be NULL */
        void *data;
} pic__server_opts;

/* Binds <run>/agent.sock, 0660, the owner's, group pic if there is one, in place of a stale one: the caller holds the
 * agent's lock. */
int pic__server_open(const pic__server_opts *opts, pic__server **ret, pic_error **err);
int pic__server_fd(const pic__server *s);
/* While `answer` runs: the file that came along with the request; -1: none. The server's, by that number until it is
 * answered. */
int pic__server_file(const pic__server *s);
void pic__server_turn(pic__server *s);  /* never waits */
void pic__server_again(pic__server *s); /* asks again for those whose answer was not there yet */
pic_time
pic__server_due(const pic__server *s); /* monotonic time at which turn() should be called at the latest; 0: never */
size_t pic__server_clients(const pic__server *s);
pic__server *pic__server_unref(pic__server *s); /* removes the socket */
PIC__CLEANUP(pic__server, pic__server_unref)

#endif
