/* What came into the logs since somebody looked, over rotations. */
#ifndef PIC_ENGINE_LOGAHEAD_H
#define PIC_ENGINE_LOGAHEAD_H

#include "engine/logs.h"

/* after: what pic__logs_end() or this told before. Lines that are wanted, by time, as pic__logs_back() gives them. At
 * most some megabytes are read at a time: *ret_more: there is more already. PIC_VALUE (after), PIC_DENIED, PIC_IO,
 * PIC_NOMEM. */
int pic__logs_ahead(const pic__logs *l, const pic__logwant *w, const char *after, int form, pic_time now, pic__buf *out,
                    pic__buf *ret_after, int *ret_more, pic_error **err);

/* One line of a program, with who wrote it; both are borrowed. 0: taken; else: it and what follows it in that log come
 * again. */
typedef int pic__log_taker(const pic__logwriter *by, const pic__logline *line, void *data);

/* The same of the programs alone (not the agent's own), one by one as they were written, each log by itself. At most a
 * megabyte. */
int pic__logs_each(const pic__logs *l, const pic__logwant *w, const char *after, pic_time now, pic__log_taker *take,
                   void *data, pic__buf *ret_after, int *ret_more, pic_error **err);

#endif
