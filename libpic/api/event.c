/* Owns: subscriptions: rows of the journal, pulled. The kernel tells (inotify) when somebody wrote to the store's
 * files; the journal tells what. A wake-up without news is possible, news without a wake-up is not. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "api/api.h"
#include "base/time.h"
#include "codec/doc.h"

struct pic_event {
        pic__handle h;
        pic__arena arena;
        int64_t seq;
        pic_revision revision;
        pic_time time;
        const char *kind;
        const char *name;
        const char *verb;
        const char *actor;
        const char *text;
        const char *json;
};

struct pic_sub {
        pic__handle h;
        pic_ctx *ctx;
        int fd;
        int64_t after;
};

/* ---- events ---- */

pic_event *pic_event_unref(pic_event *event)
{
        if (pic__api_is(event, PIC__MAGIC_EVENT) && __atomic_sub_fetch(&event->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                event->h.magic = 0;
                pic__arena_free(&event->arena);
                pic__free(event);
        }
        return NULL;
}

static const char *copy(pic_event *e, const char *text)
{
        return pic__arena_dup(&e->arena, text, strlen(text));
}

/* The changed fields, as the journal has them: an object. What somebody made of it behind our back is told as a text.
 */
static void put_fields(pic__json *j, const char *key, const char *text)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;

        if (text == NULL || pic__doc_json(text, strlen(text), key, &doc, NULL) < 0 ||
            pic__doc_root(doc)->type != PIC__N_MAP) {
                pic__json_kstr(j, key, text);
                return;
        }
        pic__json_key(j, key);
        pic__json_raw(j, text);
}

void pic__row_json(const pic__journal_row *row, pic__json *j)
{
        char when[PIC__TIME_TEXT];

        pic__json_open(j, '{');
        pic__json_kint(j, "seq", row->seq);
        pic__json_kint(j, "revision", row->revision);
        pic__json_kstr(j, "time", pic__time_print(row->time, when));
        pic__json_kstr(j, "actor", row->actor);
        pic__json_kstr(j, "way", row->way);
        pic__json_kstr(j, "kind", row->kind);
        pic__json_kint(j, "id", row->id);
        pic__json_kstr(j, "name", row->name);
        pic__json_kstr(j, "verb", row->verb);
        put_fields(j, "before", row->before);
        put_fields(j, "after", row->after);
        pic__json_kstr(j, "text", row->text);
        pic__json_close(j, '}');
}

static const char *make_json(pic_event *e, const pic__journal_row *row)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        pic__row_json(row, &j);
        return b.failed ? NULL : pic__arena_dup(&e->arena, pic__buf_str(&b), b.len);
}

int pic__event_make(const pic__journal_row *row, void *data)
{
        pic_event **ret = data, *e = pic__alloc(sizeof(*e));

        if (e == NULL)
                return PIC_NOMEM;
        e->h = (pic__handle){ PIC__MAGIC_EVENT, 1 };
        e->seq = row->seq;
        e->revision = row->revision;
        e->time = row->time;
        e->kind = copy(e, row->kind);
        e->name = copy(e, row->name);
        e->verb = copy(e, row->verb);
        e->actor = copy(e, row->actor);
        e->text = copy(e, row->text);
        e->json = make_json(e, row);
        if (e->kind == NULL || e->name == NULL || e->verb == NULL || e->actor == NULL || e->text == NULL ||
            e->json == NULL) {
                (void)pic_event_unref(e);
                return PIC_NOMEM;
        }
        *ret = e;
        return 1;
}

/* ---- subscriptions ---- */

