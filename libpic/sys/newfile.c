/* Owns: files that are written piece by piece and appear whole. */
#include "sys/newfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/crypto.h"
#include "sys/held.h"

/* Of a file that has a name before it is whole: twelve digits behind it, and it is held (held.h). */
#define TEMP ".pic-new."

enum { DIGITS = 12 };

static char *dir_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        if (slash == NULL)
                return pic__strdup(".");
        return pic__strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A name beside it that nobody else makes. */
static char *temp_of(const char *path)
{
        const char *slash = strrchr(path, '/');
        pic__buf name = PIC__BUF_INIT;
        uint8_t random[DIGITS / 2];
        char hex[DIGITS + 1];

        pic__random(random, sizeof(random));
        pic__hex(random, sizeof(random), hex);
        if (slash != NULL)
                pic__buf_put(&name, path, (size_t)(slash - path) + 1);
        pic__buf_putf(&name, TEMP "%s", hex);
        return pic__buf_steal(&name);
}

/* What the killed left: named so by us, and held by nobody. */
static void clean(const char *dir)
{
        size_t begin = strlen(TEMP);
        const struct dirent *e;
        DIR *d = opendir(dir);

        while (d != NULL && (e = readdir(d)) != NULL)
                if (strncmp(e->d_name, TEMP, begin) == 0 && strlen(e->d_name) == begin + DIGITS &&
                    strspn(e->d_name + begin, "0123456789abcdef") == DIGITS)
                        (void)pic__held_drop(dirfd(d), e->d_name);
        if (d != NULL)
                (void)closedir(d);
}

static int open_named(pic__newfile *f, mode_t mode)
{
        f->temp = temp_of(f->path);
        if (f->temp == NULL)
                return ENOMEM;
        f->fd = pic__held_make(AT_FDCWD, f->temp, O_WRONLY, mode);
        if (f->fd >= 0)
                return 0;
        pic__free(f->temp);
        f->temp = NULL;
        return errno;
}

int pic__newfile_begin(pic__newfile *f, const char *path, mode_t mode, pic_error **err)
{
        pic__auto_free char *dir = dir_of(path);
        struct stat st;
        int why = 0;

        f->path = pic__strdup(path);
        if (dir == NULL || f->path == NULL)
                return pic__nomem(err);
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* a new file in place of /dev/null would be no help */
                return pic__fail(err, PIC_CONFLICT, "%s: cannot be written: it is there, and is no file", path);
        clean(dir);
        f->fd = open(dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
        if (f->fd < 0)
                why = open_named(f, mode);
        else
                (void)pic__held_take(f->fd); /* for the moment between its two names */
        if (why == 0 && fchmod(f->fd, mode) < 0)
                why = errno;
        if (why == 0)
                return 0;
        pic__newfile_abort(f);
        return pic__fail_errno(err, why, "%s: cannot be written", path);
}

static int link_as(const pic__newfile *f, const char *name)
{
        char self[64];

        snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
        return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

/* Its name, in one step where nothing has it; else by way of one beside it. */
static int name_it(pic__newfile *f)
{
        int why = 0;

        if (f->temp == NULL) {
                why = link_as(f, f->path);
                if (why != EEXIST)
                        return why;
                f->temp = temp_of(f->path);
                why = f->temp != NULL ? link_as(f, f->temp) : ENOMEM;
        }
        if (why == 0 && rename(f->temp, f->path) < 0)
                return errno;
        pic__free(f->temp);
        f->temp = NULL;
        return why;
}

static int sync_dir(const char *path)
{
        pic__auto_free char *dir = dir_of(path);
        int fd = dir != NULL ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, r;

        if (fd < 0)
                return errno;
        r = fsync(fd) < 0 ? errno : 0;
        (void)close(fd);
        return r;
}

int pic__newfile_commit(pic__newfile *f, pic_error **err)
{
        int why = fsync(f->fd) < 0 ? errno : name_it(f);

        if (why == 0)
                why = sync_dir(f->path);
        if (why == 0)
                return 0;
        return pic__fail_errno(err, why, "%s: cannot be written", f->path);
}

void pic__newfile_abort(pic__newfile *f)
{
        if (f->temp != NULL)
                (void)unlink(f->temp);
        if (f->fd >= 0)
                (void)close(f->fd);
        pic__free(f->temp);
        pic__free(f->path);
        *f = (pic__newfile)PIC__NEWFILE_INIT;
}
