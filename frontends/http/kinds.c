/* Owns: list, show, add, change, remove: the same for every kind, made from the field tables. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http.h"

enum { LIMIT_MAX = 100000 };

const char *kind_path(const char *kind)
{
        static const char *const paths[] = { "peer",        "/api/peers",
                                             "group",       "/api/groups",
                                             "connection",  "/api/connectivity/connections",
                                             "assertion",   "/api/assertions",
                                             "user",        "/api/users",
                                             "token",       "/api/tokens",
                                             "cell",        "/api/cell",
                                             "certificate", "/api/certificates",
                                             "record",      "/api/dns/records",
                                             "forward",     "/api/dns/forwards",
                                             "domain",      "/api/domains",
                                             "service",     "/api/services",

                                             "blocklist",   "/api/dns/blocklists",
                                             "alert",       "/api/alerts",
                                             "target",      "/api/backups/targets" };
        size_t i;

        for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i += 2)
                if (strcmp(paths[i], kind) == 0)
                        return paths[i + 1];
        return NULL;
}

int find_revision(struct call *c, pic_revision *ret)
{
        pic_error *err = NULL;

        return pic_revision_at(app_ctx(c->app), INT64_MAX, ret, &err) < 0 ? fail_err(c, err) : 0;
}

static int find_by_id(struct call *c, const char *kind, int64_t id, pic_obj **ret)
{
        struct list *l = list_get(c, kind);
        size_t i;

        if (l == NULL)
                return -1;
        for (i = 0; i < pic_list_count(list_of(l)) && *ret == NULL; i++)
                if (pic_obj_id(pic_list_at(list_of(l), i)) == id)
                        *ret = pic_obj_ref(pic_list_at(list_of(l), i));
        list_unref(l);
        return *ret != NULL ? 0 : fail(c, 404, PIC_NOTFOUND, NULL, "there is no %s with the id %" PRId64, kind, id);
}

int find_obj(struct call *c, const char *kind, const char *name, pic_obj **ret)
{
        pic_error *err = NULL;
        int64_t id;
        int r = pic_get(app_ctx(c->app), kind, name, ret, &err);

        if (r >= 0)
                return 0;
        if (r == PIC_NOTFOUND && name != NULL && text_int(name, 1, INT64_MAX, &id) == 0) {
                pic_error_free(err);
                return find_by_id(c, kind, id, ret);
        }
        return fail_err(c, err);
}

/* --- one ------------------------------------------------------------------------------------------------------ */

/* Only some of its fields, "name,address4". */
static json_t *some_fields(const char *text, const char *fields)
{
        json_t *all = json_loads(text, 0, NULL), *some = json_object();

        while (*fields != '\0') {
                char name[64];
                json_t *value;
                size_t len = strcspn(fields, ",");

                snprintf(name, sizeof(name), "%.*s", (int)len, fields);
                value = json_object_get(all, name);
                if (value != NULL)
                        json_object_set(some, name, value);
                fields += len;
                fields += strspn(fields, ",");
        }
        json_decref(all);
        return some;
}

static int show(struct call *c, const pic_obj *obj)
{
        const char *fields = param(c, "fields");
        char *text = pic_obj_json(obj), *copy;

        if (text == NULL)
                return fail_nomem(c);
        if (fields != NULL) {
                json_t *some = some_fields(text, fields);

                pic_text_free(text);
                return answer_json(c, 200, some);
        }
        answer_etag(c, "%s-%" PRId64 "-%" PRId64, pic_obj_kind(obj), (int64_t)pic_obj_id(obj),
                    (int64_t)pic_obj_revision(obj));
        copy = strdup(text);
        pic_text_free(text);
        return answer_text(c, 200, copy);
}

int get_one(struct call *c)
{
        pic_obj *obj = NULL;
        int r = find_obj(c, c->route->kind, c->args[0], &obj);

        if (r == 0)
                r = show(c, obj);
        pic_obj_unref(obj);
        return r;
}

int get_cell(struct call *c)
{
        pic_obj *obj = NULL;
        int r = find_obj(c, "cell", NULL, &obj);

        if (r == 0)
                r = show(c, obj);
        pic_obj_unref(obj);
        return r;
}

