/* Owns: answers. Every "no" has one shape, whoever says it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

void wipe(char *text, size_t len)
{
        if (text != NULL)
                explicit_bzero(text, len);
        free(text);
}

static void drop(struct res *res)
{
        if (res->wiped)
                wipe(res->text, res->len);
        else
                free(res->text);
        res->text = NULL;
        res->fixed = NULL;
        res->len = 0;
        if (res->stream_free != NULL)
                res->stream_free(res->stream_data);
        res->stream = NULL;
        res->stream_free = NULL;
        res->stream_data = NULL;
        if (res->held_free != NULL)
                res->held_free(res->held);
        res->held = NULL;
        res->held_free = NULL;
}

void res_free(struct res *res)
{
        drop(res);
        if (res->wiped)
                explicit_bzero(res, sizeof(*res));
}

int answer_text(struct call *c, int status, char *text)
{
        struct res *res = c->res;

        if (text == NULL)
                return fail_nomem(c);
        drop(res);
        res->status = status;
        res->text = text;
        res->len = strlen(text);
        return 0;
}

int answer_copy(struct call *c, int status, const char *text)
{
        return answer_text(c, status, text != NULL ? strdup(text) : NULL);
}

int answer_json(struct call *c, int status, json_t *json)
{
        char *text = json != NULL ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

        json_decref(json);
        return answer_text(c, status, text);
}

int answer_report(struct call *c, int status, pic_report *report)
{
        int r = answer_copy(c, status, pic_report_text(report));

        pic_report_unref(report);
        return r;
}

int answer_fixed(struct call *c, const char *type, const char *data, size_t len)
{
        drop(c->res);
        c->res->status = 200;
        c->res->type = type;
        c->res->fixed = data;
        c->res->len = len;
        return 0;
}

int answer_held(struct call *c, const char *text, void *held, void (*held_free)(void *held))
{
        if (text == NULL) {
                held_free(held);
                return fail_nomem(c);
        }
        (void)answer_fixed(c, NULL, text, strlen(text));
        c->res->held = held;
        c->res->held_free = held_free;
        return 0;
}

int answer_typed(struct call *c, const char *type, const char *text)
{
        int r = answer_copy(c, 200, text);

        if (r == 0)
                c->res->type = type;
        return r;
}

int answer_none(struct call *c)
{
        drop(c->res);
        c->res->status = 204;
        return 0;
}

static int has_control(const char *text, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++)
                if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
                        return 1;
        return 0;
}

/* A line that would break the head, or does not fit, is not said: nothing from outside may end a line. */
void answer_header(struct call *c, const char *name, const char *fmt, ...)
{
        struct res *res = c->res;
        char *at = res->head + res->head_len;
        size_t room = sizeof(res->head) - res->head_len, used = strlen(name) + 2;
        va_list args;
        int n = -1;

        if (used < room) {
                snprintf(at, room, "%s: ", name);
                va_start(args, fmt);
                n = vsnprintf(at + used, room - used, fmt, args);
                va_end(args);
        }
        if (n < 0 || used + (size_t)n + 3 > room || has_control(at + used, (size_t)n)) {
                explicit_bzero(at, room);
                return;
        }
        memcpy(at + used + (size_t)n, "\r\n", 3);
        res->head_len += used + (size_t)n + 2;
}

void answer_etag(struct call *c, const char *fmt, ...)
{
        char tag[64];
        va_list args;

        va_start(args, fmt);
        vsnprintf(tag, sizeof(tag), fmt, args);
        va_end(args);
        answer_header(c, "ETag", "\"%s\"", tag);
}

/* --- no ------------------------------------------------------------------------------------------------------- */

static const struct {
        int code;
        int status;
} statuses[] = {
        { PIC_INVALID, 400 }, { PIC_SYNTAX, 400 }, { PIC_DENIED, 403 },      { PIC_NOTFOUND, 404 },
        { PIC_EXISTS, 409 },  { PIC_INUSE, 409 },  { PIC_CONFLICT, 409 },    { PIC_BADSTATE, 409 },
        { PIC_STALE, 412 },   { PIC_VALUE, 422 },  { PIC_UNSUPPORTED, 501 }, { PIC_BACKEND, 502 },
        { PIC_NOAGENT, 503 }, { PIC_BUSY, 503 },   { PIC_TIMEOUT, 504 },
};

int status_of(int code)
{
        size_t i;

        for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
                if (statuses[i].code == code)
                        return statuses[i].status;
        return 500;
}

static json_t *error_json(int code, char *message, const char *hint)
{
        char when[32];
        time_t now = time(NULL);
        struct tm tm;

        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
        text_clean(message); /* it may have been cut in a character */
        return json_pack("{s:s,s:s,s:s?,s:[],s:[],s:s,s:s}", "error", message, "code", pic_code_name(code), "hint",
                         hint, "fields", "users", "timestamp", when, "service", "pic");
}

int fail_nomem(struct call *c)
{
        static const char text[] = "{\"error\":\"out of memory\",\"code\":\"NOMEM\",\"hint\":null,\"fields\":[],"
                                   "\"users\":[],\"timestamp\":\"\",\"service\":\"pic\"}";

        drop(c->res);
        c->res->status = 500;
        c->res->fixed = text;
        c->res->len = sizeof(text) - 1;
        return -1;
}

static int say_no(struct call *c, int status, json_t *json)
{
        if (status == 422 && c->route != NULL && (c->route->flags & F_OLD) != 0)
                status = 400;
        c->res->type = NULL;
        if (answer_json(c, status, json) < 0)
                return -1;
        if (status == 503)
                answer_header(c, "Retry-After", "1");
        return -1;
}

