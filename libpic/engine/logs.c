/* Owns: which logs there are, and their lines as one row by time. Each log is walked back by itself; the latest of all
 * their heads is the next. */
#include "engine/logs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/logback.h"
#include "engine/logfile.h"
#include "engine/loglevels.h"
#include "model/exit.h"

#define OUT_MAX ((size_t)32 << 20)
#define TAIL 4096
#define SETTLED (2 * PIC__SECOND)

/* --- which there are ---------------------------------------------------------------------------------------------- */

/* Length of the name without ".log"; 0: that is no log, or not one of ours. While a file is turned there is a moment
 * with NAME.log.1 alone. */
static size_t log_name(const char *file)
{
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
        size_t len = strspn(file, plain);

        if (len >= 64 || strncmp(file, PIC__DNS_QUERIES, strlen(PIC__DNS_QUERIES)) == 0 ||
            strncmp(file, PIC__DNS_BLOCKED, strlen(PIC__DNS_BLOCKED)) == 0)
                return 0;
        return strcmp(file + len, ".log") == 0 || strcmp(file + len, ".log.1") == 0 ? len : 0;
}

/* The size without a line that somebody is about to end. */
static off_t whole_size(int dir, const char *file, pic_time now)
{
        int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        off_t from = 0, size = 0;
        char text[TAIL];
        struct stat st;

        if (fd < 0)
                return 0;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
                size = st.st_size;
                from = size > TAIL ? size - TAIL : 0;
                if ((pic_time)st.st_mtim.tv_sec * PIC__SECOND > now - SETTLED) {
                        ssize_t n = pread(fd, text, (size_t)(size - from), from);
                        const char *newline = n > 0 ? memrchr(text, '\n', (size_t)n) : NULL;

                        size = newline != NULL ? from + (newline + 1 - text) : from == 0 ? 0 : size;
                }
        }
        close(fd);
        return size;
}

static int is_listed(const pic__logs *l, const char *name, size_t len)
{
        size_t i;

        for (i = 0; i < l->files.count; i++)
                if (strlen(l->files.at[i].name) == len && memcmp(l->files.at[i].name, name, len) == 0)
                        return 1;
        return 0;
}

static int add_file(pic__logs *l, const char *name, size_t len, pic_time now)
{
        struct pic__logs_file f = { .name = pic__strndup(name, len) };
        char former[80], file[80];
        struct stat st;

        if (f.name == NULL)
                return -1;
        snprintf(file, sizeof(file), "%.64s.log", f.name);
        snprintf(former, sizeof(former), "%.64s.log.1", f.name);
        if (fstatat(l->dir, former, &st, AT_SYMLINK_NOFOLLOW) == 0)
                f.former = st.st_ino;
        f.size = whole_size(l->dir, file, now);
        if (pic__vec_push(&l->files, f) == 0)
                return 0;
        pic__free(f.name);
        return -1;
}

static int compare(const void *a, const void *b)
{
        const struct pic__logs_file *x = a, *y = b;
        int own = strcmp(y->name, "agent") == 0;

        own -= strcmp(x->name, "agent") == 0;
        return own != 0 ? own : strcmp(x->name, y->name);
}

int pic__logs_open(const char *log_dir, pic_time now, pic__logs *ret, pic_error **err)
{
        const struct dirent *entry;
        DIR *d = opendir(log_dir);
        int r = 0;

        ret->dir = -1;
        if (d == NULL)
                return errno == ENOENT ? 0 : pic__fail_errno(err, errno, "%s", log_dir);
        ret->dir = fcntl(dirfd(d), F_DUPFD_CLOEXEC, 3);
        if (ret->dir < 0)
                r = pic__fail_errno(err, errno, "%s", log_dir);
        while (r == 0 && (entry = readdir(d)) != NULL) {
                size_t len = log_name(entry->d_name);

                if (len > 0 && !is_listed(ret, entry->d_name, len) && add_file(ret, entry->d_name, len, now) < 0)
                        r = pic__nomem(err);
        }
        (void)closedir(d);
        if (ret->files.count > 1)
                qsort(ret->files.at, ret->files.count, sizeof(ret->files.at[0]), compare);
        return r;
}

void pic__logs_close(pic__logs *l)
{
        size_t i;

        for (i = 0; i < l->files.count; i++)
                pic__free(l->files.at[i].name);
        pic__vec_free(&l->files);
        if (l->dir >= 0)
                close(l->dir);
        l->dir = -1;
}

