/* All logs of a cell as one: the agent's and each child's, by time. Works with or without an agent. Who asked for what
 * names is no part of it (PIC__DNS_QUERIES): that is not for everybody who may read logs. */
#ifndef PIC_ENGINE_LOGS_H
#define PIC_ENGINE_LOGS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/vec.h"
#include "engine/logwant.h"

#define PIC__LOGS_LINE_MAX 4096

/* Files as they are now. */
struct pic__logs_file {
        char *name;   /* without ".log" */
        off_t size;   /* of NAME.log, without a line that is being written */
        ino_t former; /* NAME.log.1; 0: there is none */
};

typedef struct pic__logs {
        int dir;
        PIC__VEC(struct pic__logs_file) files; /* the agent's first, then by name */
} pic__logs;

#define PIC__LOGS_INIT            \
        {                         \
                -1, PIC__VEC_INIT \
        }

/* No directory, no logs. now: a last line without an end counts when nobody has written for two seconds. PIC_DENIED,
 * PIC_IO, PIC_NOMEM. */
int pic__logs_open(const char *log_dir, pic_time now, pic__logs *ret, pic_error **err);
void pic__logs_close(pic__logs *l);

/* Where the logs end, as a word: what comes after it is new. */
void pic__logs_end(const pic__logs *l, pic__buf *out);

/* How lines are given: "2026-01-31T12:00:00Z INFO dns unbound: message", as it is or as a JSON string; or an object. */
enum { PIC__LOGS_TEXT, PIC__LOGS_OBJECTS, PIC__LOGS_STRINGS };
void pic__logs_put(const pic__logline *line, pic_time time, int form, pic__buf *out);

/* The newest `max` lines that are wanted, oldest first, each with a newline (JSON: with commas between them).
 * before: NULL, or what *ret_before told: the lines before those. ret_before (may be NULL): "" when these are all.
 * PIC_VALUE (before). */
int pic__logs_back(const pic__logs *l, const pic__logwant *w, const char *before, size_t max, int form, pic_time now,
                   pic__buf *out, pic__buf *ret_before, pic_error **err);

/* PIC_NOTFOUND: there is no such area (hint names them). NULL: all. */
int pic__logs_check_area(const char *area, pic_error **err);
/* The last lines of an area as text. */
int pic__logs_tail(const char *log_dir, const char *area, size_t lines, pic_time now, pic__buf *out, pic_error **err);

#endif
