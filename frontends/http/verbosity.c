/* Owns: /api/logs/verbosity: how much comes into the log. Old clients speak of Python's loggers, by other names and in
 * capitals, and of containers; ours are areas of the log, which all change at once. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http/http.h"

enum { WANTS_MAX = 32 };

/* What an old name is here; NULL: there is no such thing (yet). */
static const char *const old_names[][2] = {
        { "network", "dns" }, { "wireguard", "wg" }, { "routing", "route" }, { "email", NULL },
        { "calendar", NULL }, { "files", NULL },     { "vault", NULL },
};
enum { OLD_NAMES = sizeof(old_names) / sizeof(old_names[0]) };

static const char no_level[] = "must be DEBUG, INFO, WARNING, ERROR, CRITICAL or null";

/* --- what it is ----------------------------------------------------------------------------------------------- */

static json_t *capitals(const json_t *level)
{
        char text[16];
        size_t i;

        snprintf(text, sizeof(text), "%s", json_string_value(level));
        for (i = 0; text[i] != '\0'; i++)
                text[i] = (char)toupper((unsigned char)text[i]);
        return json_string(text);
}

static int find_old(const char *name)
{
        int i;

        for (i = 0; i < OLD_NAMES; i++)
                if (strcmp(old_names[i][0], name) == 0)
                        return i;
        return -1;
}

/* What an area was called; one that is new has its own name. */
static const char *told_as(const char *area)
{
        size_t i;

        for (i = 0; i < OLD_NAMES; i++)
                if (old_names[i][1] != NULL && strcmp(old_names[i][1], area) == 0)
                        return old_names[i][0];
        return area;
}

/* The one shape in and out, so that what was read, changed and sent back says what was meant. `applied` (taken): what
 * became of it, or NULL. */
static int answer_levels(struct call *c, json_t *applied)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *now, *services, *level;
        const char *area;

        if (pic_log_levels(app_ctx(c->app), &report, &err) < 0) {
                json_decref(applied);
                return fail_err(c, err);
        }
        now = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        services = json_object();
        json_object_foreach(json_object_get(now, "areas"), area, level)
                json_object_set_new(services, told_as(area), capitals(level));
        level = json_pack("{s:{s:o,s:o},s:{}}", "python", "root", capitals(json_object_get(now, "root")), "services",
                          services, "containers");
        json_decref(now);
        if (applied != NULL)
                json_object_set_new(level, "applied", applied);
        return answer_json(c, 200, level);
}

int get_verbosity(struct call *c)
{
        return answer_levels(c, NULL);
}

/* --- what it shall be ----------------------------------------------------------------------------------------- */

struct wants {
        struct {
                const char *area; /* NULL: root */
                const char *level;
        } at[WANTS_MAX];
        size_t count;
        struct wrongs wrongs;
};

/* 1: a level, *ret (NULL: as it is without being said). */
static int read_level(const json_t *value, const char **ret)
{
        static const char *const names[][2] = { { "error", "error" },     { "critical", "error" },
                                                { "warning", "warning" }, { "warn", "warning" },
                                                { "info", "info" },       { "debug", "debug" } };
        const char *text = json_string_value(value);
        size_t i;

        *ret = NULL;
        for (i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
                if (strcasecmp(text, names[i][0]) == 0)
                        *ret = names[i][1];
        return json_is_null(value) || *ret != NULL;
}

/* What becomes of it: "hot": at once; "absent": there is nothing of that name to write anything. */
static const char *want(struct wants *w, const char *where, const char *area, const json_t *value)
{
        const char *level;

        if (!read_level(value, &level))
                wish_wrong(&w->wrongs, where, no_level);
        else if (w->count < WANTS_MAX) {
                w->at[w->count].area = area;
                w->at[w->count++].level = level;
        }
        return "hot";
}

static int is_area(const json_t *areas, const char *name)
{
        return json_object_get(areas, name) != NULL;
}

/* "services", "containers": of those that there are not it is taken note, and nothing done. */
static json_t *want_all(struct wants *w, const char *where, const json_t *map, const json_t *areas)
{
        json_t *told = json_object(), *value;
        const char *name;

        json_object_foreach((json_t *)(uintptr_t)map, name, value)
        {
                int old = find_old(name);
                const char *area = old >= 0 ? old_names[old][1] : name, *level;
                char field[64];

                snprintf(field, sizeof(field), "%s.%.40s", where, name);
                if (areas != NULL && area != NULL && is_area(areas, area)) {
                        json_object_set_new(told, name, json_string(want(w, field, area, value)));
                        continue;
                }
                if (areas != NULL && area != NULL)
                        wish_wrong(&w->wrongs, field, "is no area of the log");
                else if (!read_level(value, &level))
                        wish_wrong(&w->wrongs, field, no_level);
                json_object_set_new(told, name, json_string("absent"));
        }
        return told;
}

static json_t *want_python(struct wants *w, const json_t *python, const json_t *areas)
{
        json_t *told = json_object(), *value;
        const char *name;

        json_object_foreach((json_t *)(uintptr_t)python, name, value)
        {
                if (strcmp(name, "services") == 0 && json_is_object(value))
                        json_object_set_new(told, name, want_all(w, "python.services", value, areas));
                else if (strcmp(name, "root") == 0)
                        json_object_set_new(told, name, json_string(want(w, "python.root", NULL, value)));
                else
                        wish_wrong(&w->wrongs, "python", "has root, and services, which is an object");
        }
        return told;
}

static int change_levels(struct call *c, const struct wants *w)
{
        pic_error *err = NULL;
        size_t i;

        for (i = 0; i < w->count; i++)
                if (pic_log_level_set(c->ctx, w->at[i].area, w->at[i].level, &err) < 0)
                        return fail_err(c, err);
        return 0;
}

/* All is looked at before anything is changed. NULL after having answered. */
static json_t *read_wants(struct call *c, struct wants *w)
{
        const json_t *python = json_object_get(c->body, "python"), *containers = json_object_get(c->body, "containers");
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *now, *told;

        if (pic_log_levels(app_ctx(c->app), &report, &err) < 0) {
                (void)fail_err(c, err);
                return NULL;
        }
        now = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        told = json_object();
        if (json_is_object(python))
                json_object_set_new(told, "python", want_python(w, python, json_object_get(now, "areas")));
        if (json_is_object(containers))
                json_object_set_new(told, "containers", want_all(w, "containers", containers, NULL));
        json_decref(now);
        if (w->wrongs.count == 0)
                return told;
        json_decref(told);
        (void)fail_wrongs(c, &w->wrongs);
        return NULL;
}

int put_verbosity(struct call *c)
{
        struct wants w = { .count = 0, .wrongs = { .count = 0 } };
        json_t *told = read_wants(c, &w);

        if (told == NULL)
                return -1;
        if (change_levels(c, &w) < 0) {
                json_decref(told);
                return -1;
        }
        return answer_levels(c, told);
}
