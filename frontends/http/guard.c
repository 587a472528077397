/* Owns: who may ask what. Each guard lets a call go on, or answers. Their order is in handle.c. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http.h"

enum { BODY_MAX = 1 << 20, BIG_MAX = 9 << 20, FILE_MOST = 256 << 20, DEPTH_MAX = 32, FRESH_S = 600 };

/* --- by what name, from where --------------------------------------------------------------------------------- */

/* The cell's own proxy says who it is by a secret; then, and only then, what it tells of the client is believed:
 * "SECRET http|https ADDRESS NAME". Of the name nothing is made here: who a device is its address says. */
static void hear_front(struct call *c)
{
        size_t count = 0, i;
        const char *told = req_header(c->req, "X-Pic-Front", &count);
        char text[512], *part[3], *rest = text;

        snprintf(c->address, sizeof(c->address), "%s", c->req->address != NULL ? c->req->address : "");
        if (told == NULL || count != 1 || strlen(told) >= sizeof(text))
                return;
        memcpy(text, told, strlen(told) + 1);
        for (i = 0; i < 3; i++)
                if ((part[i] = strsep(&rest, " ")) == NULL)
                        return;
        if (pic_front_check(app_ctx(c->app), part[0]) != 1)
                return;
        c->front = 1;
        c->https = strcmp(part[1], "https") == 0;
        if (text_is_address(part[2]))
                snprintf(c->address, sizeof(c->address), "%s", part[2]);
}

/* A name that is not ours is that of a page elsewhere whose name leads here now (DNS rebinding). */
int guard_host(struct call *c)
{
        const struct options *o = app_options(c->app);
        size_t count = 0, i;
        const char *host = req_header(c->req, "Host", &count);

        hear_front(c);
        if (count > 1)
                return fail(c, 400, PIC_INVALID, NULL, "more than one Host header");
        if (c->front && host != NULL) /* it has asked for it by a name that it knows */
                return 0;
        for (i = 0; host != NULL && i < o->host_count; i++)
                if (strcasecmp(o->hosts[i], host) == 0)
                        return 0;
        return fail(c, 421, PIC_DENIED, "Ask for it as 127.0.0.1 or localhost, or start pic-http with --host NAME.",
                    "this server has another name");
}

/* A page that another server sent has no business here, not even a question. */
int guard_origin(struct call *c)
{
        size_t count = 0;
        const char *origin = req_header(c->req, "Origin", &count), *host = req_header(c->req, "Host", NULL);
        const char *scheme = c->https ? "https://" : "http://", *site;

        if (origin != NULL && (count != 1 || host == NULL || strncmp(origin, scheme, strlen(scheme)) != 0 ||
                               strcasecmp(origin + strlen(scheme), host) != 0))
                return fail(c, 403, PIC_DENIED, NULL, "a page of another server asks");
        site = req_header(c->req, "Sec-Fetch-Site", &count);
        if (site == NULL || strcmp(c->req->method, "GET") == 0 || strcmp(c->req->method, "HEAD") == 0)
                return 0;
        if (count != 1 || (strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0))
                return fail(c, 403, PIC_DENIED, NULL, "a page of another server asks");
        return 0;
}

/* --- who ------------------------------------------------------------------------------------------------------ */

unsigned guard_role_of(const char *name)
{
        static const struct {
                const char *name;
                unsigned role;
        } roles[] = {
                { "viewer", R_VIEWER }, { "operator", R_OPERATOR }, { "admin", R_ADMIN },
                { "peer", R_PEER },     { "setup", R_SETUP },       { "metrics", R_METRICS },
        };
        size_t i;

        for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
                if (strcmp(roles[i].name, name) == 0)
                        return roles[i].role;
        return 0;
}

/* The cookie's value into `out`: how many cookies of that name there are. More than one is believed by nobody. */
static unsigned find_cookie(const struct req *req, const char *name, char *out, size_t size)
{
        unsigned found = 0;
        size_t i;

        for (i = 0; i < req->header_count; i++) {
                const char *at = req->headers[i].value;

                if (strcasecmp(req->headers[i].name, "Cookie") != 0)
                        continue;
                while (*at != '\0') {
                        size_t len = strcspn(at, ";"), key = strcspn(at, "=;");

                        if (key == strlen(name) && key < len && memcmp(at, name, key) == 0 && found++ == 0)
                                snprintf(out, size, "%.*s", (int)(len - key - 1), at + key + 1);
                        at += len;
                        at += strspn(at, "; ");
                }
        }
        return found;
}

