/* Owns: files and links that change in one step. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/update.h"

int up_read(const char *path, size_t most, char **ret)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct stat st;
        size_t at = 0;
        ssize_t n;

        *ret = NULL;
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > most ||
            (*ret = malloc((size_t)st.st_size + 1)) == NULL) {
                if (fd >= 0)
                        close(fd);
                return -1;
        }
        while (at < (size_t)st.st_size && (n = read(fd, *ret + at, (size_t)st.st_size - at)) > 0)
                at += (size_t)n;
        (*ret)[at] = '\0';
        close(fd);
        return 0;
}

int up_sync(const char *dir)
{
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

        if (fd < 0)
                return up_fail("%s: %s", dir, strerror(errno));
        r = fsync(fd);
        close(fd);
        return r < 0 ? up_fail("%s: %s", dir, strerror(errno)) : 0;
}

static int sync_parent(const char *path)
{
        char dir[UP_PATH];
        char *slash;

        if (up_path(dir, path, NULL) < 0 || (slash = strrchr(dir, '/')) == NULL)
                return -1;
        *slash = '\0';
        return up_sync(dir[0] != '\0' ? dir : "/");
}

int up_write(const char *path, const char *text, unsigned mode)
{
        size_t len = strlen(text);
        char temp[UP_PATH];
        int fd, r;

        if (up_path(temp, path, ".new", NULL) < 0)
                return -1;
        fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
        if (fd < 0)
                return up_fail("%s: %s", temp, strerror(errno));
        r = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0 ? 0 : -1;
        if (close(fd) < 0 || r < 0 || rename(temp, path) < 0) {
                up_fail("%s: %s", path, strerror(errno));
                unlink(temp);
                return -1;
        }
        return sync_parent(path);
}

int up_link_over(const char *target, const char *path)
{
        char temp[UP_PATH];

        if (up_path(temp, path, ".new", NULL) < 0)
                return -1;
        if (unlink(temp) < 0 && errno != ENOENT)
                return up_fail("%s: %s", temp, strerror(errno));
        if (symlink(target, temp) < 0 || rename(temp, path) < 0) {
                up_fail("%s: %s", path, strerror(errno));
                unlink(temp);
                return -1;
        }
        return 0;
}

int up_parents(const char *root, const char *below)
{
        char path[UP_PATH];
        char *at;

        if (up_path(path, root, "/", below, NULL) < 0)
                return -1;
        for (at = strchr(path + strlen(root) + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
                *at = '\0';
                if (mkdir(path, 0755) < 0 && errno != EEXIST)
                        return up_fail("%s: %s", path, strerror(errno));
                *at = '/';
        }
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *where)
{
        (void)st;
        (void)what;
        (void)where;
        return remove(path);
}

int up_wipe(const char *path)
{
        if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
                return up_fail("%s cannot be removed: %s", path, strerror(errno));
        return 0;
}
