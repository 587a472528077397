/* Owns: /api/auth: coming in, going out, one's own password, second factor, sessions. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

enum { WEEK = 604800, YEAR = 31536000 };

/* --- sessions ------------------------------------------------------------------------------------------------- */

void set_cookie(struct call *c, const char *name, const char *value, int seconds)
{
        answer_header(c, "Set-Cookie", "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", name, value, seconds,
                      c->https ? "; Secure" : "");
}

void session_cookies(struct call *c, const pic_session *session)
{
        c->res->wiped = 1;
        set_cookie(c, "pic_session", pic_session_token(session), WEEK);
        if (pic_session_device(session)[0] != '\0')
                set_cookie(c, "pic_device", pic_session_device(session), YEAR);
}

json_t *session_json(const pic_session *session)
{
        json_t *json = json_loads(pic_session_json(session), 0, NULL);

        if (json == NULL)
                return NULL;
        json_object_set(json, "username", json_object_get(json, "user"));
        json_object_set_new(json, "csrf_token", json_string(pic_session_csrf(session)));
        return json;
}

/* What a login says of who asks. The device cookie is kept by `room`. */
void login_fill(struct call *c, pic_login_opts *o, char *room, size_t size)
{
        const char *agent = req_header(c->req, "User-Agent", NULL);

        o->device = guard_cookie(c, "pic_device", room, size);
        o->address = c->address[0] != '\0' ? c->address : NULL;
        o->agent = agent != NULL && text_utf8(agent, strlen(agent)) && strlen(agent) <= 200 ? agent : NULL;
}

/* Who says once more who that is goes on in a new session, in place of the one that this browser has. */
void login_end_former(struct call *c, const pic_session *session)
{
        pic_session *former = NULL;
        pic_ctx *ctx = NULL;
        char room[256];
        const char *cookie = guard_cookie(c, "pic_session", room, sizeof(room));

        if (cookie != NULL && pic_session_watch(app_ctx(c->app), cookie, &former, NULL) == 0 &&
            pic_session_id(former) != 0 && strcmp(pic_session_user(former), pic_session_user(session)) == 0 &&
            pic_ctx_as(app_ctx(c->app), pic_session_user(session), "http", &ctx, NULL) == 0)
                (void)!pic_session_end(ctx, pic_session_id(former), NULL);
        explicit_bzero(room, sizeof(room));
        pic_ctx_unref(ctx);
        pic_session_unref(former);
}

/* Logs in, and says who that is. */
int login_as(struct call *c, const char *user, const char *password, const char *code, int status)
{
        pic_login_opts o = PIC_LOGIN_OPTS_INIT;
        pic_session *session = NULL;
        pic_error *err = NULL;
        char device[256];
        int r;

        login_fill(c, &o, device, sizeof(device));
        o.user = user;
        o.password = password;
        o.code = code;
        r = pic_login(app_ctx(c->app), &o, &session, &err);
        explicit_bzero(device, sizeof(device));
        if (r == PIC_DENIED) {
                (void)fail(c, 401, PIC_DENIED, pic_error_hint(err), "%s", pic_error_message(err));
                pic_error_free(err);
                return -1;
        }
        if (r < 0)
                return fail_err(c, err);
        r = answer_json(c, status, session_json(session));
        session_cookies(c, session);
        login_end_former(c, session);
        pic_session_unref(session);
        return r;
}

int post_login(struct call *c)
{
        return login_as(c, body_text(c, "username"), body_text(c, "password"), body_text(c, "code"), 200);
}

int post_logout(struct call *c)
{
        pic_error *err = NULL;

        if (pic_session_end(c->ctx, pic_session_id(c->session), &err) < 0 && pic_error_code(err) != PIC_NOTFOUND)
                return fail_err(c, err);
        pic_error_free(err);
        set_cookie(c, "pic_session", "", 0);
        return answer_copy(c, 200, "{\"logged_out\":true}");
}

int get_me(struct call *c)
{
        c->res->wiped = 1; /* the CSRF token */
        return answer_json(c, 200, session_json(c->session));
}

int get_csrf(struct call *c)
{
        c->res->wiped = 1;
        return answer_json(c, 200, json_pack("{s:s}", "csrf_token", pic_session_csrf(c->session)));
}

