/* Owns: /api/openapi.json and /api/schema: made from the route table and the field tables, so that they cannot say what
 * is not so. OpenAPI 3.0. */
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

/* "schemas", "peer" */
static json_t *ref(const char *of, const char *name)
{
        char text[96];

        snprintf(text, sizeof(text), "#/components/%s/%s", of, name);
        return json_pack("{s:s}", "$ref", text);
}

/* --- fields --------------------------------------------------------------------------------------------------- */

/* "full|split" as a list. */
static json_t *choices_json(const char *choices)
{
        json_t *list = json_array();

        while (choices != NULL && *choices != '\0') {
                size_t len = strcspn(choices, "|");

                json_array_append_new(list, json_stringn(choices, len));
                choices += len;
                choices += *choices == '|';
        }
        return list;
}

static json_t *field_schema(const char *kind, size_t i, int read)
{
        const char *type = pic_field_type(kind, i);
        const char *name = strcmp(type, "int") == 0 ? "integer" : strcmp(type, "bool") == 0 ? "boolean" : "string";
        unsigned flags = pic_field_flags(kind, i);
        json_t *schema = json_pack("{s:s}", "type", name);

        if (read && strcmp(type, "enum") == 0) {
                json_t *choices = choices_json(pic_field_choices(kind, i));

                if ((flags & PIC_FIELD_REQUIRED) == 0)
                        json_array_append_new(choices, json_null());
                json_object_set_new(schema, "enum", choices);
        }
        if ((flags & PIC_FIELD_LIST) != 0)
                schema = json_pack("{s:s,s:o}", "type", "array", "items", schema);
        if ((flags & PIC_FIELD_REQUIRED) == 0)
                json_object_set_new(schema, "nullable", json_true());
        json_object_set_new(schema, "description", json_string(pic_field_help(kind, i)));
        return schema;
}

/* read: as it is told; else as it is wished, `add`: when it is made. */
static json_t *kind_schema(const char *kind, int read, int add)
{
        json_t *fields = json_object(), *required = json_array();
        size_t i;

        for (i = 0; i < pic_field_count(kind); i++) {
                const char *name = pic_field_name(kind, i);
                unsigned flags = pic_field_flags(kind, i);

                if ((flags & (read ? PIC_FIELD_SECRET : PIC_FIELD_SYSTEM)) != 0)
                        continue;
                json_object_set_new(fields, name, field_schema(kind, i, read));
                if ((read || add) && (flags & PIC_FIELD_REQUIRED) != 0 && (read || strcmp(kind, "cell") != 0))
                        json_array_append_new(required, json_string(name));
        }
        if (read) {
                json_object_set_new(fields, "id", json_pack("{s:s}", "type", "integer"));
                json_object_set_new(fields, "revision", json_pack("{s:s}", "type", "integer"));
        }
        if (json_array_size(required) == 0) {
                json_decref(required);
                required = NULL;
        }
        return json_pack("{s:s,s:o,s:o*,s:b}", "type", "object", "properties", fields, "required", required,
                         "additionalProperties", read);
}

/* --- words of a route ----------------------------------------------------------------------------------------- */

static json_t *word_schema(const struct word *w)
{
        static const char *const names[] = { "s", "string", "i", "integer", "b", "boolean", "o", "object" };
        json_t *schema = json_object();
        size_t i;

        for (i = 0; i < sizeof(names) / sizeof(names[0]); i += 2)
                if (names[i][0] == w->type)
                        json_object_set_new(schema, "type", json_string(names[i + 1]));
        if (w->type == 'a') {
                json_object_set_new(schema, "type", json_string("array"));
                json_object_set_new(schema, "items", json_pack("{s:s}", "type", "string"));
        }
        if (w->nullable && w->type != 'x')
                json_object_set_new(schema, "nullable", json_true());
        return schema;
}

