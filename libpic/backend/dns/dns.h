/* Names: unbound as a child, live changes over its control socket. */
#ifndef PIC_BACKEND_DNS_DNS_H
#define PIC_BACKEND_DNS_DNS_H

#include "plan/backend.h"

typedef struct pic__dns_opts {
        const char *run_dir; /* generated configuration, control socket, pid file */
        const char *log_dir;
        void (*share)(void *data); /* what filters of others read too is another now; may be NULL */
        void *share_data;
        const pic__log *log;
} pic__dns_opts;

int pic__dns_new(const pic__dns_opts *opts, pic__backend **ret, pic_error **err);

#endif
