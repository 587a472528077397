/* A stranger's directory: its regular files, by names that lead nowhere else, with limits on all of it. */
#ifndef PIC_HOUSEHOLD_FOLDER_H
#define PIC_HOUSEHOLD_FOLDER_H

#include "base/buf.h"
#include "household/household.h"

enum { PIC__FOLDER_FILES = 10200, PIC__FOLDER_NAME = 255 };
#define PIC__FOLDER_BYTES ((size_t)96 << 20) /* of all files that are read */

typedef struct pic__folder {
        pic__household *h;
        int fd;           /* of the directory; -1: none */
        const char *path; /* as it is told; the arena's */
        const char *only; /* the one file that was asked for; NULL: the whole directory */
        size_t bytes;     /* read so far */
} pic__folder;

/* path: a directory, or a regular file in one. Codes: see pic__household_gather(). */
int pic__folder_open(pic__folder *f, pic__household *h, const char *path, pic_error **err);
void pic__folder_close(pic__folder *f);
int pic__folder_has(const pic__folder *f, const char *name); /* a regular file; name may be "dir/file" */
/* Reads one. 1; 0: there is none (told when it is one that is not read: a link, a device). -1: *err. *ret_file is its
 * name for messages. A file that everybody may read is told. */
int pic__folder_read(pic__folder *f, const char *name, size_t max, pic__buf *out, const char **ret_file,
                     pic_error **err);
/* Names of regular files here and in directories of this one, sorted, "dir/file"; the arena's. Names that begin with a
 * dot are passed over. -1: out of memory. */
typedef PIC__VEC(const char *) pic__names;
int pic__folder_names(pic__folder *f, pic__names *ret);
/* An SQLite file with its log, as a copy in a directory of its own; *ret_path for pic__folder_uncopy(). */
int pic__folder_copy(pic__folder *f, const char *name, size_t max, char ret_path[64], const char **ret_file,
                     pic_error **err);
void pic__folder_uncopy(const char path[64]);

#endif
