/* Whom a carrier over TCP waits for. */
#ifndef PIC_BACKEND_EXIT_AWAITED_H
#define PIC_BACKEND_EXIT_AWAITED_H

#include <sys/types.h>

#include "backend/exit/value.h"
#include "plan/backend.h"

/* One line of /proc/PID/net/tcp or tcp6. 1: a connection that stands, of that user's, which somebody else did not open
 * to `own` port; where it leads, and whether bytes of ours are not acknowledged yet. 0: something else. */
int pic__awaited_line(const char *line, uid_t user, unsigned own, pic__far_end *ret, int *ret_owes);
/* Far ends of all connections of that user's, seen from the network namespace of a process; the links' two ends are
 * none. Those that owe an answer, if there are such. */
size_t pic__awaited(pid_t pid, uid_t user, const pic__exit_conf *c, pic__far_end out[PIC__FAR_ENDS]);

#endif
