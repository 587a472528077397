/* A simulated cell: the real core (wishes, store, plan, engine) on a clock, a kernel and faults of our own. Everything
 * follows from the seed: a seed that fails, fails again. */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include "change/run.h"
#include "engine/engine_i.h"

#define SIM_NAMES 16
#define SIM_KEPT 48

typedef struct sim {
        uint64_t dice;
        char dir[96];
        pic_time wall; /* both hands of the clock move apart when it jumps */
        pic_time mono;
        pic__clock clock;
        pic__engine *e;
        pic__view view;                     /* of whoever makes changes */
        pic__backend *world[PIC__BACKENDS]; /* outlives the engine: the kernel does */
        /* documents of former revisions, to be found again */
        struct {
                pic_revision revision;
                char *text;
        } kept[SIM_KEPT];
        pic_revision back; /* of the change that waits; 0: none */
        char *back_text;
        pic_time until;
        /* what was done, for the report */
        unsigned long changes, refused, failed, undone, reverts, restarts, tampered, jumps, checks, held, broken;
} sim;

void sim_begin(sim *s, uint64_t seed);
void sim_end(sim *s);
void sim_restart(sim *s); /* the agent is killed and starts again; the world stays */
unsigned sim_roll(sim *s, unsigned sides);
/* The whole cell as a document, now or as of a revision; the caller frees. */
char *sim_document(sim *s, pic_revision revision);
pic_revision sim_revision(sim *s);

/* do.c: one thing that somebody does, or that happens. */
void sim_step(sim *s);
/* judge.c: what must hold after each. */
void sim_judge_change(sim *s, int r, pic_revision was, const char *before, pic__items *old);
void sim_judge_assertions(sim *s, pic_revision was, int override);
void sim_judge_all(sim *s); /* all that is dear to check: now and then */
void sim_keep(sim *s);
void __attribute__((noreturn, format(printf, 2, 3))) sim_fail(const sim *s, const char *fmt, ...);
void sim_world(sim *s, pic__items *out);

#endif
