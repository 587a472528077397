/* Owns: one backup at a place: what others left half done is cleaned, it is made while it is sent, read back, given its
 * name, and only then older ones go. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/content.h"
#include "keeper/keep.h"
#include "sys/clock.h"
#include "sys/crypto.h"

/* Makes it, beside who sends it. */
struct maker {
        pic__content content;
        const pic__order *order;
        int from, to; /* a pipe between them */
        pthread_t thread;
        int running;
        int r;
        pic_error *err;
};

static int put_piece(const void *data, size_t len, void *arg, pic_error **err)
{
        const struct maker *m = arg;
        const char *at = data;

        while (len > 0) {
                ssize_t n = write(m->to, at, len);

                if (n < 0 && errno == EINTR && !pic__keep_canceled(m->order))
                        continue;
                if (n <= 0)
                        return pic__fail(err, PIC_CANCELED, "nobody takes it any more");
                at += n;
                len -= (size_t)n;
        }
        return 0;
}

static int make(struct maker *m, pic_error **err)
{
        const pic__pack_opts how = { .keys = m->order->plain ? NULL : &m->order->keys,
                                     .log_n = m->order->work_factor,
                                     .bare = m->order->bare };

        return pic__content_pack(&m->content, &how, put_piece, m, err);
}

static void *make_beside(void *arg)
{
        struct maker *m = arg;

        m->r = make(m, &m->err);
        (void)close(m->to);
        m->to = -1;
        return NULL;
}

static int begin(struct maker *m, pic_error **err)
{
        int pair[2], r = pic__content_take(m->order->dir, &pic__clock_real, &m->content, err);

        if (r < 0)
                return r;
        if (pipe2(pair, O_CLOEXEC) < 0)
                return pic__fail_errno(err, errno, "no pipe");
        m->from = pair[0];
        m->to = pair[1];
        if (pthread_create(&m->thread, NULL, make_beside, m) != 0)
                return pic__nomem(err);
        m->running = 1;
        return 0;
}

/* What became of it; for the end of the pipe, and for who goes away. */
static int join(struct maker *m, pic_error **err)
{
        if (!m->running)
                return m->r;
        (void)pthread_join(m->thread, NULL);
        m->running = 0;
        if (m->r < 0)
                pic__err_append(err, pic__take(m->err));
        return m->r;
}

static void clear(struct maker *m)
{
        if (m->from >= 0)
                (void)close(m->from); /* a maker that writes ends by that */
        m->from = -1;
        (void)join(m, NULL);
        if (m->to >= 0)
                (void)close(m->to);
        pic_error_free(m->err);
        pic__content_clear(&m->content);
}

struct sending {
        struct maker *maker;
        pic__passed passed;
};

