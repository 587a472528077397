/* Owns: reading the end of the logs. The agent's log has the area as its third word; a child's log is named after the
 * child, and the table below says whose child that is. */
#include "engine/logtail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "engine/logfile.h"
#include "model/exit.h"
#include "sys/file.h"

#define TAIL_BYTES ((off_t)1 << 20)
#define LINES_MAX ((size_t)100000)

static const struct {
        const char *area;
        const char *child; /* what its children's names begin with */
} areas[] = {
        { "agent", NULL },        { "audit", NULL },    { "engine", NULL },     { "store", NULL }, { "wg", "wg" },
        { "wg", "wireguard-go" }, { "nft", "nft" },     { "route", NULL },      { "dns", "dns" },  { "dns", "unbound" },
        { "exit", "exit" },       { "ntp", "chronyd" }, { "front", "haproxy" },
};

static int known(const char *area)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(areas); i++)
                if (strcmp(areas[i].area, area) == 0)
                        return 1;
        return 0;
}

/* 1 when a file of that name is a log of the area's children; area NULL: of anybody's. */
static int is_child(const char *file, const char *area)
{
        size_t len = strlen(file), i;

        if (len < 5 || strcmp(file + len - 4, ".log") != 0 || strcmp(file, PIC__LOGFILE_NAME) == 0 ||
            strcmp(file, PIC__DNS_QUERIES) == 0) /* no log for everybody who may read logs */
                return 0;
        if (area == NULL)
                return 1;
        for (i = 0; i < PIC__COUNT(areas); i++)
                if (strcmp(areas[i].area, area) == 0 && areas[i].child != NULL &&
                    strncmp(file, areas[i].child, strlen(areas[i].child)) == 0)
                        return 1;
        return 0;
}

/* The last TAIL_BYTES of a file, from the beginning of a line. A file that is not there is an empty one. */
static int read_tail(const char *path, pic__buf *out, pic_error **err)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        struct stat st;
        off_t from;
        ssize_t n = 0;
        char *to;

        if (fd < 0)
                return errno == ENOENT ? 0 : pic__fail_errno(err, errno, "%s", path);
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
                close(fd);
                return 0;
        }
        from = st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
        to = pic__buf_room(out, (size_t)(st.st_size - from));
        if (to != NULL)
                n = pread(fd, to, (size_t)(st.st_size - from), from);
        close(fd);
        if (to == NULL)
                return pic__nomem(err);
        if (n < 0)
                return pic__fail_errno(err, EIO, "%s", path);
        pic__buf_added(out, (size_t)n);
        if (from > 0) { /* the first line is a part of one */
                const char *newline = strchr(out->data, '\n');

                if (newline != NULL)
                        memset(out->data, ' ', (size_t)(newline - out->data));
        }
        return 0;
}

/* "2026-01-31T12:00:00Z INFO engine message": the third word is `area`. */
static int speaks(const char *line, size_t len, const char *area)
{
        const char *at = line, *end = line + len;
        size_t n = strlen(area);
        int i;

        for (i = 0; i < 2; i++) {
                at = memchr(at, ' ', (size_t)(end - at));
                if (at == NULL)
                        return 0;
                at++;
        }
        return (size_t)(end - at) > n && memcmp(at, area, n) == 0 && at[n] == ' ';
}

/* Appends the last `lines` lines of a text that are of that area (NULL: all), each with `prefix`. Walks from the end,
 * then writes forward. */
static void put_lines(const pic__buf *text, const char *area, const char *prefix, size_t lines, pic__buf *out)
{
        const char *begin = pic__buf_str(text), *end = begin + text->len, *from = end, *at, *stop;
        size_t have = 0;

        while (from > begin && have < lines) {
                stop = from - (from[-1] == '\n' ? 1 : 0);
                at = memrchr(begin, '\n', (size_t)(stop - begin));
                from = at != NULL ? at + 1 : begin;
                have += area == NULL || speaks(from, (size_t)(stop - from), area) ? 1 : 0;
        }
        for (at = from; at < end; at = stop + 1) {
                stop = memchr(at, '\n', (size_t)(end - at));
                stop = stop != NULL ? stop : end;
                if (area != NULL && !speaks(at, (size_t)(stop - at), area))
                        continue;
                if (at + strspn(at, " ") >= stop)
                        continue;
                pic__buf_puts(out, prefix);
                pic__buf_put(out, at, (size_t)(stop - at));
                pic__buf_putc(out, '\n');
        }
}

static int put_file(const char *log_dir, const char *file, const char *area, const char *prefix, size_t lines,
                    pic__buf *out, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(log_dir, file);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (path == NULL)
                return pic__nomem(err);
        r = read_tail(path, &text, err);
        if (r == 0)
                put_lines(&text, area, prefix, lines, out);
        return r;
}

static int put_children(const char *log_dir, const char *area, size_t lines, pic__buf *out, pic_error **err)
{
        struct dirent **list = NULL;
        int n = scandir(log_dir, &list, NULL, alphasort), i, r = 0;

        for (i = 0; i < n; i++) {
                const char *file = list[i]->d_name;
                char prefix[NAME_MAX + 8];

                snprintf(prefix, sizeof(prefix), "%.*s: ", (int)(strlen(file) > 4 ? strlen(file) - 4 : 0), file);
                if (r == 0 && is_child(file, area))
                        r = put_file(log_dir, file, NULL, prefix, lines, out, err);
                free(list[i]);
        }
        free(list);
        return r;
}

int pic__logs_tail(const char *log_dir, const char *area, size_t lines, pic__buf *out, pic_error **err)
{
        int r;

        if (area != NULL && !known(area)) {
                (void)pic__fail(err, PIC_NOTFOUND, "there is no log area '%.32s'", area);
                pic__hint(err, "Areas: agent, audit, dns, engine, exit, front, nft, ntp, route, store, wg.");
                return PIC_NOTFOUND;
        }
        if (lines > LINES_MAX)
                lines = LINES_MAX;
        if (area != NULL && strcmp(area, "agent") == 0)
                return put_file(log_dir, PIC__LOGFILE_NAME, NULL, "", lines, out, err);
        r = put_file(log_dir, PIC__LOGFILE_NAME, area, "", lines, out, err);
        if (r == 0)
                r = put_children(log_dir, area, lines, out, err);
        if (r == 0 && out->failed)
                r = pic__nomem(err);
        return r;
}
