/* Assertions judged: which packets pass although a rule says never, or do not although one says always, as the kernel's
 * rules would have it. Pure.
 *
 * What is judged are the devices that are active now. A device that a rule calls by its own name is judged also when it
 * is not: nothing of it passes then, so "always" is broken. */
#ifndef PIC_PLAN_JUDGE_H
#define PIC_PLAN_JUDGE_H

#include "model/snap.h"

typedef struct pic__judge pic__judge;

/* One assertion that does not hold. Texts belong to the judge. */
typedef struct pic__breach {
        pic_id assertion;
        const char *name; /* of the assertion */
        const char *rule;
        const char *peer;   /* the first device for which it does not hold */
        size_t peers;       /* for how many */
        const char *packet; /* "10.1.0.4 -> 1.0.0.1 tcp/443" */
        const char *grant;  /* that lets it pass; NULL: nothing lets it, and something should */
        const char *way;    /* of a rule with a way, which it breaks: how it leaves; else NULL */
} pic__breach;

int pic__judge_new(pic__judge **ret, pic_error **err);
pic__judge *pic__judge_unref(pic__judge *j);
PIC__CLEANUP(pic__judge, pic__judge_unref)

/* Finds all that is broken in this state. PIC_CORRUPT, PIC_NOMEM. Cost: for each enabled assertion its devices; a
 * class's grants are looked at once. Nothing without assertions. */
int pic__judge_now(pic__judge *j, const pic__snap *s, pic_error **err);
/* Takes away what was broken in just this way in this former state: a change is not blamed for it. */
int pic__judge_was(pic__judge *j, const pic__snap *s, pic_error **err);

/* The breaches, one for an assertion, in order of id. */
size_t pic__judge_count(const pic__judge *j);
const pic__breach *pic__judge_breach(const pic__judge *j, size_t index);
/* "never group:kids -> internet: ben could reach 1.0.0.1 tcp/443 (10.1.0.4 -> 1.0.0.1 tcp/443) by internet, and 2 other
 * devices" */
void pic__judge_text(const pic__breach *b, pic__buf *out);

#endif
