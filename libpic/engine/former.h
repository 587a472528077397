/* Cells that were put aside by a restore: they lie beside the cell's directory until somebody removes them. */
#ifndef PIC_ENGINE_FORMER_H
#define PIC_ENGINE_FORMER_H

#include "base/json.h"
#include "engine/exchange.h"

typedef struct pic__former_opts {
        const char *dir;
        const char *run_dir;
        const pic__clock *clock;
        const char *actor;
        const char *way;
} pic__former_opts;

/* How the row of a cell ends that says what it made room for: who put it aside, when and why, is known by it. */
#define PIC__FORMER_PLACE "this cell's place"

/* Puts a list of {"name","path","time","size","cell","revision","by":{"text","actor","way","time"}}, the newest first.
 * cell, revision, by: null where that cannot be read, or nobody wrote it down. */
int pic__former_list(const pic__former_opts *o, pic__json *j, pic_error **err);
/* Of the one of that name (NULL: the newest) the keys "name", "time", "cell", "revision", and "users", who may log in
 * there (null: it cannot be read by who asks). *ret_name: pic__free. PIC_NOTFOUND; PIC_CORRUPT: it is no cell. */
int pic__former_tell(const pic__former_opts *o, const char *name, pic__json *j, char **ret_name, pic_error **err);
/* The path of the one of that name (pic__free). PIC_NOTFOUND. */
int pic__former_find(const char *dir, const char *name, char **ret_path, pic_error **err);
/* Opened, to be looked at: *ret_store: pic__former_leave(). PIC_NOTFOUND, and what opening a store says. */
int pic__former_open(const pic__former_opts *o, const char *name, pic__store **ret_store, pic_obj **ret_cell,
                     pic_error **err);
/* It is left without a log again, so that who may not write there (the page's server) can read it as well. */
void pic__former_leave(pic__store **st);
/* It is looked at as a restored one is, and its journal says that it came back. PIC_CORRUPT: it is no cell that works.
 */
int pic__former_check(const pic__former_opts *o, const char *path, pic_error **err);
/* A row of one that lies there. That it cannot be written is no reason to say something else. */
void pic__former_say(const pic__former_opts *o, const char *path, const char *text);
/* The same with how it was called that came back instead of it. */
void pic__former_say_instead(const pic__former_opts *o, const char *path, const char *name);
/* The one of that name (NULL: the newest) is the cell again, looked at as a restored one is, in one step; the cell that
 * was there is put aside. *ret_name is what it was called, *ret_former where that is now (pic__free both).
 * PIC_NOTFOUND: there is none; PIC_CORRUPT: it is no cell that works; the others as pic__exchange_*(). */
int pic__former_return(const pic__former_opts *o, const char *name, char **ret_name, char **ret_former,
                       pic_error **err);
/* Removes it. PIC_NOTFOUND, PIC_BUSY: somebody has it open; PIC_IO. */
int pic__former_remove(const pic__former_opts *o, const char *name, pic_error **err);

#endif
