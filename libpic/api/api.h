/* What the files of this room share: handles from inside, and the checks at the door.
 *
 * Every handle begins with a magic word that is wiped when the handle goes: a wrong or dead handle is answered with
 * PIC_INVALID. It is a help, not a proof.
 *
 * Locks: ctx->lock guards the store handle (one sqlite connection, one thread at a time). It is held for a read or a
 * transaction, never across a call of the agent and never while waiting for anything but another writer. Links need no
 * lock, nor does what was read lately and is so still (recent.h). */
#ifndef PIC_API_API_H
#define PIC_API_API_H

#include <pic/pic.h>
#include <pthread.h>
#include <stdint.h>

#include "api/challenge.h"
#include "api/gates.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "change/view.h"
#include "codec/doc.h"
#include "engine/link.h"
#include "engine/scratch.h"
#include "model/obj.h"
#include "store/store.h"

enum {
        PIC__MAGIC_CTX = 0x70637478,
        PIC__MAGIC_LIST = 0x706c7374,
        PIC__MAGIC_EDIT = 0x70656474,
        PIC__MAGIC_PLAN = 0x70706c6e,
        PIC__MAGIC_OUTCOME = 0x706f7574,
        PIC__MAGIC_SUB = 0x70737562,
        PIC__MAGIC_EVENT = 0x7065766e,
        PIC__MAGIC_REPORT = 0x70727074,
        PIC__MAGIC_BLOB = 0x70626c62,
        PIC__MAGIC_HISTORY = 0x70687374,
        PIC__MAGIC_SESSION = 0x70736573,
        PIC__MAGIC_AGE = 0x70616765
};

/* First member of every handle of this room. */
typedef struct pic__handle {
        uint32_t magic;
        int refs;
} pic__handle;

struct pic_ctx {
        pic__handle h;
        pic_ctx *of; /* whose directories, link, lock, store, view and gates these are: pic_ctx_as(). NULL: own ones */
        char *dir;
        pic__scratch trial; /* what dir is in, of a trial */
        char *run_dir;
        char *log_dir;
        char *way;
        char *actor;
        int fake;
        unsigned busy_ms;
        unsigned agent_ms;
        const pic__clock *clock;
        pic__log log;
        pic__link *link;
        pthread_mutex_t lock;        /* guards store and view */
        pic__store *store;           /* NULL until somebody needed it; then it stays */
        pic__view view;              /* of the store; guarded by lock */
        pic__gates *gates;           /* who tried to log in: has a lock of its own */
        pic__challenges *challenges; /* what passkeys are to answer: the same */
        struct pic__recent *recent;  /* what was read lately: the same */
};

/* Where lock, store, view and gates are. */
static inline pic_ctx *pic__ctx_root(pic_ctx *ctx)
{
        return ctx->of != NULL ? ctx->of : ctx;
}

/* 1 when `handle` is alive and of this kind. NULL is not. */
int pic__api_is(const void *handle, uint32_t magic);
/* PIC_INVALID naming call and argument. */
int pic__api_bad(pic_error **err, const char *call, const char *what);
/* An options struct by its size: what the caller knows is copied over the defaults (zeros); what we do not know must be
 * zero. */
int pic__api_opts(const void *given, void *known, size_t size, const char *call, pic_error **err);
/* The agent's answer, which is JSON: PIC_BACKEND when it is not, PIC_NOMEM. */
int pic__api_answer(const char *text, size_t len, pic__doc **ret, pic_error **err);

pic_ctx *pic__ctx_ref(pic_ctx *ctx);
/* Locks the context and gives its store, opened if it was not. On failure it is not locked. */
int pic__ctx_lock(pic_ctx *ctx, pic__store **ret, pic_error **err);
void pic__ctx_unlock(pic_ctx *ctx);
/* Closes what the context has open of its directory, which is about to become another one: who comes next opens it
 * anew. Not while others use the context. */
void pic__ctx_let_go(pic_ctx *ctx);
/* A handle of the caller's own on the store, for what takes long: it holds up nobody. */
/* pic__store_stamp(); -1 also when nobody needed the store yet. */
int pic__ctx_stamp(pic_ctx *ctx, pic__stamp *ret);
int pic__ctx_reader(const pic_ctx *ctx, pic__store **ret, pic_error **err);
/* A row that says what was refused, or one more of those that are counted; that it cannot be written is no reason to
 * say something else. */
void pic__ctx_refused(pic_ctx *ctx, const pic_error *why);
/* Everything the store holds, judged by the clock, as of one moment. *ret_revision may be NULL. */
int pic__ctx_load(pic_ctx *ctx, pic__snap **ret, pic_revision *ret_revision, pic_error **err);
int pic__snap_clock(pic__snap *s, const pic_ctx *ctx, pic_error **err); /* tells the snapshot what time it is */
/* And where: what "lan" and "internet" mean here. Only who asks about reach needs it. */
int pic__snap_place(pic__snap *s, const pic_ctx *ctx, pic_error **err);
/* And what the agent found out of exits, as far as it left that behind: how the rules are now. */
int pic__snap_exits_told(pic__snap *s, const pic_ctx *ctx, pic_error **err);
/* A verb of the agent; timeout 0: the context's own. The result's buffer must be empty. */
/* With a file along: pic__link_call_along(). */
int pic__ctx_call_along(pic_ctx *ctx, const char *verb, const char *args, int file, unsigned timeout_ms,
                        pic__buf *result, pic_error **err);
int pic__ctx_call(pic_ctx *ctx, const char *verb, const char *args, unsigned timeout_ms, pic__buf *result,
                  pic_error **err);
/* A change whose time to be confirmed is over goes back before anything else; in the fake world, which has no agent
 * that would have seen to it, whoever comes next does. */
void pic__ctx_let_go_back(pic_ctx *ctx);
void pic__ctx_engine_opts(const pic_ctx *ctx, pic__engine_opts *ret);

/* A report that takes the text out of `text`. */
int pic__report_new(pic__buf *text, int good, pic_report **ret, pic_error **err);
/* A snapshot as a document. flags: PIC_EXPORT_*, known ones. */
int pic__export(const pic__snap *s, uint32_t flags, pic_report **ret, pic_error **err);
/* A row of the journal as an event, into *(pic_event **)data: 1, or PIC_NOMEM. */
int pic__event_make(const pic__journal_row *row, void *data);
/* The row as pic_event_json() has it. */
void pic__row_json(const pic__journal_row *row, pic__json *j);
/* A copy of the bytes, wiped when released. */
int pic__blob_new(const void *data, size_t size, pic_blob **ret, pic_error **err);

#endif
