/* Putting a backup in place of a cell, or where there is none. It is written beside the cell's directory, looked at as
 * a whole, and then changes places with it in one step: whoever is killed meanwhile finds the old cell or the new one.
 */
#ifndef PIC_ENGINE_RESTORE_H
#define PIC_ENGINE_RESTORE_H

#include "backup/unpack.h"
#include "engine/moved.h"
#include "sys/clock.h"

typedef struct pic__restore_opts {
        const char *dir;
        const char *run_dir;
        const pic__clock *clock;
        const char *actor;
        const char *way;
        pic__moved_opts moved; /* clock, actor and way are taken from here */
        int copy;              /* as of a drill: it tells nobody anything and sends nothing anywhere */
        int later;             /* an agent runs: it lies in the directory then, and waits (ordered.h) */
        pic__json *users;      /* not NULL: who may log in there is put, [{"name","role"}] */
} pic__restore_opts;

/* *ret_former: where the former cell is now (pic__free), NULL: there was none, or it is there still. PIC_BUSY: an agent
 * runs here, or another restore waits;
 * PIC_CORRUPT: the backup is no cell; PIC_CONFLICT: a question of the cell's move has no answer (moved.h);
 * PIC_UNSUPPORTED: of a newer version; PIC_IO, PIC_DENIED, PIC_NOMEM. The former cell is untouched by all of them. */
int pic__restore(const pic__restore_opts *o, pic__unpack *backup, char **ret_former, pic_error **err);
/* Who may log in there: [{"name","role"}]. */
int pic__restore_users(pic__store *st, pic__json *j, pic_error **err);

#endif