const char *guard_cookie(const struct call *c, const char *name, char *out, size_t size)
{
        return find_cookie(c->req, name, out, size) == 1 ? out : NULL;
}

/* What the caller shows: of a token, then of a cookie. */
static const char *find_secret(struct call *c, char *room, size_t size)
{
        size_t count = 0;
        const char *given = req_header(c->req, "Authorization", &count);

        if (given != NULL) {
                c->bearer = 1;
                return count == 1 && strncasecmp(given, "Bearer ", 7) == 0 ? given + 7 : NULL;
        }
        return guard_cookie(c, "pic_session", room, size);
}

static int nobody(struct call *c)
{
        if (c->bearer)
                answer_header(c, "WWW-Authenticate", "Bearer realm=\"pic\"");
        return fail(c, 401, PIC_DENIED, "Log in: POST /api/auth/login, or send Authorization: Bearer TOKEN.",
                    "nobody is logged in");
}

int guard_secret(struct call *c, char *out, size_t size)
{
        char room[256];
        const char *secret = find_secret(c, room, sizeof(room));
        int n = secret != NULL ? snprintf(out, size, "%s", secret) : -1;

        explicit_bzero(room, sizeof(room));
        return n >= 0 && (size_t)n < size ? 0 : -1;
}

int guard_aside(const struct call *c)
{
        const char *aside = req_header(c->req, "X-Pic-Aside", NULL);

        return (c->route->flags & F_STREAM) != 0 || (aside != NULL && strcmp(aside, "1") == 0);
}

int guard_session(struct call *c)
{
        char room[256];
        const char *secret = find_secret(c, room, sizeof(room));
        pic_error *err = NULL;
        int r;

        if ((c->route->flags & F_PUBLIC) != 0)
                return 0;
        if (secret == NULL || strlen(secret) > 200)
                return nobody(c);
        r = guard_aside(c) ? pic_session_watch(app_ctx(c->app), secret, &c->session, &err)
                           : pic_session_find(app_ctx(c->app), secret, &c->session, &err);
        explicit_bzero(room, sizeof(room));
        if (r == PIC_DENIED) {
                pic_error_free(err);
                return nobody(c);
        }
        if (r < 0)
                return fail_err(c, err);
        c->user = pic_session_user(c->session);
        c->role = guard_role_of(pic_session_role(c->session));
        return 0;
}

int guard_role(struct call *c)
{
        const char *who = c->user[0] != '\0' ? c->user : "setup";
        pic_error *err = NULL;

        if ((c->route->flags & F_PUBLIC) != 0) {
                who = c->address[0] != '\0' ? c->address : "nobody";
        } else {
                if ((c->route->roles & c->role) == 0)
                        return fail(c, 403, PIC_DENIED, NULL, "that is not for the role %s",
                                    pic_session_role(c->session));
                if (c->bearer && (c->route->flags & F_PERSON) != 0)
                        return fail(c, 403, PIC_DENIED, "Log in.", "that is for a person, not for an API token");
                if ((c->route->flags & F_EXPIRED) == 0 &&
                    strstr(pic_session_json(c->session), "\"must_change\":true") != NULL)
                        return fail(c, 403, PIC_DENIED, "POST /api/auth/change-password",
                                    "a new password has to be chosen first");
        }
        if (!route_mutates(c->route))
                return 0;
        return pic_ctx_as(app_ctx(c->app), who, "http", &c->ctx, &err) < 0 ? fail_err(c, err) : 0;
}

int guard_csrf(struct call *c)
{
        size_t count = 0;
        const char *given = req_header(c->req, "X-CSRF-Token", &count), *want;

        if (!route_mutates(c->route) || c->bearer || (c->route->flags & F_NOCSRF) != 0)
                return 0;
        want = pic_session_csrf(c->session);
        if (given == NULL || count != 1 || want[0] == '\0' || !text_same(want, given))
                return fail(c, 403, PIC_DENIED, "Send what GET /api/auth/csrf-token says as header X-CSRF-Token.",
                            "the CSRF token is missing or wrong");
        return 0;
}

/* Who sits down at an open page, or has its cookie, is not the person: what opens a way in, and so would outlast the
 * session, wants one that began with a login of just now. That a login is wanted, and no password in the request, makes
 * all ways to log in count, a second factor too, and has one throttle. A program has nothing but its token, and the
 * setup its code. */
