/* Owns: reading a stranger's directory. No link is followed, not even the path that was given; nothing is opened that
 * is no regular file; all of it is counted. */
#include "household/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

enum { READ = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY };

static void close_p(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
}
#define auto_fd PIC__AUTO(close_p)

static int refuse_kind(const char *path, pic_error **err)
{
        int r = pic__fail(err, PIC_VALUE, "%s: is neither a directory nor a regular file", path);

        pic__hint(err, "A link is not followed: say the path that it leads to.");
        return r;
}

/* The directory that a file stands in. */
static int open_parent(pic__folder *f, const char *path, pic_error **err)
{
        const char *slash = strrchr(path, '/');
        size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);

        f->path = len > 0 ? pic__household_dup(f->h, path, len) : ".";
        f->only = slash != NULL ? pic__household_dup(f->h, slash + 1, strlen(slash + 1))
                                : pic__household_dup(f->h, path, strlen(path));
        if (f->path == NULL || f->only == NULL)
                return pic__nomem(err);
        f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
        return f->fd < 0 ? pic__fail_errno(err, errno, "%s", f->path) : 0;
}

int pic__folder_open(pic__folder *f, pic__household *h, const char *path, pic_error **err)
{
        auto_fd int fd = open(path, READ);
        struct stat st;

        *f = (pic__folder){ .h = h, .fd = -1 };
        if (fd < 0 && errno != ELOOP)
                return pic__fail_errno(err, errno, "%s", path);
        if (fd < 0 || fstat(fd, &st) < 0 || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
                return refuse_kind(path, err);
        if (S_ISREG(st.st_mode))
                return open_parent(f, path, err);
        f->path = pic__household_dup(h, path, strlen(path));
        if (f->path == NULL)
                return pic__nomem(err);
        f->fd = fd;
        fd = -1;
        return 0;
}

void pic__folder_close(pic__folder *f)
{
        close_p(&f->fd);
}

/* Each part of the name is opened by itself, so that no part is a link. */
static int open_below(const pic__folder *f, const char *name)
{
        auto_fd int dir = -1;
        char part[PIC__FOLDER_NAME + 1];
        const char *slash;

        while ((slash = strchr(name, '/')) != NULL) {
                size_t len = (size_t)(slash - name);
                int next;

                if (len == 0 || len >= sizeof(part))
                        return -1;
                memcpy(part, name, len);
                part[len] = '\0';
                next = openat(dir >= 0 ? dir : f->fd, part, READ | O_DIRECTORY);
                if (next < 0)
                        return -1;
                close_p(&dir);
                dir = next;
                name = slash + 1;
        }
        return openat(dir >= 0 ? dir : f->fd, name, READ);
}

int pic__folder_has(const pic__folder *f, const char *name)
{
        auto_fd int fd = open_below(f, name);
        struct stat st;

        return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static const char *full_name(pic__folder *f, const char *name)
{
        const char *sep = f->path[strlen(f->path) - 1] == '/' ? "" : "/";
        char *all = pic__arena_printf(&f->h->arena, "%s%s%s", strcmp(f->path, ".") == 0 ? "" : f->path,
                                      strcmp(f->path, ".") == 0 ? "" : sep, name);

        f->h->failed |= all == NULL;
        return all;
}

static int holds_keys(const char *file, const pic__buf *text)
{
        static const char word[] = "rivateKey"; /* of either product */

        return strstr(file, ".db") != NULL || memmem(pic__buf_str(text), text->len, word, sizeof(word) - 1) != NULL;
}

static void tell_mode(pic__folder *f, const char *file, mode_t mode, const pic__buf *text)
{
        if ((mode & S_IROTH) != 0 && holds_keys(file, text))
                pic__household_tell(f->h, PIC__TALE_UNSAFE, (pic__spot){ file, 0 }, NULL, "mode",
                                    "take its keys for known: pic peer rekey NAME; and remove the file",
                                    "every user of that machine could read this file (mode %04o)",
                                    (unsigned)mode & 07777);
}

static int read_fd(int fd, size_t size, pic__buf *out)
{
        char *to = pic__buf_room(out, size + 1); /* at once: growing leaves copies behind */
        size_t got = 0;
        ssize_t n = 1;

        while (to != NULL && got <= size && n > 0) {
                n = read(fd, to + got, size + 1 - got);
                if (n < 0 && errno == EINTR)
                        n = 1;
                else if (n < 0)
                        return -1;
                else
                        got += (size_t)n;
        }
        pic__buf_added(out, got <= size ? got : size);
        return 0;
}

/* 1: what it is; 0: it is not for us. */
static int look(pic__folder *f, int fd, const char *file, int errnum, struct stat *st)
{
        if (fd < 0 && errnum != ENOENT && errnum != ENOTDIR)
                pic__household_tell(f->h, PIC__TALE_LOST, (pic__spot){ file, 0 }, NULL, NULL,
                                    errnum == ELOOP ? "links are not followed: copy what it leads to" : NULL,
                                    "cannot be read: %s", errnum == ELOOP ? "it is a link" : pic__errno_text(errnum));
        if (fd < 0)
                return 0;
        if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
                return 1;
        pic__household_tell(f->h, PIC__TALE_LOST, (pic__spot){ file, 0 }, NULL, NULL, NULL,
                            "is no regular file: not read");
        return 0;
}

int pic__folder_read(pic__folder *f, const char *name, size_t max, pic__buf *out, const char **ret_file,
                     pic_error **err)
{
        const char *file = full_name(f, name);
        auto_fd int fd = open_below(f, name);
        int errnum = errno;
        struct stat st;

        if (file == NULL)
                return pic__nomem(err);
        *ret_file = file;
        if (!look(f, fd, file, errnum, &st))
                return 0;
        if ((size_t)st.st_size > max || (size_t)st.st_size > PIC__FOLDER_BYTES - f->bytes)
                return pic__fail(err, PIC_VALUE, "%s: %lld bytes are too many for what it should be", file,
                                 (long long)st.st_size);
        f->bytes += (size_t)st.st_size;
        if (read_fd(fd, (size_t)st.st_size, out) < 0)
                return pic__fail_errno(err, errno, "%s", file);
        if (out->failed)
                return pic__nomem(err);
        tell_mode(f, file, st.st_mode, out);
        return 1;
}

/* --- what there is -------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_name(pic__folder *f, pic__names *list, const char *dir, const char *name)
{
        char *both = dir != NULL ? pic__arena_printf(&f->h->arena, "%s/%s", dir, name)
                                 : pic__arena_printf(&f->h->arena, "%s", name);

        return both == NULL || pic__vec_push(list, both) < 0 ? -1 : 0;
}

/* Of one directory: names of files to `list`, of directories to `dirs` (NULL: not wanted). Takes fd. */
static int list_one(pic__folder *f, int fd, const char *dir, pic__names *list, pic__names *dirs)
{
        DIR *d = fdopendir(fd);
        const struct dirent *e;
        struct stat st;
        int r = 0;

        if (d == NULL) {
                (void)close(fd);
                return 0;
        }
        while (r == 0 && (e = readdir(d)) != NULL && list->count < PIC__FOLDER_FILES) {
                if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (S_ISDIR(st.st_mode) && dirs != NULL && dirs->count < PIC__FOLDER_FILES)
                        r = add_name(f, dirs, NULL, e->d_name);
                else if (!S_ISDIR(st.st_mode))
                        r = add_name(f, list, dir, e->d_name);
        }
        (void)closedir(d);
        return r;
}

int pic__folder_names(pic__folder *f, pic__names *ret)
{
        pic__names dirs = PIC__VEC_INIT;
        int fd = openat(f->fd, ".", READ | O_DIRECTORY), r;
        size_t i;

        r = fd < 0 ? 0 : list_one(f, fd, NULL, ret, &dirs);
        for (i = 0; r == 0 && i < dirs.count; i++) {
                fd = openat(f->fd, dirs.at[i], READ | O_DIRECTORY);
                if (fd >= 0)
                        r = list_one(f, fd, dirs.at[i], ret, NULL);
        }
        pic__vec_free(&dirs);
        if (ret->count > 0)
                qsort(ret->at, ret->count, sizeof(ret->at[0]), by_name);
        if (ret->count >= PIC__FOLDER_FILES)
                pic__household_tell(f->h, PIC__TALE_LOST, (pic__spot){ f->path, 0 }, NULL, NULL, NULL,
                                    "there are more than %d files: the rest was not looked at", PIC__FOLDER_FILES);
        return r;
}

/* --- a copy of a database ------------------------------------------------------------------------------------- */

static int copy_one(pic__folder *f, const char *name, size_t max, const char *to, const char **ret_file,
                    pic_error **err)
{
        pic__auto_wipe pic__buf bytes = PIC__BUF_SECRET;
        int r = pic__folder_read(f, name, max, &bytes, ret_file, err);

        if (r <= 0)
                return r;
        r = pic__file_write(to, bytes.data, bytes.len, 0600, err);
        return r < 0 ? r : 1;
}

static int make_place(const pic__folder *f, char path[64], pic_error **err)
{
        const char *where = f->h->place != NULL ? f->h->place : "/tmp";

        snprintf(path, 64, "%.40s/pic-import-XXXXXX", where);
        if (mkdtemp(path) != NULL)
                return 0;
        path[0] = '\0';
        return pic__fail_errno(err, errno, "cannot make a directory for a copy in %s", where);
}

int pic__folder_copy(pic__folder *f, const char *name, size_t max, char ret_path[64], const char **ret_file,
                     pic_error **err)
{
        char to[96], log[PIC__FOLDER_NAME + 8];
        const char *unused;
        int r = make_place(f, ret_path, err);

        if (r < 0)
                return r;
        snprintf(to, sizeof(to), "%s/db", ret_path);
        r = copy_one(f, name, max, to, ret_file, err);
        if (r == 0)
                r = pic__fail(err, PIC_NOTFOUND, "%s: cannot be read", name);
        snprintf(log, sizeof(log), "%.200s-journal", name);
        if (r > 0 && pic__folder_has(f, log)) {
                r = pic__fail(err, PIC_BUSY, "%s: a change of it was not ended", *ret_file);
                pic__hint(err, "Stop the program that it belongs to, or have it start and stop once more.");
        }
        snprintf(log, sizeof(log), "%.200s-wal", name);
        snprintf(to, sizeof(to), "%s/db-wal", ret_path);
        if (r > 0 && pic__folder_has(f, log))
                r = copy_one(f, log, max, to, &unused, err);
        if (r < 0)
                pic__folder_uncopy(ret_path);
        return r < 0 ? r : 0;
}

void pic__folder_uncopy(const char path[64])
{
        static const char *const names[] = { "db", "db-wal", "db-shm", "db-journal" };
        char file[96];
        size_t i;

        for (i = 0; i < PIC__COUNT(names); i++) {
                snprintf(file, sizeof(file), "%s/%s", path, names[i]);
                (void)unlink(file);
        }
        (void)rmdir(path);
}
