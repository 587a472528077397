/* Owns: which route a path is. */
#include <string.h>

#include "http/http.h"

size_t route_count(void)
{
        size_t n = 0;

        while (http_routes[n].method != NULL)
                n++;
        return n;
}

int route_mutates(const struct route *r)
{
        return strcmp(r->method, "GET") != 0;
}

/* "/api/peers/{name}" and "/api/peers/anna": what stands in place of {…} becomes args, where `args` is not NULL. The
 * path's slashes are NUL bytes: what was %2F in it is a part of a word. */
static int fits(const char *pattern, const char *path, const char *end, const char **args)
{
        size_t n = 0;

        while (*pattern == '/' && path < end) {
                size_t len = strcspn(pattern + 1, "/"), have;

                path++; /* the NUL byte that was a slash */
                have = strlen(path);
                if (pattern[1] == '{') {
                        if (have == 0)
                                return 0;
                        if (args != NULL && n < ARGS_MAX)
                                args[n++] = path;
                } else if (len != have || memcmp(pattern + 1, path, len) != 0) {
                        return 0;
                }
                pattern += 1 + len;
                path += have;
        }
        return *pattern == '\0' && path >= end;
}

/* Decodes the path into c->path. NULL where that cannot be; *ret_end is one behind its last word. */
static int split(struct call *c, const char **ret_end)
{
        const char *at = c->req->target;
        size_t n = 0;

        if (*at != '/')
                return -1;
        while (*at == '/') {
                size_t len = strcspn(at + 1, "/");
                int made;

                c->path[n++] = '\0';
                made = n + 1 < PATH_ROOM ? text_percent(at + 1, len, c->path + n, PATH_ROOM - n, 0) : -1;
                if (made < 0)
                        return -1;
                n += (size_t)made;
                at += 1 + len;
        }
        *ret_end = c->path + n;
        return 0;
}

const struct route *route_find(struct call *c, char *allow, size_t size)
{
        const struct route *r, *found = NULL;
        const char *end, *method = strcmp(c->req->method, "HEAD") == 0 ? "GET" : c->req->method;

        allow[0] = '\0';
        if (split(c, &end) < 0)
                return NULL;
        for (r = http_routes; r->method != NULL && found == NULL; r++) {
                size_t len = strlen(allow);

                if (!fits(r->path, c->path, end, NULL))
                        continue;
                if (strcmp(r->method, method) == 0)
                        found = r;
                else if (strstr(allow, r->method) == NULL && len + strlen(r->method) + 3 < size)
                        snprintf(allow + len, size - len, "%s%s", len > 0 ? ", " : "", r->method);
        }
        if (found != NULL)
                (void)fits(found->path, c->path, end, c->args);
        return found;
}
