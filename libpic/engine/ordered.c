/* Owns: the order of an exchange, from its making to its end. */
#include "engine/ordered.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/exchange.h"
#include "engine/keyfile.h"
#include "engine/stage.h"
#include "sys/file.h"

enum { NAME_ROOM = 64, NAP_MS = 100, DEPTH_MAX = 8, FORMER_MAX = 1024 };

/* The name of what waits; it is ours, and leads nowhere else. */
static int read_order(const char *dir, char name[NAME_ROOM])
{
        pic__auto_free char *link = pic__path_join(dir, PIC__ORDERED);
        ssize_t n = link != NULL ? readlink(link, name, NAME_ROOM) : -1;

        if (n <= 0 || n == NAME_ROOM)
                return -1;
        name[n] = '\0';
        return strncmp(name, PIC__ORDERED_STAGE, sizeof(PIC__ORDERED_STAGE) - 1) == 0 && strchr(name, '/') == NULL ? 0
                                                                                                                   : -1;
}

int pic__ordered_there(const char *dir)
{
        pic__auto_free char *link = pic__path_join(dir, PIC__ORDERED);
        struct stat st;

        return link != NULL && lstat(link, &st) == 0;
}

static void sync_dir(const char *dir)
{
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd >= 0) {
                (void)fsync(fd);
                (void)close(fd);
        }
}

static int fail_waits(pic_error **err)
{
        return pic__fail(err, PIC_BUSY, "another restore waits for the agent's next start");
}

int pic__ordered_put(const char *dir, pic__scratch *stage, pic_error **err)
{
        pic__auto_free char *link = pic__path_join(dir, PIC__ORDERED);
        const char *name = strrchr(stage->path, '/');

        if (link == NULL)
                return pic__nomem(err);
        sync_dir(stage->path);
        if (symlink(name != NULL ? name + 1 : stage->path, link) < 0) {
                if (errno != EEXIST)
                        return pic__fail_errno(err, errno, "%s: cannot be written", link);
                return fail_waits(err);
        }
        sync_dir(dir);
        pic__free(stage->path); /* it is no staging of ours any more */
        stage->path = NULL;
        return 0;
}

static int is_line(const char *text)
{
        for (; *text != '\0'; text++)
                if ((unsigned char)*text < ' ')
                        return 0;
        return 1;
}

static int write_former(const char *path, const pic__former_opts *o, const char *name, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (!is_line(name) || !is_line(o->actor) || !is_line(o->way))
                return pic__fail(err, PIC_INVALID, "a name has more than one line");
        pic__buf_putf(&text, "%s\n%s\n%s\n", name, o->actor, o->way);
        return text.failed ? pic__nomem(err) : pic__file_write(path, text.data, text.len, 0600, err);
}

int pic__ordered_put_former(const pic__former_opts *o, const char *name, pic_error **err)
{
        PIC__AUTO(pic__scratch_free) pic__scratch stage = PIC__SCRATCH_INIT;
        pic__auto_free char *begin = pic__path_join(o->dir, PIC__ORDERED_STAGE), *path = NULL;
        int r = begin == NULL ? pic__nomem(err) : 0;

        if (r == 0 && pic__ordered_there(o->dir)) /* before its place is taken for one of who was killed */
                r = fail_waits(err);
        if (r == 0)
                r = pic__scratch_make(begin, &stage, err);
        if (r < 0)
                return r;
        path = pic__path_join(stage.path, PIC__ORDERED_FORMER);
        r = path == NULL ? pic__nomem(err) : write_former(path, o, name, err);
        return r < 0 ? r : pic__ordered_put(o->dir, &stage, err);
}

void pic__ordered_drop(const char *dir)
{
        pic__auto_free char *link = pic__path_join(dir, PIC__ORDERED), *stage = NULL;
        char name[NAME_ROOM];

        if (read_order(dir, name) == 0)
                stage = pic__path_join(dir, name);
        if (stage != NULL)
                pic__stage_remove(stage);
        if (link != NULL)
                (void)unlink(link); /* last: who is killed before tries this again */
        sync_dir(dir);
}

/* --- doing it ----------------------------------------------------------------------------------------------------- */

