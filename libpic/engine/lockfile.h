/* One process at a time: a lock on a file whose text is the holder's pid. The kernel lets go when the holder dies. */
#ifndef PIC_ENGINE_LOCKFILE_H
#define PIC_ENGINE_LOCKFILE_H

#include "base/err.h"

/* Takes <run_dir>/<name>, waiting up to wait_ms; *ret_fd holds it until it is closed. who: "another agent", for the
 * message. PIC_BUSY "another agent (pid 12) …". */
int pic__lock_take(const char *run_dir, const char *name, unsigned wait_ms, const char *who, int *ret_fd,
                   pic_error **err);
/* 1: that file is still the one that is locked; 0: it was removed or replaced, and others may take theirs. */
int pic__lock_holds(const char *run_dir, const char *name, int fd);

#endif
