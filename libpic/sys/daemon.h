/* What a backend has that keeps one daemon: its directory, the program, the bell, what runs and why the last start
 * failed. How it is configured, asked and stopped is the backend's own; that it was found again, by pid file or by
 * mark, by whom it was started and when it may be again, is the same for all. */
#ifndef PIC_SYS_DAEMON_H
#define PIC_SYS_DAEMON_H

#include "sys/bell.h"
#include "sys/child.h"
#include "sys/mark.h"

/* A backend's own fields as well: b->child, and &b->d for the calls below. */
#define PIC__DAEMON_FIELDS                                                                         \
        const char *program; /* its argv[0] */                                                     \
        const char *area;    /* in the log, and in errors */                                       \
        const pic__log *out;                                                                       \
        char *dir;   /* <run_dir>/NAME, absolute */                                                \
        char *stamp; /* server, in it: by which item it was started */                             \
        char *log_dir;                                                                             \
        char *log_file; /* what it writes */                                                       \
        pic__child *child;                                                                         \
        pic__bell bell;                                                                            \
        char *value;   /* the item that runs: NULL when nothing does, "" when it cannot be told */ \
        char *trouble; /* why the last start failed */                                             \
        int known;     /* it is as observe told it last, with the steps applied since */           \
        unsigned ticks;

typedef struct pic__daemon {
        PIC__DAEMON_FIELDS
} pic__daemon;

#define PIC__DAEMON(d)                     \
        union {                            \
                pic__daemon d;             \
                struct {                   \
                        PIC__DAEMON_FIELDS \
                };                         \
        }

typedef struct pic__daemon_opts {
        const char *program, *area;
        const char *name; /* of its directory */
        const char *run_dir, *log_dir;
        const pic__log *log;
} pic__daemon_opts;

/* Starts nothing. PIC_INVALID: the run directory is no short absolute path. Close it also when this failed. */
int pic__daemon_open(pic__daemon *d, const pic__daemon_opts *opts, pic_error **err);
void pic__daemon_close(pic__daemon *d); /* what runs goes on: the next of us takes it over */
/* Another file in its directory; NULL: out of memory. The caller frees. */
char *pic__daemon_path(const pic__daemon *d, const char *name);

/* 1: it runs, or one of ours was found that no pid file names (m: NULL: who knows other ways). */
int pic__daemon_found(pic__daemon *d, const pic__mark *m);
int pic__daemon_is(pic__daemon *d, const char *value, pic_error **err); /* what was found runs as that */
void pic__daemon_forget(pic__daemon *d);                                /* it is gone */
int pic__daemon_died(pic__daemon *d);                                   /* 1: it was there, and is not any more */
/* For drain: 1: there is news; *ret_died: forget it. */
int pic__daemon_rung(pic__daemon *d, int *ret_died);
void pic__daemon_kill(pic__daemon *d); /* one that does not answer: told, killed, and we are rung */

/* The directories, and no stamp: nobody takes what comes for what was. */
int pic__daemon_prepare(pic__daemon *d, pic_error **err);
/* PIC_BUSY before the back-off is over; then we are rung. */
int pic__daemon_too_soon(pic__daemon *d, pic_error **err);
void pic__daemon_trouble(pic__daemon *d, const pic_error *bad); /* NULL: none */
/* It runs as that item: the stamp says so (stamp: another text that says which). */
int pic__daemon_settle(pic__daemon *d, const char *value, const char *stamp, pic_error **err);

/* What it wrote since its log had that size: the end of it. */
off_t pic__daemon_log_size(const pic__daemon *d);
void pic__daemon_log_since(const pic__daemon *d, off_t from, char *text, size_t size);
/* The last line of it, whose end is cut off in place; NULL: it says nothing. */
const char *pic__daemon_last_line(char *text);

#endif
