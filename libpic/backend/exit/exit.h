/* Ways out: a network namespace for each. */
#ifndef PIC_BACKEND_EXIT_EXIT_H
#define PIC_BACKEND_EXIT_EXIT_H

#include "plan/backend.h"

typedef struct pic__exit_opts {
        const char *run_dir;
        const char *log_dir;
        const char *keep_dir; /* made when something is to outlive a boot; NULL: nothing does */
        const pic__log *log;
} pic__exit_opts;

/* Table and rules of the filters are others: each exit that has a filter gets them. */
void pic__exit_share_sieve(const char *run_dir);

int pic__exit_new(const pic__exit_opts *opts, pic__backend **ret, pic_error **err);

#endif