static int note(const pic__ordered_opts *o, const char *why)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        char text[400];
        int r = pic__store_open(o->dir, NAP_MS, o->clock, &st, NULL);

        snprintf(text, sizeof(text), "the restore that was ordered did not come about: %.300s", why);
        if (r == 0)
                r = pic__store_get(st, PIC__CELL, NULL, &cell, NULL);
        if (r == 0)
                r = pic__txn_begin(st, "agent", "agent", &t, NULL);
        if (r == 0)
                r = pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), "restore", text, NULL);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, NULL);
}

/* Whoever ordered it has the cell open too, and lets go of it now. */
static int exchange(const pic__ordered_opts *o, pic__exchange *x, const char *path, char **ret_former, pic_error **err)
{
        const struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };
        pic_time end = o->clock->mono(o->clock->data) + (pic_time)o->patience_ms * (PIC__SECOND / 1000);

        for (;;) {
                pic__auto_err pic_error *bad = NULL;
                int r = pic__exchange_do(x, path, ret_former, &bad);

                if (r != PIC_BUSY || o->clock->mono(o->clock->data) >= end) {
                        if (r < 0)
                                pic__err_append(err, pic__take(bad));
                        return r;
                }
                (void)nanosleep(&nap, NULL);
        }
}

/* What is taken from a user who may less than we: a cell out of a backup, or one that was put aside, in which an agent
 * has left other things as well. */
enum whose { STAGED, FORMER };

static int take_below(int parent, const char *name, unsigned depth, enum whose whose);

static int take_one(int dir, const char *name, unsigned depth, enum whose whose)
{
        struct stat st;

        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -1;
        if (S_ISDIR(st.st_mode))
                return take_below(dir, name, depth + 1, whose);
        if (S_ISREG(st.st_mode))
                return st.st_nlink == 1 ? fchownat(dir, name, geteuid(), getegid(), AT_SYMLINK_NOFOLLOW) : -1;
        /* what nobody opens here */
        return whose == FORMER && strcmp(name, PIC__KEYFILE) != 0 &&
                               strncmp(name, PIC__STORE_FILE, sizeof(PIC__STORE_FILE) - 1) != 0
                       ? 0
                       : -1;
}

/* First the directory: then nobody else can put anything into it any more. */
static int take_all(DIR *d, unsigned depth, enum whose whose)
{
        struct dirent *e;
        struct stat st;

        if (fstat(dirfd(d), &st) < 0 || fchown(dirfd(d), geteuid(), getegid()) < 0 ||
            fchmod(dirfd(d), st.st_mode & 0755) < 0)
                return -1;
        while ((e = readdir(d)) != NULL) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                if (take_one(dirfd(d), e->d_name, depth, whose) < 0)
                        return -1;
        }
        return 0;
}

static int take_below(int parent, const char *name, unsigned depth, enum whose whose)
{
        int fd = depth <= DEPTH_MAX ? openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1, r;
        DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

        if (d == NULL) {
                if (fd >= 0)
                        (void)close(fd);
                return -1;
        }
        r = take_all(d, depth, whose);
        (void)closedir(d);
        return r;
}

/* It was written by a user who may less than we: before anything in it is opened it is ours, and there are files and
 * directories in it alone. Opened by the store a link named "cell.db-wal" would have another file of the machine
 * written to. It gets its owner at the exchange. */
static int take_it(const char *path, enum whose whose, pic_error **err)
{
        return take_below(AT_FDCWD, path, 0, whose) == 0
                       ? 0
                       : pic__fail(err, PIC_CORRUPT, "what was ordered has more in it than files and directories");
}

/* It goes beside the directory, as any staging lies, and is asked everything once more: it lay there. From there the
 * way is that of each restore. */
static int place(const pic__ordered_opts *o, pic__exchange *x, const char *from, const char *begin, char **ret_former,
                 pic_error **err)
{
        PIC__AUTO(pic__scratch_free) pic__scratch stage = PIC__SCRATCH_INIT;
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__scratch_take(from, begin, &stage, err);

        if (r == 0)
                r = take_it(stage.path, STAGED, err);
        if (r == 0)
                r = pic__stage_check(stage.path, NULL, o->clock, &st, &cell, err);
        st = pic__store_unref(st); /* it is shut before it moves */
        if (r == 0)
                r = exchange(o, x, stage.path, ret_former, err);
        if (r == 0) { /* it is no staging any more */
                pic__free(stage.path);
                stage.path = NULL;
        }
        return r;
}

