/* Owns: the words by which a route says what its query and its body may have: "name:s! seconds:i files:o? …". A letter
 * for the type, then ! for required, ? for null too; "@fields" stands for the fields of the route's kind, which the
 * library judges by itself. The same words make the OpenAPI document, so that it says what is done. */
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

int shape_next(const char **words, struct word *w)
{
        const char *at = *words != NULL ? *words + strspn(*words, " ") : "";
        size_t len = strcspn(at, " "), name = strcspn(at, ": ");

        if (len == 0)
                return 0;
        *w = (struct word){ .type = 'x' };
        snprintf(w->name, sizeof(w->name), "%.*s", (int)name, at);
        if (name < len)
                w->type = at[name + 1];
        w->required = memchr(at, '!', len) != NULL;
        w->nullable = memchr(at, '?', len) != NULL;
        *words = at + len;
        return 1;
}

static int find_word(const char *words, const char *name, struct word *w)
{
        while (shape_next(&words, w))
                if (strcmp(w->name, name) == 0)
                        return 1;
        return 0;
}

/* What is secret is not asked for either: a filter would be a way to guess. */
static int is_field(const char *kind, const char *name)
{
        size_t i;

        for (i = 0; kind != NULL && i < pic_field_count(kind); i++)
                if (strcmp(pic_field_name(kind, i), name) == 0)
                        return (pic_field_flags(kind, i) & PIC_FIELD_SECRET) == 0;
        return 0;
}

/* --- the query ------------------------------------------------------------------------------------------------ */

static const char edit_words[] = "plan:b confirm:i override:s nowait:b";
static const char list_words[] = "limit:i offset:i sort:s q:s fields:s";

const char *shape_common(const struct route *r, int which)
{
        if (which == 0)
                return (r->flags & F_EDIT) != 0 ? edit_words : "";
        return (r->flags & F_LIST) != 0 ? list_words : "";
}

static int cut_query(struct call *c)
{
        const char *in = c->req->query;
        size_t size = strlen(in) + 1, i;
        char *out;

        c->query = malloc(size * 2);
        if (c->query == NULL)
                return fail_nomem(c);
        in += strspn(in, "&"); /* nothing between two of them, or before the first, is no parameter */
        for (out = c->query; *in != '\0'; in += strspn(in, "&")) {
                size_t len = strcspn(in, "&"), key = strcspn(in, "=&");
                struct pair *p = &c->params[c->param_count];
                const char *value = key < len ? in + key + 1 : "1";
                int n;

                if (c->param_count == PARAMS_MAX)
                        return fail(c, 400, PIC_INVALID, NULL, "too many parameters");
                p->name = out;
                n = text_percent(in, key, out, key + 1, 1);
                out += n + 1;
                p->value = out;
                n = n < 0 ? n : text_percent(value, key < len ? len - key - 1 : 1, out, len + 2, 1);
                if (n < 0)
                        return fail(c, 400, PIC_SYNTAX, NULL, "the query cannot be read");
                out += n + 1;
                for (i = 0; i < c->param_count; i++)
                        if (strcmp(c->params[i].name, p->name) == 0)
                                return fail(c, 400, PIC_INVALID, NULL, "parameter %.64s is there twice", p->name);
                c->param_count++;
                in += len;
        }
        return 0;
}

static int check_param(struct call *c, const struct pair *p)
{
        const struct route *r = c->route;
        struct word w;
        int64_t n;

        if (!find_word(r->query, p->name, &w) && !find_word(shape_common(r, 0), p->name, &w) &&
            !find_word(shape_common(r, 1), p->name, &w)) {
                if ((r->flags & F_LIST) != 0 && is_field(r->kind, p->name))
                        return 0;
                return fail(c, 400, PIC_INVALID, "GET /api/openapi.json names them.", "there is no parameter %.64s",
                            p->name);
        }
        if (w.type == 'i' && text_int(p->value, 0, INT64_MAX, &n) < 0)
                return fail(c, 400, PIC_VALUE, NULL, "parameter %s: must be a whole number", w.name);
        return 0;
}

int shape_query(struct call *c)
{
        const char *words = c->route->query;
        struct word w;
        size_t i;

        if (c->req->query != NULL && cut_query(c) < 0)
                return -1;
        for (i = 0; i < c->param_count; i++)
                if (check_param(c, &c->params[i]) < 0)
                        return -1;
        while (shape_next(&words, &w))
                if (w.required && param(c, w.name) == NULL)
                        return fail(c, 400, PIC_VALUE, NULL, "parameter %s is required", w.name);
        return 0;
}

/* --- the body ------------------------------------------------------------------------------------------------- */

static const char *of_type(const struct word *w, const json_t *value)
{
        size_t i;

        if (json_is_null(value))
                return w->nullable || !w->required ? NULL : "is required";
        switch (w->type) {
        case 's': return json_is_string(value) ? NULL : "must be a text";
        case 'i': return json_is_integer(value) ? NULL : "must be a whole number";
        case 'b': return json_is_boolean(value) ? NULL : "must be true or false";
        case 'o': return json_is_object(value) ? NULL : "must be an object";
        case 'a':
                for (i = 0; i < json_array_size(value); i++)
                        if (!json_is_string(json_array_get(value, i)))
                                return "must be a list of texts";
                return json_is_array(value) ? NULL : "must be a list of texts";
        default: return NULL;
        }
}

/* The list of what is wrong is large: it is on the stack of who has a body only. */
__attribute__((noinline)) static int shape_members(struct call *c)
{
        const char *words = c->route->takes, *key;
        struct wrongs wrongs = { .count = 0 };
        struct word w;
        json_t *value;

        json_object_foreach(c->body, key, value)
        {
                const char *rule;

                if (find_word(words, key, &w))
                        rule = of_type(&w, value);
                else
                        rule = find_word(words, "@fields", &w) ? NULL : "there is no such field";
                if (rule != NULL)
                        wish_wrong(&wrongs, key, rule);
        }
        while (shape_next(&words, &w))
                if (w.required && w.name[0] != '@' && json_object_get(c->body, w.name) == NULL)
                        wish_wrong(&wrongs, w.name, "is required");
        return wrongs.count > 0 ? fail_wrongs(c, &wrongs) : 0;
}

int shape_body(struct call *c)
{
        return c->body != NULL ? shape_members(c) : 0;
}
