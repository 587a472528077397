/* Owns: the last lines of the logs, looked through and followed. The library gives the last lines of several files, one
 * file after the other; so while following, what is new is found by comparing with the look before. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

enum { LINES = 100, LINES_MAX = 10000, FOLLOWED = 1000, LOOK_MS = 1000, PING_LOOKS = 10 };

static const char *area_of(const struct call *c)
{
        const char *service = param(c, "service");

        return service != NULL && strcmp(service, "all") != 0 && service[0] != '\0' ? service : NULL;
}

static int look(struct call *c, uint32_t lines, pic_report **ret)
{
        pic_error *err = NULL;

        return pic_log_get(app_ctx(c->app), area_of(c), lines, ret, &err) < 0 ? fail_err(c, err) : 0;
}

/* Lines with these words in them, as a list. A log holds what programs write, not always UTF-8. */
static json_t *lines_json(const char *text, const char *words)
{
        json_t *list = json_array();

        while (*text != '\0') {
                size_t len = strcspn(text, "\n");
                char *line = strndup(text, len);

                if (line != NULL && !text_utf8(line, len)) {
                        size_t i;

                        for (i = 0; i < len; i++)
                                line[i] = (unsigned char)line[i] >= 0x80 ? '?' : line[i];
                }
                if (line != NULL && (words == NULL || text_find(line, words)))
                        json_array_append_new(list, json_string(line));
                free(line);
                text += len;
                text += *text == '\n';
        }
        return list;
}

static int answer_lines(struct call *c, int64_t lines, const char *words)
{
        pic_report *report = NULL;
        json_t *list;

        if (look(c, (uint32_t)lines, &report) < 0)
                return -1;
        list = lines_json(pic_report_text(report), words);
        pic_report_unref(report);
        return answer_json(c, 200, json_pack("{s:s?,s:s?,s:o}", "service", area_of(c), "query", words, "lines", list));
}

int get_logs(struct call *c)
{
        const char *text = param(c, "lines");
        int64_t lines = LINES;

        if (text != NULL && text_int(text, 1, LINES_MAX, &lines) < 0)
                return fail(c, 400, PIC_VALUE, NULL, "lines: must be from 1 to %d", LINES_MAX);
        return answer_lines(c, lines, NULL);
}

int get_logs_search(struct call *c)
{
        return answer_lines(c, LINES_MAX, param(c, "q"));
}

/* --- follow --------------------------------------------------------------------------------------------------- */

struct follow {
        struct hearer hearer;
        char area[64];
};

static size_t line_len(const char *s)
{
        size_t len = strcspn(s, "\n");

        return len + (s[len] == '\n');
}

static const char *find_line(const char *old, const char *line, size_t len)
{
        for (; *old != '\0'; old += line_len(old))
                if (line_len(old) == len && memcmp(old, line, len) == 0)
                        return old;
        return NULL;
}

static int put_line(const struct wire *wire, const char *line, size_t len)
{
        char *copy = strndup(line, len - (len > 0 && line[len - 1] == '\n')), *text = NULL, *json;
        json_t *value;
        int r = 0;

        if (copy == NULL)
                return -1;
        value = json_string(copy);
        json = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
        if (json != NULL && asprintf(&text, "event: log\ndata: %s\n\n", json) > 0)
                r = wire->write(wire->data, text, strlen(text));
        json_decref(value);
        free(json);
        free(text);
        free(copy);
        return r;
}

static int put_new(const struct wire *wire, const char *text, const char *old)
{
        int r = 0;

        for (; *text != '\0' && r == 0; text += line_len(text)) {
                const char *same = find_line(old, text, line_len(text));

                if (same != NULL)
                        old = same + line_len(same);
                else
                        r = put_line(wire, text, line_len(text));
        }
        return r;
}

static int send_lines(const struct wire *wire, void *data)
{
        struct follow *f = data;
        pic_report *old = NULL, *now = NULL;
        unsigned looks = 0;
        int r = wire->write(wire->data, ": log\n\n", 7);

        while (r == 0 && !wire->over(wire->data) && hear_goes_on(&f->hearer)) {
                if (pic_log_get(app_ctx(f->hearer.app), f->area[0] != '\0' ? f->area : NULL, FOLLOWED, &now, NULL) < 0)
                        break;
                if (old != NULL)
                        r = put_new(wire, pic_report_text(now), pic_report_text(old));
                pic_report_unref(old);
                old = now;
                now = NULL;
                if (r == 0 && ++looks % PING_LOOKS == 0)
                        r = wire->write(wire->data, ": still here\n\n", 14);
                (void)poll(NULL, 0, LOOK_MS);
        }
        pic_report_unref(old);
        return r;
}

static void free_follow(void *data)
{
        struct follow *f = data;

        hear_end(&f->hearer);
        free(f);
}

int get_logs_follow(struct call *c)
{
        pic_report *first = NULL;
        struct follow *f;

        if (look(c, 1, &first) < 0)
                return -1;
        pic_report_unref(first);
        f = calloc(1, sizeof(*f));
        if (f == NULL)
                return fail_nomem(c);
        if (hear_begin(c, &f->hearer) < 0) {
                free(f);
                return -1;
        }
        snprintf(f->area, sizeof(f->area), "%s", area_of(c) != NULL ? area_of(c) : "");
        c->res->status = 200;
        c->res->type = "text/event-stream";
        c->res->stream = send_lines;
        c->res->stream_free = free_follow;
        c->res->stream_data = f;
        return 0;
}
