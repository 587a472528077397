/* What the agent may do, made as little as what it needs. */
#ifndef PIC_ENGINE_PRIVILEGES_H
#define PIC_ENGINE_PRIVILEGES_H

#include "base/err.h"

/* PIC_DENIED (hint) without CAP_NET_ADMIN. */
int pic__privileges_check(pic_error **err);
/* For good, for this thread and what it starts: capabilities, bounding and ambient set, no_new_privs, and system calls
 * that neither the agent nor a child of it has use for. What this process never had is fine. files: the cell's
 * directory belongs to another user than root, so children may write there too. PIC_DENIED, PIC_UNSUPPORTED (a
 * kernel without seccomp). */
int pic__privileges_drop(int files, pic_error **err);

#endif
