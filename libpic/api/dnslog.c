/* Owns: who asked for what, as the name server wrote it. */
#include "api/dnslog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pic/dns.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/time.h"
#include "model/exit.h"
#include "sys/file.h"

#define TAIL ((off_t)2 << 20) /* of the newest file, and of the one before where that is not enough */
#define MAX 10000
#define TIME_END INT64_C(253402300800) /* year 10000 */

int pic__dnslog_read(const char *text, pic__dnslog_line *ret)
{
        if (sscanf(text, "[%" SCNd64 "] unbound[%*d:%*d] reply: %47s %255s %15s %*15s %15s %lf", &ret->time,
                   ret->address, ret->name, ret->type, ret->code, &ret->seconds) != 6)
                return -1;
        return ret->time >= 0 && ret->time < TIME_END && ret->seconds >= 0 && ret->seconds <= 3600 ? 0 : -1;
}

/* The end of a file; one that is not there is empty. */
static int read_end(const char *path, pic__buf *out, pic_error **err)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        struct stat st;
        ssize_t n = 0;
        off_t from;
        char *to;

        if (fd < 0)
                return errno == ENOENT ? 0 : pic__fail_errno(err, errno, "%s", path);
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
                close(fd);
                return 0;
        }
        from = st.st_size > TAIL ? st.st_size - TAIL : 0;
        to = pic__buf_room(out, (size_t)(st.st_size - from));
        if (to != NULL)
                n = pread(fd, to, (size_t)(st.st_size - from), from);
        close(fd);
        if (to == NULL)
                return pic__nomem(err);
        pic__buf_added(out, n > 0 ? (size_t)n : 0);
        return 0;
}

struct wanted {
        const pic__snap *s;
        const pic_obj *peer; /* NULL: all */
        uint32_t max;
};

static const pic_obj *who(const pic__snap *s, const char *address)
{
        pic__addr a;

        return pic__addr_parse(address, &a) == 0 ? pic__snap_by_addr(s, &a) : NULL;
}

static int is_wanted(const struct wanted *w, const char *at, pic__dnslog_line *line)
{
        char text[512];
        size_t len = strcspn(at, "\n");

        if (at[len] != '\n' || len >= sizeof(text))
                return 0;
        memcpy(text, at, len);
        text[len] = '\0';
        return pic__dnslog_read(text, line) == 0 && (w->peer == NULL || who(w->s, line->address) == w->peer);
}

static void put_line(const struct wanted *w, const pic__dnslog_line *line, pic__json *out)
{
        const pic_obj *peer = who(w->s, line->address);
        char when[PIC__TIME_TEXT];

        pic__json_open(out, '{');
        pic__json_kstr(out, "time", pic__time_print(line->time * PIC__SECOND, when));
        pic__json_kstr(out, "address", line->address);
        pic__json_kstr(out, "peer", peer != NULL ? pic__obj_name(peer) : NULL);
        pic__json_kstr(out, "name", line->name);
        pic__json_kstr(out, "type", line->type);
        pic__json_kstr(out, "status", line->code);
        pic__json_kint(out, "ms", (int64_t)(line->seconds * 1000 + 0.5));
        pic__json_close(out, '}');
}

/* The last ones: back from the end as many as are wanted, then forward. */
static void put_lines(const struct wanted *w, const pic__buf *text, pic__json *out)
{
        const char *begin = pic__buf_str(text), *from = begin + text->len;
        pic__dnslog_line line;
        uint32_t have = 0;

        while (from > begin && have < w->max) {
                const char *end = from - 1, *before = memrchr(begin, '\n', (size_t)(end - begin));

                from = before != NULL ? before + 1 : begin;
                have += is_wanted(w, from, &line) ? 1 : 0;
        }
        for (; *from != '\0'; from += strcspn(from, "\n") + (strchr(from, '\n') != NULL))
                if (is_wanted(w, from, &line))
                        put_line(w, &line, out);
}

static int read_all(const pic_ctx *ctx, pic__buf *text, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(ctx->log_dir, PIC__DNS_QUERIES);
        pic__auto_free char *older = pic__path_join(ctx->log_dir, PIC__DNS_QUERIES ".1");
        int r = path != NULL && older != NULL ? read_end(older, text, err) : pic__nomem(err);

        return r < 0 ? r : read_end(path, text, err);
}

int pic_dns_log(pic_ctx *ctx, const char *peer, uint32_t max, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        struct wanted w = { .max = max == 0 ? 100 : max > MAX ? MAX : max };
        pic__json out = PIC__JSON(&answer);
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_dns_log", "ctx or ret_report is not valid");
        r = pic__ctx_load(ctx, &s, NULL, err);
        if (r < 0)
                return r;
        if (pic__snap_cell(s) == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no cell in this store");
        w.s = s;
        w.peer = peer != NULL ? pic__snap_named(s, PIC__PEER, peer) : NULL;
        if (peer != NULL && w.peer == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no device '%.64s'", peer);
        r = read_all(ctx, &text, err);
        if (r < 0)
                return r;
        pic__json_open(&out, '{');
        pic__json_kbool(&out, "on", pic__obj_int(pic__snap_cell(s), "query_log") != 0);
        pic__json_key(&out, "lines");
        pic__json_open(&out, '[');
        put_lines(&w, &text, &out);
        pic__json_close(&out, ']');
        pic__json_close(&out, '}');
        return pic__report_new(&answer, 1, ret_report, err);
}
