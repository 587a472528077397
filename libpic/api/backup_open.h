/* A backup that was read whole and lies open in a place of its own, which goes when it is closed. */
#ifndef PIC_API_BACKUP_OPEN_H
#define PIC_API_BACKUP_OPEN_H

#include "api/backup.h"
#include "engine/moved.h"
#include "engine/scratch.h"

typedef struct pic__opened {
        pic__reading g;
        pic__scratch place; /* its files are in it, and its key */
        pic__store *store;
        pic_obj *cell;
        pic_obj *here; /* the cell that is here, or NULL */
        pic__moved_opts moved;
} pic__opened;

/* Reads it, looks at it as a restore does, and gives the cell the answers. */
int pic__opened_get(pic_ctx *ctx, const char *call, const pic_age_keys *keys, const pic_backup_opts *opts,
                    pic__opened *ret, pic_error **err);
/* One that was put aside, as far as it can be opened; its store is left with pic__former_leave(). */
int pic__opened_former(pic_ctx *ctx, const char *name, pic__opened *ret, pic_error **err);
pic__opened pic__opened_of(int in_fd);
void pic__opened_free(pic__opened *x);

#endif
