/* A new cell: directory, key, store, networks. */
#ifndef PIC_ENGINE_NEWCELL_H
#define PIC_ENGINE_NEWCELL_H

#include "store/store.h"

typedef struct pic__newcell_opts {
        const char *dir;
        int fake; /* no network of this host is in the way */
        const char *actor;
        const char *way;
        const pic__clock *clock;
        const char *const *fields; /* name, value, name, value, …, NULL */
} pic__newcell_opts;

/* Makes it all, or leaves nothing behind. Codes: see pic_cell_init(). */
int pic__newcell_make(const pic__newcell_opts *opts, pic_obj **ret_cell, pic_error **err);
/* PIC_CONFLICT when a network of the cell, or one behind a peer, overlaps one that this host uses otherwise; every such
 * is reported, with the interface. */
int pic__newcell_check_host(const pic_obj *o, pic_error **err);
/* Random networks for what `cell` has not: a ULA /48 of RFC 4193, a private /16 that overlaps nothing here. */
int pic__newcell_networks(pic_obj *cell, int fake, pic_error **err);

#endif
