/* Programs that we run. `cmd` runs one to its end; `child` keeps a daemon. No shell, cleared environment (PATH,
 * LC_ALL=C and what is given), own session, no inherited descriptor, output limit, time limit. A daemon's output goes
 * to a file, not a pipe: it must survive us (picd killed -9 and started again adopts it by pid and start time). */
#ifndef PIC_SYS_CHILD_H
#define PIC_SYS_CHILD_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

typedef struct pic__cmd_opts {
        const char *const *env; /* NULL-terminated "K=V", added to the cleared environment; may be NULL */
        const void *input;      /* standard input, or NULL */
        size_t input_len;
        unsigned timeout_ms; /* 0: 10,000 */
        size_t max_output;   /* of each stream; 0: 1 MiB */
} pic__cmd_opts;

/* Looks in PATH of /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin. PIC_UNSUPPORTED when it is not there
 * (hint: the Debian package, when known), PIC_TIMEOUT (it is killed), PIC_BACKEND when it exits non-zero (details argv,
 * exit, stderr). out, errout may be NULL. */
int pic__cmd_run(const char *const *argv, const pic__cmd_opts *opts, pic__buf *out, pic__buf *errout, pic_error **err);
/* Full path of a program, or NULL. The caller frees. */
char *pic__cmd_find(const char *name);

typedef struct pic__child pic__child;

/* A daemon called `name`; its pid file is <run>/<name>.pid ("pid starttime bootid"), its output <logs>/<name>.log
 * (0640, append). Does not start it: pic__child_start or _adopt do. */
int pic__child_new(const char *name, const char *run_dir, const char *log_dir, const pic__log *log, pic__child **ret,
                   pic_error **err);
/* Its standard output goes to <logs>/<file> instead (0600): what is not for everybody who may read logs. */
int pic__child_output(pic__child *c, const char *log_dir, const char *file, pic_error **err);
/* 1: the process of the pid file still runs and is the same one (start time, boot id, and comm equals argv0's base
 * name). 0: not. */
int pic__child_adopt(pic__child *c, const char *argv0);
/* Takes over a process known by other means (the owner of its socket) and writes the pid file. PIC_NOTFOUND,
 * PIC_CONFLICT when it is another program. */
int pic__child_adopt_pid(pic__child *c, pid_t pid, const char *argv0, pic_error **err);
/* Starts it. env as in cmd. Writes the pid file before it returns. */
int pic__child_start(pic__child *c, const char *const *argv, const char *const *env, pic_error **err);
int pic__child_alive(pic__child *c);       /* 1 or 0; reaps it if it is our own */
int pic__child_fd(const pic__child *c);    /* pidfd: readable when it has died; -1 when there is none */
pid_t pic__child_pid(const pic__child *c); /* 0: none */
/* Unreaped children of ours that are dropped by unref stay zombies until we exit: stop or keep what you started. */
/* SIGTERM, waits up to grace_ms, then SIGKILL (which is told, but with 0). Removes the pid file. Fine if none runs. */
void pic__child_stop(pic__child *c, unsigned grace_ms);
/* Milliseconds to wait before it should be started again: 0 at first, doubling from 100 to 30,000 for deaths that
 * follow each other within a minute. */
unsigned pic__child_backoff(pic__child *c);
void pic__child_failed(pic__child *c); /* it could not even be started: counts as a death */
/* Another most than 30,000; and a death of one that lived for well_ms (0: nobody) follows no other. */
void pic__child_patience(pic__child *c, unsigned most_ms, unsigned well_ms);
pic__child *pic__child_unref(pic__child *c); /* lets go of it; does not stop it */
PIC__CLEANUP(pic__child, pic__child_unref)

#endif
