/* WireGuard: the kernel's, over generic netlink; where the kernel has none, wireguard-go over its UAPI socket. */
#ifndef PIC_BACKEND_WG_WG_H
#define PIC_BACKEND_WG_WG_H

#include "plan/backend.h"

typedef struct pic__wg_opts {
        const char *run_dir; /* pid file of wireguard-go */
        const char *log_dir;
        const char *keep_dir; /* where it is written down where devices are; NULL: nowhere */
        int userspace;        /* 1: do not even ask the kernel */
        int kernel;           /* 1: never fall back */
        const pic__log *log;
} pic__wg_opts;

int pic__wg_new(const pic__wg_opts *opts, pic__backend **ret, pic_error **err);

#endif
