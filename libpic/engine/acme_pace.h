/* When a public CA is asked, and which one: all of the patience with rate limits, in one table. Pure. */
#ifndef PIC_ENGINE_ACME_PACE_H
#define PIC_ENGINE_ACME_PACE_H

#include <pic/types.h>
#include <stddef.h>

/* Who is asked. */
enum pic__acme_where {
        PIC__ACME_FIRST,     /* the CA that the domain names */
        PIC__ACME_SECOND,    /* its second one (acme_fallback) */
        PIC__ACME_REHEARSAL, /* what the first one has for trying out (staging): its limits are others */
        PIC__ACME_WHERES
};

#define PIC__ACME_TRIES 64 /* of one certificate, that are remembered: more than a week's */

typedef struct pic__acme_try {
        pic_time at;
        unsigned char where;
        unsigned char issued; /* it brought a certificate */
} pic__acme_try;

/* What is remembered of one certificate, over restarts. */
typedef struct pic__acme_track {
        unsigned failures; /* since the last success */
        int rehearsed;     /* the last try was a rehearsal, and came out well */
        pic_time next;     /* not before */
        size_t count;
        pic__acme_try tries[PIC__ACME_TRIES]; /* oldest first */
} pic__acme_track;

/* One line of the table: at most `most` in each window of that length. */
typedef struct pic__acme_limit {
        enum pic__acme_where where;
        int issued; /* only those that brought a certificate count */
        int all;    /* of all certificates of this cell together */
        unsigned most;
        pic_time window;
        const char *theirs; /* what the CA allows, and where it says so */
} pic__acme_limit;

extern const pic__acme_limit pic__acme_limits[];
extern const size_t pic__acme_limits_count;

/* Whom to ask next. */
enum pic__acme_where pic__acme_next_where(const pic__acme_track *t, int has_second, int has_rehearsal);
/* When that may be: not before track->next, nor before the table lets it. all: the tracks of all certificates, t among
 * them. */
pic_time pic__acme_next_at(const pic__acme_track *t, enum pic__acme_where where, const pic__acme_track *const *all,
                           size_t count, pic_time now);
/* Which line of the table holds it back at that moment; NULL: none. */
const pic__acme_limit *pic__acme_held(const pic__acme_track *t, enum pic__acme_where where,
                                      const pic__acme_track *const *all, size_t count, pic_time now);
/* A try begins: it counts, whatever becomes of it. Until its end is told it counts as failed. */
void pic__acme_tried(pic__acme_track *t, enum pic__acme_where where, pic_time now);
/* The end of the last one. limited: the CA said that it is asked too often. */
void pic__acme_failed(pic__acme_track *t, int limited, pic_time now);
void pic__acme_done(pic__acme_track *t, pic_time now);
/* After so many failures of telling a CA something that is not a certificate to be issued: no line of the table is
 * about that, and what was revoked is urgent. */
pic_time pic__acme_tell_at(unsigned failures, pic_time now);
/* Nothing waits for more than a day: one that would was written down by a clock that ran ahead, and is due now. */
pic_time pic__acme_until(pic_time next, pic_time now);
/* Somebody mended something, or asks for it: what was waited for because of failures is not any more. The table
 * holds. */
void pic__acme_again(pic__acme_track *t);

#endif
