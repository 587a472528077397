/* Owns: the logs: the last lines that are chosen, page by page, and those that come. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

enum { LINES = 100, FOUND = 1000, LINES_MAX = 10000, LOOK_MS = 1000, PING_LOOKS = 10, WORD_MAX = 300 };

/* Old clients say "all", or nothing. */
static const char *area_of(const struct call *c)
{
        const char *service = param(c, "service");

        return service != NULL && strcmp(service, "all") != 0 && service[0] != '\0' ? service : NULL;
}

/* One that is empty is none: forms send what nobody filled in. */
static const char *word_of(const struct call *c, const char *name)
{
        const char *text = param(c, name);

        return text != NULL && text[0] != '\0' ? text : NULL;
}

static int is_yes(const struct call *c, const char *name)
{
        const char *text = param(c, name);

        return text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

static void choose(const struct call *c, pic_log_opts *o)
{
        o->flags = is_yes(c, "objects") ? 0 : PIC_LOG_STRINGS;
        o->flags |= is_yes(c, "case") ? 0 : PIC_LOG_FOLD;
        o->area = area_of(c);
        o->text = word_of(c, "q");
        o->level = word_of(c, "level");
        o->peer = word_of(c, "peer");
        o->connection = word_of(c, "connection");
        o->before = word_of(c, "before");
}

static int answer_lines(struct call *c, int64_t lines)
{
        pic_log_opts o = PIC_LOG_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *found, *answer;

        if (param_number(c, "lines", LINES_MAX, &lines) < 0 || param_moment(c, "since", &o.since) < 0 ||
            param_moment(c, "until", &o.until) < 0)
                return -1;
        choose(c, &o);
        o.max = (uint32_t)lines;
        if (pic_log_search(app_ctx(c->app), &o, &report, &err) < 0)
                return fail_err(c, err);
        found = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        answer = json_pack("{s:s?,s:s?,s:O,s:O}", "service", o.area, "query", o.text, "lines",
                           json_object_get(found, "lines"), "before", json_object_get(found, "before"));
        json_decref(found);
        return answer_json(c, 200, answer);
}

int get_logs(struct call *c)
{
        return answer_lines(c, LINES);
}

int get_logs_search(struct call *c)
{
        return answer_lines(c, FOUND);
}

/* --- follow --------------------------------------------------------------------------------------------------- */

/* What was asked, as it was said. */
struct follow {
        struct hearer hearer;
        pic_log_opts opts;
        char *after;
        char words[5][WORD_MAX];
};

static int put_line(const struct wire *wire, const json_t *line)
{
        char *text = NULL, *json = json_dumps(line, JSON_ENCODE_ANY | JSON_COMPACT);
        int r = -1;

        if (json != NULL && asprintf(&text, "event: log\ndata: %s\n\n", json) > 0)
                r = wire->write(wire->data, text, strlen(text));
        free(json);
        free(text);
        return r;
}

/* 1: there is more already; 0; -1: the end. Before the first look nothing is new. */
static int look(struct follow *f, const struct wire *wire, pic_error **err)
{
        pic_report *report = NULL;
        json_t *found, *line;
        size_t i;
        int r;

        f->opts.after = f->after;
        if (pic_log_search(app_ctx(f->hearer.app), &f->opts, &report, err) < 0)
                return -1;
        found = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        r = json_is_true(json_object_get(found, "more"));
        if (f->after != NULL)
                json_array_foreach(json_object_get(found, "lines"), i, line) if (r >= 0 && put_line(wire, line) != 0)
                        r = -1;
        free(f->after);
        f->after = json_is_object(found) ? strdup(json_string_value(json_object_get(found, "after"))) : NULL;
        json_decref(found);
        return f->after != NULL ? r : -1;
}

static int send_lines(const struct wire *wire, void *data)
{
        struct follow *f = data;
        unsigned looks = 0;
        int r = wire->write(wire->data, ": log\n\n", 7);

        while (r == 0 && !wire->over(wire->data) && hear_goes_on(&f->hearer)) {
                int more = look(f, wire, NULL);

                if (more < 0)
                        break;
                if (++looks % PING_LOOKS == 0)
                        r = wire->write(wire->data, ": still here\n\n", 14);
                if (!more)
                        (void)poll(NULL, 0, LOOK_MS);
        }
        return r;
}

static void free_follow(void *data)
{
        struct follow *f = data;

        hear_end(&f->hearer);
        free(f->after);
        free(f);
}

/* The call's words are gone when the stream begins. */
static void keep(struct follow *f)
{
        const char **const words[] = { &f->opts.area, &f->opts.text, &f->opts.level, &f->opts.peer,
                                       &f->opts.connection };
        size_t i;

        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (*words[i] != NULL) {
                        snprintf(f->words[i], WORD_MAX, "%s", *words[i]);
                        *words[i] = f->words[i];
                }
}

int get_logs_follow(struct call *c)
{
        struct follow *f = calloc(1, sizeof(*f));
        pic_error *err = NULL;

        if (f == NULL)
                return fail_nomem(c);
        f->opts = (pic_log_opts)PIC_LOG_OPTS_INIT;
        f->hearer.app = c->app;
        choose(c, &f->opts);
        f->opts.before = NULL;
        f->opts.max = 1;
        f->opts.since = (pic_time)time(NULL) * 1000000; /* what is old is not looked through */
        if (look(f, NULL, &err) < 0) {
                free(f->after);
                free(f);
                return fail_err(c, err);
        }
        f->opts.since = 0;
        keep(f);
        if (hear_begin(c, &f->hearer) < 0) {
                free(f->after);
                free(f);
                return -1;
        }
        c->res->status = 200;
        c->res->type = "text/event-stream";
        c->res->stream = send_lines;
        c->res->stream_free = free_follow;
        c->res->stream_data = f;
        return 0;
}
