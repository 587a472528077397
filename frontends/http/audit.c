/* Owns: the journal: its rows, and that it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/text.h"
#include "http/http.h"

enum { ROWS_MAX = 10000, MORE = 500 };

/* --- rows ----------------------------------------------------------------------------------------------------- */

int param_moment(struct call *c, const char *name, pic_time *ret)
{
        const char *text = param(c, name);

        if (text == NULL)
                return 0;
        *ret = text_moment(text, (int64_t)time(NULL) * 1000000);
        return *ret >= 0 ? 0 : fail(c, 400, PIC_VALUE, NULL, "%s: must be a time such as 2026-11-25T19:30:00Z", name);
}

int param_number(struct call *c, const char *name, int64_t max, int64_t *ret)
{
        const char *text = param(c, name);

        if (text == NULL || text_int(text, 0, max, ret) == 0)
                return 0;
        return fail(c, 400, PIC_VALUE, NULL, "%s: must be a whole number up to %" PRId64, name, max);
}

int history_opts(struct call *c, pic_history_opts *o)
{
        int64_t max = 100;

        if (param_moment(c, "since", &o->since) < 0 || param_moment(c, "until", &o->until) < 0 ||
            param_number(c, "before", INT64_MAX, &o->before) < 0 || param_number(c, "max", ROWS_MAX, &max) < 0 ||
            param_number(c, "limit", ROWS_MAX, &max) < 0 || param_number(c, "first", INT64_MAX, &o->first) < 0 ||
            param_number(c, "last", INT64_MAX, &o->last) < 0)
                return -1;
        o->max = (uint32_t)(max > 0 ? max : 1);
        o->kind = param(c, "kind");
        o->name = param(c, "name");
        o->actor = param(c, "actor");
        o->verb = param(c, "verb");
        o->way = param(c, "way");
        o->text = param(c, "text");
        if (o->kind != NULL && pic_field_count(o->kind) == 0)
                return fail(c, 400, PIC_VALUE, NULL, "kind: there is no kind '%.64s'", o->kind);
        return 0;
}

/* Of users an admin only hears. */
int may_hear(unsigned role, const pic_event *e)
{
        const char *kind = pic_event_kind(e);

        return role == R_ADMIN || (strcmp(kind, "user") != 0 && strcmp(kind, "token") != 0);
}

/* Rows that the caller may hear of, until there are so many, or no more: nothing of the answer tells of the others. */
static int put_rows(struct call *c, pic_history_opts *o, FILE *out, int64_t *ret_last)
{
        uint32_t want = o->max, said = 0;
        size_t count, i;
        int full;

        do {
                pic_history *h = NULL;
                pic_error *err = NULL;

                if (pic_history_get(app_ctx(c->app), o, &h, &err) < 0)
                        return fail_err(c, err);
                count = pic_history_count(h);
                for (i = 0; i < count && said < want; i++) {
                        const pic_event *e = pic_history_at(h, i);

                        o->before = pic_event_seq(e);
                        if (!may_hear(c->role, e))
                                continue;
                        fprintf(out, "%s%s", said++ > 0 ? "," : "", pic_event_json(e));
                        *ret_last = pic_event_seq(e);
                }
                pic_history_unref(h);
                full = count == o->max;
                o->max = MORE; /* many may be hidden: not one question for each of them */
        } while (said < want && full);
        if (said < want)
                *ret_last = 0;
        return 0;
}

int get_history(struct call *c)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        int64_t last = 0;
        char *text = NULL;
        size_t size = 0;
        FILE *out;
        int r;

        if (history_opts(c, &o) < 0)
                return -1;
        out = open_memstream(&text, &size);
        if (out == NULL)
                return fail_nomem(c);
        fputc('[', out);
        r = put_rows(c, &o, out, &last);
        fputc(']', out);
        if (fclose(out) != 0 || r < 0) {
                free(text);
                return r < 0 ? r : fail_nomem(c);
        }
        if (last > 0) /* for the next page, with ?before= */
                answer_header(c, "X-Next-Before", "%" PRId64, last);
        return answer_text(c, 200, text);
}

int get_audit(struct call *c)
{
        return get_history(c);
}

