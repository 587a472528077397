/* The way to a far end, outside. */
#ifndef PIC_BACKEND_EXIT_WAY_H
#define PIC_BACKEND_EXIT_WAY_H

#include "backend/exit/value.h"

/* The largest packet that fits all of the ways to these: the route's own mtu, else its link's. 0: there is no way. */
unsigned pic__way_mtu(const pic__exit_places *to);

#endif
