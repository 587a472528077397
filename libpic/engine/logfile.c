/* Owns: the log on disk: writing it, and keeping it and the children's within bounds. A log that cannot be written is
 * nobody's reason to stop: records still go to the front end's handler. */
#include "engine/logfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "sys/file.h"

#define MODE 0640
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

/* Copies all of `from` into the fresh file `name`. */
static int copy_to(int dir, int from, const char *name)
{
        int to = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE);
        ssize_t n = 1;

        if (to < 0)
                return -1;
        while (n > 0)
                n = sendfile(to, from, NULL, (size_t)1 << 20);
        close(to);
        return n < 0 ? -1 : 0;
}

static void rotate_child(const pic__logfile *l, const char *name)
{
        char first[NAME_MAX + 1];
        struct stat st;
        int fd = openat(l->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

        if (fd < 0)
                return;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > l->max) {
                shift(l->dir, name);
                version(first, sizeof(first), name, 1);
                if (copy_to(l->dir, fd, first) == 0)
                        (void)!ftruncate(fd, 0);
        }
        close(fd);
}

void pic__logfile_rotate_children(const pic__logfile *l)
{
        int again = openat(l->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = again >= 0 ? fdopendir(again) : NULL;
        const struct dirent *entry;

        if (d == NULL) {
                if (again >= 0)
                        close(again);
                return;
        }
        while ((entry = readdir(d)) != NULL) {
                size_t len = strlen(entry->d_name);

                if (len > 4 && len < NAME_MAX - 4 && strcmp(entry->d_name + len - 4, ".log") == 0 &&
                    strcmp(entry->d_name, PIC__LOGFILE_NAME) != 0)
                        rotate_child(l, entry->d_name);
        }
        (void)closedir(d);
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
