/* Wish against world: an ordered list of steps. Pure. */
#ifndef PIC_PLAN_DIFF_H
#define PIC_PLAN_DIFF_H

#include "base/buf.h"
#include "base/json.h"
#include "plan/item.h"

enum pic__verb { PIC__ADD, PIC__CHANGE, PIC__REMOVE };

typedef struct pic__step {
        enum pic__verb verb;
        enum pic__item_kind kind;
        const pic__item *before; /* NULL for ADD */
        const pic__item *after;  /* NULL for REMOVE */
} pic__step;

/* Items are borrowed: both bags must outlive the steps. */
typedef struct pic__steps {
        pic__step *at;
        size_t count;
        size_t room;
} pic__steps;

#define PIC__STEPS_INIT    \
        {                  \
                NULL, 0, 0 \
        }

/* Both bags are sorted in place. The steps come in the order in which they are safe: what takes reach away first
 * (rules, then keys, then the rest), then what makes room (device, addresses), then rules, names, keys. Within a phase
 * all steps of one kind follow each other, so that a backend can send them as one batch. */
int pic__plan_diff(pic__items *before, pic__items *after, pic__steps *ret, pic_error **err);
/* The way back: inverse steps in reverse order. */
int pic__steps_invert(const pic__step *steps, size_t count, pic__steps *ret, pic_error **err);
void pic__steps_free(pic__steps *steps);
#define pic__auto_steps PIC__AUTO(pic__steps_free)

/* The longest run from `from` on that goes to one backend. */
size_t pic__steps_run(const pic__steps *steps, size_t from);

/* PIC__RISK_* of taking it. */
int pic__step_risk(const pic__step *step);
extern const char *const pic__risk_names[]; /* "none", "traffic", "session" */

/* One line a step, for people: "add wg peer anna (10.1.0.2, fd..::2)". Never a secret. */
void pic__step_text(const pic__step *step, pic__buf *out);
/* {"verb","backend","kind","key","before","after","risk","reversible","object"} */
void pic__step_json(const pic__step *step, pic__json *j);

#endif
