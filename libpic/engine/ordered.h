/* An exchange of cells that waits for the agent's next start: who orders it may neither stop the agent nor, where the
 * cell's directory is all that a unit may write, put anything beside it. The order is a link in the directory, which
 * names the checked cell that lies in the directory too, or a place there where it is written which of those that were
 * put aside (former.h) comes back; it is made in one step, and is there until the exchange is done or has failed. */
#ifndef PIC_ENGINE_ORDERED_H
#define PIC_ENGINE_ORDERED_H

#include "base/log.h"
#include "engine/former.h"
#include "engine/scratch.h"
#include "sys/clock.h"

/* The link; the API promises its name (PIC_BACKUP_ORDERED). */
#define PIC__ORDERED "restore.ordered"
/* Behind the directory's name and a slash: a cell that is being written, or waits. */
#define PIC__ORDERED_STAGE ".ordered-"
/* In it, instead of a cell: the name of one that was put aside, and who wishes it back, by which way. A line each. */
#define PIC__ORDERED_FORMER "former"

typedef struct pic__ordered_opts {
        const char *dir;
        const char *run_dir;
        const pic__clock *clock;
        unsigned patience_ms; /* for others who have the cell open */
} pic__ordered_opts;

int pic__ordered_there(const char *dir);
/* The staging, which lies in the directory, is what is ordered then, and stays when its maker ends. PIC_BUSY: another
 * exchange waits already. */
int pic__ordered_put(const char *dir, pic__scratch *stage, pic_error **err);
/* The one of that name that was put aside is what is ordered then. PIC_BUSY: another exchange waits already. */
int pic__ordered_put_former(const pic__former_opts *o, const char *name, pic_error **err);
/* Takes it back, as far as nobody has begun. */
void pic__ordered_drop(const char *dir);
/* Does what is ordered, if anything is: 1, and *ret_former is where the former cell is (pic__free); 0: nothing was. On
 * failure the cell is as it was, and nothing waits any more, but for PIC_BUSY where an agent runs: then it waits on. A
 * row of that cell says why. PIC_CORRUPT: what was ordered is no cell that works; PIC_NOTFOUND: it is not there any
 * more; others as pic__exchange_*(). */
int pic__ordered_do(const pic__ordered_opts *o, char **ret_former, pic_error **err);

#endif
