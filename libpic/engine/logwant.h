/* Which lines of logs are wanted. */
#ifndef PIC_ENGINE_LOGWANT_H
#define PIC_ENGINE_LOGWANT_H

#include "engine/logline.h"

typedef struct pic__logwant {
        const char *area; /* NULL: all; "agent": all that the agent wrote */
        int level;        /* PIC_LOG_*: the highest */
        const char *text; /* in the line as it is written; NULL: any */
        size_t text_len;
        int fold;                 /* `text` is in small letters, and a line's letters count as small ones (ASCII) */
        const char *const *words; /* one of them as a whole word… */
        size_t word_count;        /* (0: no matter) */
        unsigned slot;            /* …or written by a program of the connection of this slot; 0: of none */
        pic_time since;
        pic_time until; /* not after it */
} pic__logwant;

#define PIC__LOGWANT_ALL                                                  \
        {                                                                 \
                NULL, PIC_LOG_DEBUG, NULL, 0, 0, NULL, 0, 0, 0, INT64_MAX \
        }

/* Letters as `fold` wants them. */
void pic__log_fold(const char *from, size_t len, char *to);
/* 0: none of these lines is wanted, which costs little to find out; 1: one may be. `hay`: as pic__log_fold() has them
 * where that is wanted, else as they are; so in the next. */
int pic__logwant_any(const pic__logwant *w, const pic__logwriter *by, const char *raw, const char *hay, size_t len);
/* Whether that line is wanted; its time, which may be another than it says, is the caller's to judge. */
int pic__logwant_is(const pic__logwant *w, const pic__logwriter *by, const pic__logline *line, const char *raw,
                    const char *hay, size_t len);

#endif
