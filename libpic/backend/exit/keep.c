/* Owns: <keep_dir>/<slot>-<name>. The files that are remembered lie in a directory that the exit's programs may write
 * to, so they are reached by descriptors and never through a link, and are believed to be nothing but bytes for the
 * same program. */
#include "backend/exit/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/exit/needs.h"
#include "model/exit.h"
#include "sys/file.h"

#define MAX ((size_t)256 << 10)

static char *kept_path(const pic__carrier_env *env, const char *name)
{
        char file[80];

        if (snprintf(file, sizeof(file), "%u-%s", env->slot, name) >= (int)sizeof(file))
                return NULL;
        return pic__path_join(env->keep_dir, file);
}

static int open_own(const pic__carrier_env *env)
{
        pic__auto_free char *path = pic__path_join(env->dir, PIC__EXIT_OWN);

        return path != NULL ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
}

/* A plain file of the carrier's; 0, or -1. */
static int read_own(const pic__carrier_env *env, const char *file, pic__buf *out)
{
        int own = open_own(env), fd = -1, r = -1;
        struct stat st;
        char *room;
        ssize_t n;

        if (own >= 0)
                fd = openat(own, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == env->user && st.st_size > 0 &&
            st.st_size <= (off_t)MAX) {
                room = pic__buf_room(out, (size_t)st.st_size);
                n = room != NULL ? pread(fd, room, (size_t)st.st_size, 0) : -1;
                r = n == (ssize_t)st.st_size ? 0 : -1;
                if (r == 0)
                        pic__buf_added(out, (size_t)n);
        }
        if (fd >= 0)
                close(fd);
        if (own >= 0)
                close(own);
        return r;
}

void pic__exit_keep(const pic__carrier_env *env, const char *name, const char *file)
{
        pic__auto_buf pic__buf now = PIC__BUF_INIT, before = PIC__BUF_INIT;
        pic__auto_free char *path = NULL;

        if (env->keep_dir == NULL || read_own(env, file, &now) < 0)
                return;
        path = kept_path(env, name);
        if (path == NULL || (pic__file_read(path, MAX, &before, NULL) == 0 && before.len == now.len &&
                             memcmp(before.data, now.data, now.len) == 0))
                return;
        if (pic__dir_make(env->keep_dir, 0700, NULL) == 0)
                (void)pic__file_write(path, now.data, now.len, 0600, NULL); /* it is tried again */
}

static int put(int own, uid_t user, const char *dir, const char *file, const pic__buf *text, pic_error **err)
{
        int at = openat(own, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd = -1, r = -1;

        if (at >= 0 && fchown(at, user, (gid_t)user) == 0)
                fd = openat(at, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 && fchown(fd, user, (gid_t)user) == 0)
                r = write(fd, text->data, text->len) == (ssize_t)text->len ? 0 : -1;
        if (r < 0)
                r = pic__fail_errno(err, errno, "%s/%s", dir, file);
        if (fd >= 0)
                close(fd);
        if (at >= 0)
                close(at);
        return r;
}

int pic__exit_kept(const pic__carrier_env *env, const char *name, const char *dir, const char *file, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_free char *path = env->keep_dir != NULL ? kept_path(env, name) : NULL;
        int own, r = 0;

        if (path == NULL || pic__file_read(path, MAX, &text, NULL) < 0)
                return 0;
        own = open_own(env);
        if (own < 0)
                return pic__fail_errno(err, errno, "%s/" PIC__EXIT_OWN, env->dir);
        if (mkdirat(own, dir, 0700) == 0)
                r = put(own, env->user, dir, file, &text, err);
        else if (errno != EEXIST)
                r = pic__fail_errno(err, errno, "%s", dir);
        close(own);
        return r;
}

/* "<prefix><slot>-…" */
static void forget_in(const char *path, const char *prefix, const uint8_t *slots)
{
        DIR *dir = path != NULL ? opendir(path) : NULL;
        struct dirent *entry;

        if (dir == NULL)
                return;
        while ((entry = readdir(dir)) != NULL) {
                const char *at = entry->d_name;
                char *end = NULL;
                unsigned long slot;

                if (strncmp(at, prefix, strlen(prefix)) != 0)
                        continue;
                at += strlen(prefix);
                slot = *at >= '1' && *at <= '9' ? strtoul(at, &end, 10) : 0;
                if (end != NULL && slot >= 1 && slot <= PIC__EXIT_SLOTS && *end == '-' && slots[slot] == 0)
                        (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
        closedir(dir);
}

void pic__exit_forget_others(const char *keep_dir, const char *log_dir, const uint8_t *slots)
{
        forget_in(keep_dir, "", slots);
        forget_in(log_dir, "exit", slots);
        if (keep_dir != NULL)
                (void)rmdir(keep_dir); /* when it was the last one */
}