int get_sessions(struct call *c)
{
        const char *user = param(c, "user");
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (c->role != R_ADMIN)
                user = c->user; /* those of others are not theirs to see */
        if (pic_session_list(app_ctx(c->app), user, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

/* Is that session one of the caller's own? */
static int is_own(struct call *c, int64_t id)
{
        pic_report *report = NULL;
        json_t *list;
        size_t i;
        int own = 0;

        if (pic_session_list(app_ctx(c->app), c->user, &report, NULL) < 0)
                return 0;
        list = json_loads(pic_report_text(report), 0, NULL);
        for (i = 0; i < json_array_size(list); i++)
                own |= json_integer_value(json_object_get(json_array_get(list, i), "id")) == id;
        json_decref(list);
        pic_report_unref(report);
        return own;
}

int delete_session(struct call *c)
{
        pic_error *err = NULL;
        int64_t id;

        if (text_int(c->args[0], 1, INT64_MAX, &id) < 0 || (c->role != R_ADMIN && !is_own(c, id)))
                return fail(c, 404, PIC_NOTFOUND, "GET /api/auth/sessions", "there is no such session of yours");
        if (pic_session_end(c->ctx, id, &err) < 0)
                return fail_err(c, err);
        return answer_json(c, 200, json_pack("{s:I}", "ended", (json_int_t)id));
}

/* --- passwords ------------------------------------------------------------------------------------------------ */

/* Who sits at somebody's open page is not that somebody. */
static int check_password(struct call *c, const char *password)
{
        pic_login_opts o = PIC_LOGIN_OPTS_INIT;
        pic_error *err = NULL;
        char device[256];
        int r;

        login_fill(c, &o, device, sizeof(device));
        o.user = c->user;
        o.password = password;
        r = pic_password_check(app_ctx(c->app), &o, &err);
        explicit_bzero(device, sizeof(device));
        return r < 0 ? fail_err(c, err) : 0;
}

static int set_password(struct call *c, const char *user, const char *password, int must_change)
{
        struct done d = { .status = 200 };
        pic_edit *edit = change_begin(c);
        pic_error *err = NULL;

        if (edit == NULL)
                return -1;
        if (pic_edit_set(edit, "user", user, "password", password, &err) < 0 ||
            pic_edit_set(edit, "user", user, "must_change", must_change ? "yes" : "no", &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        d.more = json_pack("{s:s}", "user", user);
        return change_finish(c, edit, &d);
}

int post_password(struct call *c)
{
        if (text_same(body_text(c, "current_password"), body_text(c, "new_password"))) /* one that others may know */
                return fail_field(c, "new_password", "must be another one than before");
        if (check_password(c, body_text(c, "current_password")) < 0)
                return -1;
        return set_password(c, c->user, body_text(c, "new_password"), 0);
}

int post_reset_password(struct call *c)
{
        const char *user = body_text(c, "username");
        pic_obj *obj = NULL;
        int r = find_obj(c, "user", user, &obj);

        if (r == 0)
                r = set_password(c, pic_obj_name(obj), body_text(c, "new_password"), 1);
        pic_obj_unref(obj);
        return r;
}

/* --- the second factor ---------------------------------------------------------------------------------------- */

int post_totp(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *json;

        if (pic_totp_offer(app_ctx(c->app), c->user, &report, &err) < 0)
                return fail_err(c, err);
        json = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        json_object_set_new(json, "qr", qr_json(json_string_value(json_object_get(json, "uri")), "svg"));
        c->res->wiped = 1;
        return answer_json(c, 200, json);
}

/* One a line, to a list. */
static json_t *lines_json(const char *text)
{
        json_t *list = json_array();

        while (*text != '\0') {
                size_t len = strcspn(text, "\n");

                if (len > 0)
                        json_array_append_new(list, json_stringn(text, len));
                text += len;
                text += *text == '\n';
        }
        return list;
}

int post_totp_confirm(struct call *c)
{
        struct done d = { .status = 200 };
        pic_edit *edit = change_begin(c);
        pic_blob *recovery = NULL;
        pic_error *err = NULL;

        if (edit == NULL)
                return -1;
        if (pic_edit_totp(edit, c->user, body_text(c, "secret"), body_text(c, "code"), &recovery, &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        d.more = json_pack("{s:o}", "recovery", lines_json(pic_blob_data(recovery)));
        pic_blob_unref(recovery);
        c->res->wiped = 1;
        return change_finish(c, edit, &d);
}

int delete_totp(struct call *c)
{
        struct done d = { .status = 200 };
        pic_edit *edit = change_begin(c);
        pic_error *err = NULL;

        if (edit == NULL)
                return -1;
        if (pic_edit_unset(edit, "user", c->user, "totp", &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        d.more = json_pack("{s:b}", "totp", 0);
        return change_finish(c, edit, &d);
}