/* The body: the words of the route, and the fields of its kind. */
static json_t *body_schema(const struct route *r)
{
        const char *words = r->takes;
        json_t *schema = json_pack("{s:s,s:{},s:[],s:b}", "type", "object", "properties", "required",
                                   "additionalProperties", (r->flags & F_RAW) != 0);
        json_t *properties = json_object_get(schema, "properties"), *required = json_object_get(schema, "required");
        struct word w;

        while (shape_next(&words, &w)) {
                if (w.name[0] == '@') {
                        json_t *kind = kind_schema(r->kind, 0, (r->flags & F_ADD) != 0);

                        json_object_update_missing(properties, json_object_get(kind, "properties"));
                        if (json_object_get(kind, "required") != NULL)
                                json_array_extend(required, json_object_get(kind, "required"));
                        json_decref(kind);
                        continue;
                }
                json_object_set_new(properties, w.name, word_schema(&w));
                if (w.required && (strcmp(w.name, "name") != 0 || (r->flags & F_ADD) == 0))
                        json_array_append_new(required, json_string(w.name));
        }
        if (json_array_size(required) == 0)
                json_object_del(schema, "required");
        return schema;
}

static void add_parameters(json_t *list, const char *words)
{
        struct word w;

        while (shape_next(&words, &w))
                json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:o}", "name", w.name, "in", "query", "required",
                                                      w.required, "schema", word_schema(&w)));
}

static void add_fields(json_t *list, const struct route *r)
{
        size_t i;

        for (i = 0; (r->flags & F_LIST) != 0 && i < pic_field_count(r->kind); i++)
                if ((pic_field_flags(r->kind, i) & PIC_FIELD_SECRET) == 0)
                        json_array_append_new(list,
                                              json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", pic_field_name(r->kind, i),
                                                        "in", "query", "required", 0, "schema", "type", "string"));
}

static json_t *parameters_json(const struct route *r)
{
        json_t *list = json_array();
        const char *at;

        for (at = strchr(r->path, '{'); at != NULL; at = strchr(at + 1, '{'))
                json_array_append_new(list, json_pack("{s:s%,s:s,s:b,s:{s:s}}", "name", at + 1, strcspn(at + 1, "}"),
                                                      "in", "path", "required", 1, "schema", "type", "string"));
        add_parameters(list, r->query);
        add_parameters(list, shape_common(r, 0));
        add_parameters(list, shape_common(r, 1));
        add_fields(list, r);
        return list;
}

/* --- answers -------------------------------------------------------------------------------------------------- */

/* An object of the kind; with ?fields= only some of it. */
static json_t *object_schema(const struct route *r)
{
        if ((r->flags & F_LIST) == 0 && strstr(r->query, "fields:") == NULL)
                return ref("schemas", r->kind);
        return json_pack("{s:[o,{s:s}]}", "anyOf", ref("schemas", r->kind), "type", "object");
}

static json_t *gives_json(const struct route *r)
{
        const char *type = "application/json";
        json_t *schema;

        if (strcmp(r->gives, "one") == 0) {
                schema = object_schema(r);
        } else if (strcmp(r->gives, "list") == 0) {
                schema = json_pack("{s:s,s:o}", "type", "array", "items", object_schema(r));
        } else if (strcmp(r->gives, "array") == 0) {
                schema = json_pack("{s:s,s:{s:s}}", "type", "array", "items", "type", "object");
        } else if (strncmp(r->gives, "text:", 5) == 0) {
                type = r->gives + 5;
                schema = json_pack("{s:s}", "type", "string");
        } else if (strcmp(r->gives, "any") == 0) {
                type = "*/*";
                schema = json_pack("{s:s}", "type", "string");
        } else {
                schema = json_pack("{s:s}", "type", "object");
        }
        return json_pack("{s:s,s:{s:{s:o}}}", "description", r->summary, "content", type, "schema", schema);
}

