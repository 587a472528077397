/* Owns: walking back through a log that others write to, move and cut meanwhile. Bounded: one block in memory; a line
 * that is longer is cut into several. Times are in order as a rule, so that what is too new is passed over by halving,
 * and the walk ends at the first block that is too old as a whole. */
#include "engine/logback.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pic/log.h>

#include "base/time.h"
#include "engine/logfile.h"

#define PROBE ((size_t)4096)
#define OVER (PIC__LOGFILE_KEEP + 1) /* no such version: all is read */
#define DAY (86400 * PIC__SECOND)

void pic__logback_open(pic__logback *b, int dir, const char *name, off_t limit, pic_time now)
{
        *b = (pic__logback){ .dir = dir, .fd = -1, .limit = limit, .bound = now + DAY };
        b->block = (pic__buf)PIC__BUF_INIT;
        b->folded = (pic__buf)PIC__BUF_INIT;
        pic__logwriter_make(name, &b->by);
}

static void close_file(pic__logback *b)
{
        if (b->fd >= 0)
                close(b->fd);
        b->fd = -1;
        b->end = 0;
}

void pic__logback_close(pic__logback *b)
{
        close_file(b);
        pic__buf_free(&b->block);
        pic__buf_free(&b->folded);
        pic__vec_free(&b->lines);
}

/* --- files ------------------------------------------------------------------------------------------------------ */

/* The first time that is told behind an offset; timeless when none is near. */
static pic_time probe(pic__logback *b, off_t at)
{
        char text[PROBE];
        ssize_t n = pread(b->fd, text, sizeof(text), at);
        const char *line = n > 0 ? memchr(text, '\n', (size_t)n) : NULL, *end = text + (n > 0 ? n : 0), *stop;
        pic__logline l;

        for (line = line != NULL ? line + 1 : end; line < end; line = stop + 1) {
                stop = memchr(line, '\n', (size_t)(end - line));
                if (stop == NULL)
                        break;
                pic__logline_read(line, (size_t)(stop - line), &b->by, &l);
                if (l.time != PIC__LOG_TIMELESS)
                        return l.time;
        }
        return PIC__LOG_TIMELESS;
}

/* Passes over what is too new. */
static void halve(pic__logback *b, pic_time until)
{
        off_t low = 0, high = b->end;

        if (until >= b->bound)
                return;
        while (high - low > (off_t)PIC__LOGBACK_BLOCK) {
                off_t middle = low + (high - low) / 2;
                pic_time t = probe(b, middle);

                if (t != PIC__LOG_TIMELESS && t > until)
                        high = middle;
                else
                        low = middle;
        }
        high += (off_t)PROBE;
        b->end = high < b->end ? high : b->end;
}

