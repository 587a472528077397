/* HTTPS: haproxy as a child, in front of the page and of what else the cell has names for. */
#ifndef PIC_BACKEND_FRONT_FRONT_H
#define PIC_BACKEND_FRONT_FRONT_H

#include "base/buf.h"
#include "plan/backend.h"

typedef struct pic__front_opts {
        const char *run_dir; /* pid file, stamp, configuration, socket; and the secret, which the agent makes */
        const char *log_dir;
        const char *secret_file; /* what is told to who serves behind it; read when it is started or found again */
        /* A certificate for these names (joined by ','), with its key, in PEM, and until when it is good; and the wall
         * clock. */
        int (*issue)(const char *names, pic__buf *out, pic_time *ret_until, void *data, pic_error **err);
        pic_time (*now)(void *data);
        void *data;
        const pic__log *log;
} pic__front_opts;

int pic__front_new(const pic__front_opts *opts, pic__backend **ret, pic_error **err);

#endif
