/* Whether an exit works, from what probes through it and its counters say. Pure: events and times come in, a state and
 * the time of the next probe go out. All times are monotonic, in microseconds.
 *
 * A probe is due every 10 s, each 1.5 s while packets go out, and at once when nothing comes in; one that is lost,
 * which takes nine tries in 2.7 s, is a dead exit, unless its far end was heard during it by another way: then it only
 * stands still, and is asked again at once, until it is heard no more, or for 14 s. One that came back is trusted by
 * groups after a while only, longer each time it dies again. */
#ifndef PIC_ENGINE_EXITS_HEALTH_H
#define PIC_ENGINE_EXITS_HEALTH_H

#include <pic/types.h>

#define PIC__HEALTH_COUNT_IDLE ((pic_time)2000000) /* counters are read so often, */
#define PIC__HEALTH_COUNT_BUSY ((pic_time)500000)  /* and so often while something goes out */

enum pic__health_state { PIC__HEALTH_STARTING, PIC__HEALTH_UP, PIC__HEALTH_DOWN };

typedef struct pic__health {
        enum pic__health_state state;
        pic_time since;       /* of the state */
        pic_time probe_at;    /* when the next one is due; 0: one is out */
        pic_time sent;        /* the last one */
        pic_time silent;      /* when the first of those was sent that were lost in a row; 0: none was */
        unsigned lost;        /* in a row */
        unsigned answered;    /* in a row */
        pic_time heard;       /* when the last answer came; 0: never */
        pic_time latency;     /* smoothed; 0: not known */
        uint32_t history;     /* the last tries, the newest lowest: 1 lost, */
        unsigned tries;       /* so many of them, 32 at most */
        uint64_t out, in;     /* counters as they were read last, */
        unsigned counted : 1; /* if they were, */
        unsigned probed : 1;  /* and a probe of ours was among what went out since */
        unsigned ended : 1;   /* or it ended just before */
        pic_time busy_until;  /* others' packets went out a short while ago */
        pic_time gap;         /* a group waits so long before it returns to it; grows with each death */
        pic_time trusted_at;  /* and that is over then */
        pic_time patience;    /* how long it may take to start */
        pic_time limit_min;   /* for an answer */
        pic_time limit_max;
} pic__health;

/* Of one type: what takes long on its way, and in its beginning, is not dead. */
void pic__health_start(pic__health *h, const char *type, pic_time now);
/* Is as another agent saw it. */
void pic__health_recall(pic__health *h, int down, pic_time now);
/* It was made anew, or something of it. */
void pic__health_made(pic__health *h, pic_time now);
/* Something may have happened to it: it is asked soon, however often this is said. */
void pic__health_alarm(pic__health *h, pic_time now);
/* A probe was sent; how long it may take, and how often it asks in that time. */
void pic__health_sent(pic__health *h, pic_time now);
pic_time pic__health_limit(const pic__health *h);
unsigned pic__health_tries(const pic__health *h, int tcp);
/* When a far end is to be asked by another way, if the probe that is out has no answer by then; 0: not at all. */
pic_time pic__health_knock(const pic__health *h);
/* It was answered after so many tries in vain, or not at all; `heard`: though by another way the far end was, since
 * then. 1: the state is another now. */
int pic__health_answered(pic__health *h, pic_time now, pic_time latency, unsigned missed);
int pic__health_lost(pic__health *h, pic_time now, unsigned tries, int heard);
/* Bytes that went to it and came from it, ever. Is to be called when a probe ends, too. */
void pic__health_counted(pic__health *h, pic_time now, uint64_t out, uint64_t in);
/* Nothing carries it, and it is known why: what is starting is waited for no longer. 1: the state is another now. */
int pic__health_refused(pic__health *h, pic_time now);
unsigned pic__health_loss(const pic__health *h); /* percent of the last 32 tries */

/* --- groups --- */

typedef struct pic__member {
        unsigned slot;
        enum pic__health_state state;
        pic_time since;
        pic_time trusted_at;
} pic__member;

/* The member to use, of those that may be used, first the one that is wished most; `active` is in use now (0: none).
 * One that works is only left for an earlier one that works and is trusted. When none works, the one in use stays: its
 * packets end there. 0: there are no members. *ret_again: when to ask again if nothing happens before; 0: never. */
unsigned pic__group_choose(const pic__member *members, size_t count, unsigned active, pic_time now,
                           pic_time *ret_again);
/* Of a group: up when one is, down when all are. */
enum pic__health_state pic__group_state(const pic__member *members, size_t count);

#endif
