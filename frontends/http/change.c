/* Owns: the beginning and the end of every change: what ?plan, ?confirm, ?override, ?nowait and If-Match mean, and what
 * the answer to a change looks like. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

enum { CONFIRM_MAX = 86400, RACES_MAX = 8 };

pic_edit *change_begin(struct call *c)
{
        const char *confirm = param(c, "confirm"), *override = param(c, "override");
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        int64_t seconds = 0;

        if (confirm != NULL && text_int(confirm, 1, CONFIRM_MAX, &seconds) < 0) {
                (void)fail(c, 422, PIC_VALUE, NULL, "confirm: must be a number of seconds from 1 to %d", CONFIRM_MAX);
                return NULL;
        }
        if (pic_edit_new(c->ctx, &edit, &err) < 0 || pic_edit_keep(edit, c->session, &err) < 0 ||
            (override != NULL && pic_edit_override(edit, override, &err) < 0) ||
            (c->front && pic_edit_session(edit, c->address, NULL, c->https ? 443 : 80, &err) < 0)) {
                (void)fail_err(c, err);
                pic_edit_unref(edit);
                return NULL;
        }
        pic_edit_confirm_within(edit, (uint32_t)seconds * 1000);
        return edit;
}

/* --- what it was read as -------------------------------------------------------------------------------------- */

/* The object must still be what the caller saw. The revision is read first: what changes after that makes the commit
 * stale, and then it is looked at again. */
int change_match(struct call *c, pic_edit *edit, const char *kind, const char *name)
{
        const char *want = req_header(c->req, "If-Match", NULL);
        pic_revision revision = 0;
        pic_obj *obj = NULL;
        char tag[64];

        if (want == NULL)
                return 0;
        if (find_revision(c, &revision) < 0 || find_obj(c, kind, name, &obj) < 0)
                return -1;
        snprintf(tag, sizeof(tag), "\"%s-%" PRId64 "-%" PRId64 "\"", kind, (int64_t)pic_obj_id(obj),
                 (int64_t)pic_obj_revision(obj));
        pic_obj_unref(obj);
        if (!tags_match(want, tag))
                return fail(c, 412, PIC_STALE, "Read it again, and say If-Match with its new ETag.",
                            "it was changed since it was read");
        c->match_kind = kind;
        c->match_name = name;
        pic_edit_if_revision(edit, revision);
        return 0;
}

/* --- an operator may change no users, nor what programs run for a public name
 * -------------------------------------------------------------------------- */

/* Who has the cell's key is the cell to its devices. */
static int touches_key(const json_t *change)
{
        const json_t *fields = json_object_get(change, "fields");
        size_t i;

        for (i = 0; i < json_array_size(fields); i++) {
                const char *field = json_string_value(json_object_get(json_array_get(fields, i), "field"));

                if (field != NULL && strcmp(field, "private_key") == 0)
                        return 1;
        }
        return 0;
}

static int touches_users(const json_t *plan)
{
        const json_t *changes = json_object_get(plan, "changes");
        size_t i;

        for (i = 0; i < json_array_size(changes); i++) {
                const char *kind = json_string_value(json_object_get(json_array_get(changes, i), "kind"));

                if (kind == NULL || strcmp(kind, "user") == 0 || strcmp(kind, "token") == 0 ||
                    strcmp(kind, "domain") == 0 || strcmp(kind, "target") == 0 ||
                    (strcmp(kind, "cell") == 0 && touches_key(json_array_get(changes, i))))
                        return 1;
        }
        return 0;
}

/* Wishes that name no objects (undo, a document) are looked at before they are made, and made for that revision. */
int change_clean(struct call *c, pic_edit *edit)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        json_t *json;
        int bad;

        if (c->role == R_ADMIN)
                return 0;
        if (pic_edit_plan(edit, &plan, &err) < 0)
                return fail_err(c, err);
        json = json_loads(pic_plan_json(plan), 0, NULL);
        bad = json == NULL || touches_users(json);
        if (!bad)
                pic_edit_if_revision(edit, json_integer_value(json_object_get(json, "revision")));
        json_decref(json);
        pic_plan_unref(plan);
        return bad ? fail(c, 403, PIC_DENIED, "An admin may.",
                          "that would change a user, a token, a public name or the cell's key")
                   : 0;
}

/* --- the end -------------------------------------------------------------------------------------------------- */

static int answer_plan(struct call *c, pic_edit *edit, const json_t *more)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        int r;

        json_t *json;

        if (pic_edit_plan(edit, &plan, &err) < 0)
                return fail_err(c, err);
        if (more == NULL) {
                r = answer_copy(c, 200, pic_plan_json(plan));
        } else {
                json = json_loads(pic_plan_json(plan), 0, NULL);
                json_object_update(json, (json_t *)(uintptr_t)more);
                r = answer_json(c, 200, json);
        }
        pic_plan_unref(plan);
        return r;
}

