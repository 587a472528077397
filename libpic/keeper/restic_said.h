/* What restic says, taken apart; it may be of a version that we do not know, and what is in a repository may be by
 * anybody who has its passphrase. */
#ifndef PIC_KEEPER_RESTIC_SAID_H
#define PIC_KEEPER_RESTIC_SAID_H

#include "base/err.h"
#include "keeper/far.h"

#define PIC__RESTIC_FILE "cell.tar" /* what a backup is called in its snapshot */
#define PIC__RESTIC_ID 65           /* 64 hexadecimal digits and a NUL */

typedef struct pic__snapshot {
        char id[PIC__RESTIC_ID];
        char name[PIC__FAR_NAME]; /* the tag that is a backup's name */
} pic__snapshot;

/* `snapshots --json`: each one that holds a backup's file alone and has one tag that can be a backup's name; others are
 * passed over. PIC_BACKEND: it is no such list; what `each` answers when that is negative. */
int pic__restic_snapshots(const char *text, size_t len, int (*each)(const pic__snapshot *s, void *arg), void *arg,
                          pic_error **err);
/* `backup --json`: the snapshot (its first digits at least, as ids are written short), and how many bytes of it are
 * new in the repository (before compression), -1: it does not say. PIC_BACKEND: there is no such line. */
int pic__restic_summary(const char *text, size_t len, char id[PIC__RESTIC_ID], int64_t *ret_added, pic_error **err);
/* Why it ended with this status, by what it said on its standard error: always an error. PIC_NOTFOUND: there is no
 * repository; PIC_DENIED: passphrase, server or folder do not let us; PIC_BUSY: locked by another; PIC_IO: a disk is
 * full; PIC_CORRUPT: the repository is damaged; else PIC_BACKEND. */
int pic__restic_why(int status, const char *said, pic_error **err);
/* 1: it says that a file of the repository is not there, and goes on to try. */
int pic__restic_lacks(const char *said);

#endif
