/* Owns: /api/config, the old way to see and set the whole cell: the fields of kind "cell" by old names. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "http/http.h"

static const char *const old[] = { "cell_name", "name", "ip_range", "net4", "wireguard_port", "listen_port" };

static const char *new_name(const char *name)
{
        size_t i;

        for (i = 0; i < sizeof(old) / sizeof(old[0]); i += 2)
                if (strcmp(old[i], name) == 0)
                        return old[i + 1];
        return name;
}

/* The old system knew one way to get a public name: how the first one is kept; "lan": there is none. */
static json_t *domain_mode(struct call *c)
{
        struct list *list = list_get(c, "domain");
        char *text = NULL;
        json_t *mode;

        if (list != NULL && pic_list_count(list_of(list)) > 0)
                text = pic_obj_get(pic_list_at(list_of(list), 0), "mode");
        mode = list != NULL ? json_string(text != NULL ? text : "lan") : NULL;
        pic_text_free(text);
        list_unref(list);
        return mode;
}

int get_config(struct call *c)
{
        pic_obj *cell = NULL;
        json_t *json, *mode = domain_mode(c);
        char *text;
        size_t i;

        if (mode == NULL)
                return -1;
        if (find_obj(c, "cell", NULL, &cell) < 0) {
                json_decref(mode);
                return -1;
        }
        text = pic_obj_json(cell);
        json = text != NULL ? json_loads(text, 0, NULL) : NULL;
        for (i = 0; json != NULL && i < sizeof(old) / sizeof(old[0]); i += 2)
                json_object_set(json, old[i], json_object_get(json, old[i + 1]));
        if (json != NULL)
                json_object_set_new(json, "domain_mode", mode);
        else
                json_decref(mode);
        answer_etag(c, "cell-%" PRId64 "-%" PRId64, (int64_t)pic_obj_id(cell), (int64_t)pic_obj_revision(cell));
        pic_text_free(text);
        pic_obj_unref(cell);
        return answer_json(c, 200, json);
}

/* What the old system did not take, though a cell by its new name may have it: networks of others, an empty name. */
static int is_private(const char *range)
{
        static const struct {
                uint32_t net;
                int bits;
        } nets[] = { { 0x0a000000, 8 }, { 0xac100000, 12 }, { 0xc0a80000, 16 } };
        struct in_addr at;
        char text[32];
        int bits, n = 0;
        size_t i;

        if (sscanf(range, "%31[0-9.]/%d%n", text, &bits, &n) != 2 || range[n] != '\0' ||
            inet_pton(AF_INET, text, &at) != 1)
                return 1; /* no network at all: the library says so */
        for (i = 0; i < sizeof(nets) / sizeof(nets[0]); i++)
                if (bits >= nets[i].bits && (ntohl(at.s_addr) ^ nets[i].net) >> (32 - nets[i].bits) == 0)
                        return 1;
        return 0;
}

/* It is told; changing it takes what the old words have no place for. */
static void check_mode(struct call *c, struct wrongs *w)
{
        json_t *want = json_object_get(c->body, "domain_mode"), *is = want != NULL ? domain_mode(c) : NULL;

        if (want != NULL && is != NULL && !json_equal(want, is))
                wish_wrong(w, "domain_mode", "is changed by /api/domains: add, change or remove a public name there");
        json_decref(is);
}

static void check_old(struct call *c, struct wrongs *w)
{
        const char *range = body_text(c, "ip_range"), *domain = body_text(c, "domain");

        if (range != NULL && !is_private(range))
                wish_wrong(w, "ip_range", "must be in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
        if (domain != NULL && domain[0] == '\0')
                wish_wrong(w, "domain", "must not be empty");
        check_mode(c, w);
}

int put_config(struct call *c)
{
        struct done d = { .status = 200, .kind = "cell" };
        struct wrongs w = { .count = 0 };
        pic_edit *edit = change_begin(c);
        const char *key;
        json_t *value;

        if (edit == NULL)
                return -1;
        if (change_match(c, edit, "cell", NULL) < 0) {
                pic_edit_unref(edit);
                return -1;
        }
        check_old(c, &w);
        json_object_foreach(c->body, key, value) if (strcmp(key, "domain_mode") != 0)
                wish_field(edit, "cell", NULL, new_name(key), value, &w);
        if (w.count == 0)
                return change_finish(c, edit, &d);
        pic_edit_unref(edit);
        return fail_wrongs(c, &w);
}