/* {object…, more…, "outcome":{…}} */
static json_t *joined(const char *object, const pic_outcome *outcome, const json_t *more)
{
        json_t *json = object != NULL ? json_loads(object, 0, NULL) : json_object();

        if (more != NULL)
                json_object_update(json, (json_t *)(uintptr_t)more);
        json_object_set_new(json, "outcome", json_loads(pic_outcome_json(outcome), 0, NULL));
        return json;
}

static void show_place(struct call *c, const struct done *d, const pic_obj *obj)
{
        answer_etag(c, "%s-%" PRId64 "-%" PRId64, d->kind, (int64_t)pic_obj_id(obj), (int64_t)pic_obj_revision(obj));
        if (d->base != NULL)
                answer_header(c, "Location", "%s/%s", d->base, pic_obj_name(obj));
}

static int answer_outcome(struct call *c, const pic_outcome *outcome, const struct done *d)
{
        pic_obj *obj = NULL;
        char *text = NULL;
        int r;

        if (d->kind != NULL && pic_get(c->ctx, d->kind, d->name, &obj, NULL) == 0)
                text = pic_obj_json(obj);
        if (obj != NULL)
                show_place(c, d, obj);
        r = answer_json(c, d->status, joined(text, outcome, d->more));
        pic_text_free(text);
        pic_obj_unref(obj);
        return r;
}

static int has_any(const json_t *fields, const char *const *names)
{
        size_t i;

        for (i = 0; i < json_array_size(fields); i++) {
                const char *field = json_string_value(json_object_get(json_array_get(fields, i), "field"));
                const char *const *name = names;

                for (; field != NULL && *name != NULL; name++)
                        if (strcmp(field, *name) == 0)
                                return 1;
        }
        return 0;
}

/* A token, a user who may more than see own devices, and what a user comes in by. */
static int opens_way(const json_t *change)
{
        static const char *const ways[] = { "role", "enabled", "password", "totp", "recovery", NULL };
        const char *kind = json_string_value(json_object_get(change, "kind"));
        const char *verb = json_string_value(json_object_get(change, "verb"));

        if (kind == NULL || verb == NULL)
                return 1;
        if (strcmp(verb, "remove") == 0)
                return 0;
        return strcmp(kind, "token") == 0 ||
               (strcmp(kind, "user") == 0 && has_any(json_object_get(change, "fields"), ways));
}

/* A change of a device makes no more than a user of role peer (peers.c), so it is not looked at. */
static int may_open(const struct route *r)
{
        return (r->flags & F_EDIT) != 0 &&
               (r->kind == NULL || strcmp(r->kind, "user") == 0 || strcmp(r->kind, "token") == 0);
}

/* 0, or -1 after having answered. */
static int check_ways(struct call *c, pic_edit *edit)
{
        const json_t *changes;
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        json_t *json;
        int opens = 0;
        size_t i;

        if (c->role != R_ADMIN || is_fresh(c) || !may_open(c->route))
                return 0;
        if (pic_edit_plan(edit, &plan, &err) < 0)
                return fail_err(c, err);
        json = json_loads(pic_plan_json(plan), 0, NULL);
        changes = json_object_get(json, "changes");
        for (i = 0; i < json_array_size(changes); i++)
                opens |= opens_way(json_array_get(changes, i));
        opens |= json == NULL;
        if (!opens && c->route->kind == NULL) /* what is undone may be another change a moment later */
                pic_edit_if_revision(edit, json_integer_value(json_object_get(json, "revision")));
        json_decref(json);
        pic_plan_unref(plan);
        return opens ? not_fresh(c) : 0;
}

static int commit(struct call *c, pic_edit *edit, struct done *d)
{
        pic_outcome *outcome = NULL;
        pic_error *err = NULL;
        int r = check_ways(c, edit);

        if (r < 0)
                return r;
        r = pic_edit_commit(edit, flag(c, "nowait") ? PIC_COMMIT_NOWAIT : 0, &outcome, &err);
        /* Something else was changed meanwhile: the object is compared again. */
        while (r == PIC_STALE && c->match_kind != NULL && c->tried++ < RACES_MAX) {
                pic_error_free(err);
                err = NULL;
                if (change_match(c, edit, c->match_kind, c->match_name) < 0)
                        return -1;
                r = pic_edit_commit(edit, flag(c, "nowait") ? PIC_COMMIT_NOWAIT : 0, &outcome, &err);
        }
        if (r < 0)
                return fail_err(c, err);
        r = answer_outcome(c, outcome, d);
        pic_outcome_unref(outcome);
        return r;
}

int change_finish(struct call *c, pic_edit *edit, struct done *d)
{
        int r = flag(c, "plan") ? answer_plan(c, edit, d->more) : commit(c, edit, d);

        pic_edit_unref(edit);
        json_decref(d->more);
        d->more = NULL;
        return r;
}
