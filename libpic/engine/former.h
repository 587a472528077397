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

/* Puts a list of {"name","path","time","size","cell","revision"}, the newest first. */
int pic__former_list(const pic__former_opts *o, pic__json *j, pic_error **err);
/* The one of that name (NULL: the newest) is the cell again, looked at as a restored one is, in one step; the cell that
 * was there is put aside. *ret_name is what it was called, *ret_former where that is now (pic__free both).
 * PIC_NOTFOUND: there is none; PIC_CORRUPT: it is no cell that works; the others as pic__exchange_*(). */
int pic__former_return(const pic__former_opts *o, const char *name, char **ret_name, char **ret_former,
                       pic_error **err);
/* Removes it. PIC_NOTFOUND, PIC_BUSY: somebody has it open; PIC_IO. */
int pic__former_remove(const pic__former_opts *o, const char *name, pic_error **err);

#endif
