/* The agent's socket as a name for bind and connect. A name holds 107 bytes; a longer path is reached through its
 * directory's descriptor. */
#ifndef PIC_ENGINE_SOCKNAME_H
#define PIC_ENGINE_SOCKNAME_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

/* *ret_dir: a descriptor of run_dir that must stay open while the name is used; the caller closes. Errors of open(2).
 */
int pic__sockname(const char *run_dir, struct sockaddr_un *ret, int *ret_dir, pic_error **err);

#endif