pic_sub *pic_sub_unref(pic_sub *sub)
{
        if (pic__api_is(sub, PIC__MAGIC_SUB) && __atomic_sub_fetch(&sub->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                sub->h.magic = 0;
                if (sub->fd >= 0)
                        (void)close(sub->fd);
                pic_ctx_unref(sub->ctx);
                pic__free(sub);
        }
        return NULL;
}
PIC__CLEANUP(pic_sub, pic_sub_unref)

static int watch(pic_sub *sub, pic_error **err)
{
        sub->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (sub->fd < 0)
                return pic__fail(err, PIC_BACKEND, "no inotify: %s", strerrorname_np(errno));
        /* The directory, because the write-ahead log comes and goes. */
        if (inotify_add_watch(sub->fd, sub->ctx->dir, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
                return pic__fail(err, PIC_BACKEND, "cannot watch %s: %s", sub->ctx->dir, strerrorname_np(errno));
        return 0;
}

int pic_sub_open(pic_ctx *ctx, int64_t after, pic_sub **ret_sub, pic_error **err)
{
        PIC__AUTO(pic_sub_unref_p) pic_sub *sub = NULL;
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_sub == NULL || after < -1)
                return pic__api_bad(err, "pic_sub_open", "ctx, after or ret_sub is not valid");
        sub = pic__alloc(sizeof(*sub));
        if (sub == NULL)
                return pic__nomem(err);
        sub->h = (pic__handle){ PIC__MAGIC_SUB, 1 };
        sub->fd = -1;
        sub->ctx = pic__ctx_ref(ctx);
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        sub->after = after >= 0 ? after : pic__store_last_seq(st);
        pic__ctx_unlock(ctx);
        r = watch(sub, err);
        if (r < 0)
                return r;
        *ret_sub = pic__take(sub);
        return 0;
}

int pic_sub_fd(const pic_sub *sub)
{
        return pic__api_is(sub, PIC__MAGIC_SUB) ? sub->fd : -1;
}

static void drain(int fd)
{
        char events[4096] __attribute__((aligned(8)));

        while (read(fd, events, sizeof(events)) > 0)
                continue;
}

/* 1 with the next event, 0 when there is none yet. */
static int look(pic_sub *sub, pic_event **ret, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        drain(sub->fd); /* before looking: what comes after this wakes us again */
        r = pic__ctx_lock(sub->ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__store_journal(st, sub->after, 1, pic__event_make, ret, err);
        pic__ctx_unlock(sub->ctx);
        return r == PIC_NOMEM ? pic__nomem(err) : r;
}

static int64_t mono_ms(const pic_sub *sub)
{
        return sub->ctx->clock->mono(sub->ctx->clock->data) / 1000;
}

int pic_sub_next(pic_sub *sub, int timeout_ms, pic_event **ret_event, pic_error **err)
{
        pic_event *e = NULL;
        int64_t until;

        if (!pic__api_is(sub, PIC__MAGIC_SUB) || ret_event == NULL || timeout_ms < -1)
                return pic__api_bad(err, "pic_sub_next", "sub, timeout_ms or ret_event is not valid");
        until = timeout_ms > 0 ? mono_ms(sub) + timeout_ms : 0;
        for (;;) {
                struct pollfd p = { .fd = sub->fd, .events = POLLIN };
                int64_t left = timeout_ms > 0 ? until - mono_ms(sub) : timeout_ms;
                int r = look(sub, &e, err);

                if (r < 0)
                        return r;
                if (r > 0) {
                        sub->after = e->seq;
                        *ret_event = e;
                        return 1;
                }
                if (timeout_ms >= 0 && left <= 0)
                        return 0;
                if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
                        return pic__fail(err, PIC_BACKEND, "cannot wait for events: %s", strerrorname_np(errno));
        }
}

/* ---- readers ---- */

int64_t pic_event_seq(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->seq : 0;
}

pic_revision pic_event_revision(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->revision : 0;
}

pic_time pic_event_time(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->time : 0;
}

const char *pic_event_kind(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->kind : "";
}

const char *pic_event_name(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->name : "";
}

const char *pic_event_verb(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->verb : "";
}

const char *pic_event_actor(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->actor : "";
}

const char *pic_event_text(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->text : "";
}

const char *pic_event_json(const pic_event *event)
{
        return pic__api_is(event, PIC__MAGIC_EVENT) ? event->json : "{}";
}