/* --- many ----------------------------------------------------------------------------------------------------- */

static int has_item(const char *list, const char *word)
{
        size_t len = strlen(word);

        if (strcasecmp(list, word) == 0)
                return 1;
        while (*list != '\0') {
                size_t n = strcspn(list, ",");

                if (n == len && strncasecmp(list, word, len) == 0)
                        return 1;
                list += n;
                list += *list == ',';
        }
        return 0;
}

static int field_is(const pic_obj *obj, const char *field, const char *value)
{
        char *text = pic_obj_get(obj, field);
        int is = has_item(text != NULL ? text : "", value);

        if (!is && text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) /* yes, no: as in JSON */
                is = strcasecmp(value, text[0] == 't' ? "yes" : "no") == 0 ||
                     strcmp(value, text[0] == 't' ? "1" : "0") == 0;
        pic_text_free(text);
        return is;
}

static int speaks_of(const pic_obj *obj, const char *words)
{
        const char *kind = pic_obj_kind(obj);
        size_t i;
        int found = 0;

        for (i = 0; i < pic_field_count(kind) && !found; i++) {
                char *text = (pic_field_flags(kind, i) & PIC_FIELD_SECRET) == 0
                                     ? pic_obj_get(obj, pic_field_name(kind, i))
                                     : NULL;

                found = text != NULL && text_find(text, words);
                pic_text_free(text);
        }
        return found;
}

static int is_word_of_lists(const char *name)
{
        static const char *const words[] = { "limit", "offset", "sort", "q", "fields" };
        size_t i;

        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strcmp(words[i], name) == 0)
                        return 1;
        return 0;
}

/* All parameters that are not words of lists are fields: shape_query() let no others pass. */
static int is_wanted(const struct call *c, const pic_obj *obj)
{
        size_t i;

        for (i = 0; i < c->param_count; i++) {
                const struct pair *p = &c->params[i];

                if (strcmp(p->name, "q") == 0 ? !speaks_of(obj, p->value)
                                              : !is_word_of_lists(p->name) && !field_is(obj, p->name, p->value))
                        return 0;
        }
        return 1;
}

struct row {
        const pic_obj *obj;
        char *key;
};

/* Numbers and addresses in their own order, names without letter case; what has none comes last. */
static int by_key(const void *a, const void *b)
{
        const struct row *x = a, *y = b;
        int r;

        if (x->key == NULL || y->key == NULL)
                r = (x->key == NULL) - (y->key == NULL);
        else
                r = strverscmp(x->key, y->key);
        return r != 0 ? r : (pic_obj_id(x->obj) > pic_obj_id(y->obj)) - (pic_obj_id(x->obj) < pic_obj_id(y->obj));
}

static int by_key_down(const void *a, const void *b)
{
        const struct row *x = a, *y = b;

        return x->key == NULL || y->key == NULL ? by_key(a, b) : by_key(b, a);
}

static char *key_of(const pic_obj *obj, const char *field)
{
        char *text, *key;
        size_t i;

        if (strcmp(field, "id") == 0 || strcmp(field, "revision") == 0) {
                int64_t n = field[0] == 'i' ? pic_obj_id(obj) : pic_obj_revision(obj);

                return asprintf(&key, "%" PRId64, n) < 0 ? NULL : key;
        }
        text = pic_obj_get(obj, field);
        key = text != NULL ? strdup(text) : NULL;
        pic_text_free(text);
        for (i = 0; key != NULL && key[i] != '\0'; i++)
                key[i] = (char)(key[i] >= 'A' && key[i] <= 'Z' ? key[i] | 0x20 : key[i]);
        return key;
}

