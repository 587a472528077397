/* What callers have done with a file of their own, who may do less than the agent: a backup is got from a target into
 * it, or the backup in it is tried. A child does it; the file comes along with the request (SCM_RIGHTS), and the
 * request waits for its answer. One at a time: whoever comes meanwhile is told so. Who goes away takes the child along.
 */
#ifndef PIC_ENGINE_FAVOUR_H
#define PIC_ENGINE_FAVOUR_H

#include "engine/engine.h"

int pic__engine_favour_fd(const pic__engine *e); /* readable: turn() is due; -1: nobody works */
void pic__engine_favour_turn(pic__engine *e);    /* never waits; after it, who waits is to be asked again */
void pic__engine_drop_favour(pic__engine *e);    /* ends what is under way */

/* The verbs: see link.h. PIC_INVALID: no file came along, or one of another kind; PIC_BUSY: another's is worked on;
 * PIC_DENIED: what is not encrypted is root's alone, since the cell's key lies in it. */
struct pic__verb_call;
int pic__verb_backup_fetch(struct pic__verb_call *c, pic_error **err);
int pic__verb_backup_try(struct pic__verb_call *c, pic_error **err);

#endif
