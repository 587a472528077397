/* Where the library's words go. One of these a context; NULL is silent. */
#ifndef PIC_BASE_LOG_H
#define PIC_BASE_LOG_H

#include <pic/log.h>

typedef struct pic__log {
        pic_log_fn fn;
        void *data;
        int level; /* the highest that is shown */
} pic__log;

void pic__log_put(const pic__log *log, int level, const char *area, const char *fmt, ...) PIC_PRINTF(4, 5);
/* An error with its causes, on one line. */
void pic__log_err(const pic__log *log, int level, const char *area, const pic_error *err);

#endif
