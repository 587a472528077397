/* The watch over exits from inside: shared by the files that make it up. */
#ifndef PIC_ENGINE_EXITS_I_H
#define PIC_ENGINE_EXITS_I_H

#include "base/vec.h"
#include "engine/exits.h"
#include "engine/exits_health.h"
#include "engine/exits_knock.h"
#include "engine/exits_names.h"
#include "engine/exits_probe.h"
#include "engine/exits_trial.h"

#define PIC__EXITS_TARGETS 4
#define PIC__EXITS_MEMBERS 16

enum pic__exit_watching {
        PIC__WATCH_PROBED, /* by probes */
        PIC__WATCH_GROUP,  /* by its members */
        PIC__WATCH_BLOCK   /* always as it should be */
};

/* One enabled connection. */
typedef struct pic__exit_entry {
        unsigned slot;
        pic_id id;
        enum pic__exit_watching how;
        char name[80];
        char type[16];
        char device[PIC__EXIT_DEV];
        pic__health health; /* of a group only its state */
        pic__probe probe;
        pic__knock knock;                              /* beside it, at its far ends */
        pic_time knock_at;                             /* when they are asked; 0: not */
        int tcp;                                       /* carries nothing else */
        pic__probe_target targets[PIC__EXITS_TARGETS]; /* who is asked, in turn */
        unsigned count, turn;
        int error;                       /* errno of the last loss; 0: silence */
        uint64_t rx, tx;                 /* bytes that devices got by it, sent by it */
        char address[2][PIC__ADDR_TEXT]; /* by which the world saw it at the last test, IPv4 and IPv6; "": not known */
        char revived[120];               /* what was replaced last; "": nothing */
        pic_time revived_at;
        /* Of a group: */
        unsigned members[PIC__EXITS_MEMBERS]; /* slots of those that are enabled */
        unsigned member_count;
        unsigned active; /* slot */
        pic_time again;  /* when time alone changes the choice */
        pic_time dark;   /* when the silence began that it is down for */
        int told;        /* its first state was told, or is not worth it */
} pic__exit_entry;

struct pic__exits {
        pic__exits_opts opts;
        const pic__snap *snap; /* borrowed */
        int epoll;
        pic__names *names;
        pic_time count_at;
        pic_time revive_at;
        pic__exit_entry *at[PIC__EXIT_SLOTS + 1]; /* by slot; NULL: none */
        pic__trial *trial;                        /* one at a time; NULL: none */
        pic_id tried;                             /* the connection */
        int trial_over;
        int trial_brief;   /* it is down: whoever answers at all does so soon */
        pic_time trial_at; /* it began; nobody waits for it for ever */
};

/* Index into epoll data: slots, and: */
#define PIC__EXITS_NAMES 0u
#define PIC__EXITS_TRIAL 256u /* and behind it */

/* exits_setup.c: what a connection says of how it is to be watched. */
void pic__exits_set_up(pic__exit_entry *e, const pic__snap *s, const pic_obj *c);
/* What its names are: "HOST:PORT[/PROTO],…", or NULL. */
const char *pic__exits_far_ends(const pic_obj *c);

/* exits_status.c */
const char *pic__exits_state_name(enum pic__health_state state);
/* Why nothing carries it, with a hint; 0: something does. */
int pic__exits_refusal(const pic__exits *x, const pic__exit_entry *e, pic_error **err);
/* Why it is down, in words: "no answer for 4 s". */
void pic__exits_trouble(const pic__exits *x, const pic__exit_entry *e, pic_time now, pic__buf *out);

#endif
