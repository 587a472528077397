/* Owns: what only devices have: configuration, keys, links, a person's login beside them, and the old names of fields.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http/http.h"

enum { LINK_DAY = 86400 };

/* --- old names of fields -------------------------------------------------------------------------------------- */

static const char *const old_names[] = { "name",      "password", "internet_access", "service_access", "exit_via",
                                         "route_via", NULL };

/* "internet" in or out of a list of grants. */
static json_t *with_internet(const json_t *access, int yes)
{
        json_t *list = json_array();
        size_t i;

        for (i = 0; i < json_array_size(access); i++) {
                const char *grant = json_string_value(json_array_get(access, i));

                if (grant == NULL || strcasecmp(grant, "internet") != 0)
                        json_array_append(list, json_array_get(access, i));
        }
        if (yes)
                json_array_append_new(list, json_string("internet"));
        return list;
}

static json_t *access_of(const pic_obj *peer)
{
        char *text = peer != NULL ? pic_obj_get(peer, "access") : NULL, *rest = NULL, *grant;
        json_t *list = json_array();

        for (grant = text != NULL ? strtok_r(text, ",", &rest) : NULL; grant != NULL;
             grant = strtok_r(NULL, ",", &rest))
                json_array_append_new(list, json_string(grant));
        pic_text_free(text);
        return list;
}

/* internet_access: true, false, on top of `access` of the body, else of what the device has. */
static void wish_internet(struct call *c, pic_edit *edit, const char *name, const pic_obj *peer, struct wrongs *w)
{
        const json_t *wanted = json_object_get(c->body, "internet_access"), *given = json_object_get(c->body, "access");
        json_t *had, *list;

        if (!json_is_boolean(wanted))
                return;
        had = given != NULL ? json_incref((json_t *)(uintptr_t)given) : access_of(peer);
        if (json_is_array(had) || json_is_null(had)) {
                list = with_internet(had, json_is_true(wanted));
                wish_field(edit, "peer", name, "access", list, w);
                json_decref(list);
        } else {
                wish_wrong(w, "internet_access", "goes with a list `access` only");
        }
        json_decref(had);
}

static void wish_old(struct call *c, pic_edit *edit, const char *name, const pic_obj *peer, struct wrongs *w)
{
        const json_t *exit_via = json_object_get(c->body, "exit_via");
        char *word;

        wish_internet(c, edit, name, peer, w);
        if (json_array_size(json_object_get(c->body, "service_access")) > 0)
                wish_wrong(w, "service_access", "there is no such service here");
        if (body_text(c, "route_via") != NULL)
                wish_wrong(w, "route_via", "there is no linked cell of that name");
        if (exit_via == NULL)
                return;
        word = json_is_string(exit_via) ? exit_name(c, json_string_value(exit_via)) : NULL;
        exit_via = word != NULL ? json_string(word) : json_null();
        wish_field(edit, "peer", name, "exit", exit_via, w);
        json_decref((json_t *)(uintptr_t)exit_via);
        free(word);
}

/* --- add, change ---------------------------------------------------------------------------------------------- */

/* A person's login, whose one device this is. */
static void wish_login(struct call *c, pic_edit *edit, const char *name, struct wrongs *w)
{
        json_t *fields;
        pic_error *err = NULL;

        if (body_text(c, "password") == NULL)
                return;
        if (pic_edit_add(edit, "user", name, &err) < 0) {
                wish_wrong(w, "name", "cannot be a user's name");
                pic_error_free(err);
                return;
        }
        fields = json_pack("{s:s,s:s,s:O}", "role", "peer", "devices", name, "password",
                           json_object_get(c->body, "password"));
        wish_fields(edit, "user", name, fields, NULL, w);
        json_decref(fields);
}

