/* Whose a running program is, for who was killed between its start and the writing of its pid file, and with what it
 * was started: a word in its environment, "WORD=<digest of what> <directory>". Programs take their own arguments apart
 * in place; their environment stays (proc(5), /proc/PID/environ). */
#ifndef PIC_SYS_MARK_H
#define PIC_SYS_MARK_H

#include "sys/child.h"

#define PIC__MARK_MAX 640

typedef struct pic__mark {
        const char *word;    /* "PIC_NTP" */
        const char *program; /* its argv[0] */
        const char *dir;     /* absolute, without spaces at its end; whose it is */
        int leader;          /* only who leads its session: not its helpers */
} pic__mark;

/* The word for its environment. -1: the directory is too long. */
int pic__mark_make(const pic__mark *m, const void *what, size_t len, char ret[PIC__MARK_MAX]);
int pic__mark_same(const pic__mark *m, pid_t pid, const void *what, size_t len); /* started with just that: 1 or 0 */
int pic__mark_adopt(const pic__mark *m, pic__child *child);                      /* looks for one: 1 or 0 */
/* Elsewhere (in a container) the same path is another cell's. */
int pic__mark_here(pid_t pid);

#endif
