/* The one place where a process is born: posix_spawn (no fork of a large or threaded process), own session, default
 * signals, cleared environment, only the three descriptors given. Used by cmd.c and child.c. */
#ifndef PIC_SYS_SPAWN_H
#define PIC_SYS_SPAWN_H

#include <sys/types.h>

#include "base/err.h"

typedef struct pic__proc {
        pid_t pid;
        int pidfd; /* close-on-exec; the caller closes it */
} pic__proc;

/* fds are stdin, stdout, stderr of the new process and stay the caller's. PIC_UNSUPPORTED when the program is not
 * there. */
int pic__spawn(const char *const *argv, const char *const *env, const int fds[3], pic__proc *ret, pic_error **err);
/* The same descriptor, or one above 2 in its place (fd is then closed). -1 stays -1. */
int pic__fd_above(int fd);
/* The arguments with blanks between them. */
void pic__argv_detail(const char *const *argv, pic_error **err);

#endif