/* The end of the pipe is the end of the file only when its maker says so. */
static long more(void *arg, void *room, size_t len, pic_error **err)
{
        struct sending *s = arg;
        ssize_t n;

        do {
                if (pic__keep_canceled(s->maker->order))
                        return pic__fail(err, PIC_CANCELED, "canceled");
                n = read(s->maker->from, room, len);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return pic__fail_errno(err, errno, "no more comes");
        if (n == 0)
                return join(s->maker, err);
        return pic__passed_put(&s->passed, room, (size_t)n, err) < 0 ? PIC_BACKEND : n;
}

static int hash_it(const void *data, size_t len, void *arg, pic_error **err)
{
        return pic__passed_put(arg, data, len, err);
}

/* What the place has is what was sent, or it is no backup. */
static int read_back(pic__keeper *k, const char *name, uint64_t size, const char *hex, pic_error **err)
{
        char back[65] = "";
        pic__passed p;
        int r = pic__passed_start(&p, k, "check", err);

        if (r < 0)
                return r;
        r = k->far->ops->get(k->far, name, hash_it, &p, err);
        if (pic__passed_end(&p, back, r == 0 ? err : NULL) < 0 && r == 0)
                r = PIC_BACKEND;
        if (r < 0)
                return r;
        if (p.bytes == size && strcmp(back, hex) == 0)
                return 0;
        pic__fail(err, PIC_CORRUPT, "what was read back is not what was sent: %llu of %llu bytes%s",
                  (unsigned long long)p.bytes, (unsigned long long)size, p.bytes == size ? ", but others" : "");
        pic__hint(err, "The place lies, or something between changes what passes: this backup does not count.");
        return PIC_CORRUPT;
}

static int is_ours(const char *name, void *arg)
{
        const pic__keeper *k = arg;
        pic_time created;
        int part;

        return pic__backup_named(name, k->order->id, &created, &part);
}

/* Of who was killed or cut off, and of this cell; not what a twin of it (restored elsewhere) or another one of us
 * writes now. That it cannot be cleaned is no reason to make no backup. own: the name that is written to next. */
static void clean(pic__keeper *k, const char *own)
{
        size_t i;

        for (i = 0; i < k->list.count; i++)
                if (k->list.at[i].part && k->far->ops->left != NULL &&
                    k->far->ops->left(k->far, k->list.at[i].name, own) == 1)
                        (void)k->far->ops->drop(k->far, k->list.at[i].name, NULL);
        if (k->far->ops->clean != NULL)
                (void)k->far->ops->clean(k->far, is_ours, k, NULL);
}

static int is_taken(const pic__keeper *k, const char *name)
{
        size_t i;

        for (i = 0; i < k->list.count; i++)
                if (strcmp(k->list.at[i].name, name) == 0)
                        return 1;
        return 0;
}

/* Two of one second would have one name: the later one waits. */
static int name_it(const pic__keeper *k, struct maker *m, pic__buf *name, pic_error **err)
{
        const pic__manifest *t = &m->content.manifest;
        enum pic__named_form form = k->order->bare    ? PIC__NAMED_TAR
                                    : k->order->plain ? PIC__NAMED_PACKED
                                                      : PIC__NAMED_LOCKED;
        int tries;

        for (tries = 0; tries < 3; tries++) {
                pic__buf_clear(name);
                pic__backup_name(t->cell, k->order->id, t->created, form, name);
                if (name->failed)
                        return pic__nomem(err);
                if (!is_taken(k, pic__buf_str(name)))
                        return 0;
                (void)sleep(1);
                m->content.manifest.created += PIC__SECOND;
        }
        return pic__fail(err, PIC_BUSY, "%s is there already", pic__buf_str(name));
}

/* What it is called while it is not whole. */
static int name_first(const pic__keeper *k, const char *name, pic__buf *first, pic_error **err)
{
        uint32_t maker;

        pic__random(&maker, sizeof(maker));
        if (k->far->ops->move != NULL)
                pic__backup_part(name, maker, first);
        else
                pic__buf_puts(first, name);
        return first->failed ? pic__nomem(err) : 0;
}

/* Its own name. Another one of us may have come first with the same one, after we looked: then the next that is free.
 */
static int rename_it(pic__keeper *k, struct maker *m, const char *first, pic__buf *name, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        int r = k->far->ops->move(k->far, first, pic__buf_str(name), &bad);

        if (r < 0 && !pic__keep_canceled(k->order) && pic__keep_list(k, NULL) == 0 && is_taken(k, pic__buf_str(name))) {
                r = name_it(k, m, name, err);
                return r < 0 ? r : k->far->ops->move(k->far, first, pic__buf_str(name), err);
        }
        if (r < 0 && err != NULL)
                *err = pic__take(bad);
        return r;
}

static int send(pic__keeper *k, struct maker *m, const char *first, pic__buf *name, uint64_t *ret_size, char hex[65],
                pic_error **err)
{
        struct sending s = { .maker = m };
        int r = pic__passed_start(&s.passed, k, "send", err);

        if (r < 0)
                return r;
        r = k->far->ops->put(k->far, first, more, &s, err);
        *ret_size = s.passed.bytes;
        if (pic__passed_end(&s.passed, hex, r == 0 ? err : NULL) < 0 && r == 0)
                r = PIC_BACKEND;
        if (r == 0)
                r = read_back(k, first, *ret_size, hex, err);
        if (r == 0 && pic__keep_canceled(k->order))
                r = pic__fail(err, PIC_CANCELED, "canceled");
        if (r == 0 && k->far->ops->move != NULL)
                r = rename_it(k, m, first, name, err);
        if (r < 0 && !pic__keep_canceled(k->order))
                (void)k->far->ops->drop(k->far, first, NULL);
        return r;
}

/* --- older ones -------------------------------------------------------------------------------------------------- */

/* Those that go; the new one is among the list, and well. */
static int retain(pic__keeper *k, const char *newest, pic__json *j, pic_error **err)
{
        pic__auto_free pic__held *held = pic__alloc((k->list.count + 1) * sizeof(*held));
        size_t i;
        int r = 0;

        if (held == NULL)
                return pic__nomem(err);
        for (i = 0; i < k->list.count; i++) {
                const char *sha256;

                held[i].created = k->list.at[i].created;
                held[i].state = strcmp(k->list.at[i].name, newest) == 0
                                        ? 1
                                        : pic__order_known(k->order, k->list.at[i].name, &sha256);
        }
        pic__retain(held, k->list.count, &k->order->keep);
        pic__json_key(j, "removed");
        pic__json_open(j, '[');
        for (i = 0; r == 0 && i < k->list.count; i++)
                if (!held[i].keep && !k->list.at[i].part) {
                        r = k->far->ops->drop(k->far, k->list.at[i].name, err);
                        if (r == 0)
                                pic__json_str(j, k->list.at[i].name);
                }
        pic__json_close(j, ']');
        return r;
}

/* Whether there was none yet in its week, but in one before. */
static int is_turn(const pic__keeper *k, const char *newest)
{
        pic_time last = INT64_MIN, now = 0;
        size_t i;

        for (i = 0; i < k->list.count; i++)
                if (strcmp(k->list.at[i].name, newest) == 0)
                        now = k->list.at[i].created;
                else if (k->list.at[i].created > last)
                        last = k->list.at[i].created;
        return last != INT64_MIN && pic__retain_week(last) < pic__retain_week(now);
}

static int settle(pic__keeper *k, const char *name, pic__json *j, pic_error **err)
{
        int turned = is_turn(k, name), r = retain(k, name, j, err);

        return r == 0 && k->far->ops->settle != NULL ? k->far->ops->settle(k->far, turned, err) : r;
}

/* It is there; that older ones cannot be removed is told beside that. */
static int tidy(pic__keeper *k, const char *name, uint64_t size, pic__json *j, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        const pic__kept *there;
        int r = pic__keep_list(k, err);

        if (r < 0)
                return r;
        there = pic__keep_one(k, name, err);
        if (there == NULL)
                return PIC_NOTFOUND;
        if (there->size != size && there->size != 0)
                return pic__fail(err, PIC_CORRUPT, "%s has %llu bytes there, not %llu", name,
                                 (unsigned long long)there->size, (unsigned long long)size);
        r = settle(k, name, j, &bad);
        if (r < 0)
                pic__json_kstr(j, "warning", pic_error_message(bad));
        return pic__keep_list(k, err);
}

int pic__keep_run(pic__keeper *k, pic__json *j, pic_error **err)
{
        pic__auto_buf pic__buf name = PIC__BUF_INIT, first = PIC__BUF_INIT;
        PIC__AUTO(clear) struct maker m = { .order = k->order, .from = -1, .to = -1 };
        char hex[65] = "", when[PIC__TIME_TEXT];
        uint64_t size = 0;
        int r;

        m.content = (pic__content){ .parts = NULL };
        r = begin(&m, err);
        if (r == 0)
                r = name_it(k, &m, &name, err);
        if (r == 0)
                r = name_first(k, pic__buf_str(&name), &first, err);
        if (r == 0) {
                clean(k, pic__buf_str(&first));
                r = send(k, &m, pic__buf_str(&first), &name, &size, hex, err);
        }
        if (r < 0)
                return r;
        pic__json_kstr(j, "name", pic__buf_str(&name));
        pic__json_kint(j, "size", (int64_t)size);
        pic__json_kstr(j, "sha256", hex);
        if (k->far->added >= 0)
                pic__json_kint(j, "added", k->far->added);
        pic__json_kstr(j, "created", pic__time_print(m.content.manifest.created, when));
        pic__json_kint(j, "revision", m.content.manifest.revision);
        return tidy(k, pic__buf_str(&name), size, j, err);
}
