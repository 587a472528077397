/* Owns: /api/events: what changes (rows of the journal, complete, resumable) and what is true now (every two seconds,
 * while somebody listens). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

enum { STATUS_MS = 2000, NAP_MS = 500 };

struct events {
        struct hearer hearer;
        pic_sub *sub;
        int64_t told_ms;
        int reset; /* what was heard before is of another past */
};

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int put(const struct wire *wire, const char *event, int64_t id, const char *data)
{
        char *text = NULL, number[40] = "";
        int n, r;

        if (id > 0)
                snprintf(number, sizeof(number), "id: %" PRId64 "\n", id);
        n = asprintf(&text, "event: %s\n%sdata: %s\n\n", event, number, data);
        if (n < 0)
                return -1;
        r = wire->write(wire->data, text, (size_t)n);
        free(text);
        return r;
}

static int put_changes(const struct wire *wire, struct events *e, int timeout_ms)
{
        pic_event *event = NULL;
        int r = pic_sub_next(e->sub, timeout_ms, &event, NULL);

        while (r > 0) {
                r = 0;
                if (may_hear(e->hearer.role, event))
                        r = put(wire, "change", pic_event_seq(event), pic_event_json(event));
                event = pic_event_unref(event);
                if (r == 0)
                        r = pic_sub_next(e->sub, 0, &event, NULL);
        }
        return r;
}

static int put_status(const struct wire *wire, struct events *e)
{
        int64_t now = now_ms();
        char *text = NULL;
        int r;

        if (now - e->told_ms < STATUS_MS)
                return 0;
        e->told_ms = now;
        if (live_text(e->hearer.app, STATUS_MS - NAP_MS, &text, NULL) < 0 || text == NULL)
                return wire->write(wire->data, ": no status\n\n", 13);
        r = put(wire, "status", 0, text);
        free(text);
        return r;
}

static int send_events(const struct wire *wire, void *data)
{
        struct events *e = data;
        int r = wire->write(wire->data, "retry: 2000\n\n", 13);

        if (r == 0 && e->reset)
                r = put(wire, "reset", 0, "{}");
        while (r == 0 && !wire->over(wire->data) && hear_goes_on(&e->hearer)) {
                r = put_changes(wire, e, NAP_MS);
                if (r == 0)
                        r = put_status(wire, e);
        }
        return r;
}

static void free_events(void *data)
{
        struct events *e = data;

        hear_end(&e->hearer);
        pic_sub_unref(e->sub);
        free(e);
}

/* -1 after having answered. */
static int begin_after(struct call *c, int64_t *ret)
{
        const char *last = req_header(c->req, "Last-Event-ID", NULL);

        *ret = -1;
        if (last == NULL)
                last = param(c, "after");
        if (last == NULL || last[0] == '\0' || text_int(last, 0, INT64_MAX, ret) == 0)
                return 0;
        return fail(c, 400, PIC_VALUE, NULL, "Last-Event-ID: must be the number of an event");
}

/* A number that there is not yet is of a cell that was replaced by an older copy of itself: to wait for it would be to
 * hear nothing for long. 1: it is one; -1 after having answered. */
static int is_of_another_past(struct call *c, int64_t after)
{
        pic_history_opts opts = PIC_HISTORY_OPTS_INIT;
        pic_history *newest = NULL;
        pic_error *err = NULL;
        int is;

        if (after <= 0)
                return 0;
        opts.max = 1;
        if (pic_history_get(app_ctx(c->app), &opts, &newest, &err) < 0)
                return fail_err(c, err);
        is = pic_history_count(newest) == 0 || pic_event_seq(pic_history_at(newest, 0)) < after;
        pic_history_unref(newest);
        return is;
}

int get_events(struct call *c)
{
        pic_error *err = NULL;
        struct events *e;
        int64_t after;
        int reset;

        if (begin_after(c, &after) < 0)
                return -1;
        reset = is_of_another_past(c, after);
        if (reset < 0)
                return -1;
        e = calloc(1, sizeof(*e));
        if (e == NULL)
                return fail_nomem(c);
        if (hear_begin(c, &e->hearer) < 0) {
                free(e);
                return -1;
        }
        e->reset = reset;
        if (pic_sub_open(app_ctx(c->app), reset ? -1 : after, &e->sub, &err) < 0) {
                free_events(e);
                return fail_err(c, err);
        }
        c->res->status = 200;
        c->res->type = "text/event-stream";
        c->res->stream = send_events;
        c->res->stream_free = free_events;
        c->res->stream_data = e;
        return 0;
}