/* 1: it says which one comes back; 0: there is a cell instead; -1: it is something else. A link is not followed. */
static int read_former(const char *path, pic__buf *out)
{
        char text[FORMER_MAX];
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

        if (fd < 0)
                return errno == ENOENT ? 0 : -1;
        (void)close(fd);
        if (n <= 0 || n == FORMER_MAX || memchr(text, '\0', (size_t)n) != NULL)
                return -1;
        pic__buf_put(out, text, (size_t)n);
        return out->failed ? -1 : 1;
}

/* The next of the lines that are left; NULL: there is none. */
static const char *next_line(char **left)
{
        char *line = *left, *end = strchr(line, '\n');

        if (end == NULL || end == line)
                return NULL;
        *end = '\0';
        *left = end + 1;
        return line;
}

/* Where it lies it is asked everything, and changes places with the one that is here. */
static int bring_back(const pic__ordered_opts *o, pic__exchange *x, char *lines, char **ret_former, pic_error **err)
{
        const char *name = next_line(&lines), *actor = name != NULL ? next_line(&lines) : NULL;
        const char *way = actor != NULL ? next_line(&lines) : NULL;
        const pic__former_opts f = { .clock = o->clock, .actor = actor, .way = way };
        pic__auto_free char *path = NULL;
        int r = way == NULL ? pic__fail(err, PIC_CORRUPT, "the order cannot be read")
                            : pic__former_find(x->dir, name, &path, err);

        if (r == 0)
                r = take_it(path, FORMER, err);
        if (r < 0)
                return r;
        r = pic__former_check(&f, path, err);
        if (r == 0)
                r = exchange(o, x, path, ret_former, err);
        if (r < 0)
                (void)pic__exchange_own(x, path, NULL); /* it was only looked at */
        return r;
}

static int carry_out(const pic__ordered_opts *o, pic__exchange *x, char **ret_former, pic_error **err)
{
        pic__auto_free char *from = NULL, *former = NULL;
        pic__auto_buf pic__buf begin = PIC__BUF_INIT, lines = PIC__BUF_INIT;
        char name[NAME_ROOM];

        pic__buf_putf(&begin, "%s" PIC__STAGE, x->dir);
        if (begin.failed)
                return pic__nomem(err);
        pic__scratch_clean(pic__buf_str(&begin)); /* of who was killed between the two */
        if (read_order(x->dir, name) < 0)
                return pic__fail(err, PIC_CORRUPT, "the order cannot be read");
        from = pic__path_join(x->dir, name);
        former = from != NULL ? pic__path_join(from, PIC__ORDERED_FORMER) : NULL;
        if (former == NULL)
                return pic__nomem(err);
        switch (read_former(former, &lines)) {
        case 0: return place(o, x, from, pic__buf_str(&begin), ret_former, err);
        case 1: return bring_back(o, x, lines.data, ret_former, err);
        default: return pic__fail(err, PIC_CORRUPT, "the order cannot be read");
        }
}

int pic__ordered_do(const pic__ordered_opts *o, char **ret_former, pic_error **err)
{
        PIC__AUTO(pic__exchange_free) pic__exchange x = PIC__EXCHANGE_INIT;
        pic__auto_err pic_error *bad = NULL;
        int r;

        if (!pic__ordered_there(o->dir))
                return 0;
        r = pic__exchange_begin(&x, o->dir, o->run_dir, o->clock, err);
        if (r < 0)
                return r;
        r = carry_out(o, &x, ret_former, &bad);
        if (r == 0) {
                if (*ret_former != NULL)
                        pic__ordered_drop(*ret_former); /* it is done: not again, should that one come back */
                return 1;
        }
        pic__exchange_free(&x); /* it holds the former store shut */
        pic__ordered_drop(o->dir);
        (void)note(o, pic_error_message(bad));
        pic__err_append(err, pic__take(bad));
        return r;
}
