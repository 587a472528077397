/* Owns: files that are locked and lose their names, and copying into them. */
#include "engine/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define COPY ".backup-"
enum { TRIES = 50, PIECE = 64 << 10 };

/* Far behind what sqlite locks. */
static int lock(int fd)
{
        struct flock mark = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)1 << 40, .l_len = 1 };

        return fcntl(fd, F_OFD_SETLK, &mark);
}

void pic__aside_clean(const char *dir)
{
        DIR *d = opendir(dir);
        struct dirent *e;

        while (d != NULL && (e = readdir(d)) != NULL) {
                int fd;

                if (strncmp(e->d_name, COPY, sizeof(COPY) - 1) != 0)
                        continue;
                fd = openat(dirfd(d), e->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
                if (fd >= 0 && lock(fd) == 0)
                        (void)unlinkat(dirfd(d), e->d_name, 0);
                if (fd >= 0)
                        (void)close(fd);
        }
        if (d != NULL)
                (void)closedir(d);
}

/* A name of its own, locked. 1: another one took it for a leftover between the two. */
static int try_make(const char *dir, char **ret_path, int *ret_fd, pic_error **err)
{
        pic__buf path = PIC__BUF_INIT;
        struct stat st;
        int fd;

        pic__buf_putf(&path, "%s/" COPY "XXXXXX", dir);
        *ret_path = pic__buf_steal(&path);
        if (*ret_path == NULL)
                return pic__nomem(err);
        fd = mkostemp(*ret_path, O_CLOEXEC);
        if (fd < 0)
                return pic__fail_errno(err, errno, "%s: a copy for the backup cannot be made", dir);
        *ret_fd = fd;
        return lock(fd) < 0 || fstat(fd, &st) < 0 || st.st_nlink == 0;
}

int pic__aside_make(const char *dir, char **ret_path, int *ret_fd, pic_error **err)
{
        int tries, r = 1;

        for (tries = 0; r == 1 && tries < TRIES; tries++) {
                if (*ret_fd >= 0)
                        (void)close(*ret_fd);
                *ret_fd = -1;
                pic__free(*ret_path);
                *ret_path = NULL;
                r = try_make(dir, ret_path, ret_fd, err);
        }
        return r == 1 ? pic__fail(err, PIC_BUSY, "%s: another backup is being made", dir) : r;
}

/* --- copying ----------------------------------------------------------------------------------------------------- */

static int no_file(const char *path, pic_error **err)
{
        return pic__fail(err, PIC_CONFLICT, "%s is no file", path);
}

static int begin(pic__aside *a, const char *dir, pic_error **err)
{
        pic__auto_free char *path = NULL;
        int r = a->fd < 0 ? pic__aside_make(dir, &path, &a->fd, err) : 0;

        if (path != NULL && a->fd >= 0)
                (void)unlink(path);
        return r;
}

static int write_at(int fd, const uint8_t *data, size_t len, uint64_t at)
{
        while (len > 0) {
                ssize_t n = pwrite(fd, data, len, (off_t)at);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -1;
                data += n;
                len -= (size_t)n;
                at += (uint64_t)n;
        }
        return 0;
}

/* From a file that is open; *ret_size stays behind when it fails. */
static int copy(const pic__aside *a, int from, const char *path, uint64_t max, uint64_t *ret_size, pic_error **err)
{
        pic__auto_free uint8_t *room = pic__alloc(PIECE);
        struct stat st;
        ssize_t n;

        *ret_size = 0;
        if (room == NULL)
                return pic__nomem(err);
        if (fstat(from, &st) < 0 || !S_ISREG(st.st_mode))
                return no_file(path, err);
        while ((n = read(from, room, PIECE)) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return pic__fail_errno(err, errno, "%s: cannot be read", path);
                if ((uint64_t)n > max - *ret_size)
                        return pic__fail(err, PIC_VALUE, "%s is longer than %llu bytes", path, (unsigned long long)max);
                if (write_at(a->fd, room, (size_t)n, a->len + *ret_size) < 0)
                        return pic__fail_errno(err, errno, "%s: no copy of it can be made for the backup", path);
                *ret_size += (uint64_t)n;
        }
        return 0;
}

int pic__aside_add(pic__aside *a, const char *dir, const char *path, uint64_t max, uint64_t *ret_size, pic_error **err)
{
        int from, r = begin(a, dir, err);

        if (r < 0)
                return r;
        from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
        if (from < 0)
                return errno == ELOOP ? no_file(path, err) : pic__fail_errno(err, errno, "%s", path);
        r = copy(a, from, path, max, ret_size, err);
        if (r == 0)
                a->len += *ret_size;
        (void)close(from);
        return r;
}
