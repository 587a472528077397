/* Owns: several wishes at once, and the way back: edit, export, plan, apply, confirm, undo, history. Who is no admin
 * sees and changes nothing of users here either. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

static int revision_arg(struct call *c, pic_revision *ret)
{
        if (text_int(c->args[0], 1, INT64_MAX, ret) < 0)
                return fail(c, 404, PIC_NOTFOUND, "GET /api/history", "a revision is a whole number");
        return 0;
}

/* --- many wishes ---------------------------------------------------------------------------------------------- */

static int names_user(const json_t *wish)
{
        const char *kind = json_string_value(json_object_get(wish, "kind"));

        return kind != NULL && (strcmp(kind, "user") == 0 || strcmp(kind, "token") == 0 ||
                                strcmp(kind, "domain") == 0 || strcmp(kind, "target") == 0);
}

/* Who is no admin may wish, but not load a whole document, and name no users. 0, or -1 after having answered. */
static int check_wishes(struct call *c)
{
        const char *text = c->raw + strspn(c->raw, " \t\r\n");
        json_t *json, *wishes;
        size_t i;
        int r = 0;

        if (c->role == R_ADMIN)
                return 0;
        json = json_loadb(c->raw, c->raw_len, JSON_REJECT_DUPLICATES, NULL);
        if (json == NULL && *text == '{')
                return fail(c, 400, PIC_SYNTAX, NULL, "the body is no JSON");
        wishes = json_object_get(json, "wishes");
        if (!json_is_array(wishes))
                r = fail(c, 403, PIC_DENIED, "Send {\"wishes\":[…]}, or ask an admin.",
                         "a whole document can be loaded by an admin only");
        for (i = 0; r == 0 && i < json_array_size(wishes); i++)
                if (names_user(json_array_get(wishes, i)))
                        r = fail(c, 403, PIC_DENIED, "An admin may.",
                                 "that would change a user, a token, a public name or the cell's key");
        json_decref(json);
        return r;
}

int post_edit(struct call *c)
{
        struct done d = { .status = 200 };
        pic_error *err = NULL;
        pic_edit *edit;
        int r;

        if (text_depth(c->raw, c->raw_len) > 32)
                return fail(c, 400, PIC_SYNTAX, NULL, "the body is nested too deeply: 32 levels at most");
        if (check_wishes(c) < 0)
                return -1;
        edit = change_begin(c);
        if (edit == NULL)
                return -1;
        r = pic_edit_load(edit, c->raw, c->raw_len, "body", flag(c, "prune") ? PIC_LOAD_PRUNE : 0, &err);
        if (r < 0)
                r = fail_err(c, err);
        else
                r = change_clean(c, edit);
        if (r == 0)
                return change_finish(c, edit, &d);
        pic_edit_unref(edit);
        return r;
}

/* Users and tokens are an admin's to see. A document in JSON can be had without them. */
static int without_users(struct call *c, pic_report *report)
{
        json_t *json = json_loads(pic_report_text(report), 0, NULL);

        pic_report_unref(report);
        json_object_del(json, "users");
        json_object_del(json, "tokens");
        return answer_json(c, 200, json);
}

int get_export(struct call *c)
{
        const char *format = param(c, "format"), *at = param(c, "at");
        const char *usual = c->role == R_ADMIN ? "yaml" : "json";
        uint32_t flags = strcmp(format != NULL ? format : usual, "json") == 0 ? PIC_EXPORT_JSON : 0;
        pic_report *report = NULL;
        pic_error *err = NULL;
        int64_t revision = 0;
        int r;

        if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "yaml") != 0)
                return fail(c, 400, PIC_VALUE, NULL, "format: must be yaml or json");
        if (at != NULL && text_int(at, 1, INT64_MAX, &revision) < 0)
                return fail(c, 400, PIC_VALUE, NULL, "at: must be a revision");
        if (c->role != R_ADMIN && flags == 0)
                return fail(c, 403, PIC_DENIED, "Ask with format=json.", "as YAML an admin only can have it");
        r = at != NULL ? pic_export_at(app_ctx(c->app), revision, flags, &report, &err)
                       : pic_export_get(app_ctx(c->app), flags, &report, &err);
        if (r < 0)
                return fail_err(c, err);
        if (c->role != R_ADMIN)
                return without_users(c, report);
        r = answer_report(c, 200, report);
        c->res->type = flags != 0 ? NULL : "application/yaml";
        return r;
}

