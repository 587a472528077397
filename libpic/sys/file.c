/* Owns: reading and writing whole files. A written file is the old one or the new one, at any moment and after any
 * crash. */
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_p(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
}
#define auto_fd PIC__AUTO(close_p)

#define CHUNK ((size_t)65536)

static int read_fd(int fd, const char *path, size_t max, pic__buf *out, pic_error **err)
{
        size_t got = 0;

        for (;;) {
                char *to = pic__buf_room(out, CHUNK);
                ssize_t n;

                if (to == NULL)
                        return pic__nomem(err);
                n = read(fd, to, CHUNK);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return pic__fail_errno(err, errno, "%s", path);
                pic__buf_added(out, (size_t)n);
                if (n == 0)
                        return 0;
                got += (size_t)n;
                if (got > max)
                        return pic__fail(err, PIC_VALUE, "%s: longer than %zu bytes", path, max);
        }
}

int pic__file_read(const char *path, size_t max, pic__buf *out, pic_error **err)
{
        auto_fd int fd = -1;

        if (strcmp(path, "-") == 0)
                return read_fd(STDIN_FILENO, "standard input", max, out, err);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return pic__fail_errno(err, errno, "%s", path);
        return read_fd(fd, path, max, out, err);
}

static int write_fd(int fd, const char *data, size_t len)
{
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -1;
                data += n;
                len -= (size_t)n;
        }
        return 0;
}

/* The directory of a path, as a new text. */
static char *dir_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        if (slash == NULL)
                return pic__strdup(".");
        return pic__strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int sync_dir(const char *dir)
{
        auto_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd >= 0 ? fsync(fd) : -1;
}

/* Fills the temporary file and gives it its name. On failure the caller removes it. */
static int put_in_place(int fd, const char *temp, const char *path, const void *data, size_t len, mode_t mode)
{
        if (write_fd(fd, data, len) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0)
                return -1;
        return rename(temp, path);
}

int pic__file_write(const char *path, const void *data, size_t len, mode_t mode, pic_error **err)
{
        pic__auto_buf pic__buf name = PIC__BUF_INIT;
        pic__auto_free char *dir = dir_of(path);
        auto_fd int fd = -1;

        pic__buf_putf(&name, "%s.XXXXXX", path);
        if (dir == NULL || name.failed)
                return pic__nomem(err);
        fd = mkostemp(name.data, O_CLOEXEC);
        if (fd < 0)
                return pic__fail_errno(err, errno, "%s: cannot be written", path);
        if (put_in_place(fd, name.data, path, data, len, mode) < 0) {
                int why = errno, code;

                (void)unlink(name.data);
                code = pic__fail_errno(err, why, "%s: cannot be written", path);
                if (why == ENOSPC || why == EDQUOT)
                        pic__hint(err, "make room on the disk that holds %s", dir);
                return code;
        }
        if (sync_dir(dir) < 0)
                return pic__fail_errno(err, errno, "%s: cannot be synced", dir);
        return 0;
}

/* One directory; fine if it is there. The mode holds whatever the umask, but only for one that was made here. */
static int make_one(const char *path, mode_t mode)
{
        struct stat st;

        if (mkdir(path, mode) == 0)
                return chmod(path, mode);
        if (errno != EEXIST)
                return -1;
        if (stat(path, &st) < 0)
                return -1;
        if (!S_ISDIR(st.st_mode)) {
                errno = ENOTDIR;
                return -1;
        }
        return 0;
}

int pic__dir_make(const char *path, mode_t mode, pic_error **err)
{
        pic__auto_free char *copy = pic__strdup(path);
        char *at;

        if (copy == NULL)
                return pic__nomem(err);
        for (at = copy + 1; copy[0] != '\0' && (at = strchr(at, '/')) != NULL; at++) {
                *at = '\0';
                if (make_one(copy, 0755) < 0)
                        return pic__fail_errno(err, errno, "%s: cannot be made", copy);
                *at = '/';
        }
        if (make_one(path, mode) < 0)
                return pic__fail_errno(err, errno, "%s: cannot be made", path);
        return 0;
}

int pic__file_exists(const char *path)
{
        return access(path, F_OK) == 0;
}

char *pic__path_join(const char *a, const char *b)
{
        pic__buf path = PIC__BUF_INIT;

        pic__buf_putf(&path, "%s/%s", a, b);
        return pic__buf_steal(&path);
}
