/* Owns: a folder of this machine. The folder itself is made; what it is in has to be there, so that a disk that is not
 * mounted is not taken for an empty one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/far.h"
#include "sys/held.h"

enum { PIECE = 256 << 10 };

struct folder {
        pic__far far;
        char path[512];
        int fd;
        int held; /* what is written, until it has its own name: its lock says that somebody is at it */
        const volatile sig_atomic_t *ended;
};

static int canceled(const struct folder *d)
{
        return d->ended != NULL && *d->ended != 0;
}

static int list(pic__far *f, pic__far_each each, void *arg, pic_error **err)
{
        const struct folder *d = (const struct folder *)f;
        int fd = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        const struct dirent *e;
        size_t count = 0;

        if (dir == NULL) {
                r = pic__fail_errno(err, errno, "%s: cannot be read", d->path);
                if (fd >= 0)
                        (void)close(fd);
                return r;
        }
        while (r == 0 && count < PIC__FAR_ENTRIES && (e = readdir(dir)) != NULL) {
                struct stat st;

                if (!pic__far_name_ok(e->d_name) || fstatat(d->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                    !S_ISREG(st.st_mode))
                        continue;
                count++;
                r = each(e->d_name, (uint64_t)st.st_size, arg);
        }
        (void)closedir(dir);
        return r < 0 ? pic__nomem(err) : 0;
}

static int write_all(const struct folder *d, int fd, const char *data, size_t len, pic_error **err)
{
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return pic__fail_errno(err, errno, "%s: cannot be written", d->path);
                data += n;
                len -= (size_t)n;
        }
        return 0;
}

static int copy_in(const struct folder *d, int fd, pic__far_source source, void *arg, pic_error **err)
{
        pic__auto_free char *room = pic__alloc(PIECE);
        long n = 0;
        int r = room != NULL ? 0 : pic__nomem(err);

        while (r == 0 && (n = source(arg, room, PIECE, err)) > 0) {
                r = write_all(d, fd, room, (size_t)n, err);
                if (r == 0 && canceled(d))
                        r = pic__fail(err, PIC_CANCELED, "canceled");
        }
        if (r == 0 && n < 0)
                r = (int)n;
        if (r == 0 && fsync(fd) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be written", d->path);
        return r;
}

static void let_go(struct folder *d)
{
        if (d->held >= 0)
                (void)close(d->held);
        d->held = -1;
}

/* What only a close says (NFS), while it is held on. */
static int close_one(int fd)
{
        int other = dup(fd);

        return other < 0 ? -1 : close(other);
}

/* A disk that is read-only, or one that is so for picd's unit alone. */
static int not_made(const struct folder *d, int number, pic_error **err)
{
        int r = pic__fail_errno(err, number, "%s: nothing can be made in it", d->path);

        if (number == EROFS)
                pic__hint(err,
                          "Is it mounted read-only? As a service picd may write below /var/lib/pic only: systemctl "
                          "edit picd, and there [Service] and ReadWritePaths=%s",
                          d->path);
        return r;
}

static int put(pic__far *f, const char *name, pic__far_source source, void *arg, pic_error **err)
{
        struct folder *d = (struct folder *)f;
        int r;

        let_go(d);
        d->held = pic__held_make(d->fd, name, O_WRONLY, 0600);
        if (d->held < 0)
                return not_made(d, errno, err);
        r = fchmod(d->held, 0600) < 0 && errno != EPERM ? pic__fail_errno(err, errno, "%s", d->path)
                                                        : copy_in(d, d->held, source, arg, err);
        if (r == 0 && close_one(d->held) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be written", d->path);
        return r;
}

static int get(pic__far *f, const char *name, pic__far_sink sink, void *arg, pic_error **err)
{
        const struct folder *d = (const struct folder *)f;
        pic__auto_free char *room = pic__alloc(PIECE);
        int fd = openat(d->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r = 0;
        ssize_t n = 1;

        if (fd < 0)
                return pic__fail_errno(err, errno, "%s/%s", d->path, name);
        /* what is still in memory says nothing about the disk */
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        if (room == NULL)
                r = pic__nomem(err);
        while (r == 0 && (n = read(fd, room, PIECE)) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                r = n < 0 ? pic__fail_errno(err, errno, "%s/%s", d->path, name) : sink(room, (size_t)n, arg, err);
                if (r == 0 && canceled(d))
                        r = pic__fail(err, PIC_CANCELED, "canceled");
        }
        (void)close(fd);
        return r;
}

/* Where the file system has no such rename (NFS), by a second name; where it has none (exFAT by FUSE), it is looked. */
static int rename_new(int fd, const char *from, const char *to)
{
        struct stat st;

        if (renameat2(fd, from, fd, to, RENAME_NOREPLACE) == 0)
                return 0;
        if (errno != EINVAL && errno != ENOSYS)
                return -1;
        if (linkat(fd, from, fd, to, 0) == 0)
                return unlinkat(fd, from, 0);
        if (errno == EEXIST || fstatat(fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
                errno = EEXIST;
                return -1;
        }
        return renameat(fd, from, fd, to);
}

static int move(pic__far *f, const char *from, const char *to, pic_error **err)
{
        struct folder *d = (struct folder *)f;

        if (rename_new(d->fd, from, to) < 0 || fsync(d->fd) < 0)
                return pic__fail_errno(err, errno, "%s/%s", d->path, to);
        let_go(d);
        return 0;
}

/* As this file system has the time: a server's, if it is one's. */
static int64_t now_there(const struct folder *d, const char *own)
{
        int fd = openat(d->fd, own, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        struct stat st = { .st_mtime = 0 };

        if (fd < 0)
                return 0;
        if (write(fd, "", 1) == 1 && fsync(fd) == 0 && fstat(fd, &st) < 0)
                st.st_mtime = 0;
        (void)close(fd);
        (void)unlinkat(d->fd, own, 0);
        return st.st_mtime;
}

static int left(pic__far *f, const char *name, const char *own)
{
        const struct folder *d = (const struct folder *)f;
        int r = pic__held_left(d->fd, name);
        struct stat st;

        if (r >= 0)
                return r;
        return fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && now_there(d, own) - st.st_mtime > PIC__FAR_DEAD_S;
}

static int drop(pic__far *f, const char *name, pic_error **err)
{
        const struct folder *d = (const struct folder *)f;

        if (unlinkat(d->fd, name, 0) < 0 && errno != ENOENT)
                return pic__fail_errno(err, errno, "%s/%s", d->path, name);
        return 0;
}

static void end(pic__far *f)
{
        struct folder *d = (struct folder *)f;

        let_go(d);
        if (d->fd >= 0)
                (void)close(d->fd);
        pic__free(d);
}

int pic__far_file(const pic__far_spec *spec, pic__far **ret, pic_error **err)
{
        static const pic__far_ops ops = { list, put, get, move, drop, left, NULL, NULL, end };
        struct folder *d = pic__alloc(sizeof(*d));
        int r;

        if (d == NULL)
                return pic__nomem(err);
        d->far.ops = &ops;
        d->ended = spec->ended;
        d->held = -1;
        snprintf(d->path, sizeof(d->path), "%s", spec->place.path);
        (void)mkdir(d->path, 0700);
        d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (d->fd >= 0) {
                *ret = &d->far;
                return 0;
        }
        r = pic__fail_errno(err, errno, "%s", d->path);
        if (r == PIC_NOTFOUND)
                pic__hint(err, "The folder that it is in has to be there: is the disk mounted?");
        pic__free(d);
        return r;
}
