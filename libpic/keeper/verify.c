/* Owns: reading one backup again: with its passphrase all that is in it, else whether it is what was sent. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "backup/unpack.h"
#include "keeper/keep.h"

enum { PIECE = 256 << 10 };

/* Fetches it, beside who reads it. */
struct fetcher {
        pic__keeper *k;
        const char *name;
        int from, to;
        pic__passed passed;
        char *room;
        int r;
        pic_error *err;
        int left; /* nobody reads any more: it goes on for the hash */
};

static int put(const void *data, size_t len, void *arg, pic_error **err)
{
        struct fetcher *f = arg;
        const char *at = data;
        size_t left = f->to >= 0 && !f->left ? len : 0;

        while (left > 0) {
                ssize_t n = write(f->to, at, left);

                if (n < 0 && errno == EINTR && !pic__keep_canceled(f->k->order))
                        continue;
                if (n <= 0) {
                        f->left = 1;
                        break;
                }
                at += n;
                left -= (size_t)n;
        }
        return pic__passed_put(&f->passed, data, len, err);
}

static void *fetch(void *arg)
{
        struct fetcher *f = arg;

        f->r = f->k->far->ops->get(f->k->far, f->name, put, f, &f->err);
        if (f->to >= 0)
                (void)close(f->to);
        f->to = -1;
        return NULL;
}

static int next(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        struct fetcher *f = arg;
        size_t len = 0;
        ssize_t n = 1;

        while (len < PIECE && (n = read(f->from, f->room + len, PIECE - len)) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return pic__fail_errno(err, errno, "no more comes");
                len += (size_t)n;
        }
        *ret_data = f->room;
        *ret_len = len;
        return len > 0;
}

/* All members, each with its hash, and nothing behind them. */
static int read_members(struct fetcher *f, size_t *ret_members, pic_error **err)
{
        const pic__order *o = f->k->order;
        const pic__member *member;
        pic__unpack *u = NULL;
        int r = pic__unpack_new(o->plain ? NULL : &o->keys, 0, 0, next, f, &u, err);

        while (r >= 0 && (r = pic__unpack_next(u, &member, err)) > 0)
                ++*ret_members;
        pic__unpack_free(u);
        return r;
}

static int open_it(struct fetcher *f, size_t *ret_members, pic_error **err)
{
        pthread_t thread;
        int pair[2], r;

        f->room = pic__alloc(PIECE);
        if (f->room == NULL)
                return pic__nomem(err);
        if (pipe2(pair, O_CLOEXEC) < 0)
                return pic__fail_errno(err, errno, "no pipe");
        f->from = pair[0];
        f->to = pair[1];
        if (pthread_create(&thread, NULL, fetch, f) != 0) {
                (void)close(f->from);
                (void)close(f->to);
                return pic__nomem(err);
        }
        r = read_members(f, ret_members, err);
        (void)close(f->from);
        (void)pthread_join(thread, NULL);
        return r;
}

/* Why it is not well: what the place said goes before what was found in what came. */
static int judge(struct fetcher *f, const pic__kept *one, const char *hex, int opened, pic_error *inside,
                 pic_error **err)
{
        const char *sent;

        (void)pic__order_known(f->k->order, one->name, &sent);
        if (f->r < 0) {
                pic_error_free(inside);
                pic__err_append(err, pic__take(f->err));
                return f->r;
        }
        if (sent != NULL && strcmp(sent, hex) != 0) {
                pic_error_free(inside);
                return pic__fail(err, PIC_CORRUPT, "it is not what was sent there");
        }
        if (opened < 0) {
                pic__err_append(err, inside);
                return opened;
        }
        return 0;
}

int pic__keep_verify(pic__keeper *k, pic__json *j, pic_error **err)
{
        const pic__kept *one = pic__keep_one(k, k->order->name, err);
        struct fetcher f = { .k = k, .name = one != NULL ? one->name : NULL, .from = -1, .to = -1 };
        int opens = k->order->plain || k->order->keys.passphrase != NULL, opened = 0, r;
        pic_error *inside = NULL;
        char hex[65] = "";
        const char *sent;
        size_t members = 0;

        if (one == NULL)
                return PIC_NOTFOUND;
        r = pic__passed_start(&f.passed, k, "verify", err);
        if (r < 0)
                return r;
        if (opens)
                opened = open_it(&f, &members, &inside);
        else
                (void)fetch(&f);
        (void)pic__passed_end(&f.passed, hex, NULL);
        pic__free(f.room);
        r = judge(&f, one, hex, opened, inside, err);
        pic_error_free(f.err);
        pic__json_kstr(j, "name", one->name);
        pic__json_kint(j, "size", (int64_t)f.passed.bytes);
        pic__json_kstr(j, "sha256", hex);
        (void)pic__order_known(k->order, one->name, &sent);
        /* what was looked at: all that is in it, or whether it is what was sent, or only that it can be read */
        pic__json_kstr(j, "looked", opens ? "content" : sent != NULL ? "hash" : "bytes");
        pic__json_kint(j, "members", (int64_t)members);
        return r;
}
