/* The texts of a tor client: for its tests. */
#ifndef PIC_BACKEND_EXIT_TOR_H
#define PIC_BACKEND_EXIT_TOR_H

#include "backend/exit/carrier.h"

/* torrc. Failure is the buffer's. */
void pic__tor_put(pic__buf *out, const pic__exit_conf *c);
/* What its log says; 1 when something. */
int pic__tor_fault_in(const char *log, pic__buf *why);

#endif
