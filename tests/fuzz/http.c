/* Requests: method, path, query, headers and body from the input, through all that pic-http does with them, on a cell
 * of the fake world, as somebody of each role. Its sources without the server; sessions are made up here, so that an
 * input needs to know no secret. First byte: the role; then lines: "METHOD TARGET", headers "Name: value", an empty
 * line, the body. */
#include <pic/pic.h>

#include "fuzz.h"

#include "dir.h"
#include "http/http.h"

const struct page http_pages[] = { { .path = NULL } };

/* --- sessions that are made up -------------------------------------------------------------------------------- */

static const char *const roles[] = { "admin", "operator", "viewer", "peer", "setup", "metrics" };
static const char *role = "admin";

int __wrap_pic_session_find(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err);
pic_session *__wrap_pic_session_unref(pic_session *session);
const char *__wrap_pic_session_user(const pic_session *session);
const char *__wrap_pic_session_role(const pic_session *session);
const char *__wrap_pic_session_csrf(const pic_session *session);
const char *__wrap_pic_session_json(const pic_session *session);
int __wrap_pic_edit_keep(pic_edit *edit, const pic_session *session, pic_error **err);

int __wrap_pic_session_find(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err)
{
        (void)ctx;
        (void)text;
        (void)err;
        *ret_session = (pic_session *)(uintptr_t)&role;
        return 0;
}

pic_session *__wrap_pic_session_unref(pic_session *session)
{
        (void)session;
        return NULL;
}

const char *__wrap_pic_session_user(const pic_session *session)
{
        (void)session;
        return strcmp(role, "setup") == 0 ? "" : "owner";
}

const char *__wrap_pic_session_role(const pic_session *session)
{
        (void)session;
        return role;
}

const char *__wrap_pic_session_csrf(const pic_session *session)
{
        (void)session;
        return "c";
}

const char *__wrap_pic_session_json(const pic_session *session)
{
        (void)session;
        return "{\"user\":\"owner\"}";
}

int __wrap_pic_edit_keep(pic_edit *edit, const pic_session *session, pic_error **err)
{
        (void)edit;
        (void)session;
        (void)err;
        return 0;
}

/* --- a cell that is made once --------------------------------------------------------------------------------- */

enum { HEADERS = 40 };

static struct options options = { .world = "fake", .port = 3000, .hosts = { "h" }, .host_count = 1 };
static struct app *app;

static void begin(void)
{
        static const char *const fields[] = { "name", "home", "endpoint", "home.example.org:51820", NULL };
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        pic_edit *edit = NULL;
        pic_ctx *ctx = NULL;

        options.dir = fuzz_dir();
        o.dir = options.dir;
        o.world = "fake";
        must(pic_ctx_open(&o, &ctx, NULL) == 0);
        must(pic_cell_init(ctx, fields, NULL, NULL) == 0);
        must(pic_edit_new(ctx, &edit, NULL) == 0);
        must(pic_edit_add(edit, "peer", "phone", NULL) == 0 && pic_edit_add(edit, "group", "kids", NULL) == 0);
        must(pic_edit_commit(edit, PIC_COMMIT_NOWAIT, NULL, NULL) == 0);
        pic_edit_unref(edit);
        app = app_new(ctx, &options);
        must(app != NULL);
}

/* --- the input as a request ----------------------------------------------------------------------------------- */

struct body {
        const char *at;
        size_t left;
};

static int read_body(void *data, char *into, size_t size)
{
        struct body *b = data;

        if (size > b->left)
                return -1;
        memcpy(into, b->at, size);
        b->at += size;
        b->left -= size;
        return 0;
}

/* Cuts the next line off; NULL: there is none. */
static char *line(char **at)
{
        char *start = *at, *end = strchr(start, '\n');

        if (end == NULL)
                return NULL;
        *end = '\0';
        *at = end + 1;
        return start;
}

static size_t cut_headers(char **at, struct pair *headers, size_t max)
{
        size_t n = 3;
        char *text;

        headers[0] = (struct pair){ "Host", "h" };
        headers[1] = (struct pair){ "Cookie", "pic_session=x" };
        headers[2] = (struct pair){ "X-CSRF-Token", "c" };
        while (n < max && (text = line(at)) != NULL && *text != '\0') {
                char *colon = strstr(text, ": ");

                if (colon == NULL)
                        continue;
                *colon = '\0';
                headers[n++] = (struct pair){ text, colon + 2 };
        }
        return n;
}

/* Every answer has a shape: a status that is one, JSON where it says so, a head without strange lines. */
static void judge(const struct res *res)
{
        const char *data = res->text != NULL ? res->text : res->fixed, *at;
        json_t *json;

        must(res->status >= 200 && res->status < 600);
        must(res->head_len < sizeof(res->head) && memchr(res->head, '\0', res->head_len) == NULL);
        for (at = res->head; at < res->head + res->head_len; at = strchr(at, '\n') + 1)
                must(strstr(at, ": ") != NULL && strstr(at, "\r\n") != NULL);
        if (res->stream != NULL || res->type != NULL || data == NULL || res->len == 0)
                return;
        json = json_loadb(data, res->len, JSON_DECODE_ANY, NULL);
        must(json != NULL);
        must(res->status < 400 || json_is_string(json_object_get(json, "error")));
        json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct pair headers[HEADERS];
        struct body body;
        struct req req = { .method = "GET", .headers = headers, .address = "127.0.0.1", .read = read_body };
        struct res res = { .status = 500 };
        char *text, *at, *target;

        if (app == NULL)
                begin();
        role = roles[next_byte(&data, &size) % (sizeof(roles) / sizeof(roles[0]))];
        text = at = text_of(data, size);
        req.method = line(&at);
        target = req.method != NULL ? strchr(req.method, ' ') : NULL;
        if (target != NULL) {
                *target++ = '\0';
                req.target = target;
                req.query = strchr(target, '?');
                if (req.query != NULL)
                        *strchr(target, '?') = '\0';
                req.query = req.query != NULL ? req.query + 1 : NULL;
                req.header_count = cut_headers(&at, headers, HEADERS);
                body = (struct body){ at, (size_t)(text + size - at) };
                req.body_size = (int64_t)body.left;
                req.data = &body;
                app_handle(app, &req, &res);
                judge(&res);
                res_free(&res);
        }
        free(text);
        return 0;
}
