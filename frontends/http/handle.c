/* Owns: the way of one request: guards in their order, the route's function, what is common to all answers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http.h"

const char *req_header(const struct req *req, const char *name, size_t *ret_count)
{
        const char *first = NULL;
        size_t count = 0, i;

        for (i = 0; i < req->header_count; i++)
                if (strcasecmp(req->headers[i].name, name) == 0 && count++ == 0)
                        first = req->headers[i].value;
        if (ret_count != NULL)
                *ret_count = count;
        return first;
}

static int unframed(struct call *c, int status, const char *why)
{
        c->res->cut = 1;
        return fail(c, status, PIC_INVALID, NULL, "%s", why);
}

/* Two readers of one head must not see two bodies (request smuggling). */
static int check_frame(struct call *c)
{
        size_t count = 0;
        const char *length = req_header(c->req, "Content-Length", &count);

        if (c->req->broken)
                return unframed(c, 400, "the head has too many lines, or one that cannot be read");
        if (req_header(c->req, "Transfer-Encoding", NULL) != NULL)
                return unframed(c, 411, "a body needs a Content-Length");
        if (count > 1)
                return unframed(c, 400, "more than one Content-Length");
        if (length != NULL && (*length == '\0' || strspn(length, "0123456789") != strlen(length)))
                return unframed(c, 400, "the Content-Length is no number");
        return 0;
}

static int is_api(const char *target)
{
        return strncmp(target, "/api", 4) == 0 && (target[4] == '/' || target[4] == '\0');
}

/* -1 after having answered, with the page or why there is none. */
static int find_route(struct call *c)
{
        char allow[64];

        c->route = route_find(c, allow, sizeof(allow));
        if (c->route != NULL)
                return 0;
        if (allow[0] != '\0') {
                answer_header(c, "Allow", "%s", allow);
                return fail(c, 405, PIC_INVALID, NULL, "here one can %s only", allow);
        }
        if (!is_api(c->req->target) && (strcmp(c->req->method, "GET") == 0 || strcmp(c->req->method, "HEAD") == 0)) {
                (void)page_get(c);
                return -1;
        }
        return fail(c, 404, PIC_NOTFOUND, "GET /api/openapi.json names all that there is.", "there is nothing there");
}

static int check(struct call *c)
{
        static int (*const guards[])(struct call *) = { check_frame,   guard_host, guard_origin, find_route,
                                                        guard_session, guard_role, guard_csrf,   guard_fresh,
                                                        shape_query,   guard_body, shape_body };
        size_t i;

        for (i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
                if (guards[i](c) < 0)
                        return -1;
        return 0;
}

/* A change that is asked for a second time is not made a second time. */
static void run(struct call *c)
{
        size_t count = 0;
        const char *key = req_header(c->req, "Idempotency-Key", &count);

        if (key == NULL || !route_mutates(c->route) || c->session == NULL) {
                (void)c->route->run(c);
                return;
        }
        if (count != 1 || key[0] == '\0' || strlen(key) > 200) {
                (void)fail(c, 400, PIC_VALUE, NULL, "Idempotency-Key is one text of 1 to 200 bytes");
                return;
        }
        if (idem_begin(c, key) == 0)
                return;
        (void)c->route->run(c);
        idem_end(c, key);
}

/* `*` or any of a list of tags. Weak ones count: bodies of one tag are the same bytes here. */
int tags_match(const char *list, const char *tag)
{
        const char *at = strstr(list, tag);

        return strcmp(list, "*") == 0 ||
               (at != NULL && (at == list || strchr(", /", at[-1]) != NULL) && strchr(", ", at[strlen(tag)]) != NULL);
}

/* The ETag that the answer has, "" for none. */
static void find_tag(const struct res *res, char *tag, size_t size)
{
        const char *at = strstr(res->head, "ETag: ");

        tag[0] = '\0';
        if (at != NULL)
                snprintf(tag, size, "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
}

/* What was read before need not be sent again. */
static void condition(struct call *c)
{
        const char *have = req_header(c->req, "If-None-Match", NULL);
        struct res *res = c->res;
        const char *data = res->text != NULL ? res->text : res->fixed;
        char tag[80];

        if (res->status != 200 || res->stream != NULL || data == NULL || strcmp(c->req->method, "POST") == 0)
                return;
        find_tag(res, tag, sizeof(tag));
        if (tag[0] == '\0' && !res->wiped && (c->route == NULL || !route_mutates(c->route))) {
                answer_etag(c, "%016" PRIx64, text_hash(data, res->len, 0));
                find_tag(res, tag, sizeof(tag));
        }
        if (have == NULL || tag[0] == '\0' || (c->route != NULL && route_mutates(c->route)) || !tags_match(have, tag))
                return;
        free(res->text);
        res->text = NULL;
        res->fixed = NULL;
        res->len = 0;
        res->status = 304;
}

static void call_free(struct call *c)
{
        json_decref(c->body);
        wipe(c->raw, c->raw_len);
        free(c->query);
        pic_session_unref(c->session);
        pic_ctx_unref(c->ctx);
}

void app_handle(struct app *app, const struct req *req, struct res *res)
{
        struct call c = { .app = app, .req = req, .res = res, .user = "" };

        if (check(&c) == 0)
                run(&c);
        condition(&c);
        app_count(app, res->status);
        call_free(&c);
}
