/* Who is told what, and when: facts and a clock go in, what is to be said comes out. Pure.
 *
 * A trouble is told when it has lasted (`after`), with what else became due in `window`; again each `repeat`; and that
 * it is over when it has been away for a while. That while grows with each return (a minute at least, an hour at most),
 * and so does what a return has to last: what flaps is told ever more seldom. In quiet hours nothing is told: what is
 * over by then never is. What only happened is told once. */
#ifndef PIC_ENGINE_ALERT_JUDGE_H
#define PIC_ENGINE_ALERT_JUDGE_H

#include "base/vec.h"
#include "model/alert.h"

enum pic__fact_kind {
        PIC__FACT_LASTS,    /* it is so */
        PIC__FACT_UNKNOWN,  /* nobody knows whether it still is: what was so stays */
        PIC__FACT_HAPPENED, /* and that was all */
};

typedef struct pic__alert_fact {
        enum pic__alert_event event;
        enum pic__fact_kind kind;
        int level;           /* PIC_LOG_ERROR, PIC_LOG_WARNING */
        int64_t value;       /* PEER_SILENT: for so many seconds */
        const pic_obj *peer; /* it is about this device; NULL: about none */
        const char *key;     /* the same trouble has the same */
        const char *about;   /* whom or what it names; "" */
        const char *text;
        const char *fix; /* or NULL */
        pic_obj *held;   /* the same device, by a list of facts */
} pic__alert_fact;

/* An alert as it is judged by. */
typedef struct pic__alert_rule {
        const pic_obj *o;
        uint32_t events; /* bits */
        int level, quiet_errors, recovery;
        int quiet_from, quiet_to; /* minutes; -1: never */
        pic_time after, window, repeat;
        int64_t silent; /* seconds */
} pic__alert_rule;
void pic__alert_rule_of(const pic_obj *o, pic__alert_rule *ret);

enum pic__alert_stage {
        PIC__ALERT_PENDING, /* it does not last long enough yet */
        PIC__ALERT_DUE,     /* it does, and is not told yet */
        PIC__ALERT_HAPPENED,
        PIC__ALERT_TOLD,
        PIC__ALERT_OVER,    /* it was told, is over, and that is not told yet */
        PIC__ALERT_RESTING, /* all is told; remembered for when it comes back */
        PIC__ALERT_STAGES
};
extern const char *const pic__alert_stages[PIC__ALERT_STAGES];

typedef struct pic__alert_entry {
        uint64_t key;
        enum pic__alert_event event;
        enum pic__alert_stage stage;
        int level;
        int seen;                        /* in this round */
        unsigned flaps;                  /* it came back so often */
        unsigned count;                  /* it happened so often */
        pic_time since, gone, due, told; /* by the clock that does not jump; 0: never */
        char *about, *text, *fix;
} pic__alert_entry;

#define PIC__ALERT_ENTRIES_MAX 256 /* of one alert; more are counted */

typedef struct pic__alert_watch {
        PIC__VEC(pic__alert_entry) list;
        size_t more; /* that found no place since the last message */
} pic__alert_watch;
void pic__alert_watch_clear(pic__alert_watch *w);
void pic__alert_entry_clear(pic__alert_entry *e);

typedef struct pic__alert_now {
        pic_time mono;
        int minute; /* of the day, by the machine's zone */
} pic__alert_now;

/* One thing to be said; how: "trouble", "still", "recovered", "happened". */
typedef void (*pic__alert_say_fn)(const pic__alert_entry *e, const char *how, void *data);

/* One round. How many things were said, by `say`, all for one message; 0: none is due. *ret_changed: the state is
 * another than one would come to again by looking. */
size_t pic__alert_judge(pic__alert_watch *w, const pic__alert_rule *r, const pic__alert_fact *facts, size_t count,
                        const pic__alert_now *now, pic__alert_say_fn say, void *data, int *ret_changed);

#endif