int fail(struct call *c, int status, int code, const char *hint, const char *fmt, ...)
{
        char message[512];
        va_list args;

        va_start(args, fmt);
        vsnprintf(message, sizeof(message), fmt, args);
        va_end(args);
        return say_no(c, status, error_json(code, message, hint));
}

int fail_need(struct call *c, const char *need, const char *hint, const char *message)
{
        char copy[256];
        json_t *json;

        snprintf(copy, sizeof(copy), "%s", message);
        json = error_json(PIC_DENIED, copy, hint);
        json_object_set_new(json, "need", json_string(need));
        c->res->passing = 1;
        return say_no(c, 403, json);
}

int fail_field(struct call *c, const char *field, const char *rule)
{
        struct wrongs w = { .count = 0 };

        wish_wrong(&w, field, rule);
        return fail_wrongs(c, &w);
}

/* --- a library's no ------------------------------------------------------------------------------------------- */

static int is_secret(const char *field)
{
        const char *kind;
        size_t k, i;

        for (k = 0; (kind = pic_kind_at(k)) != NULL; k++)
                for (i = 0; i < pic_field_count(kind); i++)
                        if (strcmp(pic_field_name(kind, i), field) == 0 &&
                            (pic_field_flags(kind, i) & PIC_FIELD_SECRET) != 0)
                                return 1;
        return 0;
}

/* One entry of "fields"; field: where the error does not say itself. */
static json_t *field_json(const pic_error *e, const char *field)
{
        const char *named = pic_error_detail(e, "field") != NULL ? pic_error_detail(e, "field") : field;
        const char *value = named != NULL && !is_secret(named) ? pic_error_detail(e, "value") : NULL;

        return json_pack("{s:s?,s:s?,s:s?,s:s?,s:s,s:s?}", "object", pic_error_detail(e, "object"), "field", named,
                         "value", value, "rule", pic_error_detail(e, "rule"), "message", pic_error_message(e), "hint",
                         pic_error_hint(e));
}

static void add_users(json_t *answer, const pic_error *e)
{
        const char *at = pic_error_detail(e, "users");

        while (at != NULL && *at != '\0') {
                size_t len = strcspn(at, ",");

                json_array_append_new(json_object_get(answer, "users"), json_stringn(at, len));
                at += len;
                at += strspn(at, ", ");
        }
}

/* What a call reported, all of it, into an answer. */
static void add_error(json_t *answer, const pic_error *err, const char *field)
{
        const pic_error *e;

        for (e = err; e != NULL; e = pic_error_next(e)) {
                if (pic_error_detail(e, "field") != NULL || field != NULL)
                        json_array_append_new(json_object_get(answer, "fields"), field_json(e, field));
                add_users(answer, e);
        }
}

/* "cannot do it: because of that" */
static json_t *json_of(const pic_error *err)
{
        static const char *const details[] = { "need", "packet", "peer", "line", "column", "file", "rule" };
        char message[1024];
        const pic_error *e;
        json_t *json;
        size_t n = 0, i;

        for (e = err; e != NULL && n < sizeof(message); e = pic_error_cause(e))
                n += (size_t)snprintf(message + n, sizeof(message) - n, "%s%s", n > 0 ? ": " : "",
                                      pic_error_message(e));
        json = error_json(pic_error_code(err), message, pic_error_hint(err));
        for (i = 0; i < sizeof(details) / sizeof(details[0]); i++)
                if (pic_error_detail(err, details[i]) != NULL)
                        json_object_set_new(json, details[i], json_string(pic_error_detail(err, details[i])));
        return json;
}

int fail_err(struct call *c, pic_error *err)
{
        const char *retry = pic_error_detail(err, "retry_ms");
        int status = status_of(pic_error_code(err));
        json_t *json = json_of(err);
        int64_t ms = 0;

        add_error(json, err, NULL);
        if (retry != NULL && text_int(retry, 0, INT64_MAX - 1000, &ms) == 0) {
                status = 429;
                answer_header(c, "Retry-After", "%" PRId64, (ms + 999) / 1000);
        }
        pic_error_free(err);
        return say_no(c, status, json);
}

int fail_wrongs(struct call *c, struct wrongs *w)
{
        struct wrong *first = &w->at[0];
        char message[160];
        json_t *json;
        int status = 422;
        size_t i;

        snprintf(message, sizeof(message), "%s: %s", first->field, first->message != NULL ? first->message : "");
        json = first->err != NULL ? json_of(first->err) : error_json(PIC_VALUE, message, NULL);
        if (first->err != NULL && pic_error_code(first->err) != PIC_NOTFOUND) /* an unknown field is 422 too */
                status = status_of(pic_error_code(first->err));
        for (i = 0; i < w->count; i++) {
                struct wrong *at = &w->at[i];

                if (at->err != NULL)
                        add_error(json, at->err, at->field);
                else
                        json_array_append_new(json_object_get(json, "fields"),
                                              json_pack("{s:n,s:s,s:n,s:s,s:s,s:n}", "object", "field", at->field,
                                                        "value", "rule", at->message, "message", at->message, "hint"));
                pic_error_free(at->err);
        }
        w->count = 0;
        return say_no(c, status, json);
}

/* --- asking the call ------------------------------------------------------------------------------------------ */

const char *param(const struct call *c, const char *name)
{
        size_t i;

        for (i = 0; i < c->param_count; i++)
                if (strcmp(c->params[i].name, name) == 0)
                        return c->params[i].value;
        return NULL;
}

const char *body_text(const struct call *c, const char *name)
{
        return json_string_value(json_object_get(c->body, name));
}

int flag(const struct call *c, const char *name)
{
        const char *value = param(c, name);

        return value != NULL && strcmp(value, "0") != 0 && strcmp(value, "no") != 0 && strcmp(value, "false") != 0;
}