static json_t *responses_json(const struct route *r)
{
        json_t *all = json_pack("{s:o,s:o}", (r->flags & F_CREATE) != 0 ? "201" : "200", gives_json(r), "default",
                                ref("responses", "error"));

        if ((r->flags & F_CREATE) != 0 && (r->flags & F_EDIT) != 0)
                json_object_set_new(all, "200", ref("responses", "plan"));
        if ((r->flags & F_EDIT) != 0 && strcmp(r->gives, "one") == 0 && (r->flags & F_CREATE) == 0) {
                json_t *schema = json_pack("{s:[o,o]}", "anyOf", ref("schemas", r->kind), ref("schemas", "plan"));

                json_object_set_new(
                        json_object_get(json_object_get(json_object_get(all, "200"), "content"), "application/json"),
                        "schema", schema);
        }
        return all;
}

static json_t *roles_json(unsigned roles)
{
        static const char *const names[] = { "viewer", "operator", "admin", "peer", "setup", "metrics" };
        json_t *list = json_array();
        size_t i;

        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if ((roles & (1u << i)) != 0)
                        json_array_append_new(list, json_string(names[i]));
        return list;
}

/* "get /api/peers/{name}" to "get_api_peers_name". */
static void operation_id(const struct route *r, char *out, size_t size)
{
        size_t n = 0;
        const char *at;

        for (at = r->method; *at != '\0' && n + 1 < size; at++)
                out[n++] = (char)(*at | 0x20);
        for (at = r->path; *at != '\0' && n + 1 < size; at++)
                if (strchr("{}", *at) == NULL)
                        out[n++] = strchr("/-.", *at) != NULL ? '_' : *at;
        out[n] = '\0';
}

static json_t *operation_json(const struct route *r)
{
        const char *tag = strncmp(r->path, "/api/", 5) == 0 ? r->path + 5 : r->path + 1;
        char id[128];
        json_t *op;

        operation_id(r, id, sizeof(id));
        op = json_pack("{s:s,s:s,s:[s%],s:o,s:o,s:o,s:b,s:b}", "operationId", id, "summary", r->summary, "tags", tag,
                       strcspn(tag, "/"), "parameters", parameters_json(r), "responses", responses_json(r), "x-roles",
                       roles_json(r->roles), "x-csrf", route_mutates(r) && (r->flags & (F_NOCSRF | F_PUBLIC)) == 0,
                       "x-fresh", (r->flags & F_FRESH) != 0);
        if (r->takes != NULL) {
                json_t *body = body_schema(r);
                int required = json_object_get(body, "required") != NULL;

                json_object_set_new(op, "requestBody",
                                    json_pack("{s:b,s:{s:{s:o}}}", "required", required, "content", "application/json",
                                              "schema", body));
        }
        if ((r->flags & F_FILE) != 0)
                json_object_set_new(op, "requestBody",
                                    json_pack("{s:b,s:{s:{s:{s:s,s:s}}}}", "required", 1, "content",
                                              "application/octet-stream", "schema", "type", "string", "format",
                                              "binary"));
        if ((r->flags & F_PUBLIC) != 0)
                json_object_set_new(op, "security", json_array());
        return op;
}

static json_t *paths_json(void)
{
        json_t *paths = json_object();
        const struct route *r;

        for (r = http_routes; r->method != NULL; r++) {
                char method[8];
                json_t *path = json_object_get(paths, r->path);
                size_t i;

                if (path == NULL) {
                        path = json_object();
                        json_object_set_new(paths, r->path, path);
                }
                for (i = 0; r->method[i] != '\0' && i < sizeof(method) - 1; i++)
                        method[i] = (char)(r->method[i] | 0x20);
                method[i] = '\0';
                json_object_set_new(path, method, operation_json(r));
        }
        return paths;
}

