/* What a cell is at rest, and which of two it is after a fault. */
#ifndef TEST_FAULT_STATE_H
#define TEST_FAULT_STATE_H

#include <stddef.h>

#include <pic/types.h>

#include "table.h"

#define WHY 400

struct state {
        pic_revision revision;
        long rows;      /* of the journal, but for those that tell of a refusal */
        long long back; /* of the change that waits; 0: none does */
        char *text;     /* the whole cell as a document */
};

/* Reads it, and looks at everything on the way: pages, values, references, the audit trail, a journal without a gap. -1
 * with the reason when something is wrong. */
int state_read(const char *dir, struct state *ret, char why[WHY]);
void state_free(struct state *s);

int state_same(const struct state *a, const struct state *b);

/* The former or the later one? The later one must remember the former as it was. Then the world is brought to it, and
 * nothing may be left to plan. Anything else is a third. */
enum end state_judge(const char *dir, const struct state *old, const struct state *new, char why[WHY]);
/* Nothing is left to plan: the world is what the wishes make of it. repair: it is brought there before. */
int world_settled(const char *dir, int repair, char why[WHY]);

#endif
