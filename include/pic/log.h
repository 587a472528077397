/* <pic/log.h>: what the library says while it works (it is silent until a handler is set), and what the agent and its
 * programs have written down. */
#ifndef PIC_LOG_H
#define PIC_LOG_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

enum { PIC_LOG_ERROR = 0, PIC_LOG_WARNING = 1, PIC_LOG_INFO = 2, PIC_LOG_DEBUG = 3 };

/* Called on the thread that logs, which may be any thread that is inside a call of this library. `area` is
 * the room that speaks ("wg", "nft", "dns", "engine", …), `message` one line without newline; both are
 * borrowed for the call. The handler must not call back into the library. */
typedef void (*pic_log_fn)(int level, const char *area, const char *message, void *data);

enum {
        PIC_LOG_FOLD = 1 << 0,   /* letters of `text` are alike, small or not (those of ASCII) */
        PIC_LOG_STRINGS = 1 << 1 /* each line as a string, as pic_log_get() has them */
};
typedef struct pic_log_opts {
        size_t size;
        uint32_t flags;         /* PIC_LOG_* */
        uint32_t max;           /* how many at most; 0: 100; at most 10,000; not with `after` */
        const char *area;       /* "agent", "wg", "dns", … as pic_log_get(); NULL: all */
        const char *level;      /* that or worse: "error", "warning", "info", "debug"; NULL: all */
        const char *text;       /* in the line as it was written; NULL: any */
        const char *peer;       /* lines about that device: its name, its key, its addresses; NULL: all */
        const char *connection; /* lines about that connection, and of the programs that carry it; NULL: all */
        const char *before;     /* the lines before those of an answer: its "before"; NULL: the newest */
        const char *after;      /* what came after an answer: its "after"; NULL: not so */
        pic_time since, until;  /* between them, by what lines say; 0: ever, now */
} pic_log_opts;
#define PIC_LOG_OPTS_INIT                                                                  \
        {                                                                                  \
                sizeof(pic_log_opts), 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 \
        }
/* The newest lines of all logs that are wanted, the agent's and its programs', rotated ones included, by time, oldest
 * first: {"lines":[{"time","exact","level","area","from","text"},…],"before","after","more"}. exact: the line says its
 * time itself, to the second; else it is that of the line before it in its file, or of the file. from: the program, or
 * null: the agent. text: without time, level and area; what is no printable text in it is written \xNN. before: for the
 * lines before these, or null: there are none. after: for what comes; more: with `after`: there is more already, ask
 * again at once. Reads files, asks nobody; of a search that finds nothing all of them. Questions for names are no part
 * of it (pic_dns_log()). opts NULL: all defaults. PIC_NOTFOUND: no such area (hint), device or connection (`text` finds
 * one that was removed), no cell where one of these is asked for; PIC_VALUE: level, text, before or after; until before
 * since (detail "field"); PIC_DENIED, PIC_IO, PIC_INVALID, PIC_NOMEM. Of the store, where peer or connection is
 * asked for, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_log_search(pic_ctx *ctx, const pic_log_opts *opts, pic_report **ret_report,
                                        pic_error **err);

PIC_END_DECLS

#endif
