/* Files: whole, atomic, bounded. Every descriptor is close-on-exec from birth. */
#ifndef PIC_SYS_FILE_H
#define PIC_SYS_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Reads at most max bytes; PIC_VALUE when the file is longer. path "-" is standard input. */
int pic__file_read(const char *path, size_t max, pic__buf *out, pic_error **err);
/* Temporary file beside it, fsync, rename, fsync of the directory. mode as given whatever the umask. */
int pic__file_write(const char *path, const void *data, size_t len, mode_t mode, pic_error **err);
int pic__dir_make(const char *path, mode_t mode, pic_error **err); /* with parents; fine if it is there */
int pic__file_exists(const char *path);
/* "<a>/<b>" */
char *pic__path_join(const char *a, const char *b);

#endif
