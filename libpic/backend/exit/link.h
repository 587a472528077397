/* One link of the cell, by name. */
#ifndef PIC_BACKEND_EXIT_LINK_H
#define PIC_BACKEND_EXIT_LINK_H

#include "base/err.h"

typedef struct pic__exit_link_info {
        int index;
        int up;
        int ours; /* our alias */
        int veth;
        unsigned mtu;
        int peer_nsid; /* how this namespace calls the one of its other end; -1: none */
} pic__exit_link_info;

/* 1: it is there; 0: not. */
int pic__exit_link_get(const char *name, pic__exit_link_info *ret, pic_error **err);

#endif
