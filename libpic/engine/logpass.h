/* What programs of ours newly wrote into their logs goes on to whoever started the agent, a line at a time: the
 * machine's journal has them beside the agent's own. */
#ifndef PIC_ENGINE_LOGPASS_H
#define PIC_ENGINE_LOGPASS_H

#include "base/err.h"
#include "base/log.h"
#include "sys/clock.h"

/* So many lines of one program, and of all, at a time: every other second, which is under what systemd-journald takes
 * from one unit, so that the agent's own words always have room. What is over is counted and told; the logs have it. */
enum { PIC__LOGPASS_ONE = 60, PIC__LOGPASS_ALL = 240 };

/* slot: of the connection that the program carries, 0: of none. text: as printable. 0: taken; else: not now, it comes
 * again. */
typedef int pic__logpass_fn(int level, const char *area, const char *program, unsigned slot, const char *text,
                            void *data);

typedef struct pic__logpass pic__logpass;

/* From what there is now on. level: the highest that is passed on. log_dir, clock and data are borrowed. */
int pic__logpass_open(const char *log_dir, const pic__clock *clock, int level, pic__logpass_fn *fn, void *data,
                      pic__logpass **ret, pic_error **err);
/* What came since. Where logs cannot be read, nothing. */
void pic__logpass_turn(pic__logpass *p);
pic__logpass *pic__logpass_unref(pic__logpass *p);
PIC__CLEANUP(pic__logpass, pic__logpass_unref)

#endif
