/* One line of a log: when, how bad, of which area, what. The agent's own have one form; each child writes as it likes,
 * and what is known of the ways of those that we run is read. Lines come from programs of others: nothing is trusted.
 */
#ifndef PIC_ENGINE_LOGLINE_H
#define PIC_ENGINE_LOGLINE_H

#include <pic/types.h>
#include <stddef.h>
#include <stdint.h>

#define PIC__LOG_TIMELESS ((pic_time)-1)

/* Who wrote it. */
typedef struct pic__logwriter {
        const char *name;   /* of its file, without ".log" */
        const char *area;   /* of all its lines; the agent's: NULL */
        unsigned slot;      /* of the connection whose program it is; 0: of none */
        pic_time changed;   /* when its file was last written to: the year of those that write none */
        int64_t hour;       /* the hour of local time that was asked for last, as a number… */
        int64_t hour_began; /* …and when it began, in seconds */
} pic__logwriter;

typedef struct pic__logline {
        pic_time time; /* PIC__LOG_TIMELESS: it does not say */
        int level;     /* PIC_LOG_*; one that does not say is an info */
        const char *area;
        const char *from; /* the child that it is of, not terminated; the agent's own words: length 0 */
        size_t from_len;
        const char *text; /* a part of the line */
        size_t text_len;
} pic__logline;

/* The area of a word that the agent logs under, or of a child's name: "wg", "exit1-tor" is "exit". NULL: of none. */
const char *pic__log_area(const char *word, size_t len);
/* Whose file it is. name: without ".log"; it is borrowed. */
void pic__logwriter_make(const char *name, pic__logwriter *ret);
/* `line` without its newline. What is told lies in it. */
void pic__logline_read(const char *line, size_t len, pic__logwriter *w, pic__logline *ret);

#endif
