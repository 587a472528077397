/* A backup's files in a directory of their own, and what they are asked before they count as a cell. */
#ifndef PIC_ENGINE_STAGE_H
#define PIC_ENGINE_STAGE_H

#include "backup/unpack.h"
#include "store/store.h"
#include "sys/clock.h"

/* Reads all of a backup, and writes what is a cell's into the directory, which is there and empty. */
int pic__stage_write(const char *dir, pic__unpack *backup, pic_error **err);
/* Everything that can be asked of a cell that does not run: each value, the key, the journal. Gives its store, open. m
 * NULL: it is of no backup, but one that was put aside.
 * PIC_CORRUPT: it is no cell that works, and why; PIC_UNSUPPORTED: of a newer version. */
int pic__stage_check(const char *dir, const pic__manifest *m, const pic__clock *clock, pic__store **ret_store,
                     pic_obj **ret_cell, pic_error **err);
/* Parts of that, for who wants to know which of them fails: the store, with each value; the key in it; the trail. */
int pic__stage_open(const char *dir, const pic__manifest *m, const pic__clock *clock, pic__store **ret,
                    pic_error **err);
int pic__stage_key(const char *dir, const pic__manifest *m, pic__store *st, pic_error **err);
int pic__stage_trail(pic__store *st, const pic__manifest *m, const pic_obj *cell, pic__trail *ret, pic_error **err);
/* The directory and all in it. */
void pic__stage_remove(const char *dir);

#endif
