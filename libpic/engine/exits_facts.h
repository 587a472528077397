/* What the agent knows of exits and nobody wished, beside whose it is: told to snapshots, and kept in the run
 * directory, so that a restarted agent starts from it and who asks from elsewhere hears what the rules were made with.
 */
#ifndef PIC_ENGINE_EXITS_FACTS_H
#define PIC_ENGINE_EXITS_FACTS_H

#include "base/buf.h"
#include "base/err.h"
#include "model/exit.h"

typedef struct pic__exits_known {
        pic_id id[PIC__EXIT_SLOTS + 1]; /* the connection that the fact is about; 0: nothing is known */
        pic__exit_facts facts;
} pic__exits_known;

void pic__exits_known_clear(pic__exits_known *k);
int pic__exits_known_same(const pic__exits_known *a, const pic__exits_known *b);
/* Tells a snapshot what is known of the connections it has; a slot that is another's now is not known. */
int pic__exits_known_tell(const pic__exits_known *k, pic__snap *s, pic_error **err);

/* "SLOT ID up|down ACTIVE|- REMOTE|-", one a line. Other text is PIC_CORRUPT, and *k is cleared. */
void pic__exits_known_print(const pic__exits_known *k, pic__buf *out);
int pic__exits_known_parse(pic__exits_known *k, const char *text, pic_error **err);

/* <run>/exits.facts. A file that is not there: nothing is known. */
int pic__exits_known_read(const char *run_dir, pic__exits_known *k, pic_error **err);
int pic__exits_known_write(const char *run_dir, const pic__exits_known *k, pic_error **err);
void pic__exits_known_forget(const char *run_dir);

#endif
