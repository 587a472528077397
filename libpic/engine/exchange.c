/* Owns: the one step in which a cell's directory and another one change places. */
#include "engine/exchange.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/keyfile.h"
#include "engine/lockfile.h"
#include "engine/paths.h"
#include "engine/scratch.h"
#include "sys/file.h"

enum { SHUT_MS = 1000, NAMES = 9 };

static int not_placed(const char *path, pic_error **err)
{
        return pic__fail_errno(err, errno, "%s: cannot be put in place", path);
}

void pic__exchange_free(pic__exchange *x)
{
        if (x->lock >= 0)
                (void)close(x->lock);
        pic__store_unref(x->former);
        pic__free(x->dir);
        *x = (pic__exchange)PIC__EXCHANGE_INIT;
}

/* --- before ------------------------------------------------------------------------------------------------------ */

static int is_empty(const char *dir)
{
        DIR *d = opendir(dir);
        struct dirent *e;
        int empty = 1;

        while (d != NULL && empty && (e = readdir(d)) != NULL)
                empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
        if (d != NULL)
                (void)closedir(d);
        return empty;
}

/* The key may be root's in a directory of another user's, who has no business with it. */
static void read_key_owner(pic__exchange *x)
{
        pic__auto_free char *path = pic__path_join(x->dir, PIC__KEYFILE);
        struct stat st;

        if (path != NULL && lstat(path, &st) == 0)
                x->key = st;
}

int pic__exchange_begin(pic__exchange *x, const char *dir, const char *run_dir, const pic__clock *clock,
                        pic_error **err)
{
        char *real = realpath(dir, NULL);
        size_t len;
        int r = 0;

        x->clock = clock;
        x->dir = pic__strdup(real != NULL ? real : dir);
        free(real);
        if (x->dir == NULL)
                return pic__nomem(err);
        for (len = strlen(x->dir); len > 1 && x->dir[len - 1] == '/'; len--)
                x->dir[len - 1] = '\0';
        x->there = stat(x->dir, &x->owner) == 0;
        x->key = x->owner;
        read_key_owner(x);
        if (x->there && !S_ISDIR(x->owner.st_mode))
                return pic__fail(err, PIC_CONFLICT, "%s is no directory", x->dir);
        if (x->there && is_empty(x->dir))
                x->there = 0;
        else if (x->there && pic__file_exists(run_dir))
                r = pic__lock_take(run_dir, PIC__AGENT_LOCK, 0, "the agent", &x->lock, err);
        if (r == PIC_BUSY)
                pic__hint(err, "stop it first: systemctl stop picd, or pic down");
        return r;
}

static int give(const pic__exchange *x, int dir, const char *name, int top)
{
        const struct stat *to = top && strcmp(name, PIC__KEYFILE) == 0 ? &x->key : &x->owner;

        return fchownat(dir, name, to->st_uid, to->st_gid, AT_SYMLINK_NOFOLLOW);
}

static int own_all(const pic__exchange *x, DIR *d, const char *path, int top, pic_error **err);

