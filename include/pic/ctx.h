/* <pic/ctx.h>: open a cell's directory. */
#ifndef PIC_CTX_H
#define PIC_CTX_H

#include <pic/error.h>
#include <pic/log.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

#define PIC_DEFAULT_DIR "/var/lib/pic"

typedef struct pic_ctx_opts {
        size_t size;       /* sizeof(pic_ctx_opts) */
        const char *dir;   /* the cell's directory; NULL: PIC_DEFAULT_DIR */
        const char *world; /* "real" (NULL), or "fake": every call works, without privilege, on a pretend kernel kept in
                              the directory */
        const char *
                way; /* which front end this is, for the journal: "cli", "http", "tui", "api" (NULL), a word of yours */
        const char *actor; /* who acts, for the journal; NULL: the user of this process ("root", "uid 1000") */
        uint32_t busy_ms;  /* how long a write waits for another writer; 0: 5,000 */
        uint32_t agent_ms; /* how long a call waits for the agent; 0: 30,000 */
        int32_t log_level; /* PIC_LOG_*: the highest shown; 0 is errors only */
        uint32_t flags;    /* PIC_CTX_* */
        pic_log_fn log;    /* NULL: silent */
        void *log_data;
} pic_ctx_opts;

/* A directory for this context alone, of mode 0700, in memory where this machine has such a place: something is tried
 * in a cell that nobody runs. It goes with the context; that of a program that was killed goes when the next one is
 * made. dir is NULL. */
enum { PIC_CTX_TRIAL = 1 << 0 };

#define PIC_CTX_OPTS_INIT                                                            \
        {                                                                            \
                sizeof(pic_ctx_opts), NULL, NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL \
        }

/* Opens a context; touches no file yet (but for PIC_CTX_TRIAL), and does not ask whether there is a cell. opts NULL:
 * all defaults; its texts are copied. Thread-safe: one context may be used by many threads. PIC_INVALID: ret_ctx is
 * NULL, no size, an empty dir, a dir and PIC_CTX_TRIAL, an unknown world, a log level that is none, a flag or a member
 * that is not zero and not known here. PIC_NOMEM; PIC_IO: no place for a trial. */
PIC_API PIC_MUST_USE int pic_ctx_open(const pic_ctx_opts *opts, pic_ctx **ret_ctx, pic_error **err);
/* Gives the reference back; returns NULL. Takes NULL. */
PIC_API pic_ctx *pic_ctx_unref(pic_ctx *ctx);

PIC_END_DECLS

#endif
