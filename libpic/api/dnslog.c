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
#include "base/vec.h"
#include "model/exit.h"
#include "sys/dnsmsg.h"
#include "sys/file.h"

#define TAIL ((off_t)2 << 20) /* of the newest file, and of the one before where that is not enough */
#define MAX 10000
#define TIME_END INT64_C(253402300800) /* year 10000 */

static int read_blocked(const char *text, pic__dnslog_line *ret)
{
        unsigned type = 0;
        char word[16];

        if (sscanf(text, "[%" SCNd64 "] sieve: blocked %47s %255s %5u %63s", &ret->time, ret->address, ret->name, &type,
                   ret->list) != 5 ||
            type > UINT16_MAX)
                return -1;
        snprintf(ret->type, sizeof(ret->type), "%.15s", pic__dnsmsg_type_text(type, word));
        snprintf(ret->code, sizeof(ret->code), "NXDOMAIN");
        return 0;
}

int pic__dnslog_read(const char *text, pic__dnslog_line *ret)
{
        *ret = (pic__dnslog_line){ .list = "" };
        if (sscanf(text, "[%" SCNd64 "] unbound[%*d:%*d] reply: %47s %255s %15s %*15s %15s %lf", &ret->time,
                   ret->address, ret->name, ret->type, ret->code, &ret->seconds) != 6 &&
            read_blocked(text, ret) < 0)
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
        pic__json_kstr(out, "list", line->list[0] != '\0' ? line->list : NULL);
        pic__json_close(out, '}');
}

static int read_both(const pic_ctx *ctx, const char *const names[2], pic__buf *text, pic_error **err)
{
        pic__auto_free char *older = pic__path_join(ctx->log_dir, names[0]);
        pic__auto_free char *path = pic__path_join(ctx->log_dir, names[1]);
        int r = path != NULL && older != NULL ? read_end(older, text, err) : pic__nomem(err);

        return r < 0 ? r : read_end(path, text, err);
}

typedef PIC__VEC(pic__dnslog_line) lines;

/* The last ones of a text, the newest first. */
static int take_last(const struct wanted *w, const pic__buf *text, lines *to)
{
        const char *begin = pic__buf_str(text), *from = begin + text->len;
        pic__dnslog_line line;
        uint32_t have = 0;

        while (from > begin && have < w->max) {
                const char *end = from - 1, *before = memrchr(begin, '\n', (size_t)(end - begin));

                from = before != NULL ? before + 1 : begin;
                if (!is_wanted(w, from, &line))
                        continue;
                have++;
                if (pic__vec_push(to, line) < 0)
                        return -1;
        }
        return 0;
}

/* What was answered and what was blocked as one row: both are the newest first. */
static void put_lines(const struct wanted *w, const lines *answered, const lines *blocked, pic__json *out)
{
        size_t a = 0, b = 0;

        while (a + b < w->max && (a < answered->count || b < blocked->count)) /* so many are wanted… */
                if (b == blocked->count || (a < answered->count && answered->at[a].time > blocked->at[b].time))
                        a++;
                else
                        b++;
        while (a + b > 0) /* …and the oldest of them comes first */
                if (b == 0 || (a > 0 && answered->at[a - 1].time <= blocked->at[b - 1].time))
                        put_line(w, &answered->at[--a], out);
                else
                        put_line(w, &blocked->at[--b], out);
}

static int put_all(const pic_ctx *ctx, const struct wanted *w, pic__json *out, pic_error **err)
{
        static const char *const files[2][2] = { { PIC__DNS_QUERIES ".1", PIC__DNS_QUERIES },
                                                 { PIC__DNS_BLOCKED ".1", PIC__DNS_BLOCKED } };
        lines found[2] = { PIC__VEC_INIT, PIC__VEC_INIT };
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < 2; i++) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;

                r = read_both(ctx, files[i], &text, err);
                if (r == 0 && take_last(w, &text, &found[i]) < 0)
                        r = pic__nomem(err);
        }
        if (r == 0)
                put_lines(w, &found[0], &found[1], out);
        pic__vec_free(&found[0]);
        pic__vec_free(&found[1]);
        return r;
}

int pic_dns_log(pic_ctx *ctx, const char *peer, uint32_t max, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
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
        pic__json_open(&out, '{');
        pic__json_kbool(&out, "on", pic__obj_int(pic__snap_cell(s), "query_log") != 0);
        pic__json_key(&out, "lines");
        pic__json_open(&out, '[');
        r = put_all(ctx, &w, &out, err);
        pic__json_close(&out, ']');
        pic__json_close(&out, '}');
        return r < 0 ? r : pic__report_new(&answer, 1, ret_report, err);
}