/* 0, or -1 after having answered. */
static int sort_rows(struct call *c, struct row *rows, size_t count)
{
        const char *field = param(c, "sort"), *kind = c->route->kind;
        int down = field != NULL && field[0] == '-';
        size_t i, known = 0;

        if (field == NULL)
                return 0;
        field += down;
        for (i = 0; i < pic_field_count(kind); i++)
                known |= strcmp(pic_field_name(kind, i), field) == 0 &&
                         (pic_field_flags(kind, i) & PIC_FIELD_SECRET) == 0;
        if (!known && strcmp(field, "id") != 0 && strcmp(field, "revision") != 0)
                return fail(c, 400, PIC_INVALID, NULL, "sort: a %s has no field '%.64s'", kind, field);
        for (i = 0; i < count; i++)
                rows[i].key = key_of(rows[i].obj, field);
        qsort(rows, count, sizeof(*rows), down ? by_key_down : by_key);
        for (i = 0; i < count; i++)
                free(rows[i].key);
        return 0;
}

/* Where the next page is: the same query with another offset. */
static void link_next(struct call *c, int64_t offset)
{
        const char *q = c->req->query;
        char rest[700] = "";
        size_t n = 0;

        while (q != NULL && *q != '\0') {
                size_t len = strcspn(q, "&");

                if (strncmp(q, "offset=", 7) != 0 && n + len + 2 < sizeof(rest))
                        n += (size_t)snprintf(rest + n, sizeof(rest) - n, "%.*s&", (int)len, q);
                q += len;
                q += strspn(q, "&");
        }
        if (strpbrk(rest, "<>\"") == NULL)
                answer_header(c, "Link", "<%s?%soffset=%" PRId64 ">; rel=\"next\"", kind_path(c->route->kind), rest,
                              offset);
}

static char *print_rows(struct call *c, const struct row *rows, size_t count)
{
        const char *fields = param(c, "fields");
        char *text = NULL;
        size_t size = 0, i;
        FILE *out = open_memstream(&text, &size);

        if (out == NULL)
                return NULL;
        fputc('[', out);
        for (i = 0; i < count; i++) {
                char *one = pic_obj_json(rows[i].obj);
                json_t *some = one != NULL && fields != NULL ? some_fields(one, fields) : NULL;

                fputs(i > 0 ? "," : "", out);
                if (some != NULL)
                        json_dumpf(some, out, JSON_COMPACT);
                else
                        fputs(one != NULL ? one : "null", out);
                json_decref(some);
                pic_text_free(one);
        }
        fputc(']', out);
        return fclose(out) == 0 ? text : NULL;
}

static int page_of(struct call *c, const struct list *l, struct row *rows)
{
        const char *limit_text = param(c, "limit"), *offset_text = param(c, "offset");
        size_t count = 0, i, shown;
        int64_t limit = LIMIT_MAX, offset = 0;

        for (i = 0; i < pic_list_count(list_of(l)); i++)
                if (is_wanted(c, pic_list_at(list_of(l), i)))
                        rows[count++].obj = pic_list_at(list_of(l), i);
        if ((limit_text != NULL && text_int(limit_text, 1, LIMIT_MAX, &limit) < 0) ||
            (offset_text != NULL && text_int(offset_text, 0, INT64_MAX / 2, &offset) < 0))
                return fail(c, 400, PIC_VALUE, NULL, "limit: 1 to %d; offset: a whole number", LIMIT_MAX);
        if (sort_rows(c, rows, count) < 0)
                return -1;
        if (offset > (int64_t)count)
                offset = (int64_t)count;
        shown = count - (size_t)offset < (size_t)limit ? count - (size_t)offset : (size_t)limit;
        answer_header(c, "X-Total-Count", "%zu", count);
        answer_etag(c, "%ss-%" PRId64, c->route->kind, (int64_t)list_revision(l));
        if ((size_t)offset + shown < count)
                link_next(c, offset + (int64_t)shown);
        return answer_text(c, 200, print_rows(c, rows + offset, shown));
}

static void give_back(void *held)
{
        list_unref(held);
}

int get_list(struct call *c)
{
        struct list *l = list_get(c, c->route->kind);
        struct row *rows;
        int r;

        if (l == NULL)
                return -1;
        if (c->param_count == 0) { /* all of it: the text is made once a revision */
                answer_header(c, "X-Total-Count", "%zu", pic_list_count(list_of(l)));
                answer_etag(c, "%ss-%" PRId64, c->route->kind, (int64_t)list_revision(l));
                return answer_held(c, pic_list_json(list_of(l)), l, give_back);
        }
        rows = calloc(pic_list_count(list_of(l)) + 1, sizeof(*rows));
        r = rows != NULL ? page_of(c, l, rows) : fail_nomem(c);
        free(rows);
        list_unref(l);
        return r;
}