int post_peer(struct call *c)
{
        const char *name = body_text(c, "name");
        struct done d = { .status = 201, .kind = "peer", .name = name, .base = "/api/peers" };
        struct wrongs w = { .count = 0 };
        pic_error *err = NULL;
        pic_edit *edit;

        if (body_text(c, "password") != NULL && c->role != R_ADMIN)
                return fail(c, 403, PIC_DENIED, "An admin may; without a password there is no login.",
                            "a login can be made by an admin only");
        edit = change_begin(c);
        if (edit == NULL)
                return -1;
        if (pic_edit_add(edit, "peer", name, &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        wish_fields(edit, "peer", name, c->body, old_names, &w);
        wish_old(c, edit, name, NULL, &w);
        wish_login(c, edit, name, &w);
        if (w.count == 0)
                return change_finish(c, edit, &d);
        pic_edit_unref(edit);
        return fail_wrongs(c, &w);
}

static int wish_peer(struct call *c, pic_edit *edit, const pic_obj *peer)
{
        struct wrongs w = { .count = 0 };

        if (change_match(c, edit, "peer", pic_obj_name(peer)) < 0)
                return -1;
        wish_fields(edit, "peer", pic_obj_name(peer), c->body, old_names + 1, &w);
        wish_old(c, edit, pic_obj_name(peer), peer, &w);
        if (body_text(c, "password") != NULL)
                wish_wrong(&w, "password", "is set when the device is made, or by POST /api/auth/admin/reset-password");
        return w.count > 0 ? fail_wrongs(c, &w) : 0;
}

int patch_peer(struct call *c)
{
        struct done d = { .status = 200, .kind = "peer" };
        pic_obj *peer = NULL;
        pic_edit *edit;
        int r;

        if (find_obj(c, "peer", c->args[0], &peer) < 0)
                return -1;
        d.name = body_text(c, "name") != NULL ? body_text(c, "name") : pic_obj_name(peer);
        edit = change_begin(c);
        r = edit != NULL ? wish_peer(c, edit, peer) : -1;
        if (r == 0)
                r = change_finish(c, edit, &d);
        else
                pic_edit_unref(edit);
        pic_obj_unref(peer);
        return r;
}

/* --- remove --------------------------------------------------------------------------------------------------- */

static int is_login_of(const pic_obj *user, const char *peer)
{
        char *role = pic_obj_get(user, "role"), *devices = pic_obj_get(user, "devices");
        int is = role != NULL && devices != NULL && strcmp(role, "peer") == 0 && strcasecmp(devices, peer) == 0;

        pic_text_free(role);
        pic_text_free(devices);
        return is;
}

/* Logins of role peer that would be left without a device go too, where the caller may change users. */
static int remove_logins(struct call *c, pic_edit *edit, const char *peer)
{
        struct list *users;
        pic_error *err = NULL;
        size_t i;
        int r = 0;

        if (c->role != R_ADMIN)
                return 0;
        users = list_get(c, "user");
        for (i = 0; users != NULL && i < pic_list_count(list_of(users)) && r >= 0; i++)
                if (is_login_of(pic_list_at(list_of(users), i), peer))
                        r = pic_edit_remove(edit, "user", pic_obj_name(pic_list_at(list_of(users), i)), &err);
        if (users == NULL)
                return -1;
        list_unref(users);
        return r < 0 ? fail_err(c, err) : 0;
}

static int wish_removal(struct call *c, pic_edit *edit, const char *name)
{
        pic_error *err = NULL;

        if (change_match(c, edit, "peer", name) < 0 || remove_logins(c, edit, name) < 0)
                return -1;
        return pic_edit_remove(edit, "peer", name, &err) < 0 ? fail_err(c, err) : 0;
}

int delete_peer(struct call *c)
{
        struct done d = { .status = 200 };
        pic_obj *peer = NULL;
        pic_edit *edit;
        int r;

        if (find_obj(c, "peer", c->args[0], &peer) < 0)
                return -1;
        edit = change_begin(c);
        r = edit != NULL ? wish_removal(c, edit, pic_obj_name(peer)) : -1;
        if (r == 0) {
                d.more = json_pack("{s:s}", "removed", pic_obj_name(peer));
                r = change_finish(c, edit, &d);
        } else {
                pic_edit_unref(edit);
        }
        pic_obj_unref(peer);
        return r;
}

/* --- configuration -------------------------------------------------------------------------------------------- */

static json_t *base64(const unsigned char *in, size_t len)
{
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        char *out = malloc((len + 2) / 3 * 4 + 1);
        json_t *json;
        size_t i, n = 0;

        if (out == NULL)
                return NULL;
        for (i = 0; i < len; i += 3) {
                unsigned v = (unsigned)in[i] << 16 | (i + 1 < len ? (unsigned)in[i + 1] << 8 : 0) |
                             (i + 2 < len ? in[i + 2] : 0);

                out[n++] = letters[v >> 18];
                out[n++] = letters[v >> 12 & 63];
                out[n++] = '=';
                out[n++] = '=';
                if (i + 1 < len)
                        out[n - 2] = letters[v >> 6 & 63];
                if (i + 2 < len)
                        out[n - 1] = letters[v & 63];
        }
        json = json_stringn(out, n);
        wipe(out, n);
        return json;
}

/* SVG as it is, PNG in base64. A text that no code can hold has none. */
json_t *qr_json(const char *text, const char *format)
{
        int png = format != NULL && strcmp(format, "png") == 0;
        pic_blob *image = NULL;
        json_t *json;

        if (format == NULL || text == NULL || pic_qr_make(text, png ? PIC_QR_PNG : PIC_QR_SVG, &image, NULL) < 0)
                return json_null();
        json = png ? base64(pic_blob_data(image), pic_blob_size(image))
                   : json_stringn(pic_blob_data(image), pic_blob_size(image));
        pic_blob_unref(image);
        return json != NULL ? json : json_null();
}

static int check_qr(struct call *c, const char *qr)
{
        if (qr == NULL || strcmp(qr, "svg") == 0 || strcmp(qr, "png") == 0)
                return 0;
        return fail_field(c, "qr", "must be svg, png or null");
}

int answer_config(struct call *c, const char *name, const char *qr)
{
        pic_blob *config = NULL;
        pic_error *err = NULL;
        json_t *json;

        if (check_qr(c, qr) < 0)
                return -1;
        if (pic_peer_config(c->ctx, name, &config, &err) < 0)
                return fail_err(c, err);
        json = json_pack("{s:s,s:s,s:o}", "name", name, "config", pic_blob_data(config), "qr",
                         qr_json(pic_blob_data(config), qr));
        pic_blob_unref(config);
        c->res->wiped = 1;
        return answer_json(c, 200, json);
}

int post_peer_config(struct call *c)
{
        pic_obj *peer = NULL;
        int r = find_obj(c, "peer", c->args[0], &peer);

        if (r == 0)
                r = answer_config(c, pic_obj_name(peer), body_text(c, "qr"));
        pic_obj_unref(peer);
        return r;
}

int post_peer_rekey(struct call *c)
{
        struct done d = { .status = 200, .kind = "peer" };
        pic_error *err = NULL;
        pic_obj *peer = NULL;
        pic_edit *edit;
        int r;

        if (find_obj(c, "peer", c->args[0], &peer) < 0)
                return -1;
        d.name = pic_obj_name(peer);
        edit = change_begin(c);
        r = edit != NULL ? change_match(c, edit, "peer", d.name) : -1;
        if (r == 0 && pic_edit_rekey(edit, d.name, &err) < 0)
                r = fail_err(c, err);
        if (r == 0)
                r = change_finish(c, edit, &d);
        else
                pic_edit_unref(edit);
        pic_obj_unref(peer);
        return r;
}

/* --- links ---------------------------------------------------------------------------------------------------- */

int post_peer_link(struct call *c)
{
        const json_t *given = json_object_get(c->body, "seconds");
        int64_t seconds = given != NULL ? json_integer_value(given) : LINK_DAY;
        char when[32], path[160];
        pic_blob *token = NULL;
        pic_error *err = NULL;
        pic_obj *peer = NULL;
        time_t until;
        struct tm tm;

        if (seconds < 1 || seconds > 604800)
                return fail_field(c, "seconds", "must be from 1 to 604800");
        if (find_obj(c, "peer", c->args[0], &peer) < 0)
                return -1;
        if (pic_link_make(c->ctx, pic_obj_name(peer), (uint32_t)seconds, &token, &err) < 0) {
                pic_obj_unref(peer);
                return fail_err(c, err);
        }
        pic_obj_unref(peer);
        until = time(NULL) + (time_t)seconds;
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&until, &tm));
        /* Behind the #, which browsers send to nobody. */
        snprintf(path, sizeof(path), "/link#%s", (const char *)pic_blob_data(token));
        c->res->wiped = 1;
        (void)answer_json(c, 201,
                          json_pack("{s:s,s:s,s:s}", "token", pic_blob_data(token), "until", when, "path", path));
        explicit_bzero(path, sizeof(path));
        pic_blob_unref(token);
        return 0;
}

