/* Owns: /api/peer: what a person of role peer sees and does: own devices only. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http.h"

/* --- whose ---------------------------------------------------------------------------------------------------- */

static json_t *list_of_text(const char *text)
{
        json_t *list = json_array();

        while (text != NULL && *text != '\0') {
                size_t len = strcspn(text, ",");

                json_array_append_new(list, json_stringn(text, len));
                text += len;
                text += *text == ',';
        }
        return list;
}

/* A list of the caller's own ("devices", "exits"); NULL after having answered. */
static json_t *own(struct call *c, const char *field)
{
        pic_obj *user = NULL;
        json_t *list;
        char *text;

        if (find_obj(c, "user", c->user, &user) < 0)
                return NULL;
        text = pic_obj_get(user, field);
        list = list_of_text(text);
        pic_text_free(text);
        pic_obj_unref(user);
        return list;
}

static int is_in(const json_t *list, const char *name)
{
        size_t i;

        for (i = 0; i < json_array_size(list); i++)
                if (strcasecmp(json_string_value(json_array_get(list, i)), name) == 0)
                        return 1;
        return 0;
}

/* Another's device is not there. */
static int check_own(struct call *c, const char *name)
{
        json_t *devices = own(c, "devices");
        int is = devices != NULL && is_in(devices, name);

        if (devices == NULL)
                return -1;
        json_decref(devices);
        return is ? 0 : fail(c, 404, PIC_NOTFOUND, NULL, "you have no device of that name");
}

/* --- what they see -------------------------------------------------------------------------------------------- */

static const json_t *find_named(const json_t *list, const char *name)
{
        size_t i;

        for (i = 0; i < json_array_size(list); i++) {
                const char *at = json_string_value(json_object_get(json_array_get(list, i), "name"));

                if (at != NULL && strcasecmp(at, name) == 0)
                        return json_array_get(list, i);
        }
        return NULL;
}

/* Of a device what is its person's business. */
static json_t *device_json(const pic_obj *peer, const json_t *status)
{
        static const char *const shown[] = { "name", "enabled", "address4", "address6", "access",
                                             "exit", "expires", "note",     "key_mode", "config_shown" };
        static const char *const live[] = { "handshake", "rx", "tx", "leaves", "active" };
        char *text = pic_obj_json(peer);
        json_t *all = text != NULL ? json_loads(text, 0, NULL) : NULL, *json = json_object();
        size_t i;

        for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
                json_object_set(json, shown[i], json_object_get(all, shown[i]));
        for (i = 0; status != NULL && i < sizeof(live) / sizeof(live[0]); i++)
                json_object_set(json, live[i], json_object_get(status, live[i]));
        json_decref(all);
        pic_text_free(text);
        return json;
}

static json_t *status_peers(struct call *c)
{
        char *text = NULL;
        json_t *json, *peers;

        if (live_text(c->app, 2000, &text, NULL) < 0 || text == NULL)
                return json_array(); /* what they have is known without an agent */
        json = json_loads(text, 0, NULL);
        peers = json_incref(json_object_get(json, "peers"));
        json_decref(json);
        free(text);
        return peers;
}

/* NULL after having answered. */
static json_t *devices_json(struct call *c)
{
        json_t *names = own(c, "devices"), *peers, *list;
        size_t i;

        if (names == NULL)
                return NULL;
        list = json_array();
        peers = status_peers(c);
        for (i = 0; i < json_array_size(names); i++) {
                const char *name = json_string_value(json_array_get(names, i));
                pic_obj *peer = NULL;

                if (pic_get(app_ctx(c->app), "peer", name, &peer, NULL) == 0)
                        json_array_append_new(list, device_json(peer, find_named(peers, name)));
                pic_obj_unref(peer);
        }
        json_decref(peers);
        json_decref(names);
        return list;
}

int get_own_devices(struct call *c)
{
        json_t *list = devices_json(c);

        return list != NULL ? answer_json(c, 200, list) : -1;
}

int get_own_services(struct call *c)
{
        return answer_copy(c, 200, "[]");
}

int get_own_traffic(struct call *c)
{
        json_t *list = devices_json(c), *out;
        int r = 0;
        size_t i;

        if (list == NULL)
                return -1;
        out = json_array();
        for (i = 0; i < json_array_size(list) && r == 0; i++) {
                const json_t *d = json_array_get(list, i);
                json_t *one = json_pack("{s:O?,s:O?,s:O?,s:O?}", "name", json_object_get(d, "name"), "rx",
                                        json_object_get(d, "rx"), "tx", json_object_get(d, "tx"), "handshake",
                                        json_object_get(d, "handshake"));

                r = add_buckets(c, json_string_value(json_object_get(d, "name")), one);
                json_array_append_new(out, one);
        }
        json_decref(list);
        if (r == 0)
                return answer_json(c, 200, out);
        json_decref(out);
        return r;
}

int get_dashboard(struct call *c)
{
        json_t *devices = devices_json(c), *exits = devices != NULL ? own(c, "exits") : NULL;
        pic_obj *cell = NULL;
        int r;

        if (exits == NULL) {
                json_decref(devices);
                return -1;
        }
        (void)!pic_get(app_ctx(c->app), "cell", NULL, &cell, NULL);
        r = answer_json(c, 200,
                        json_pack("{s:s,s:s,s:o,s:o,s:[]}", "username", c->user, "cell_name", pic_obj_name(cell),
                                  "devices", devices, "exits", exits, "services"));
        pic_obj_unref(cell);
        return r;
}

/* --- what they do --------------------------------------------------------------------------------------------- */

int post_own_config(struct call *c)
{
        return check_own(c, c->args[0]) < 0 ? -1 : answer_config(c, c->args[0], body_text(c, "qr"));
}

/* One of those that an admin lets them choose from; null: as the cell says, where they may choose at all. */
static int check_exit(struct call *c, const char *exit)
{
        json_t *exits = own(c, "exits");
        int may = exits != NULL && json_array_size(exits) > 0 && (exit == NULL || is_in(exits, exit));

        if (exits == NULL)
                return -1;
        json_decref(exits);
        return may ? 0 : fail(c, 403, PIC_DENIED, "Ask an admin.", "that exit is not yours to choose");
}

int put_own_exit(struct call *c)
{
        const char *exit = body_text(c, "exit");
        struct wrongs w = { .count = 0 };
        struct done d = { .status = 200 };
        pic_edit *edit;

        if (exit != NULL && strcmp(exit, "default") == 0)
                exit = NULL;
        if (check_own(c, c->args[0]) < 0 || check_exit(c, exit) < 0)
                return -1;
        edit = change_begin(c);
        if (edit == NULL)
                return -1;
        wish_field(edit, "peer", c->args[0], "exit", exit != NULL ? json_object_get(c->body, "exit") : json_null(), &w);
        if (w.count > 0) {
                pic_edit_unref(edit);
                return fail_wrongs(c, &w);
        }
        d.more = json_pack("{s:s,s:s?}", "name", c->args[0], "exit", exit);
        return change_finish(c, edit, &d);
}
