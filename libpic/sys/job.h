/* A program that is run to its end while nobody waits: one descriptor tells when to go on, as with sys/http. What it
 * reads is a text, or a socket on which it (and whatever it starts) can be talked to: that way nothing secret stands in
 * its arguments or its environment, and nobody else can speak. Limits of time and of output; whoever lets go of it ends
 * it. */
#ifndef PIC_SYS_JOB_H
#define PIC_SYS_JOB_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define PIC__JOB_PACKET 4096 /* bytes of one word on its socket */

typedef struct pic__job pic__job;

typedef struct pic__job_opts {
        const char *const *env; /* as in pic__cmd_opts */
        const void *input;      /* standard input, or NULL: nothing */
        size_t input_len;
        int output;          /* standard output is this, which stays the caller's; 0: it is heard like the other */
        int talk;            /* standard input is a socket instead (SOCK_SEQPACKET) */
        unsigned timeout_ms; /* 0: 10,000; it is killed then */
        size_t max_output;   /* of both streams together; 0: 65,536. What is more is passed over */
} pic__job_opts;

/* argv[0] as in pic__cmd_run. PIC_UNSUPPORTED when it is not there. */
int pic__job_start(const char *const *argv, const pic__job_opts *opts, pic__job **ret, pic_error **err);
int pic__job_fd(const pic__job *j); /* readable: go on */
/* 0: it runs; 1: it has ended, then *ret_status is its exit status; PIC_TIMEOUT, PIC_BACKEND (it died of a signal). */
int pic__job_go_on(pic__job *j, int *ret_status, pic_error **err);
const pic__buf *pic__job_said(const pic__job *j); /* both streams */
/* One word from its socket: its length, 0 when there is none now. text has room for PIC__JOB_PACKET and a NUL byte. */
size_t pic__job_hear(pic__job *j, char *text);
void pic__job_say(pic__job *j, const void *data, size_t len); /* one word; nobody may be there any more */
pid_t pic__job_pid(const pic__job *j);
pic__job *pic__job_unref(pic__job *j); /* ends what still runs */
PIC__CLEANUP(pic__job, pic__job_unref)

#endif
