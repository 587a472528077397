/* Time: chrony as a child, for devices that ask the cell. */
#ifndef PIC_BACKEND_NTP_NTP_H
#define PIC_BACKEND_NTP_NTP_H

#include "plan/backend.h"

typedef struct pic__ntp_opts {
        const char *run_dir; /* pid file, stamp */
        const char *log_dir;
        const pic__log *log;
} pic__ntp_opts;

int pic__ntp_new(const pic__ntp_opts *opts, pic__backend **ret, pic_error **err);

#endif
