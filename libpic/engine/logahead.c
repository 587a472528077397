/* Owns: going on where a look ended. Of each log is remembered how much of NAME.log was read, and which file NAME.log.1
 * was then: where that one is now tells which files came after it, whether they were renamed (the agent's) or copied
 * and cut (a child's). */
#include "engine/logahead.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/logfile.h"

#define BUDGET ((size_t)4 << 20)
#define EACH_BUDGET ((size_t)1 << 20)
#define BLOCK ((size_t)256 << 10)

typedef struct new_line {
        pic_time time;
        size_t row; /* lines of one time stay as they came */
        size_t at, len;
} new_line;

typedef PIC__VEC(new_line) new_lines;

struct ahead {
        const pic__logs *l;
        const pic__logwant *w;
        int form;
        pic_time now;
        size_t budget;
        pic__log_taker *take; /* NULL: lines are collected */
        void *data;
        int more;
        int refused; /* the rest of this log comes another time */
        pic__buf block, folded, text;
        new_lines lines;
};

static void ahead_free(struct ahead *a)
{
        pic__buf_free(&a->block);
        pic__buf_free(&a->folded);
        pic__buf_free(&a->text);
        pic__vec_free(&a->lines);
}

/* One log's entry: "/NAME.INODE.OFFSET". */
static void find_entry(const char *after, const char *name, uint64_t *ret_former, uint64_t *ret_offset)
{
        size_t len = strlen(name);
        const char *at;

        *ret_former = *ret_offset = 0;
        for (at = strchr(after, '/'); at != NULL; at = strchr(at + 1, '/'))
                if (strncmp(at + 1, name, len) == 0 && at[len + 1] == '.') {
                        (void)!sscanf(at + len + 2, "%" SCNu64 ".%" SCNu64, ret_former, ret_offset);
                        return;
                }
}

static int check(const char *after, pic_error **err)
{
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";

        if (after[0] == '1' && (after[1] == '/' || after[1] == '\0') && after[strspn(after, plain)] == '\0')
                return 0;
        return pic__fail_value(err, NULL, "after", after, "must be what an earlier answer said");
}

static ino_t inode_of(int dir, const char *name, int version)
{
        char file[NAME_MAX + 1];
        struct stat st;

        snprintf(file, sizeof(file), "%.64s.log.%d", name, version);
        return fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_ino : 0;
}

/* How many files were made of what was NAME.log then: 0: it is that still. When it cannot be told, too. */
static int rotations(int dir, const char *name, uint64_t former)
{
        int version, there = 0;

        for (version = 1; version <= PIC__LOGFILE_KEEP; version++) {
                ino_t inode = inode_of(dir, name, version);

                if (inode != 0 && (uint64_t)inode == former)
                        return version - 1;
                there = inode != 0 ? version : there;
        }
        return former == 0 ? there : 0;
}

/* 1: that line is for another time. */
static int put_line(struct ahead *a, pic__logwriter *by, const char *line, size_t len, const char *hay, pic_time *now,
                    pic_error **err)
{
        size_t at = a->text.len;
        pic__logline l;

        pic__logline_read(line, len, by, &l);
        if (l.time != PIC__LOG_TIMELESS)
                *now = l.time;
        if (len == 0 || !pic__logwant_is(a->w, by, &l, line, hay, len) || *now < a->w->since || *now > a->w->until)
                return 0;
        if (a->take != NULL) {
                a->refused = a->take(by, &l, a->data) != 0;
                return a->refused;
        }
        pic__logs_put(&l, *now, a->form, &a->text);
        if (a->text.failed || pic__vec_push(&a->lines, ((new_line){ *now, a->lines.count, at, a->text.len - at })) < 0)
                return pic__nomem(err);
        return 0;
}

/* The whole lines of a block; how much of it they are, or an error. */
static ssize_t put_block(struct ahead *a, pic__logwriter *by, size_t len, int last, pic_time *now, pic_error **err)
{
        const char *begin = a->block.data, *end = begin + len, *at = begin, *hay = begin, *stop;
        int r = 0;

        if (a->w->fold) {
                char *to;

                pic__buf_clear(&a->folded);
                to = pic__buf_room(&a->folded, BLOCK);
                if (to == NULL)
                        return pic__nomem(err);
                pic__log_fold(begin, len, to);
                hay = to;
        }
        while (at < end && r == 0) {
                stop = memchr(at, '\n', (size_t)(end - at));
                if (stop == NULL && !last && (at > begin || len < BLOCK)) /* its end is to come */
                        break;
                stop = stop != NULL ? stop : end;
                r = put_line(a, by, at, (size_t)(stop - at), hay + (at - begin), now, err);
                at = r > 0 ? at : stop < end ? stop + 1 : end;
        }
        return r < 0 ? r : at - begin;
}

