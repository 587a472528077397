/* Owns: directories of who is at work, and of who was killed at it. */
#include "engine/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/stage.h"
#include "sys/file.h"

static int lock_mark(int fd)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        return fcntl(fd, F_OFD_SETLK, &whole);
}

/* One without a mark is somebody's (the former cell of who was killed just after a restore): it stays, unless it is
 * empty. */
static void clean_one(const char *path)
{
        pic__auto_free char *mark = pic__path_join(path, PIC__SCRATCH_MARK);
        int fd = -1;

        (void)rmdir(path);
        if (mark != NULL)
                fd = open(mark, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return;
        if (lock_mark(fd) == 0)
                pic__stage_remove(path);
        (void)close(fd);
}

/* In a directory of everybody's, only what is ours: others' could lead anywhere. */
static int is_ours(int parent, const char *name)
{
        struct stat dir, st;

        return fstat(parent, &dir) == 0 && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISDIR(st.st_mode) && (st.st_uid == geteuid() || (dir.st_mode & S_ISVTX) == 0);
}

void pic__scratch_clean(const char *begin)
{
        const char *slash = strrchr(begin, '/'), *name = slash != NULL ? slash + 1 : begin;
        pic__auto_free char *parent =
                slash != NULL ? pic__strndup(begin, (size_t)(slash - begin) + 1) : pic__strdup("./");
        DIR *d = parent != NULL ? opendir(parent) : NULL;
        struct dirent *e;

        while (d != NULL && (e = readdir(d)) != NULL) {
                pic__auto_free char *path = pic__path_join(parent, e->d_name);

                if (path != NULL && strncmp(e->d_name, name, strlen(name)) == 0 && is_ours(dirfd(d), e->d_name))
                        clean_one(path);
        }
        if (d != NULL)
                (void)closedir(d);
}

static int mark_it(pic__scratch *s, pic_error **err)
{
        pic__auto_free char *mark = pic__path_join(s->path, PIC__SCRATCH_MARK);

        if (mark == NULL)
                return pic__nomem(err);
        s->mark = open(mark, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (s->mark < 0 || lock_mark(s->mark) < 0)
                return pic__fail_errno(err, errno, "%s: cannot be made", s->path);
        return 0;
}

/* An empty directory of its own, without a mark yet. */
static int make_name(const char *begin, pic__scratch *s, pic_error **err)
{
        pic__buf path = PIC__BUF_INIT;

        pic__scratch_clean(begin);
        pic__buf_putf(&path, "%sXXXXXX", begin);
        s->path = pic__buf_steal(&path);
        if (s->path == NULL)
                return pic__nomem(err);
        if (mkdtemp(s->path) != NULL)
                return 0;
        (void)pic__fail_errno(err, errno, "%s: cannot be made", s->path);
        pic__free(s->path);
        s->path = NULL;
        return PIC_IO;
}

int pic__scratch_make(const char *begin, pic__scratch *ret, pic_error **err)
{
        PIC__AUTO(pic__scratch_free) pic__scratch s = PIC__SCRATCH_INIT;
        int r = make_name(begin, &s, err);

        if (r == 0)
                r = mark_it(&s, err);
        if (r == 0) {
                *ret = s;
                s = (pic__scratch)PIC__SCRATCH_INIT;
        }
        return r;
}

int pic__scratch_take(const char *from, const char *begin, pic__scratch *ret, pic_error **err)
{
        PIC__AUTO(pic__scratch_free) pic__scratch s = PIC__SCRATCH_INIT;
        pic__auto_free char *mark = pic__path_join(from, PIC__SCRATCH_MARK);
        int r;

        if (mark == NULL)
                return pic__nomem(err);
        s.mark = open(mark, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (s.mark < 0)
                return pic__fail_errno(err, errno, "%s", from);
        if (lock_mark(s.mark) < 0)
                return pic__fail(err, PIC_BUSY, "%s: somebody is at work on it", from);
        r = make_name(begin, &s, err);
        if (r == 0 && rename(from, s.path) < 0) /* in place of the empty one */
                r = pic__fail_errno(err, errno, "%s: cannot be moved", from);
        if (r == 0) {
                *ret = s;
                s = (pic__scratch)PIC__SCRATCH_INIT;
        }
        return r;
}

int pic__scratch_anywhere(pic__scratch *ret, pic_error **err)
{
        return pic__scratch_make(access("/dev/shm", W_OK) == 0 ? "/dev/shm/pic-scratch-" : "/tmp/pic-scratch-", ret,
                                 err);
}

void pic__scratch_free(pic__scratch *s)
{
        if (s->path != NULL)
                pic__stage_remove(s->path);
        if (s->mark >= 0)
                (void)close(s->mark);
        pic__free(s->path);
        *s = (pic__scratch)PIC__SCRATCH_INIT;
}

void pic__scratch_unmark(const char *dir)
{
        pic__auto_free char *mark = pic__path_join(dir, PIC__SCRATCH_MARK);

        if (mark != NULL)
                (void)unlink(mark);
}
