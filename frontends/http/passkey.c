/* Owns: /api/auth/passkeys and /api/auth/passkey: passkeys of people who are logged in, and logging in with one. Where
 * the page is, is said by the Host header, which was held against this server's own names before. What belongs to an
 * offer is kept by the browser in a cookie that no script sees. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

enum { ORIGIN_ROOM = 300, OFFER_SECONDS = 150 };

static const char cookie[] = "pic_passkey";

static const char *origin_of(const struct call *c, char room[ORIGIN_ROOM])
{
        const char *host = req_header(c->req, "Host", NULL);
        char *at;

        snprintf(room, ORIGIN_ROOM, "%s%s", c->https ? "https://" : "http://", host != NULL ? host : "");
        for (at = room; *at != '\0'; at++)
                *at = (char)tolower((unsigned char)*at);
        return room;
}

/* --- offers --------------------------------------------------------------------------------------------------- */

static int offer(struct call *c, const pic_session *session)
{
        char origin[ORIGIN_ROOM];
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *json;

        if (pic_passkey_offer(app_ctx(c->app), session, origin_of(c, origin), &report, &err) < 0)
                return fail_err(c, err);
        json = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        set_cookie(c, cookie, json_string_value(json_object_get(json, "state")), OFFER_SECONDS);
        json_object_del(json, "state");
        c->res->wiped = 1;
        return answer_json(c, 200, json);
}

int post_passkey_offer(struct call *c)
{
        return offer(c, c->session);
}

int post_passkey_ask(struct call *c)
{
        return offer(c, NULL);
}

/* --- answers -------------------------------------------------------------------------------------------------- */

/* What an answer needs; texts live in `room`. */
struct said {
        char origin[ORIGIN_ROOM];
        char state[256];
        char device[256];
        char *answer;
        pic_passkey_opts o;
};

static int hear(struct call *c, struct said *s)
{
        s->o = (pic_passkey_opts)PIC_PASSKEY_OPTS_INIT;
        s->o.origin = origin_of(c, s->origin);
        s->o.state = guard_cookie(c, cookie, s->state, sizeof(s->state));
        if (s->o.state == NULL)
                return fail(c, 409, PIC_BADSTATE, "Begin again.", "that took too long, or nothing was offered");
        s->answer = json_dumps(json_object_get(c->body, "credential"), JSON_COMPACT);
        s->o.answer = s->answer;
        return s->answer != NULL ? 0 : fail_nomem(c);
}

int post_passkey(struct call *c)
{
        pic_error *err = NULL;
        struct said s;
        pic_id id = 0;
        int r;

        if (hear(c, &s) < 0)
                return -1;
        s.o.name = body_text(c, "name");
        r = pic_passkey_add(c->ctx, c->session, &s.o, &id, &err);
        free(s.answer);
        if (r < 0)
                return fail_err(c, err);
        set_cookie(c, cookie, "", 0);
        return answer_json(c, 201, json_pack("{s:I,s:s}", "id", (json_int_t)id, "name", body_text(c, "name")));
}

static int let_in(struct call *c, pic_session *session)
{
        int r = answer_json(c, 200, session_json(session));

        session_cookies(c, session);
        set_cookie(c, cookie, "", 0);
        login_end_former(c, session);
        pic_session_unref(session);
        return r;
}

int post_passkey_login(struct call *c)
{
        pic_login_opts who = PIC_LOGIN_OPTS_INIT;
        pic_session *session = NULL;
        pic_error *err = NULL;
        struct said s;
        int r;

        if (hear(c, &s) < 0)
                return -1;
        login_fill(c, &who, s.device, sizeof(s.device));
        s.o.device = who.device;
        s.o.address = who.address;
        s.o.agent = who.agent;
        r = pic_passkey_login(app_ctx(c->app), &s.o, &session, &err);
        explicit_bzero(s.device, sizeof(s.device));
        free(s.answer);
        if (r == PIC_DENIED) {
                (void)fail(c, 401, PIC_DENIED, pic_error_hint(err), "%s", pic_error_message(err));
                pic_error_free(err);
                return -1;
        }
        return r < 0 ? fail_err(c, err) : let_in(c, session);
}

/* --- those that are there ------------------------------------------------------------------------------------- */

int get_passkeys(struct call *c)
{
        const char *user = param(c, "user");
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (c->role != R_ADMIN)
                user = c->user;
        if (pic_passkey_list(app_ctx(c->app), user, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

static int not_there(struct call *c)
{
        return fail(c, 404, PIC_NOTFOUND, "GET /api/auth/passkeys", "there is no such passkey of yours");
}

/* Whose it is: the caller's, or for an admin anybody's. 0, or -1 after having answered. */
static int find_owner(struct call *c, int64_t *ret_id, char *user, size_t size)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *list;
        size_t i;

        user[0] = '\0';
        if (text_int(c->args[0], 1, INT64_MAX, ret_id) < 0)
                return not_there(c);
        if (pic_passkey_list(app_ctx(c->app), c->role == R_ADMIN ? NULL : c->user, &report, &err) < 0)
                return fail_err(c, err);
        list = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        for (i = 0; i < json_array_size(list); i++) {
                const json_t *one = json_array_get(list, i);

                if (json_integer_value(json_object_get(one, "id")) == *ret_id)
                        snprintf(user, size, "%s", json_string_value(json_object_get(one, "user")));
        }
        json_decref(list);
        return user[0] != '\0' ? 0 : not_there(c);
}

int patch_passkey(struct call *c)
{
        const char *name = body_text(c, "name");
        pic_error *err = NULL;
        char user[128];
        int64_t id;

        if (find_owner(c, &id, user, sizeof(user)) < 0)
                return -1;
        if (pic_passkey_rename(c->ctx, user, id, name, &err) < 0)
                return fail_err(c, err);
        return answer_json(c, 200, json_pack("{s:I,s:s}", "id", (json_int_t)id, "name", name));
}

int delete_passkey(struct call *c)
{
        pic_error *err = NULL;
        char user[128];
        int64_t id;

        if (find_owner(c, &id, user, sizeof(user)) < 0)
                return -1;
        if (pic_passkey_remove(c->ctx, user, id, &err) < 0)
                return fail_err(c, err);
        return answer_json(c, 200, json_pack("{s:I}", "removed", (json_int_t)id));
}