static json_t *error_schema(void)
{
        return json_pack("{s:s,s:[ssssss],s:{s:{s:s},s:{s:s},s:{s:s,s:b},s:{s:s,s:{s:s}},s:{s:s,s:{s:s}},s:{s:s},s:{s:"
                         "s}}}",
                         "type", "object", "required", "error", "code", "fields", "users", "timestamp", "service",
                         "properties", "error", "type", "string", "code", "type", "string", "hint", "type", "string",
                         "nullable", 1, "fields", "type", "array", "items", "type", "object", "users", "type", "array",
                         "items", "type", "string", "timestamp", "type", "string", "service", "type", "string");
}

static json_t *components_json(void)
{
        json_t *schemas = json_object();
        const char *kind;
        size_t i;

        for (i = 0; (kind = pic_kind_at(i)) != NULL; i++)
                json_object_set_new(schemas, kind, kind_schema(kind, 1, 0));
        json_object_set_new(schemas, "error", error_schema());
        json_object_set_new(schemas, "plan",
                            json_pack("{s:s,s:[ss]}", "type", "object", "required", "changes", "steps"));
        return json_pack("{s:o,s:{s:{s:s,s:{s:{s:o}}},s:{s:s,s:{s:{s:o}}}},s:{s:{s:s,s:s,s:s},s:{s:s,s:s}}}", "schemas",
                         schemas, "responses", "error", "description", "no, and why", "content", "application/json",
                         "schema", ref("schemas", "error"), "plan", "description", "what would be done (?plan=1)",
                         "content", "application/json", "schema", ref("schemas", "plan"), "securitySchemes", "session",
                         "type", "apiKey", "in", "cookie", "name", "pic_session", "token", "type", "http", "scheme",
                         "bearer");
}

int get_openapi(struct call *c)
{
        return answer_json(c, 200,
                           json_pack("{s:s,s:{s:s,s:s,s:s},s:o,s:o,s:[{s:[]},{s:[]}]}", "openapi", "3.0.3", "info",
                                     "title", "Personal Internet Cell", "version", pic_version(), "description",
                                     "Every change also takes Idempotency-Key, and If-Match with an ETag.", "paths",
                                     paths_json(), "components", components_json(), "security", "session", "token"));
}

/* --- the field tables ----------------------------------------------------------------------------------------- */

static json_t *field_json(const char *kind, size_t i)
{
        unsigned flags = pic_field_flags(kind, i);
        const char *choices = pic_field_choices(kind, i);

        return json_pack("{s:s,s:s,s:b,s:b,s:b,s:b,s:b,s:s,s:s?,s:s?,s:o,s:s?}", "name", pic_field_name(kind, i),
                         "type", pic_field_type(kind, i), "list", (flags & PIC_FIELD_LIST) != 0, "required",
                         (flags & PIC_FIELD_REQUIRED) != 0, "system", (flags & PIC_FIELD_SYSTEM) != 0, "secret",
                         (flags & PIC_FIELD_SECRET) != 0, "fixed", (flags & PIC_FIELD_FIXED) != 0, "help",
                         pic_field_help(kind, i), "placeholder", pic_field_placeholder(kind, i), "default",
                         pic_field_default(kind, i), "choices", choices != NULL ? choices_json(choices) : json_null(),
                         "ref", pic_field_ref(kind, i));
}

int get_schema(struct call *c)
{
        json_t *kinds = json_array();
        const char *kind;
        size_t i, k;

        for (k = 0; (kind = pic_kind_at(k)) != NULL; k++) {
                json_t *fields = json_array();

                for (i = 0; i < pic_field_count(kind); i++)
                        json_array_append_new(fields, field_json(kind, i));
                json_array_append_new(kinds,
                                      json_pack("{s:s,s:s,s:s?,s:o}", "kind", kind, "plural", pic_kind_plural(kind),
                                                "path", kind_path(kind), "fields", fields));
        }
        return answer_json(c, 200, json_pack("{s:o}", "kinds", kinds));
}
