/* Rows of the journal that no wish made: what the agent did of its own, and whom it refused. */
#ifndef PIC_ENGINE_NOTES_H
#define PIC_ENGINE_NOTES_H

#include "engine/engine.h"

/* At most so many rows of a verb, and so many of one actor, verb and text, in an hour. */
typedef struct pic__bound {
        unsigned all;
        unsigned same;
} pic__bound;

extern const pic__bound pic__bound_life;    /* starts and stops: each counts, until somebody makes it a game */
extern const pic__bound pic__bound_exits;   /* what happens to exits: each counts, until one flaps */
extern const pic__bound pic__bound_trouble; /* what the same cause brings about again and again */

/* A row about the cell. 1: written; 0: there were enough of its like. */
int pic__engine_note(pic__engine *e, const char *actor, const char *verb, const char *text, const pic__bound *bound,
                     pic_error **err);
/* The same where nobody can be told of a failure but the log. */
void pic__engine_remark(pic__engine *e, const char *actor, const char *verb, const char *text, const pic__bound *bound);
/* The same about another object. */
void pic__engine_remark_on(pic__engine *e, const pic_obj *o, const char *verb, const char *text,
                           const pic__bound *bound);
/* Somebody was refused: pic__txn_refused(). */
void pic__engine_refused(pic__engine *e, const char *actor, const char *way, const char *text, unsigned more);
/* What was only counted becomes a row when it is time: pic__txn_refused_rest(). */
void pic__engine_refused_rest(pic__engine *e);

#endif
