/* Owns: whether somebody writes a file still. */
#include "sys/held.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/mem.h"

enum { TRIES = 8 };

/* The lock is the open description's: a copy of the descriptor that is closed does not end it. 1: ours; 0: another's;
 * -1: there are no locks here. */
static int lock(int fd)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
                return 1;
        return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

int pic__held_take(int fd)
{
        return lock(fd) == 0 ? -1 : 0;
}

/* 1: it has that name still. */
static int is_named(int dirfd, const char *name, int fd)
{
        struct stat a, b;

        return fstat(fd, &a) == 0 && fstatat(dirfd, name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_dev == b.st_dev &&
               a.st_ino == b.st_ino;
}

int pic__held_make(int dirfd, const char *name, int flags, unsigned mode)
{
        int i;

        for (i = 0; i < TRIES; i++) {
                int fd = openat(dirfd, name, flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);

                if (fd < 0)
                        return -1;
                if (pic__held_take(fd) == 0 && is_named(dirfd, name, fd))
                        return fd;
                (void)close(fd); /* found by who cleans before it was held */
        }
        errno = EBUSY;
        return -1;
}

/* Whether a lock there is everybody's who could write: another machine's may not be. */
static int is_local(int fd)
{
        static const unsigned long others[] = {
                0x6969,     /* NFS */
                0x517b,     /* SMB */
                0xff534d42, /* CIFS */
                0xfe534d42, /* SMB2 */
                0x65735546, /* FUSE: sshfs, rclone, but NTFS too */
                0x01021997, /* 9p: of the machine that this one lives in */
                0x6a656a63, /* virtiofs, as FUSE */
                0x00c36400, /* Ceph */
                0x5346414f, /* AFS */
                0x73757245, /* Coda */
                0x01161970, /* GFS2 */
                0x7461636f, /* OCFS2 */
        };
        struct statfs fs;
        size_t i;

        if (fstatfs(fd, &fs) < 0)
                return 0;
        for (i = 0; i < PIC__COUNT(others); i++)
                if (((unsigned long)fs.f_type & 0xffffffffUL) == others[i])
                        return 0;
        return 1;
}

/* As pic__held_left(); *ret_fd: it, held (1), to be closed. */
static int seize(int dirfd, const char *name, int *ret_fd)
{
        int fd = openat(dirfd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r = 0;
        struct stat st;

        if (fd < 0)
                return 0;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
                r = lock(fd);
                if (r == 1)
                        r = is_local(fd) ? is_named(dirfd, name, fd) : -1;
        }
        *ret_fd = fd;
        return r;
}

int pic__held_left(int dirfd, const char *name)
{
        int fd = -1, r = seize(dirfd, name, &fd);

        if (fd >= 0)
                (void)close(fd);
        return r;
}

int pic__held_drop(int dirfd, const char *name)
{
        int fd = -1, r = seize(dirfd, name, &fd);

        if (r == 1 && unlinkat(dirfd, name, 0) < 0)
                r = 0;
        if (fd >= 0)
                (void)close(fd);
        return r;
}