int get_audit_row(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        int64_t seq;

        if (text_int(c->args[0], 1, INT64_MAX, &seq) < 0)
                return fail(c, 404, PIC_NOTFOUND, "GET /api/audit", "a row is a whole number");
        if (pic_audit_get(app_ctx(c->app), seq, flag(c, "proof") ? PIC_AUDIT_PROOF : 0, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

int get_audit_verify(struct call *c)
{
        pic_audit_verify_opts o = PIC_AUDIT_VERIFY_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;

        o.key = param(c, "key");
        if (pic_audit_verify(app_ctx(c->app), &o, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

int get_audit_head(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_audit_head(app_ctx(c->app), &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

/* --- export --------------------------------------------------------------------------------------------------- */

/* The library writes to a descriptor: one end of a pipe, whose other end is sent on as it comes. */
struct export
{
        pic_ctx *ctx;
        pic_history_opts filter;
        int filtered;
        int format;
        int fds[2];
        char texts[6][128]; /* what the filter points to */
        pthread_t thread;
};

static void *write_rows(void *data)
{
        struct export *e = data;

        (void)!pic_audit_export(e->ctx, e->fds[1], e->format, e->filtered ? &e->filter : NULL, NULL);
        close(e->fds[1]);
        return NULL;
}

static int send_rows(const struct wire *wire, void *data)
{
        struct export *e = data;
        char block[16384];
        ssize_t n;
        int r = 0;

        if (pthread_create(&e->thread, NULL, write_rows, e) != 0)
                return -1;
        while (r == 0 && (n = read(e->fds[0], block, sizeof(block))) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                r = n < 0 ? -1 : wire->write(wire->data, block, (size_t)n);
        }
        close(e->fds[0]); /* the writer ends with a broken pipe when nobody reads any more */
        e->fds[0] = -1;
        pthread_join(e->thread, NULL);
        e->fds[1] = -1;
        return r;
}

static void free_export(void *data)
{
        struct export *e = data;

        if (e->fds[0] >= 0)
                close(e->fds[0]);
        if (e->fds[1] >= 0)
                close(e->fds[1]);
        free(e);
}

static int find_format(struct call *c, struct export *e)
{
        static const char *const names[] = { "jsonl", "csv", "bundle" };
        const char *format = param(c, "format") != NULL ? param(c, "format") : "csv";
        int i;

        for (i = 0; i < 3; i++)
                if (strcmp(names[i], format) == 0) {
                        e->format = i;
                        e->filtered = i != PIC_AUDIT_BUNDLE;
                        return 0;
                }
        return fail(c, 400, PIC_VALUE, NULL, "format: must be csv, jsonl or bundle");
}

/* The call is over when rows are sent: what the filter says is copied. */
static int keep_filter(struct call *c, struct export *e)
{
        const char **const texts[] = { &e->filter.kind, &e->filter.name, &e->filter.actor,
                                       &e->filter.verb, &e->filter.way,  &e->filter.text };
        size_t i;

        e->filter = (pic_history_opts)PIC_HISTORY_OPTS_INIT;
        if (history_opts(c, &e->filter) < 0)
                return -1;
        if (param(c, "max") == NULL && param(c, "limit") == NULL)
                e->filter.max = 0;
        for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                if (*texts[i] != NULL) {
                        snprintf(e->texts[i], sizeof(e->texts[i]), "%s", *texts[i]);
                        *texts[i] = e->texts[i];
                }
        return 0;
}

int get_audit_export(struct call *c)
{
        static const char *const types[] = { "application/x-ndjson", "text/csv; charset=utf-8",
                                             "text/plain; charset=utf-8" };
        static const char *const ends[] = { "jsonl", "csv", "txt" };
        struct export *e = calloc(1, sizeof(*e));

        if (e == NULL)
                return fail_nomem(c);
        e->fds[0] = e->fds[1] = -1;
        e->ctx = app_ctx(c->app);
        if (find_format(c, e) < 0 || keep_filter(c, e) < 0) {
                free_export(e);
                return -1;
        }
        if (pipe2(e->fds, O_CLOEXEC) < 0) {
                free_export(e);
                return fail(c, 503, PIC_BUSY, NULL, "too many files are open");
        }
        c->res->status = 200;
        c->res->type = types[e->format];
        answer_header(c, "Content-Disposition", "attachment; filename=\"audit.%s\"", ends[e->format]);
        c->res->stream = send_rows;
        c->res->stream_free = free_export;
        c->res->stream_data = e;
        return 0;
}