/* PIC_NOTFOUND, which is nothing bad: there is no such file. */
static int open_file(const struct ahead *a, const char *file, struct stat *st, pic_error **err)
{
        int fd = openat(a->l->dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

        if (fd < 0)
                return errno == ENOENT ? PIC_NOTFOUND : pic__fail_errno(err, errno, "%s", file);
        if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
                return fd;
        close(fd);
        return PIC_NOTFOUND;
}

/* One block; how much further that led, or an error. */
static ssize_t read_some(struct ahead *a, pic__logwriter *by, int fd, const uint64_t *at, uint64_t limit, int last,
                         pic_time *now, pic_error **err)
{
        size_t want = limit - *at < BLOCK ? (size_t)(limit - *at) : BLOCK;
        ssize_t n;

        pic__buf_clear(&a->block);
        if (pic__buf_room(&a->block, BLOCK) == NULL)
                return pic__nomem(err);
        n = pread(fd, a->block.data, want, (off_t)*at);
        if (n <= 0)
                return 0;
        a->budget -= (size_t)n < a->budget ? (size_t)n : a->budget;
        return put_block(a, by, (size_t)n, last && *at + (uint64_t)n >= limit, now, err);
}

/* From *at on as far as there is, or as the budget goes. most: so much of it; < 0: all, nobody writes to it any more.
 */
static int read_file(struct ahead *a, pic__logwriter *by, const char *file, off_t most, uint64_t *at, pic_error **err)
{
        struct stat st;
        int fd = open_file(a, file, &st, err);
        uint64_t limit;
        ssize_t used = 1;
        pic_time now;

        if (fd < 0)
                return fd == PIC_NOTFOUND ? 0 : fd;
        by->changed = (pic_time)st.st_mtim.tv_sec * PIC__SECOND;
        now = by->changed < a->now ? by->changed : a->now;
        limit = (uint64_t)(most >= 0 && most < st.st_size ? most : st.st_size);
        if (*at > (uint64_t)st.st_size) /* somebody else has cut it; a copy has the end alone, which was read */
                *at = most < 0 ? (uint64_t)st.st_size : 0;
        while (used > 0 && *at < limit && a->budget > 0 && !a->refused) {
                used = read_some(a, by, fd, at, limit, most < 0, &now, err);
                *at += used > 0 ? (uint64_t)used : 0;
        }
        close(fd);
        a->more |= *at < limit && a->budget == 0;
        return used < 0 ? (int)used : 0;
}

/* What was NAME.log then, what followed it, and NAME.log. */
static int read_log(struct ahead *a, const struct pic__logs_file *f, const char *after, pic__buf *ret_after,
                    pic_error **err)
{
        uint64_t former, at;
        char file[NAME_MAX + 1];
        pic__logwriter by;
        int version, r = 0;

        a->refused = 0;
        find_entry(after, f->name, &former, &at);
        pic__logwriter_make(f->name, &by);
        for (version = rotations(a->l->dir, f->name, former); version > 0 && r == 0; version--) {
                snprintf(file, sizeof(file), "%.64s.log.%d", f->name, version);
                r = read_file(a, &by, file, -1, &at, err);
                if (a->more || a->refused)
                        break;
                former = (uint64_t)inode_of(a->l->dir, f->name, version);
                at = 0;
        }
        if (r == 0 && version == 0) {
                snprintf(file, sizeof(file), "%.64s.log", f->name);
                former = (uint64_t)inode_of(a->l->dir, f->name, 1);
                r = read_file(a, &by, file, f->size, &at, err);
        }
        pic__buf_putf(ret_after, "/%s.%" PRIu64 ".%" PRIu64, f->name, former, at);
        return r;
}

static int compare(const void *x, const void *y)
{
        const new_line *a = x, *b = y;

        if (a->time != b->time)
                return a->time < b->time ? -1 : 1;
        return a->row < b->row ? -1 : 1;
}

int pic__logs_ahead(const pic__logs *l, const pic__logwant *w, const char *after, int form, pic_time now, pic__buf *out,
                    pic__buf *ret_after, int *ret_more, pic_error **err)
{
        PIC__AUTO(ahead_free)
        struct ahead a = { .l = l, .w = w, .form = form, .now = now, .budget = BUDGET };
        int r = check(after, err);
        size_t i;

        pic__buf_putc(ret_after, '1');
        for (i = 0; i < l->files.count && r == 0; i++)
                r = read_log(&a, &l->files.at[i], after, ret_after, err);
        if (r < 0)
                return r;
        if (a.lines.count > 1)
                qsort(a.lines.at, a.lines.count, sizeof(a.lines.at[0]), compare);
        for (i = 0; i < a.lines.count; i++) {
                pic__buf_put(out, a.text.data + a.lines.at[i].at, a.lines.at[i].len);
                if (form == PIC__LOGS_TEXT || i + 1 < a.lines.count)
                        pic__buf_putc(out, form == PIC__LOGS_TEXT ? '\n' : ',');
        }
        *ret_more = a.more;
        return out->failed || ret_after->failed ? pic__nomem(err) : 0;
}

int pic__logs_each(const pic__logs *l, const pic__logwant *w, const char *after, pic_time now, pic__log_taker *take,
                   void *data, pic__buf *ret_after, int *ret_more, pic_error **err)
{
        PIC__AUTO(ahead_free)
        struct ahead a = { .l = l, .w = w, .now = now, .budget = EACH_BUDGET, .take = take, .data = data };
        int r = check(after, err);
        size_t i;

        pic__buf_putc(ret_after, '1');
        for (i = 0; i < l->files.count && r == 0; i++)
                if (strcmp(l->files.at[i].name, "agent") != 0)
                        r = read_log(&a, &l->files.at[i], after, ret_after, err);
        if (r < 0)
                return r;
        *ret_more = a.more;
        return ret_after->failed ? pic__nomem(err) : 0;
}
