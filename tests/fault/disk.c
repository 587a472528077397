/* Owns: the calls that stand before libc's. They are the program's own, so libraries find them first; what they do is
 * asked of the kernel. One thread at a time. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

const struct disk_case disk_cases[DISK_CASES] = {
        { "kill -9 of the writer", DISK_KILL, 0 },
        { "kill -9 in the middle of a write", DISK_TORN, 0 },
        { "disk full (ENOSPC) from then on", DISK_EVER, ENOSPC },
        { "I/O error (EIO) once", DISK_ONCE, EIO },
        { "I/O errors (EIO) from then on", DISK_EVER, EIO },
        { "read-only (EROFS) from then on", DISK_EVER, EROFS },
};

#define OURS __attribute__((visibility("default")))
#define FDS 1024

static char top[PATH_MAX];
static size_t top_len; /* 0: nothing is watched */
static enum disk_fault how;
static unsigned long fault_at, points;
static int fault_error, record = -1;
static unsigned char watched[FDS];

void disk_watch(const char *dir, enum disk_fault fault, unsigned long at, int error)
{
        top_len = (size_t)snprintf(top, sizeof(top), "%s/", dir);
        how = fault;
        fault_at = at;
        fault_error = error;
        points = 0;
        record = -1;
        memset(watched, 0, sizeof(watched));
}

void disk_unwatch(void)
{
        top_len = 0;
}

unsigned long disk_points(void)
{
        return points;
}

static void die(void)
{
        (void)syscall(SYS_kill, getpid(), SIGKILL);
        for (;;)
                pause();
}

static int is_below(const char *path)
{
        return top_len > 0 && strncmp(path, top, top_len) == 0;
}

/* The directory itself too: it is opened to be synced. */
static int is_ours(const char *path)
{
        return is_below(path) || (top_len > 0 && strncmp(path, top, top_len - 1) == 0 && path[top_len - 1] == '\0');
}

static int is_watched(int fd)
{
        return top_len > 0 && fd >= 0 && fd < FDS && watched[fd];
}

/* What this error does not do to this call: a full disk still lets files be found and removed. */
static int spares(enum disk_what what, int made)
{
        return fault_error == ENOSPC && (what == DISK_REMOVE || what == DISK_RENAME || (what == DISK_OPEN && !made));
}

/* 0: go on; -1: errno says why not. *ret_torn: half of it, then die() */
static int point(enum disk_what what, int made, int *ret_torn)
{
        unsigned long n = ++points;

        if (fault_at == 0 || n < fault_at || (n > fault_at && how != DISK_EVER))
                return 0;
        if (how == DISK_TORN && ret_torn != NULL) {
                *ret_torn = 1;
                return 0;
        }
        if (how == DISK_KILL || how == DISK_TORN)
                die();
        if (spares(what, made))
                return 0;
        errno = fault_error;
        return -1;
}

/* --- the record ----------------------------------------------------------------------------------------------- */

static void put(const void *data, size_t len)
{
        const char *at = data;

        while (len > 0) {
                long n = syscall(SYS_write, record, at, len);

                if (n <= 0)
                        abort();
                at += n;
                len -= (size_t)n;
        }
}

static void keep(enum disk_what what, int fd, int64_t at, int made, const char *name, const void *data, size_t len)
{
        struct disk_call c;

        if (record < 0)
                return;
        memset(&c, 0, sizeof(c));
        c.what = (uint32_t)what;
        c.fd = fd;
        c.at = at;
        c.made = (uint32_t)made;
        c.name = name != NULL ? (uint32_t)strlen(name) : 0;
        c.data = (uint32_t)len;
        put(&c, sizeof(c));
        if (name != NULL)
                put(name, c.name);
        put(data, len);
}

void disk_record(int fd)
{
        record = fd;
}

void disk_mark(int number)
{
        keep(DISK_MARK, number, 0, 0, NULL, NULL, 0);
}

static const char *below(const char *path)
{
        return is_below(path) ? path + top_len : "";
}

/* --- the calls ------------------------------------------------------------------------------------------------ */

static int open_any(const char *path, int flags, mode_t mode)
{
        int ours = is_ours(path), made = 0, fd;

        if (ours)
                made = (flags & O_CREAT) != 0 && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) < 0;
        if (ours && (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 && point(DISK_OPEN, made, NULL) < 0)
                return -1;
        fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
        if (fd < 0 || fd >= FDS)
                return fd;
        watched[fd] = (unsigned char)ours;
        if (ours) {
                keep(DISK_OPEN, fd, 0, made, below(path), NULL, 0);
                if ((flags & O_TRUNC) != 0)
                        keep(DISK_SIZE, fd, 0, 0, NULL, NULL, 0);
        }
        return fd;
}

OURS int open(const char *path, int flags, ...)
{
        va_list ap;
        mode_t mode;

        va_start(ap, flags);
        mode = (mode_t)va_arg(ap, int);
        va_end(ap);
        return open_any(path, flags, mode);
}

