/* What the files of the meaning share. Private to plan. */
#ifndef PIC_PLAN_MEANING_IN_H
#define PIC_PLAN_MEANING_IN_H

#include "base/map.h"
#include "plan/meaning.h"
#include "plan/reach.h"

enum { PIC__BEFORE, PIC__AFTER, PIC__TIMES };

/* What each grant of a class reaches; the last one stands for what is always allowed. */
typedef struct pic__side {
        const char *rights;
        const pic__grant *grants; /* one less than `count` */
        const char **texts;
        const pic__reach **reach;
        size_t count;
        int candidate; /* the world may be otherwise for it */
} pic__side;

/* Reaches at one time, each grant's made once. */
typedef struct pic__then {
        pic__prefix net[PIC__FAMILIES];
        pic__map reach; /* by a grant's text */
        pic__map sides; /* by a class's rights */
        PIC__VEC(pic__reach *) made;
} pic__then;

/* A peer that the changes touch, at both times. */
typedef struct pic__known {
        pic_id id;
        int whole; /* it is changed itself, not only its class */
        struct {
                const char *name;   /* NULL: not there */
                const char *rights; /* NULL: not there, or not active */
                const char *groups;
                pic__sender at;
        } then[PIC__TIMES];
} pic__known;

/* Peers whose rights were the same, and are the same. */
typedef struct pic__pair {
        const char *rights[PIC__TIMES];
        pic__ids peers;
        int others; /* and every untouched peer that has these rights */
} pic__pair;

/* What of one grant a pair gains or loses. */
typedef struct pic__differ {
        pic__pair *pair;
        int gains;
        const pic__grant *grant; /* NULL: what is always allowed */
        const char *rule;
        pic__rest rest;
} pic__differ;

/* By what a device leaves. */
typedef struct pic__leaves {
        pic_id id; /* of the connection; 0: directly; -1: it may not leave */
        const char *name;
        int closed; /* nothing carries it: it is turned off, or of a type that lets nothing pass */
        int open;   /* while it is down they leave directly */
} pic__leaves;

/* A device that may leave at all. */
typedef struct pic__leaver {
        pic_id id;
        const char *name;
        pic__leaves by[PIC__TIMES];
} pic__leaver;

typedef struct pic__one {
        pic_id id;
        const char *name;
} pic__one;

/* One line: what some peers gain or lose. */
typedef struct pic__line {
        int gains;
        int part;          /* not all that `to` says: the rest of it */
        unsigned families; /* a bit each */
        const char *to;    /* "internet", "lan", "peers", "cell", "group:kids", "nas", "192.168.1.0/24" */
        const char *words; /* the same in a sentence */
        const char *proto; /* NULL: any */
        const char *ports; /* NULL: any */
        const char *rule;  /* the grant that lets, or let */
        PIC__VEC(pic__one) who;
        const char *who_words;                 /* "anna and bob", "3 devices of group kids" */
        const pic__leaves *leaves[PIC__TIMES]; /* a line of this: by what they leave; else NULL */
        const pic__pair *last;                 /* that was added */
        struct {
                const char *peer, *source, *destination, *proto;
                unsigned port; /* 0: none */
        } example;
} pic__line;

struct pic__meaning {
        pic__arena arena;
        const pic__snap *snap;                  /* after the changes; borrowed while pic__meaning_after() runs */
        int all;                                /* the world may be otherwise for every class */
        PIC__VEC(pic__known) known;             /* in order of id */
        PIC__VEC(const pic__side *) candidates; /* as they were before */
        pic__then then[PIC__TIMES];
        pic__boxes hidden[PIC__FAMILIES];  /* addresses of services that change: nobody gains or loses those by other
                                              rights */
        pic__ids moved[PIC__FAMILIES];     /* peers whose number is another, or somebody else's */
        pic__numbers spots[PIC__FAMILIES]; /* and these numbers */
        pic__map pair_of;                  /* by both rights */
        PIC__VEC(pic__pair *) pairs;
        PIC__VEC(pic__differ *) differs;
        PIC__VEC(pic__leaver) leavers; /* in order of id */
        PIC__VEC(pic__one) open;       /* services that everybody on the internet reached before */
        pic__map line_of;              /* by what it says */
        PIC__VEC(pic__line *) lines;
};

const char *pic__meaning_keep(pic__meaning *m, const char *text);
/* meaning_open.c: what everybody on the internet reaches: noting it before, and the lines about it. */
int pic__meaning_open_before(pic__meaning *m, const pic__snap *s, pic_error **err);
int pic__meaning_open_tell(pic__meaning *m); /* -1: out of memory */
/* meaning_world.c: the class's side at this time, made when it is not there; `d` is open on the snapshot of that time.
 */
int pic__then_side(pic__meaning *m, int time, pic__derive *d, const pic__class *class, pic__side **ret,
                   pic_error **err);
pic__side *pic__then_find(const pic__meaning *m, int time, const char *rights); /* NULL: not made */
/* The highest host number that there was at a time. */
pic__u128 pic__then_last(const pic__meaning *m, int time, int family);
void pic__then_free(pic__then *t);

/* NULL: the changes do not touch it. */
const pic__known *pic__meaning_known(const pic__meaning *m, pic_id id);
/* Its name at a time; "" when it is not there. */
const char *pic__meaning_name(const pic__meaning *m, int time, pic_id id);
/* Where it is at a time. 0, or -1: not there. */
int pic__meaning_sender(const pic__meaning *m, int time, pic_id id, pic__sender *ret);

/* meaning_pairs.c: who belongs together, and what each pair gains and loses. */
int pic__meaning_pairs(pic__meaning *m, pic_error **err);
/* Whether a packet of a peer is in what it gains (or loses). For tests: it looks at everything. */
int pic__meaning_has(const pic__meaning *m, int gains, pic_id from, const pic__place *to);
/* meaning_ways.c: notes by what devices leave at a time; then, whose way is another, as lines (-1: out of memory). */
int pic__meaning_ways_before(pic__meaning *m, const pic__snap *s, const pic__change *changes, size_t count,
                             pic_error **err);
int pic__meaning_ways_after(pic__meaning *m, pic_error **err);
int pic__meaning_ways_tell(pic__meaning *m);
/* meaning_lines.c: the differences as lines. */
int pic__meaning_lines(pic__meaning *m, pic_error **err);

#endif