/* --- changes -------------------------------------------------------------------------------------------------- */

static const char *const no_name[] = { "name", NULL };

int post_one(struct call *c)
{
        const char *kind = c->route->kind, *name = body_text(c, "name");
        struct done d = { .status = 201, .kind = kind, .name = name, .base = kind_path(kind) };
        struct wrongs w = { .count = 0 };
        pic_error *err = NULL;
        pic_edit *edit;

        if (name == NULL)
                return fail_field(c, "name", "is required");
        edit = change_begin(c);
        if (edit == NULL)
                return -1;
        if (pic_edit_add(edit, kind, name, &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        wish_fields(edit, kind, name, c->body, no_name, &w);
        if (w.count == 0)
                return change_finish(c, edit, &d);
        pic_edit_unref(edit);
        return fail_wrongs(c, &w);
}

static int wish_patch(struct call *c, pic_edit *edit, const char *kind, const char *name)
{
        struct wrongs w = { .count = 0 };

        if (change_match(c, edit, kind, name) < 0)
                return -1;
        wish_fields(edit, kind, name, c->body, NULL, &w);
        return w.count > 0 ? fail_wrongs(c, &w) : 0;
}

/* Fields of the body onto an object that is there. */
static int patch(struct call *c, const char *kind, const char *arg)
{
        struct done d = { .status = 200, .kind = kind };
        pic_obj *obj = NULL;
        pic_edit *edit;
        int r;

        if (find_obj(c, kind, arg, &obj) < 0)
                return -1;
        d.name = body_text(c, "name") != NULL ? body_text(c, "name") : pic_obj_name(obj);
        edit = change_begin(c);
        r = edit != NULL ? wish_patch(c, edit, kind, pic_obj_name(obj)) : -1;
        if (r == 0)
                r = change_finish(c, edit, &d);
        else
                pic_edit_unref(edit);
        pic_obj_unref(obj);
        return r;
}

int patch_one(struct call *c)
{
        return patch(c, c->route->kind, c->args[0]);
}

int patch_cell(struct call *c)
{
        return patch(c, "cell", NULL);
}

/* ?revoke=true: of a certificate, or of the one that a domain has: its public CA is told. One that is not issued, or
 * not a public CA's, has nothing to be told. */
static int revoke_first(struct call *c, pic_edit *edit, const char *name, pic_error **err)
{
        pic_obj *cert = NULL;
        char *issuer, *until;
        int r = 0;

        if (!flag(c, "revoke") || pic_get(app_ctx(c->app), "certificate", name, &cert, NULL) < 0)
                return 0;
        issuer = pic_obj_get(cert, "issuer");
        until = pic_obj_get(cert, "not_after");
        if (issuer != NULL && strcmp(issuer, "acme") == 0 && until != NULL && until[0] != '\0')
                r = pic_edit_set(edit, "certificate", name, "revoked", "true", err);
        pic_text_free(issuer);
        pic_text_free(until);
        pic_obj_unref(cert);
        return r;
}

int delete_one(struct call *c)
{
        const char *kind = c->route->kind;
        struct done d = { .status = 200, .kind = NULL };
        pic_error *err = NULL;
        pic_obj *obj = NULL;
        pic_edit *edit = NULL;
        int r = find_obj(c, kind, c->args[0], &obj);

        if (r == 0) {
                edit = change_begin(c);
                r = edit == NULL ? -1 : change_match(c, edit, kind, pic_obj_name(obj));
        }
        if (r == 0 && (revoke_first(c, edit, pic_obj_name(obj), &err) < 0 ||
                       pic_edit_remove(edit, kind, pic_obj_name(obj), &err) < 0))
                r = fail_err(c, err);
        if (r == 0) {
                d.more = json_pack("{s:s}", "removed", pic_obj_name(obj));
                r = change_finish(c, edit, &d);
        } else {
                pic_edit_unref(edit);
        }
        pic_obj_unref(obj);
        return r;
}