void pic__logs_end(const pic__logs *l, pic__buf *out)
{
        size_t i;

        pic__buf_putc(out, '1'); /* the form */
        for (i = 0; i < l->files.count; i++)
                pic__buf_putf(out, "/%s.%" PRIu64 ".%" PRIu64, l->files.at[i].name, (uint64_t)l->files.at[i].former,
                              (uint64_t)l->files.at[i].size);
}

/* --- how they are given ------------------------------------------------------------------------------------------- */

static const char *const levels[] = { "error", "warning", "info", "debug" };

static void put_json(const pic__logline *l, const char *when, const char *from, const char *text, pic__buf *out)
{
        pic__json j = PIC__JSON(out);

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "time", when);
        pic__json_kbool(&j, "exact", l->time != PIC__LOG_TIMELESS);
        pic__json_kstr(&j, "level", levels[l->level & 3]);
        pic__json_kstr(&j, "area", l->area);
        pic__json_kstr(&j, "from", from[0] != '\0' ? from : NULL);
        pic__json_kstr(&j, "text", text);
        pic__json_close(&j, '}');
}

static void put_text(const pic__logline *l, const char *when, const char *from, const char *text, pic__buf *out)
{
        static const char *const names[] = { "ERROR", "WARNING", "INFO", "DEBUG" };

        pic__buf_putf(out, "%s %s %s ", when, names[l->level & 3], l->area);
        if (from[0] != '\0')
                pic__buf_putf(out, "%s: ", from);
        pic__buf_puts(out, text);
}

static void put_string(const pic__logline *l, const char *when, const char *from, const char *text, pic__buf *out)
{
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        pic__json j = PIC__JSON(out);

        put_text(l, when, from, text, &line);
        out->failed |= line.failed;
        pic__json_str(&j, pic__buf_str(&line));
}

void pic__logs_put(const pic__logline *line, pic_time time, int form, pic__buf *out)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, from = PIC__BUF_INIT;
        pic__auto_free char *raw = pic__strndup(line->text, strnlen(line->text, line->text_len));
        pic__auto_free char *who = pic__strndup(line->from, strnlen(line->from, line->from_len));
        char when[PIC__TIME_TEXT];

        if (raw == NULL || who == NULL) {
                out->failed = 1;
                return;
        }
        pic__buf_put_shown(&text, raw, PIC__LOGS_LINE_MAX);
        pic__buf_put_shown(&from, who, 64);
        out->failed |= text.failed | from.failed;
        (form == PIC__LOGS_TEXT ? put_text
         : form == PIC__LOGS_OBJECTS
                 ? put_json
                 : put_string)(line, pic__time_print(time, when), pic__buf_str(&from), pic__buf_str(&text), out);
}

/* --- one row ------------------------------------------------------------------------------------------------------ */

struct head {
        pic__logback back;
        const char *line;
        size_t len;
        pic_time time;
        int state; /* 1: there is one; 0: no more; -1: the next is to be looked for */
};

struct row {
        const pic__logwant *w;
        struct head *heads;
        size_t count;
        pic_time time; /* of the last that was given… */
        size_t same;   /* …and how many of that time were */
};

/* Every head that was given moves on. The latest: of those with one time the last of the row, so that the oldest come
 * first in the row's order. */
static int latest(struct row *row, struct head **ret, pic_error **err)
{
        struct head *best = NULL;
        size_t i;

        for (i = 0; i < row->count; i++) {
                struct head *h = &row->heads[i];

                if (h->state < 0)
                        h->state = pic__logback_next(&h->back, row->w, &h->line, &h->len, &h->time, err);
                if (h->state < 0)
                        return h->state;
                if (h->state > 0 && (best == NULL || h->time >= best->time))
                        best = h;
        }
        *ret = best;
        return best != NULL;
}

static void count_time(struct row *row, pic_time time)
{
        row->same = time == row->time ? row->same + 1 : 1;
        row->time = time;
}

/* So many of its newest lines were given before. */
static int pass_over(struct row *row, size_t skip, pic_error **err)
{
        pic_time until = row->w->until;
        struct head *h;
        int r = 1;

        while (skip > 0 && r > 0) {
                r = latest(row, &h, err);
                if (r <= 0 || h->time != until)
                        break;
                count_time(row, h->time);
                h->state = -1;
                skip--;
        }
        return r < 0 ? r : 0;
}

typedef struct piece {
        size_t at, len;
} piece;

typedef PIC__VEC(piece) piece_list;

