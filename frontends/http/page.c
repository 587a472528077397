/* Owns: the web page: what was built of frontends/web, by path. A path that is no file and not below /api is the
 * page's own: it gets index.html, and the page finds out what is meant. */
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

static const char unbuilt[] =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Personal Internet "
        "Cell</title></head>\n"
        "<body><h1>Personal Internet Cell</h1>\n<p>The web page was not built into this program. Build "
        "<code>frontends/web</code> (with npm), then this program again. The API is there: "
        "<a href=\"/api/openapi.json\">/api/openapi.json</a>, <a href=\"/health\">/health</a>.</p></body></html>\n";

static const struct page *find(const char *path)
{
        const struct page *p;

        for (p = http_pages; p->path != NULL; p++)
                if (strcmp(p->path, path) == 0)
                        return p;
        return NULL;
}

/* The last word of a path has a dot: it names a file, and another one must not be given for it. */
static int names_file(const char *path)
{
        const char *last = strrchr(path, '/');

        return last != NULL && strchr(last, '.') != NULL;
}

static int takes_gzip(const struct call *c)
{
        const char *takes = req_header(c->req, "Accept-Encoding", NULL);

        return takes != NULL && (strstr(takes, "gzip") != NULL || strchr(takes, '*') != NULL);
}

int page_get(struct call *c)
{
        const struct page *p = find(strcmp(c->req->target, "/") == 0 ? "/index.html" : c->req->target);
        int hashed = strncmp(c->req->target, "/assets/", 8) == 0; /* their names change with what is in them */

        if (p == NULL && (names_file(c->req->target) || hashed))
                return fail(c, 404, PIC_NOTFOUND, NULL, "there is nothing there");
        if (p == NULL)
                p = find("/index.html");
        c->res->stored = 1;
        if (p == NULL) {
                answer_header(c, "Cache-Control", "no-cache");
                return answer_fixed(c, "text/html; charset=utf-8", unbuilt, sizeof(unbuilt) - 1);
        }
        if (p->zipped && !takes_gzip(c))
                return fail(c, 406, PIC_UNSUPPORTED, NULL, "it is there as gzip only");
        if (p->zipped)
                answer_header(c, "Content-Encoding", "gzip");
        answer_header(c, "Vary", "Accept-Encoding");
        answer_header(c, "Cache-Control", "%s", hashed ? "public, max-age=31536000, immutable" : "no-cache");
        answer_etag(c, "%s", p->etag);
        return answer_fixed(c, p->type, p->data, p->len);
}
