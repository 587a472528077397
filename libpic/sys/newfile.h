/* A file that comes whole or not at all, for what is too large to be written at once. While it is written it has no
 * name where the file system can do that (O_TMPFILE): not even kill -9 leaves something behind. Where it cannot, and
 * between two names of one that takes another's place, it is .pic-new.<12 hex digits>, held by its writer (held.h): the
 * next new file in that directory takes away what the dead left, and nothing that somebody writes. */
#ifndef PIC_SYS_NEWFILE_H
#define PIC_SYS_NEWFILE_H

#include <sys/types.h>

#include "base/err.h"

typedef struct pic__newfile {
        int fd;     /* to write to */
        char *path; /* whose name it gets */
        char *temp; /* the name that it has meanwhile; NULL: none */
} pic__newfile;

#define PIC__NEWFILE_INIT      \
        {                      \
                -1, NULL, NULL \
        }

/* PIC_CONFLICT: something of that name is no file (a device, a directory); as pic__fail_errno(). */
int pic__newfile_begin(pic__newfile *f, const char *path, mode_t mode, pic_error **err);
/* Syncs, and puts it in place of what has the name. */
int pic__newfile_commit(pic__newfile *f, pic_error **err);
void pic__newfile_abort(pic__newfile *f); /* leaves nothing. Also after a commit, and for one that never began */
#define pic__auto_newfile PIC__AUTO(pic__newfile_abort)

#endif