OURS int open64(const char *path, int flags, ...)
{
        va_list ap;
        mode_t mode;

        va_start(ap, flags);
        mode = (mode_t)va_arg(ap, int);
        va_end(ap);
        return open_any(path, flags, mode);
}

OURS int mkostemp(char *template, int flags)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
        char *end = template + strlen(template) - 6;
        unsigned char dice[6];
        int tries, i, fd = -1;

        for (tries = 0; fd < 0 && tries < 10; tries++) {
                if (getrandom(dice, sizeof(dice), 0) != (ssize_t)sizeof(dice))
                        return -1;
                for (i = 0; i < 6; i++)
                        end[i] = letters[dice[i] % 32];
                fd = open_any(template, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
                if (fd < 0 && errno != EEXIST)
                        return -1;
        }
        return fd;
}

OURS int close(int fd)
{
        if (is_watched(fd)) {
                watched[fd] = 0;
                keep(DISK_CLOSE, fd, 0, 0, NULL, NULL, 0);
        }
        return (int)syscall(SYS_close, fd);
}

OURS ssize_t write(int fd, const void *data, size_t len)
{
        int torn = 0;
        int64_t at;

        if (!is_watched(fd))
                return syscall(SYS_write, fd, data, len);
        if (point(DISK_WRITE, 0, &torn) < 0)
                return -1;
        at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
        if (torn) {
                (void)syscall(SYS_write, fd, data, len / 2);
                die();
        }
        keep(DISK_WRITE, fd, at, 0, NULL, data, len);
        return syscall(SYS_write, fd, data, len);
}

OURS ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
{
        int torn = 0;

        if (!is_watched(fd))
                return syscall(SYS_pwrite64, fd, data, len, at);
        if (point(DISK_WRITE, 0, &torn) < 0)
                return -1;
        if (torn) {
                (void)syscall(SYS_pwrite64, fd, data, len / 2, at);
                die();
        }
        keep(DISK_WRITE, fd, at, 0, NULL, data, len);
        return syscall(SYS_pwrite64, fd, data, len, at);
}

OURS ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
        return pwrite64(fd, data, len, at);
}

OURS int ftruncate64(int fd, off_t size)
{
        if (is_watched(fd)) {
                if (point(DISK_SIZE, 0, NULL) < 0)
                        return -1;
                keep(DISK_SIZE, fd, size, 0, NULL, NULL, 0);
        }
        return (int)syscall(SYS_ftruncate, fd, size);
}

OURS int ftruncate(int fd, off_t size)
{
        return ftruncate64(fd, size);
}

static int sync_any(int fd, long number)
{
        long r;

        if (is_watched(fd) && point(DISK_SYNC, 0, NULL) < 0)
                return -1;
        r = syscall(number, fd);
        if (r == 0 && is_watched(fd))
                keep(DISK_SYNC, fd, 0, 0, NULL, NULL, 0);
        return (int)r;
}

OURS int fsync(int fd)
{
        return sync_any(fd, SYS_fsync);
}

OURS int fdatasync(int fd)
{
        return sync_any(fd, SYS_fdatasync);
}

OURS int rename(const char *from, const char *to)
{
        if (is_below(from)) {
                if (point(DISK_RENAME, 0, NULL) < 0)
                        return -1;
                keep(DISK_RENAME, -1, 0, 0, below(from), below(to), strlen(below(to)));
        }
        return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

/* Two directories change places. What is open stays watched by its descriptor; power cuts are not played with this. */
OURS int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
        if (is_below(from) && point(DISK_RENAME, 0, NULL) < 0)
                return -1;
        return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

OURS int link(const char *from, const char *to)
{
        if (is_below(from)) {
                if (point(DISK_LINK, 1, NULL) < 0)
                        return -1;
                keep(DISK_LINK, -1, 0, 0, below(from), below(to), strlen(below(to)));
        }
        return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

OURS int unlink(const char *path)
{
        if (is_below(path)) {
                if (point(DISK_REMOVE, 0, NULL) < 0)
                        return -1;
                keep(DISK_REMOVE, -1, 0, 0, below(path), NULL, 0);
        }
        return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* A file system that is read-only says so when it is asked. */
OURS int statvfs(const char *path, struct statvfs *ret)
{
        struct statfs fs;

        if (syscall(SYS_statfs, path, &fs) < 0)
                return -1;
        memset(ret, 0, sizeof(*ret));
        ret->f_bsize = (unsigned long)fs.f_bsize;
        ret->f_blocks = fs.f_blocks;
        ret->f_bfree = fs.f_bfree;
        ret->f_bavail = fs.f_bavail;
        if (is_ours(path) && fault_error == EROFS && fault_at != 0 && points >= fault_at)
                ret->f_flag |= ST_RDONLY;
        return 0;
}