int is_fresh(const struct call *c)
{
        return c->bearer || c->role == R_SETUP || pic_session_age(c->session) <= FRESH_S;
}

int not_fresh(struct call *c)
{
        return fail_need(c, "login", "POST /api/auth/login once more, then ask again within ten minutes.",
                         "this opens a way in: it wants a login of just now");
}

int guard_fresh(struct call *c)
{
        return (c->route->flags & F_FRESH) == 0 || is_fresh(c) ? 0 : not_fresh(c);
}

/* --- what it brings ------------------------------------------------------------------------------------------- */

static int is_type(const struct req *req, const char *type)
{
        size_t count = 0, len = strlen(type);
        const char *given = req_header(req, "Content-Type", &count);

        return given != NULL && count == 1 && strncasecmp(given, type, len) == 0 &&
               (given[len] == '\0' || given[len] == ';' || given[len] == ' ');
}

static int right_type(const struct call *c)
{
        static const char *const documents[] = { "application/yaml", "application/x-yaml", "text/yaml" };
        size_t i;

        if (is_type(c->req, "application/json"))
                return 1;
        for (i = 0; (c->route->flags & F_RAW) != 0 && i < sizeof(documents) / sizeof(documents[0]); i++)
                if (is_type(c->req, documents[i]))
                        return 1;
        return 0;
}

static int read_body(struct call *c)
{
        size_t size = (size_t)c->req->body_size;

        c->raw = malloc(size + 1);
        if (c->raw == NULL)
                return fail_nomem(c);
        c->raw_len = size;
        c->raw[size] = '\0';
        if (size > 0 && c->req->read(c->req->data, c->raw, size) < 0) {
                memset(c->raw, 0, size);
                return fail(c, 408, PIC_TIMEOUT, NULL, "the body did not come");
        }
        if (!text_utf8(c->raw, size))
                return fail(c, 400, PIC_SYNTAX, NULL, "the body is not UTF-8");
        return 0;
}

static int parse_body(struct call *c)
{
        json_error_t e;

        if (c->raw_len == 0) {
                c->body = json_object();
                return c->body != NULL ? 0 : fail_nomem(c);
        }
        if (text_depth(c->raw, c->raw_len) > DEPTH_MAX)
                return fail(c, 400, PIC_SYNTAX, NULL, "the body is nested too deeply: %d levels at most", DEPTH_MAX);
        c->body = json_loadb(c->raw, c->raw_len, JSON_REJECT_DUPLICATES, &e);
        if (c->body == NULL && text_utf8(e.text, strlen(e.text)))
                return fail(c, 400, PIC_SYNTAX, NULL, "the body is no JSON: line %d, column %d: %s", e.line, e.column,
                            e.text);
        if (!json_is_object(c->body))
                return fail(c, 400, PIC_SYNTAX, NULL, "the body is no JSON object");
        return 0;
}

/* A file is read by the route's function, in pieces. */
static int check_file(struct call *c)
{
        if (!is_type(c->req, "application/octet-stream"))
                return fail(c, 400, PIC_VALUE, NULL, "the body must be application/octet-stream");
        if (c->req->body_size > FILE_MOST)
                return fail(c, 413, PIC_VALUE, NULL, "the file is larger than %d MiB", (int)(FILE_MOST >> 20));
        return c->req->body_size > 0 ? 0 : fail(c, 400, PIC_VALUE, NULL, "the file is empty");
}

int guard_body(struct call *c)
{
        int64_t most = (c->route->flags & F_BIG) != 0 ? BIG_MAX : BODY_MAX;

        if (!route_mutates(c->route))
                return c->req->body_size > 0 ? fail(c, 400, PIC_INVALID, NULL, "a GET has no body") : 0;
        if ((c->route->flags & F_FILE) != 0)
                return check_file(c);
        if (c->req->body_size > most)
                return fail(c, 413, PIC_VALUE, NULL, "the body is larger than %d KiB", (int)(most >> 10));
        if ((c->req->body_size > 0 || ((c->route->flags & F_NOCSRF) != 0 && strcmp(c->route->method, "POST") == 0)) &&
            !right_type(c))
                return fail(c, 415, PIC_VALUE, NULL, "the body must be application/json");
        if (read_body(c) < 0)
                return -1;
        return (c->route->flags & F_RAW) != 0 ? 0 : parse_body(c);
}
