/* Owns: rows written out. A page is read while the context is locked, and written while it is not: rows never change,
 * so pages fit together, and who reads slowly holds up nobody. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "api/audit.h"
#include "api/search.h"

#define PAGE 500

struct writing {
        pic_ctx *ctx;
        int fd;
        void (*put)(const pic__journal_row *row, pic__buf *out);
        pic__search search;
        int64_t after; /* the last row that was looked at */
        int64_t last;  /* the last one that counts */
        uint64_t left; /* so many more */
        pic__buf out;
        pic__buf tail; /* what comes after the rows */
};

static void writing_free(struct writing *x)
{
        pic__buf_free(&x->out);
        pic__buf_free(&x->tail);
}

/* A descriptor that does not wait is waited for. */
static int write_all(int fd, pic__buf *b, pic_error **err)
{
        const char *at = pic__buf_str(b), *end = at + b->len;

        if (b->failed)
                return pic__nomem(err);
        while (at < end) {
                ssize_t n = write(fd, at, (size_t)(end - at));

                if (n > 0)
                        at += n;
                else if (n < 0 && errno == EAGAIN)
                        (void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
                else if (n < 0 && errno != EINTR)
                        return pic__fail(err, PIC_IO, "the rows cannot be written: %s", pic__errno_text(errno));
        }
        pic__buf_clear(b);
        return 0;
}

static int take(const pic__journal_row *row, void *data)
{
        struct writing *x = data;

        x->after = row->seq;
        if (row->seq > x->last || x->left == 0)
                return 1;
        if (!pic__search_has(&x->search, row))
                return 0;
        x->put(row, &x->out);
        x->left--;
        return 0;
}

/* 1: there is more. */
static int page(struct writing *x, pic_error **err)
{
        int64_t before = x->after;
        pic__store *st = NULL;
        int r = pic__ctx_lock(x->ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__store_journal(st, x->after, PAGE, take, x, err);
        pic__ctx_unlock(x->ctx);
        if (r < 0)
                return r;
        r = write_all(x->fd, &x->out, err);
        return r < 0 ? r : x->after > before && x->after < x->last && x->left > 0;
}

static int pages(struct writing *x, pic_error **err)
{
        int r = 1;

        while (r > 0)
                r = page(x, err);
        return r < 0 ? r : write_all(x->fd, &x->tail, err);
}

/* --- a bundle ------------------------------------------------------------------------------------------------- */

struct heads {
        pic__buf text;
        uint64_t count;
};

static void heads_free(struct heads *h)
{
        pic__buf_free(&h->text);
}

static int take_head(uint64_t size, pic_time time, const char *note, void *data)
{
        struct heads *h = data;

        (void)time;
        h->count++;
        pic__buf_putf(&h->text, "head %" PRIu64 " %zu\n%s", size, strlen(note), note);
        return 0;
}

/* What stands around the rows. */
static int put_frame(struct writing *x, pic__store *st, const struct heads *heads, pic_error **err)
{
        pic__auto_buf pic__buf key = PIC__BUF_INIT;
        uint8_t identity[32];
        int r = pic__audit_key(st, identity, err);

        if (r < 0)
                return r;
        if (r > 0)
                pic__note_verifier(identity, &key);
        else
                pic__buf_putc(&key, '-');
        pic__buf_putf(&x->out, "pic audit bundle 1\nkey %s\nrows %" PRId64 "\n", pic__buf_str(&key), x->last);
        pic__buf_putf(&x->tail, "heads %" PRIu64 "\n", heads->count);
        pic__buf_put(&x->tail, pic__buf_str(&heads->text), heads->text.len);
        pic__buf_puts(&x->tail, "end\n");
        return key.failed || heads->text.failed ? pic__nomem(err) : 0;
}

/* Heads are read before the rows are counted: none is of more rows than there are, unless rows were taken out. */
static int begin_locked(struct writing *x, pic__store *st, int format, pic_error **err)
{
        PIC__AUTO(heads_free) struct heads heads = { PIC__BUF_INIT, 0 };
        int r = format == PIC_AUDIT_BUNDLE ? pic__store_heads(st, take_head, &heads, err) : 0;

        if (r < 0)
                return r;
        x->last = pic__store_last_seq(st);
        if (x->search.o.before > 0 && x->search.o.before <= x->last)
                x->last = x->search.o.before - 1;
        x->left = x->search.o.max != 0 ? x->search.o.max : UINT64_MAX;
        if (format == PIC_AUDIT_BUNDLE)
                return put_frame(x, st, &heads, err);
        if (format == PIC_AUDIT_CSV)
                pic__audit_csv_head(&x->out);
        return pic__search_find(st, &x->search, err);
}

static int begin(struct writing *x, int format, pic_error **err)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(x->ctx, &st, err);

        if (r < 0)
                return r;
        r = begin_locked(x, st, format, err);
        pic__ctx_unlock(x->ctx);
        return r;
}

int pic_audit_export(pic_ctx *ctx, int fd, int format, const pic_history_opts *filter, pic_error **err)
{
        static void (*const put[])(const pic__journal_row *row, pic__buf *out) = {
                [PIC_AUDIT_JSONL] = pic__audit_jsonl,
                [PIC_AUDIT_CSV] = pic__audit_csv,
                [PIC_AUDIT_BUNDLE] = pic__audit_line,
        };
        PIC__AUTO(writing_free) struct writing x = { .ctx = ctx, .fd = fd };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || fd < 0 || fcntl(fd, F_GETFD) < 0)
                return pic__api_bad(err, "pic_audit_export", "ctx or fd is not valid");
        if (format < PIC_AUDIT_JSONL || format > PIC_AUDIT_BUNDLE)
                return pic__api_bad(err, "pic_audit_export", "format is none of PIC_AUDIT_*");
        if (format == PIC_AUDIT_BUNDLE && filter != NULL)
                return pic__api_bad(err, "pic_audit_export", "a bundle has no filter: it is whole or proves nothing");
        r = pic__search_make(filter, "pic_audit_export", &x.search, err);
        if (r < 0)
                return r;
        x.put = put[format];
        r = begin(&x, format, err);
        return r < 0 ? r : pages(&x, err);
}