/* --- the world ------------------------------------------------------------------------------------------------ */

static int answer_world(struct call *c, pic_ctx *ctx, uint32_t flags)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        int r;

        if (pic_plan_get(ctx, flags, &plan, &err) < 0)
                return fail_err(c, err);
        r = answer_copy(c, 200, pic_plan_json(plan));
        pic_plan_unref(plan);
        return r;
}

int get_plan(struct call *c)
{
        return answer_world(c, app_ctx(c->app), 0);
}

int post_apply(struct call *c)
{
        return answer_world(c, c->ctx, PIC_PLAN_REPAIR);
}

int post_confirm(struct call *c)
{
        pic_error *err = NULL;

        return pic_confirm(c->ctx, &err) < 0 ? fail_err(c, err) : answer_copy(c, 200, "{\"confirmed\":true}");
}

/* --- back ----------------------------------------------------------------------------------------------------- */

static int go_back(struct call *c, pic_revision revision, int (*wish)(pic_edit *, pic_revision, pic_error **))
{
        struct done d = { .status = 200 };
        pic_edit *edit = change_begin(c);
        pic_error *err = NULL;
        int r;

        if (edit == NULL)
                return -1;
        r = wish(edit, revision, &err) < 0 ? fail_err(c, err) : change_clean(c, edit);
        if (r == 0)
                return change_finish(c, edit, &d);
        pic_edit_unref(edit);
        return r;
}

int post_undo(struct call *c)
{
        json_int_t revision = json_integer_value(json_object_get(c->body, "revision"));

        if (revision < 0)
                return fail_field(c, "revision", "must be a revision, or 0 for the newest");
        return go_back(c, revision, pic_edit_undo);
}

int post_return(struct call *c)
{
        pic_revision revision = 0;

        return revision_arg(c, &revision) < 0 ? -1 : go_back(c, revision, pic_edit_return);
}

static void drop_users(json_t *plan)
{
        json_t *changes = json_object_get(plan, "changes");
        size_t i;

        for (i = json_array_size(changes); i > 0; i--) {
                const char *kind = json_string_value(json_object_get(json_array_get(changes, i - 1), "kind"));

                if (kind != NULL && (strcmp(kind, "user") == 0 || strcmp(kind, "token") == 0))
                        json_array_remove(changes, i - 1);
        }
        json_object_del(plan, "wishes");
}

/* What one revision changed; with ?to= what separates it from another one. */
int get_diff(struct call *c)
{
        const char *other = param(c, "to");
        pic_revision from = 0, to = 0;
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        int r;

        if (revision_arg(c, &from) < 0)
                return -1;
        if (other != NULL && text_int(other, 1, INT64_MAX, &to) < 0)
                return fail(c, 400, PIC_VALUE, NULL, "to: must be a revision");
        if (other == NULL) {
                to = from;
                from = from > 1 ? from - 1 : from;
        }
        if (pic_diff_get(app_ctx(c->app), from, to, &plan, &err) < 0)
                return fail_err(c, err);
        if (c->role == R_ADMIN) {
                r = answer_copy(c, 200, pic_plan_json(plan));
        } else {
                json_t *json = json_loads(pic_plan_json(plan), 0, NULL);

                drop_users(json);
                r = answer_json(c, 200, json);
        }
        pic_plan_unref(plan);
        return r;
}
