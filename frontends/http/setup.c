/* Owns: /api/setup: from the setup code to the first admin. What a step sets is set at once, so that a page that was
 * closed goes on where it was. Nothing but the place of the wizard is kept here. */
#include <string.h>

#include "http/http.h"

static const char *const steps[] = { "code", "name", "network", "admin", "device" };
enum { STEPS = sizeof(steps) / sizeof(steps[0]), CODE = 0, NAME = 1, NETWORK = 2 };

static int at_step = NAME; /* where whoever has the code is; read and written atomically */

static json_t *steps_json(void)
{
        json_t *list = json_array();
        size_t i;

        for (i = 0; i < STEPS; i++)
                json_array_append_new(list, json_string(steps[i]));
        return list;
}

static json_t *cell_json(struct call *c)
{
        pic_obj *cell = NULL;
        json_t *json = NULL;

        if (pic_get(app_ctx(c->app), "cell", NULL, &cell, NULL) == 0) {
                char *text = pic_obj_json(cell);

                json = text != NULL ? json_loads(text, 0, NULL) : NULL;
                pic_text_free(text);
        }
        pic_obj_unref(cell);
        return json != NULL ? json : json_null();
}

int get_setup_status(struct call *c)
{
        pic_error *err = NULL;
        int setup = pic_setup_is(app_ctx(c->app), &err);
        json_t *cell;

        if (setup < 0)
                return fail_err(c, err);
        cell = cell_json(c);
        setup = answer_json(c, 200,
                            json_pack("{s:b,s:s,s:O?}", "complete", !setup, "step", setup ? steps[CODE] : "done",
                                      "cell_name", json_object_get(cell, "name")));
        json_decref(cell);
        return setup;
}

int post_setup_code(struct call *c)
{
        const char *address = c->address[0] != '\0' ? c->address : NULL;
        pic_session *session = NULL;
        pic_error *err = NULL;
        int r;

        if (pic_setup_open(app_ctx(c->app), body_text(c, "code"), address, &session, &err) < 0)
                return fail_err(c, err);
        r = answer_json(c, 200, session_json(session));
        session_cookies(c, session);
        pic_session_unref(session);
        return r;
}

static int answer_step(struct call *c)
{
        int step = __atomic_load_n(&at_step, __ATOMIC_RELAXED);

        return answer_json(
                c, 200, json_pack("{s:s,s:o,s:o}", "step", steps[step], "steps", steps_json(), "cell", cell_json(c)));
}

int get_setup_step(struct call *c)
{
        return answer_step(c);
}

static int find_step(const char *name)
{
        int i;

        for (i = NAME; i < (int)STEPS; i++)
                if (strcmp(steps[i], name) == 0)
                        return i;
        return -1;
}

/* Fields of the cell, in one change; an empty `data` sets nothing. */
static int set_cell(struct call *c, const json_t *data)
{
        struct wrongs w = { .count = 0 };
        struct done d = { .status = 200 };
        pic_edit *edit = change_begin(c);

        if (edit == NULL)
                return -1;
        wish_fields(edit, "cell", NULL, data, NULL, &w);
        if (w.count == 0)
                return change_finish(c, edit, &d);
        pic_edit_unref(edit);
        return fail_wrongs(c, &w);
}

/* {"step":"network","data":{…}}: sets what that step asks for, and goes on to the next one. Without data it only goes
 * to that step: back is a step too. */
int post_setup_step(struct call *c)
{
        const json_t *data = json_object_get(c->body, "data");
        int step = find_step(body_text(c, "step"));

        if (step < 0)
                return fail_field(c, "step", "must be name, network, admin or device");
        if (json_object_size(data) > 0) {
                if (step != NAME && step != NETWORK)
                        return fail_field(c, "data", "belongs to the steps name and network only");
                if (set_cell(c, data) < 0)
                        return -1;
                step++;
        }
        __atomic_store_n(&at_step, step, __ATOMIC_RELAXED);
        return answer_step(c);
}

static int wish_admin(pic_edit *edit, const char *user, const char *password, pic_error **err)
{
        const char *const fields[] = { "role", "admin", "password", password };
        int r = pic_edit_add(edit, "user", user, err);
        size_t i;

        for (i = 0; i < 4 && r >= 0; i += 2)
                r = pic_edit_set(edit, "user", user, fields[i], fields[i + 1], err);
        return r;
}

/* Two who have the code are two, but one of them is first: the cell must still be in setup, in the very revision that
 * the commit goes on from. */
static int commit_first(struct call *c, pic_edit *edit)
{
        pic_revision revision = 0;
        pic_error *err = NULL;
        int tries, r = PIC_STALE;

        for (tries = 0; tries < 5 && r == PIC_STALE; tries++) {
                pic_error_free(err);
                err = NULL;
                if (find_revision(c, &revision) < 0)
                        return -1;
                r = pic_setup_is(app_ctx(c->app), &err);
                if (r == 0)
                        return fail(c, 409, PIC_BADSTATE, "POST /api/auth/login", "there is an admin already");
                pic_edit_if_revision(edit, revision);
                if (r > 0)
                        r = pic_edit_commit(edit, PIC_COMMIT_NOWAIT, NULL, &err);
        }
        return r < 0 ? fail_err(c, err) : 0;
}

static int add_admin(struct call *c, const char *user, const char *password)
{
        pic_edit *edit = change_begin(c);
        pic_error *err = NULL;
        int r;

        if (edit == NULL)
                return -1;
        r = wish_admin(edit, user, password, &err) < 0 ? fail_err(c, err) : commit_first(c, edit);
        pic_edit_unref(edit);
        return r;
}

/* The first admin, who is logged in then. Without an agent nobody can be: the admin is there all the same. */
int post_setup_complete(struct call *c)
{
        const char *user = body_text(c, "username"), *password = body_text(c, "password");

        if (add_admin(c, user, password) < 0)
                return -1;
        __atomic_store_n(&at_step, NAME, __ATOMIC_RELAXED);
        return login_as(c, user, password, NULL, 201);
}