/* 1: another file is open; 0: there is none. */
static int open_next(pic__logback *b, const pic__logwant *w, pic_error **err)
{
        char name[NAME_MAX + 1];
        struct stat st;

        close_file(b);
        for (; b->version < OVER; b->version++) {
                if (snprintf(name, sizeof(name), b->version == 0 ? "%s.log" : "%s.log.%d", b->by.name, b->version) >=
                    (int)sizeof(name))
                        continue;
                b->fd = openat(b->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
                if (b->fd < 0 && errno != ENOENT)
                        return pic__fail_errno(err, errno, "%s", name);
                if (b->fd < 0 || fstat(b->fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_ino == b->seen) {
                        close_file(b);
                        continue;
                }
                b->by.changed = (pic_time)st.st_mtim.tv_sec * PIC__SECOND;
                if (b->by.changed < w->since - PIC__SECOND) /* and all before it */
                        break;
                b->seen = st.st_ino;
                b->end = b->version == 0 && st.st_size > b->limit ? b->limit : st.st_size;
                halve(b, w->until);
                b->version++;
                return 1;
        }
        close_file(b);
        b->version = OVER;
        return 0;
}

/* --- blocks ----------------------------------------------------------------------------------------------------- */

/* The whole lines before b->end that fit a block. 0: nothing is there any more. */
static int read_block(pic__logback *b, pic_error **err)
{
        off_t from = b->end > (off_t)PIC__LOGBACK_BLOCK ? b->end - (off_t)PIC__LOGBACK_BLOCK : 0;
        size_t want = (size_t)(b->end - from), skip = 0;
        char *to, *newline;
        ssize_t n;

        pic__buf_clear(&b->block);
        to = pic__buf_room(&b->block, PIC__LOGBACK_BLOCK);
        if (to == NULL)
                return pic__nomem(err);
        n = pread(b->fd, to, want, from);
        if (n <= 0) { /* cut meanwhile */
                b->end = 0;
                return 0;
        }
        newline = from > 0 ? memchr(to, '\n', (size_t)n) : NULL;
        if (newline != NULL && newline + 1 < to + n)
                skip = (size_t)(newline + 1 - to);
        memmove(to, to + skip, (size_t)n - skip);
        pic__buf_added(&b->block, (size_t)n - skip);
        b->end = from + (off_t)skip;
        return 1;
}

/* 1: nothing in this block can be late enough. */
static int too_old(pic__logback *b, pic_time since)
{
        const char *begin = b->block.data, *end = begin + b->block.len, *at;
        pic__logline l;
        int looks;

        if (since <= 0)
                return 0;
        for (looks = 0; looks < 16 && end > begin; looks++, end = at) {
                const char *stop = end - (end[-1] == '\n');

                at = memrchr(begin, '\n', (size_t)(stop - begin));
                at = at != NULL ? at + 1 : begin;
                pic__logline_read(at, (size_t)(stop - at), &b->by, &l);
                if (l.time != PIC__LOG_TIMELESS)
                        return l.time < since;
        }
        return 0;
}

static const char *hay_of(pic__logback *b, const pic__logwant *w, pic_error **err)
{
        char *to;

        if (!w->fold)
                return b->block.data;
        pic__buf_clear(&b->folded);
        to = pic__buf_room(&b->folded, PIC__LOGBACK_BLOCK);
        if (to == NULL)
                pic__nomem_set(err);
        else
                pic__log_fold(b->block.data, b->block.len, to);
        return to;
}

/* Those before the first that has a time. */
static void date_first(pic__logback *b, pic_time first)
{
        size_t i;

        for (i = 0; i < b->lines.count && b->lines.at[i].time == PIC__LOG_TIMELESS; i++)
                b->lines.at[i].time = first;
}

/* Takes the block apart. A time that is earlier than a line's before it, or later than what came after, is none. */
static int split(pic__logback *b, const pic__logwant *w, const char *hay, pic_error **err)
{
        const char *begin = b->block.data, *end = begin + b->block.len, *at, *stop;
        pic_time now = PIC__LOG_TIMELESS, first = PIC__LOG_TIMELESS;
        pic__logline l;

        for (at = begin; at < end; at = stop + 1) {
                size_t len;

                stop = memchr(at, '\n', (size_t)(end - at));
                stop = stop != NULL ? stop : end;
                len = (size_t)(stop - at);
                if (len == 0)
                        continue;
                pic__logline_read(at, len, &b->by, &l);
                if (l.time != PIC__LOG_TIMELESS && l.time <= b->bound && l.time > now)
                        now = l.time;
                first = first == PIC__LOG_TIMELESS ? now : first;
                if (pic__logwant_is(w, &b->by, &l, at, hay + (at - begin), len) &&
                    pic__vec_push(&b->lines,
                                  ((struct pic__logback_line){ (uint32_t)(at - begin), (uint32_t)len, now })) < 0)
                        return pic__nomem(err);
        }
        if (first == PIC__LOG_TIMELESS)
                first = b->by.changed < b->bound ? b->by.changed : b->bound;
        date_first(b, first);
        if (now != PIC__LOG_TIMELESS)
                b->bound = now;
        return 0;
}

static int load(pic__logback *b, const pic__logwant *w, pic_error **err)
{
        const char *hay;
        int r = read_block(b, err);

        if (r <= 0)
                return r;
        if (too_old(b, w->since)) {
                close_file(b);
                b->version = OVER;
                return 0;
        }
        hay = hay_of(b, w, err);
        if (hay == NULL)
                return PIC_NOMEM;
        b->lines.count = 0;
        if (pic__logwant_any(w, &b->by, b->block.data, hay, b->block.len))
                r = split(b, w, hay, err);
        b->left = b->lines.count;
        return r < 0 ? r : 0;
}

int pic__logback_next(pic__logback *b, const pic__logwant *w, const char **ret_line, size_t *ret_len,
                      pic_time *ret_time, pic_error **err)
{
        int r;

        for (;;) {
                while (b->left > 0) {
                        const struct pic__logback_line *l = &b->lines.at[--b->left];

                        if (l->time < w->since || l->time > w->until)
                                continue;
                        *ret_line = b->block.data + l->at;
                        *ret_len = l->len;
                        *ret_time = l->time;
                        return 1;
                }
                r = b->fd >= 0 && b->end > 0 ? load(b, w, err) : open_next(b, w, err);
                if (r < 0)
                        return r;
                if (r == 0 && b->version == OVER && b->fd < 0)
                        return 0;
        }
}
