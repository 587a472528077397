/* The end of the logs, for people. Works with or without an agent. */
#ifndef PIC_ENGINE_LOGTAIL_H
#define PIC_ENGINE_LOGTAIL_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the last `lines` lines, oldest first. area NULL: the agent's log, then each child's; "agent": the agent's
 * log; else what the agent said in that area and what children of that area ("wg", "dns") wrote. PIC_NOTFOUND for an
 * area that is none (hint names them). Reads at most 1 MiB from the end of each file. */
int pic__logs_tail(const char *log_dir, const char *area, size_t lines, pic__buf *out, pic_error **err);

#endif
