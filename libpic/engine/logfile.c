/* Owns: the log on disk: writing it, and keeping it and the children's within bounds, each and all together. A log that
 * cannot be written is nobody's reason to stop: records still go to the front end's handler. */
#include "engine/logfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "base/vec.h"
#include "sys/file.h"

#define MODE 0640
#define COPY "rotating"
#define SHOWN_MAX 4096

struct pic__logfile {
        pic__log log;
        const pic__log *also;
        pic__loglevels levels;
        const pic__clock *clock;
        int dir;
        int fd;
        long long size;
        long long max;
        long long all; /* logs together */
};

static void version(char *to, size_t size, const char *name, int n)
{
        snprintf(to, size, "%s.%d", name, n);
}

/* name.4 → name.5, … name.1 → name.2: the place name.1 is free after. */
static void shift(int dir, const char *name)
{
        char from[NAME_MAX + 1], to[NAME_MAX + 1];
        int i;

        for (i = PIC__LOGFILE_KEEP - 1; i >= 1; i--) {
                version(from, sizeof(from), name, i);
                version(to, sizeof(to), name, i + 1);
                (void)renameat(dir, from, dir, to);
        }
}

static int open_file(pic__logfile *l)
{
        struct stat st;

        l->fd = openat(l->dir, PIC__LOGFILE_NAME, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, MODE);
        l->size = l->fd >= 0 && fstat(l->fd, &st) == 0 ? st.st_size : 0;
        return l->fd;
}

static void rotate(pic__logfile *l)
{
        char first[NAME_MAX + 1];

        close(l->fd);
        shift(l->dir, PIC__LOGFILE_NAME);
        version(first, sizeof(first), PIC__LOGFILE_NAME, 1);
        (void)renameat(l->dir, PIC__LOGFILE_NAME, l->dir, first);
        (void)open_file(l);
}

static void write_line(pic__logfile *l, int level, const char *area, const char *message)
{
        static const char *const names[] = { "ERROR", "WARNING", "INFO", "DEBUG" };
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        char when[PIC__TIME_TEXT];

        pic__buf_putf(&line, "%s %s %s ", pic__time_print(l->clock->now(l->clock->data), when), names[level & 3], area);
        pic__buf_put_shown(&line, message, SHOWN_MAX);
        pic__buf_putc(&line, '\n');
        if (line.failed || l->fd < 0)
                return;
        if (l->size + (long long)line.len > l->max && l->size > 0)
                rotate(l);
        if (l->fd >= 0 && write(l->fd, line.data, line.len) > 0)
                l->size += (long long)line.len;
}

static void record(int level, const char *area, const char *message, void *data)
{
        pic__logfile *l = data;

        if (level <= pic__loglevels_of(&l->levels, area, pic__logfile_base(l)))
                write_line(l, level, area, message);
        if (l->also != NULL && l->also->fn != NULL && level <= l->also->level)
                l->also->fn(level, area, message, l->also->data);
}

int pic__logfile_base(const pic__logfile *l)
{
        return l->also != NULL && l->also->level > PIC_LOG_INFO ? l->also->level : PIC_LOG_INFO;
}

void pic__logfile_levels(pic__logfile *l, const pic__loglevels *levels)
{
        int most = pic__loglevels_most(levels, pic__logfile_base(l));

        l->levels = *levels;
        l->log.level = l->also != NULL && l->also->level > most ? l->also->level : most;
}

int pic__logfile_open(const char *log_dir, const pic__clock *clock, const pic__log *also, long long max,
                      pic__logfile **ret, pic_error **err)
{
        PIC__AUTO(pic__logfile_unref_p) pic__logfile *l = pic__alloc(sizeof(*l));
        pic__loglevels levels;

        if (l == NULL)
                return pic__nomem(err);
        l->fd = -1;
        l->clock = clock;
        l->also = also;
        l->max = max;
        l->all = PIC__LOGFILE_ALL;
        l->log = (pic__log){ .fn = record, .data = l };
        pic__loglevels_load(log_dir, &levels);
        pic__logfile_levels(l, &levels);
        l->dir = open(log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (l->dir < 0 || open_file(l) < 0)
                return pic__fail_errno(err, errno, "cannot open %s/" PIC__LOGFILE_NAME, log_dir);
        *ret = pic__take(l);
        return 0;
}

const pic__log *pic__logfile_log(const pic__logfile *l)
{
        return &l->log;
}

/* Copies the last `most` bytes of `from` into the fresh file `name`. */
static int copy_to(int dir, int from, off_t size, off_t most, const char *name)
{
        int to = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE);
        off_t at = size > most ? size - most : 0;
        ssize_t n = 1;

        if (to < 0)
                return -1;
        while (n > 0)
                n = sendfile(to, from, &at, (size_t)1 << 20);
        close(to);
        return n < 0 ? -1 : 0;
}