struct pieces {
        pic__buf text;
        piece_list list;
};

static void pieces_free(struct pieces *p)
{
        pic__buf_free(&p->text);
        pic__vec_free(&p->list);
}

static int take(struct pieces *p, struct head *h, int form, pic_error **err)
{
        size_t at = p->text.len;
        pic__logline l;

        pic__logline_read(h->line, h->len, &h->back.by, &l);
        pic__logs_put(&l, h->time, form, &p->text);
        if (p->text.failed || pic__vec_push(&p->list, ((piece){ at, p->text.len - at })) < 0)
                return pic__nomem(err);
        h->state = -1;
        return 0;
}

static int collect(struct row *row, size_t skip, size_t max, int form, struct pieces *p, pic_error **err)
{
        struct head *h;
        int r = pass_over(row, skip, err);

        while (r == 0 && p->list.count < max && p->text.len < OUT_MAX) {
                r = latest(row, &h, err);
                if (r <= 0)
                        return r < 0 ? r : 1; /* these are all */
                count_time(row, h->time);
                r = take(p, h, form, err);
        }
        return r;
}

/* Pieces were found from the newest on. */
static void turn_round(const struct pieces *p, int form, pic__buf *out)
{
        size_t i;

        for (i = p->list.count; i > 0; i--) {
                pic__buf_put(out, p->text.data + p->list.at[i - 1].at, p->list.at[i - 1].len);
                if (form == PIC__LOGS_TEXT)
                        pic__buf_putc(out, '\n');
                else if (i > 1)
                        pic__buf_putc(out, ',');
        }
}

static int read_before(const char *before, pic__logwant *w, size_t *ret_skip, pic_error **err)
{
        uint64_t skip;
        int64_t time;
        char more;

        *ret_skip = 0;
        if (before == NULL)
                return 0;
        if (sscanf(before, "%19" SCNd64 ".%9" SCNu64 "%c", &time, &skip, &more) != 2 || time < 0)
                return pic__fail_value(err, NULL, "before", before, "must be what an earlier answer said");
        if (time <= w->until) {
                w->until = time;
                *ret_skip = (size_t)skip;
        }
        return 0;
}

int pic__logs_back(const pic__logs *l, const pic__logwant *wanted, const char *before, size_t max, int form,
                   pic_time now, pic__buf *out, pic__buf *ret_before, pic_error **err)
{
        PIC__AUTO(pieces_free) struct pieces p = { PIC__BUF_INIT, PIC__VEC_INIT };
        pic__logwant w = *wanted;
        struct row row = { .w = &w, .time = -1, .count = l->files.count };
        pic__auto_free struct head *heads = NULL;
        size_t i, skip;
        int r = read_before(before, &w, &skip, err);

        if (r < 0)
                return r;
        heads = row.heads = pic__alloc((row.count + 1) * sizeof(*row.heads));
        if (heads == NULL)
                return pic__nomem(err);
        for (i = 0; i < row.count; i++) {
                pic__logback_open(&heads[i].back, l->dir, l->files.at[i].name, l->files.at[i].size, now);
                heads[i].state = -1;
        }
        r = collect(&row, skip, max, form, &p, err);
        for (i = 0; i < row.count; i++)
                pic__logback_close(&heads[i].back);
        if (r < 0)
                return r;
        turn_round(&p, form, out);
        if (r == 0 && ret_before != NULL)
                pic__buf_putf(ret_before, "%" PRId64 ".%zu", row.time, row.same);
        return out->failed ? pic__nomem(err) : 0;
}

int pic__logs_check_area(const char *area, pic_error **err)
{
        size_t i;

        for (i = 0; area != NULL && i < PIC__LOG_AREAS; i++)
                if (strcmp(pic__log_areas[i], area) == 0)
                        return 0;
        if (area == NULL)
                return 0;
        (void)pic__fail(err, PIC_NOTFOUND, "there is no log area '%.32s'", area);
        pic__hint(err, PIC__LOG_AREAS_HINT);
        return PIC_NOTFOUND;
}

int pic__logs_tail(const char *log_dir, const char *area, size_t lines, pic_time now, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__logwant w = PIC__LOGWANT_ALL;
        int r = pic__logs_check_area(area, err);

        w.area = area;
        if (r == 0)
                r = pic__logs_open(log_dir, now, &l, err);
        return r < 0 ? r : pic__logs_back(&l, &w, NULL, lines, 0, now, out, NULL, err);
}
