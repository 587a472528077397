/* Reading one log backwards, from its newest line on: NAME.log, NAME.log.1 … NAME.log.5. */
#ifndef PIC_ENGINE_LOGBACK_H
#define PIC_ENGINE_LOGBACK_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "engine/logwant.h"

#define PIC__LOGBACK_BLOCK ((size_t)64 << 10)

struct pic__logback_line {
        uint32_t at, len; /* in the block */
        pic_time time;
};

typedef struct pic__logback {
        pic__logwriter by;
        int dir; /* borrowed */
        int fd;
        int version;    /* of the file that is opened next */
        ino_t seen;     /* the last that was read: when files are moved meanwhile it comes again */
        off_t limit;    /* of the first: what comes later is not for us */
        off_t end;      /* this much of the file is left */
        pic_time bound; /* no line before is later than this */
        pic__buf block;
        pic__buf folded;
        PIC__VEC(struct pic__logback_line) lines; /* of the block, those that are wanted… */
        size_t left;                              /* …and not given yet */
} pic__logback;

/* name: without ".log", borrowed. limit: so much of NAME.log. now: what is later than a day from then is a clock that
 * was wrong. */
void pic__logback_open(pic__logback *b, int dir, const char *name, off_t limit, pic_time now);
/* 1: the next older one that is wanted; 0: there is none. Lines without a time of their own, or with one that cannot be
 * (a clock that was put right), have that of the line before. PIC_DENIED, PIC_IO, PIC_NOMEM. */
int pic__logback_next(pic__logback *b, const pic__logwant *w, const char **ret_line, size_t *ret_len,
                      pic_time *ret_time, pic_error **err);
void pic__logback_close(pic__logback *b);

#endif