static int own_below(const pic__exchange *x, int parent, const char *name, const char *path, int top, pic_error **err)
{
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r;
        DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

        if (d == NULL) {
                r = pic__fail_errno(err, errno, "%s", path);
                if (fd >= 0)
                        (void)close(fd);
                return r;
        }
        r = own_all(x, d, path, top, err);
        if (r == 0 && top && fchmod(dirfd(d), x->owner.st_mode & 07777) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot have its mode", path);
        if (r == 0 && fsync(dirfd(d)) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be synced", path);
        (void)closedir(d);
        return r;
}

static int own_all(const pic__exchange *x, DIR *d, const char *path, int top, pic_error **err)
{
        struct dirent *e;
        int r = 0;

        while (r == 0 && (e = readdir(d)) != NULL) {
                pic__auto_free char *below = pic__path_join(path, e->d_name);

                if (strcmp(e->d_name, "..") == 0)
                        continue;
                if (below == NULL)
                        r = pic__nomem(err);
                else if (give(x, dirfd(d), e->d_name, top) < 0)
                        r = pic__fail_errno(err, errno, "%s: cannot be given to its owner", below);
                else if (e->d_type == DT_DIR && e->d_name[0] != '.')
                        r = own_below(x, dirfd(d), e->d_name, below, 0, err);
        }
        return r;
}

/* As the former cell's files were, so that its user finds them its own. No link is followed: who wrote them may be
 * another user than root. */
int pic__exchange_own(const pic__exchange *x, const char *path, pic_error **err)
{
        return geteuid() == 0 && x->owner.st_nlink > 0 ? own_below(x, AT_FDCWD, path, path, 1, err) : 0;
}

/* Nobody may have the former store open: pic-http, another `pic`. One that cannot be read is no reason to keep it. */
static int shut_former(pic__exchange *x, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        int r;

        pic__store_unref(x->former); /* of an attempt before */
        x->former = NULL;
        r = pic__store_open(x->dir, SHUT_MS, x->clock, &x->former, &bad);
        if (r == 0)
                r = pic__store_shut(x->former, &bad);
        if (r != PIC_BUSY)
                return 0;
        pic__fail(err, PIC_BUSY, "another program has the cell in %s open", x->dir);
        pic__hint(err, "stop what uses it first: systemctl stop picd pic-http");
        return PIC_BUSY;
}

/* --- the step ---------------------------------------------------------------------------------------------------- */

static void sync_parent(const char *dir)
{
        const char *slash = strrchr(dir, '/');
        pic__auto_free char *parent =
                slash != NULL ? pic__strndup(dir, slash == dir ? 1 : (size_t)(slash - dir)) : pic__strdup(".");
        int fd = parent != NULL ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

        if (fd >= 0) {
                (void)fsync(fd);
                (void)close(fd);
        }
}

/* What was there gets a name that tells when it was put aside; *name is where it is. That this fails changes nothing:
 * it is there, whatever its name. */
static void put_aside(const pic__exchange *x, char **name)
{
        char time[PIC__TIME_TEXT], *c;
        int i, placed = 0;

        (void)pic__time_print(x->clock->now(x->clock->data) / PIC__SECOND * PIC__SECOND, time);
        for (c = time; *c != '\0'; c++)
                *c = *c == ':' ? '-' : *c;
        for (i = 1; i <= NAMES && !placed; i++) {
                pic__buf path = PIC__BUF_INIT;
                char *other;

                pic__buf_putf(&path, "%s" PIC__BEFORE "%s", x->dir, time);
                if (i > 1)
                        pic__buf_putf(&path, "-%d", i);
                other = pic__buf_steal(&path);
                placed = other != NULL && renameat2(AT_FDCWD, *name, AT_FDCWD, other, RENAME_NOREPLACE) == 0;
                pic__free(placed ? *name : other);
                if (placed)
                        *name = other;
        }
}

static int swap(const pic__exchange *x, char **name, pic_error **err)
{
        int r;

        pic__scratch_unmark(x->dir);
        if (renameat2(AT_FDCWD, *name, AT_FDCWD, x->dir, RENAME_EXCHANGE) < 0) {
                r = not_placed(x->dir, err);
                pic__hint(err, "the directory may not be a mount point: restore into one below it (--dir)");
                return r;
        }
        put_aside(x, name);
        return 0;
}

int pic__exchange_do(pic__exchange *x, const char *path, char **ret_former, pic_error **err)
{
        pic__auto_free char *name = pic__strdup(path);
        int r = name == NULL ? pic__nomem(err) : 0;

        if (r == 0)
                r = pic__exchange_own(x, path, err);
        if (r == 0 && x->there)
                r = shut_former(x, err);
        if (r == 0 && x->there)
                r = swap(x, &name, err);
        else if (r == 0 && rename(path, x->dir) < 0) /* an empty directory is replaced as well */
                r = not_placed(x->dir, err);
        if (r < 0)
                return r;
        pic__scratch_unmark(x->dir); /* after the step, so that only what is no cell of anybody is marked */
        sync_parent(x->dir);
        *ret_former = x->there ? pic__take(name) : NULL;
        return 0;
}