int post_link(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *json;

        if (check_qr(c, body_text(c, "qr")) < 0)
                return -1;
        if (pic_link_take(c->ctx, body_text(c, "token"), c->address[0] != '\0' ? c->address : NULL, &report, &err) < 0)
                return fail_err(c, err);
        json = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        json_object_set_new(json, "qr",
                            qr_json(json_string_value(json_object_get(json, "config")),
                                    body_text(c, "qr") != NULL ? body_text(c, "qr") : "svg"));
        c->res->wiped = 1;
        return answer_json(c, 200, json);
}

/* --- old paths ------------------------------------------------------------------------------------------------ */

int get_reinstall(struct call *c)
{
        pic_error *err = NULL;
        pic_obj *peer = NULL;
        int r = find_obj(c, "peer", c->args[0], &peer), old;

        if (r < 0)
                return r;
        old = pic_peer_outdated(app_ctx(c->app), pic_obj_name(peer), &err);
        r = old < 0 ? fail_err(c, err)
                    : answer_json(c, 200,
                                  json_pack("{s:s,s:b}", "name", pic_obj_name(peer), "config_needs_reinstall", old));
        pic_obj_unref(peer);
        return r;
}

/* Of old clients, after a download; and of whoever typed it into the device. */
int post_clear_reinstall(struct call *c)
{
        pic_error *err = NULL;
        pic_obj *peer = NULL;
        int r = find_obj(c, "peer", c->args[0], &peer);

        if (r < 0)
                return r;
        r = pic_peer_installed(c->ctx, pic_obj_name(peer), &err) < 0
                    ? fail_err(c, err)
                    : answer_json(c, 200,
                                  json_pack("{s:s,s:b}", "name", pic_obj_name(peer), "config_needs_reinstall", 0));
        pic_obj_unref(peer);
        return r;
}

/* Through another cell. Links between cells are not there yet: to leave by none is what every device does; to leave by
 * one cannot be promised, so it is not, also when a device, or a connection, has that name. */
int put_route_via(struct call *c)
{
        const char *via = body_text(c, "via_cell");
        pic_obj *peer = NULL;
        int r;

        if (find_obj(c, "peer", c->args[0], &peer) < 0)
                return -1;
        if (via != NULL && via[0] != '\0')
                r = fail(c, 501, PIC_UNSUPPORTED,
                         "Import the other cell's configuration as a connection, and use that: PUT "
                         "/api/connectivity/peers/NAME/exit",
                         "cells are not linked yet: no device can leave through cell '%.64s'", via);
        else
                r = answer_json(c, 200, json_pack("{s:s,s:n}", "name", pic_obj_name(peer), "route_via"));
        pic_obj_unref(peer);
        return r;
}
