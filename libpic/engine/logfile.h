/* The agent's own log, <log>/agent.log: "2026-01-31T12:00:00Z INFO engine message". 5 MB, then agent.log.1 …
 * agent.log.5. */
#ifndef PIC_ENGINE_LOGFILE_H
#define PIC_ENGINE_LOGFILE_H

#include "base/err.h"
#include "base/log.h"
#include "engine/loglevels.h"
#include "sys/clock.h"

#define PIC__LOGFILE_NAME "agent.log"
#define PIC__LOGFILE_MAX ((long long)5 << 20)
#define PIC__LOGFILE_KEEP 5
/* All logs together. An agent with what each cell has (names, time, HTTPS, the tunnel, questions for names) fits in
 * with all it may keep; with many connections the oldest parts go first. */
#define PIC__LOGFILE_ALL ((long long)256 << 20)

typedef struct pic__logfile pic__logfile;

/* also (may be NULL) gets every record too, by its own level. The file has what <log>/levels says; where that says
 * nothing INFO and above, DEBUG when `also` wants that. */
int pic__logfile_open(const char *log_dir, const pic__clock *clock, const pic__log *also, long long max,
                      pic__logfile **ret, pic_error **err);
const pic__log *pic__logfile_log(const pic__logfile *l);                 /* borrowed */
int pic__logfile_base(const pic__logfile *l);                            /* what counts where nothing was said */
void pic__logfile_levels(pic__logfile *l, const pic__loglevels *levels); /* from now on */
/* Children write their logs themselves and keep the descriptor: of each that is over max the end is copied to .1, and
 * it is cut to nothing. Where there are many, max is less: all that is written to has half of PIC__LOGFILE_ALL at most.
 * Then the oldest .1 to .5 go until all logs are no more than that. */
void pic__logfile_rotate_children(const pic__logfile *l);
void pic__logfile_bound(pic__logfile *l, long long all); /* for tests: another bound than PIC__LOGFILE_ALL */
/* How much all files of a directory of logs are; 0 when it cannot be told. */
long long pic__logfile_sum(const char *log_dir);
pic__logfile *pic__logfile_unref(pic__logfile *l);
PIC__CLEANUP(pic__logfile, pic__logfile_unref)

#endif
