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

enum { PIECE = 256 << 10 };

struct folder {
        pic__far far;
        char path[512];
        int fd;
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

static int put(pic__far *f, const char *name, pic__far_source source, void *arg, pic_error **err)
{
        const struct folder *d = (const struct folder *)f;
        int fd = openat(d->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), r;

        if (fd < 0)
                return pic__fail_errno(err, errno, "%s: nothing can be made in it", d->path);
        r = fchmod(fd, 0600) < 0 && errno != EPERM ? pic__fail_errno(err, errno, "%s", d->path)
                                                   : copy_in(d, fd, source, arg, err);
        if (close(fd) < 0 && r == 0) /* NFS says it here */
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

static int move(pic__far *f, const char *from, const char *to, pic_error **err)
{
        const struct folder *d = (const struct folder *)f;

        if (renameat(d->fd, from, d->fd, to) < 0 || fsync(d->fd) < 0)
                return pic__fail_errno(err, errno, "%s/%s", d->path, to);
        return 0;
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

        if (d->fd >= 0)
                (void)close(d->fd);
        pic__free(d);
}

int pic__far_file(const pic__far_spec *spec, pic__far **ret, pic_error **err)
{
        static const pic__far_ops ops = { list, put, get, move, drop, NULL, NULL, end };
        struct folder *d = pic__alloc(sizeof(*d));
        int r;

        if (d == NULL)
                return pic__nomem(err);
        d->far.ops = &ops;
        d->ended = spec->ended;
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