/* The copy gets its name right before the file is cut: who reads on meanwhile finds each line once. On a full disk the
 * lines are given up: room is worth more. */
static void rotate_child(const pic__logfile *l, const char *name, long long max)
{
        char first[NAME_MAX + 1];
        struct stat st;
        int fd = openat(l->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

        if (fd < 0)
                return;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > max) {
                version(first, sizeof(first), name, 1);
                if (copy_to(l->dir, fd, st.st_size, max, COPY) == 0) {
                        shift(l->dir, name);
                        (void)renameat(l->dir, COPY, l->dir, first);
                }
                (void)unlinkat(l->dir, COPY, 0);
                (void)!ftruncate(fd, 0);
        }
        close(fd);
}

/* --- all together ------------------------------------------------------------------------------------------------ */

struct one {
        char name[NAME_MAX + 1];
        long long size;
        long long changed; /* nanoseconds */
        int kind;
};
enum { OTHER, CURRENT, OWN, OLD };

typedef PIC__VEC(struct one) one_list;

/* "unbound.log", "unbound.log.3"; what is not called so is none of ours. */
static int kind_of(const char *name)
{
        size_t len = strlen(name);

        if (strcmp(name, PIC__LOGFILE_NAME) == 0)
                return OWN;
        if (len > 4 && len < NAME_MAX - 4 && strcmp(name + len - 4, ".log") == 0)
                return CURRENT;
        return len > 6 && strncmp(name + len - 6, ".log.", 5) == 0 && name[len - 1] >= '1' && name[len - 1] <= '9'
                       ? OLD
                       : OTHER;
}

static int list_all(int dir, one_list *ret)
{
        int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = again >= 0 ? fdopendir(again) : NULL;
        const struct dirent *entry;
        struct stat st;

        if (d == NULL) {
                if (again >= 0)
                        close(again);
                return -1;
        }
        while ((entry = readdir(d)) != NULL) {
                struct one o = { .kind = kind_of(entry->d_name) };

                if (o.kind == OTHER || fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                    !S_ISREG(st.st_mode))
                        continue;
                snprintf(o.name, sizeof(o.name), "%s", entry->d_name);
                o.size = st.st_size;
                o.changed = (long long)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
                if (pic__vec_push(ret, o) < 0)
                        break;
        }
        (void)closedir(d);
        return 0;
}

static long long sum_of(const one_list *all)
{
        long long sum = 0;
        size_t i;

        for (i = 0; i < all->count; i++)
                sum += all->at[i].size;
        return sum;
}

static int is_older(const void *a, const void *b)
{
        const struct one *x = a, *y = b;

        return x->changed < y->changed ? -1 : x->changed > y->changed;
}

static void trim(int dir, long long most)
{
        one_list all = PIC__VEC_INIT;
        long long sum;
        size_t i;

        (void)list_all(dir, &all);
        sum = sum_of(&all);
        if (sum > most && all.at != NULL)
                qsort(all.at, all.count, sizeof(all.at[0]), is_older);
        for (i = 0; i < all.count && sum > most; i++)
                if (all.at[i].kind == OLD && unlinkat(dir, all.at[i].name, 0) == 0)
                        sum -= all.at[i].size;
        pic__vec_free(&all);
}

void pic__logfile_rotate_children(const pic__logfile *l)
{
        one_list all = PIC__VEC_INIT;
        long long max = l->max, share;
        size_t i, count = 1;

        (void)list_all(l->dir, &all);
        for (i = 0; i < all.count; i++)
                count += all.at[i].kind == CURRENT ? 1 : 0;
        share = l->all / 2 / (long long)count;
        max = share < max ? share : max;
        for (i = 0; i < all.count; i++)
                if (all.at[i].kind == CURRENT && all.at[i].size > max)
                        rotate_child(l, all.at[i].name, max);
        if (sum_of(&all) > l->all)
                trim(l->dir, l->all);
        pic__vec_free(&all);
}

long long pic__logfile_sum(const char *log_dir)
{
        int dir = open(log_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        one_list all = PIC__VEC_INIT;
        long long sum = 0;

        if (dir >= 0 && list_all(dir, &all) == 0)
                sum = sum_of(&all);
        pic__vec_free(&all);
        if (dir >= 0)
                close(dir);
        return sum;
}

void pic__logfile_bound(pic__logfile *l, long long all)
{
        l->all = all;
}

pic__logfile *pic__logfile_unref(pic__logfile *l)
{
        if (l == NULL)
                return NULL;
        if (l->fd >= 0)
                close(l->fd);
        if (l->dir >= 0)
                close(l->dir);
        pic__free(l);
        return NULL;
}
