/* Owns: /api/connectivity beyond what all kinds have: import, health, tests, who leaves by what. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http.h"

/* --- import --------------------------------------------------------------------------------------------------- */

/* Files that lie beside a profile come in the body, by their names. */
static int get_file(const char *name, const void **ret_data, size_t *ret_size, void *data)
{
        const json_t *file = json_object_get(data, name);

        if (!json_is_string(file))
                return PIC_NOTFOUND;
        *ret_data = json_string_value(file);
        *ret_size = json_string_length(file);
        return 0;
}

int post_import(struct call *c)
{
        const char *name = body_text(c, "name"), *text = body_text(c, "text");
        struct done d = { .status = 201, .kind = "connection", .name = name, .base = kind_path("connection") };
        pic_import_opts o = PIC_IMPORT_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_edit *edit = change_begin(c);

        if (edit == NULL)
                return -1;
        o.type = body_text(c, "type");
        o.get_file = get_file;
        o.data = json_object_get(c->body, "files");
        o.flags = json_is_true(json_object_get(c->body, "replace")) ? PIC_IMPORT_REPLACE : 0;
        if (pic_connection_import(edit, name, text, strlen(text), &o, &told, &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        d.more = json_pack("{s:o?}", "told", json_loads(pic_report_text(told), 0, NULL));
        pic_report_unref(told);
        return change_finish(c, edit, &d);
}

/* --- how they are --------------------------------------------------------------------------------------------- */

int get_health(struct call *c)
{
        pic_obj *obj = NULL;
        json_t *status, *list, *found = NULL;
        char *text = NULL;
        size_t i;

        if (find_obj(c, "connection", c->args[0], &obj) < 0)
                return -1;
        if (live_status(c, 500, &text) < 0) {
                pic_obj_unref(obj);
                return -1;
        }
        status = json_loads(text, 0, NULL);
        list = json_object_get(status, "connections");
        for (i = 0; i < json_array_size(list); i++)
                if (json_integer_value(json_object_get(json_array_get(list, i), "id")) == pic_obj_id(obj))
                        found = json_array_get(list, i);
        if (found != NULL)
                (void)answer_json(c, 200, json_incref(found));
        else
                (void)fail(c, 503, PIC_NOAGENT, "Start the agent: systemctl start picd", "its state is not known");
        free(text);
        json_decref(status);
        pic_obj_unref(obj);
        return 0;
}

int post_test(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_obj *obj = NULL;
        int r;

        if (find_obj(c, "connection", c->args[0], &obj) < 0)
                return -1;
        r = pic_connection_test(c->ctx, pic_obj_name(obj), body_text(c, "peer"), &report, &err);
        pic_obj_unref(obj);
        return r < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int post_restart(struct call *c)
{
        pic_error *err = NULL;
        pic_obj *obj = NULL;
        int r;

        if (find_obj(c, "connection", c->args[0], &obj) < 0)
                return -1;
        r = pic_connection_restart(c->ctx, pic_obj_name(obj), &err);
        r = r < 0 ? fail_err(c, err) : answer_json(c, 200, json_pack("{s:s}", "restarted", pic_obj_name(obj)));
        pic_obj_unref(obj);
        return r;
}

int get_policy(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_connection_policy(app_ctx(c->app), param(c, "of"), PIC_POLICY_JSON, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

/* --- who leaves by what --------------------------------------------------------------------------------------- */

/* Old type names, of when there was one exit a type. */
static const char *type_of(const char *word)
{
        static const char *const types[] = {
                "wireguard_ext", "wireguard", "wireguard-ext", "wireguard", "openvpn-client", "openvpn",
                "sshuttle",      "ssh",       "wireguard",     "wireguard", "openvpn",        "openvpn",
                "tor",           "tor",       "ssh",           "ssh",       "proxy",          "proxy"
        };
        size_t i;

        for (i = 0; i < sizeof(types) / sizeof(types[0]); i += 2)
                if (strcmp(types[i], word) == 0)
                        return types[i + 1];
        return NULL;
}

/* The only connection of a type that is used; NULL: none, or several. */
static char *only_one(const struct list *l, const char *type)
{
        const char *found = NULL;
        size_t i, count = 0;

        for (i = 0; i < pic_list_count(list_of(l)); i++) {
                const pic_obj *o = pic_list_at(list_of(l), i);
                char *is = pic_obj_get(o, "type"), *enabled = pic_obj_get(o, "enabled");

                if (is != NULL && strcmp(is, type) == 0 && enabled != NULL && strcmp(enabled, "true") == 0) {
                        found = pic_obj_name(o);
                        count++;
                }
                pic_text_free(is);
                pic_text_free(enabled);
        }
        return count == 1 ? strdup(found) : NULL;
}

static char *by_number(const struct list *l, int64_t id)
{
        size_t i;

        for (i = 0; i < pic_list_count(list_of(l)); i++)
                if (pic_obj_id(pic_list_at(list_of(l), i)) == id)
                        return strdup(pic_obj_name(pic_list_at(list_of(l), i)));
        return NULL;
}

/* NULL: by none of its own. */
char *exit_name(struct call *c, const char *word)
{
        const char *type = type_of(word);
        pic_obj *obj = NULL;
        struct list *l;
        char *name = NULL;
        int64_t id = 0;

        if (strcmp(word, "default") == 0)
                return NULL;
        if (type == NULL && text_int(word, 1, INT64_MAX, &id) < 0)
                return strdup(word);
        if (pic_get(app_ctx(c->app), "connection", word, &obj, NULL) == 0) { /* called so */
                pic_obj_unref(obj);
                return strdup(word);
        }
        l = list_get(c, "connection");
        if (l != NULL)
                name = type != NULL ? only_one(l, type) : by_number(l, id);
        list_unref(l);
        return name != NULL ? name : strdup(word);
}

static int set_field(struct call *c, const char *field, const json_t *value)
{
        struct done d = { .status = 200, .kind = "peer" };
        struct wrongs w = { .count = 0 };
        pic_obj *peer = NULL;
        pic_edit *edit;
        int r;

        if (find_obj(c, "peer", c->args[0], &peer) < 0)
                return -1;
        d.name = pic_obj_name(peer);
        edit = change_begin(c);
        r = edit != NULL ? 0 : -1;
        if (r == 0)
                wish_field(edit, "peer", d.name, field, value, &w);
        if (w.count > 0)
                r = fail_wrongs(c, &w);
        if (r == 0)
                r = change_finish(c, edit, &d);
        else
                pic_edit_unref(edit);
        pic_obj_unref(peer);
        return r;
}

int put_failopen(struct call *c)
{
        return set_field(c, "failopen", json_object_get(c->body, "failopen"));
}

int put_exit(struct call *c)
{
        const json_t *given = json_object_get(c->body, "connection_id");
        json_t *value = json_null();
        char number[32], *name = NULL;
        int r;

        if (json_is_integer(given))
                snprintf(number, sizeof(number), "%" PRId64, (int64_t)json_integer_value(given));
        if (json_is_integer(given) || json_is_string(given))
                name = exit_name(c, json_is_string(given) ? json_string_value(given) : number);
        else if (!json_is_null(given))
                return fail_field(c, "connection_id", "must be a connection, its number, direct, default or null");
        if (name != NULL)
                value = json_string(name);
        r = set_field(c, "exit", value);
        json_decref(value);
        free(name);
        return r;
}
