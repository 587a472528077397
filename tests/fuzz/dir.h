/* A directory of the target's own, in $TMPDIR or /tmp, that goes when the process ends well. */
#ifndef PIC_FUZZ_DIR_H
#define PIC_FUZZ_DIR_H

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "fuzz.h"

static char fuzz_path[256]; /* "": not made yet */

static int fuzz_remove(const char *path, const struct stat *st, int flag, struct FTW *f)
{
        (void)st;
        (void)flag;
        (void)f;
        return remove(path);
}

static void fuzz_drop(void)
{
        (void)nftw(fuzz_path, fuzz_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *fuzz_dir(void)
{
        const char *base = getenv("TMPDIR");

        if (fuzz_path[0] != '\0')
                return fuzz_path;
        snprintf(fuzz_path, sizeof(fuzz_path), "%s/pic-fuzz-XXXXXX", base != NULL ? base : "/tmp");
        must(mkdtemp(fuzz_path) != NULL);
        atexit(fuzz_drop);
        return fuzz_path;
}

/* Writes a file of that directory. */
static inline void fuzz_file(const char *name, const void *data, size_t size)
{
        char path[320];
        int fd;

        snprintf(path, sizeof(path), "%s/%s", fuzz_dir(), name);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        close(fd);
}

#endif
