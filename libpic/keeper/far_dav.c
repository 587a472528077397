/* Owns: a folder of a WebDAV server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/web.h"
#include "keeper/xml.h"

enum { LINE = 1200, FIRST = 16 << 20 /* what fits is sent with its length: not every server takes what has none */ };

struct dav {
        pic__far far;
        pic__web *web;
        char root[340]; /* https://HOST */
        char path[512]; /* of the folder */
        char *first;
};

struct sent {
        const char *first;
        size_t len, at;
        pic__far_source source;
        void *arg;
};

/* --- the list ---------------------------------------------------------------------------------------------------- */

static int hex(char c)
{
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
}

/* The last word of an address, without its escapes. */
static void name_of(const char *href, char name[PIC__FAR_NAME])
{
        const char *slash = strrchr(href, '/'), *at = slash != NULL ? slash + 1 : href;
        size_t len = 0;

        for (; *at != '\0' && len + 1 < PIC__FAR_NAME; at++) {
                int escaped = at[0] == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0;

                name[len++] = escaped ? (char)(hex(at[1]) * 16 + hex(at[2])) : *at;
                at += escaped ? 2 : 0;
        }
        name[*at == '\0' ? len : 0] = '\0';
}

static int take_list(const pic__buf *text, pic__far_each each, void *arg, pic_error **err)
{
        PIC__AUTO(pic__xml_end) pic__xml x;
        char name[PIC__FAR_NAME] = "";
        enum pic__xml_what what;
        uint64_t size = 0;
        size_t count = 0;

        pic__xml_start(&x, pic__buf_str(text), text->len);
        while ((what = pic__xml_next(&x)) > 0 && count < PIC__FAR_ENTRIES) {
                if (pic__xml_closes(&x, what, "href"))
                        name_of(pic__buf_str(&x.text), name);
                else if (pic__xml_closes(&x, what, "getcontentlength"))
                        size = strtoull(pic__buf_str(&x.text), NULL, 10);
                if (!pic__xml_closes(&x, what, "response"))
                        continue;
                count++;
                if (pic__far_name_ok(name) && each(name, size, arg) < 0)
                        return pic__nomem(err);
                name[0] = '\0';
                size = 0;
        }
        return what < 0 ? pic__fail(err, PIC_BACKEND, "what it lists cannot be read") : 0;
}

static int ask_list(struct dav *d, long *ret_status, pic_error **err)
{
        static const char body[] =
                "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><getcontentlength/></prop></propfind>";
        static const char *const headers[] = { "Depth: 1", "Content-Type: application/xml", "Expect:", NULL };
        char url[LINE];
        const pic__web_ask ask = {
                .url = url, .method = "PROPFIND", .headers = headers, .body = body, .body_len = sizeof(body) - 1
        };

        snprintf(url, sizeof(url), "%s%s/", d->root, d->path);
        return pic__web_do(d->web, &ask, ret_status, err);
}

/* Each folder of the path; those that are there say so. */
static int make(struct dav *d, pic_error **err)
{
        const char *at = d->path;
        int r = 0;

        while (r == 0 && at != NULL && *at != '\0') {
                char url[LINE];
                const pic__web_ask ask = { .url = url, .method = "MKCOL" };
                long status;

                at = strchr(at + 1, '/');
                snprintf(url, sizeof(url), "%s%.*s/", d->root, (int)(at != NULL ? at - d->path : (long)strlen(d->path)),
                         d->path);
                r = pic__web_do(d->web, &ask, &status, err);
        }
        return r;
}

static int list(pic__far *f, pic__far_each each, void *arg, pic_error **err)
{
        struct dav *d = (struct dav *)f;
        long status = 0;
        int r = ask_list(d, &status, err);

        if (r == 0 && (status == 404 || status == 409)) {
                r = make(d, err);
                if (r == 0)
                        r = ask_list(d, &status, err);
        }
        if (r < 0)
                return r;
        return status == 207 ? take_list(pic__web_said(d->web), each, arg, err)
                             : pic__web_refused(d->web, "list", status, err);
}

/* --- files ------------------------------------------------------------------------------------------------------- */

static long send_on(void *arg, void *room, size_t len, pic_error **err)
{
        struct sent *s = arg;

        if (s->at < s->len) {
                len = len < s->len - s->at ? len : s->len - s->at;
                memcpy(room, s->first + s->at, len);
                s->at += len;
                return (long)len;
        }
        return s->source(s->arg, room, len, err);
}

static int put(pic__far *f, const char *name, pic__far_source source, void *arg, pic_error **err)
{
        static const char *const headers[] = { "Expect:", "Content-Type: application/octet-stream", NULL };
        struct dav *d = (struct dav *)f;
        struct sent s = { .first = d->first, .source = source, .arg = arg };
        char url[LINE];
        pic__web_ask ask = { .url = url, .method = "PUT", .headers = headers };
        long status = 0;
        int end, r = pic__web_gather(source, arg, d->first, FIRST, &s.len, &end, err);

        if (r < 0)
                return r;
        snprintf(url, sizeof(url), "%s%s/%s", d->root, d->path, name);
        if (end) {
                ask.body = d->first;
                ask.body_len = s.len;
        } else {
                ask.source = send_on;
                ask.source_arg = &s;
        }
        r = pic__web_do(d->web, &ask, &status, err);
        if (r < 0)
                return r;
        return status >= 200 && status < 300 ? 0 : pic__web_refused(d->web, "store", status, err);
}

static int simple(struct dav *d, const char *method, const char *name, const char *const *headers, const char *what,
                  pic_error **err)
{
        char url[LINE];
        const pic__web_ask ask = { .url = url, .method = method, .headers = headers };
        long status = 0;
        int r;

        snprintf(url, sizeof(url), "%s%s/%s", d->root, d->path, name);
        r = pic__web_do(d->web, &ask, &status, err);
        if (r < 0 || (status >= 200 && status < 300) || (status == 404 && strcmp(method, "DELETE") == 0))
                return r;
        return pic__web_refused(d->web, what, status, err);
}

static int get(pic__far *f, const char *name, pic__far_sink sink, void *arg, pic_error **err)
{
        struct dav *d = (struct dav *)f;
        char url[LINE];
        const pic__web_ask ask = { .url = url, .sink = sink, .sink_arg = arg };
        long status = 0;
        int r;

        snprintf(url, sizeof(url), "%s%s/%s", d->root, d->path, name);
        r = pic__web_do(d->web, &ask, &status, err);
        return r < 0 || status == 200 ? r : pic__web_refused(d->web, "send", status, err);
}

static int move(pic__far *f, const char *from, const char *to, pic_error **err)
{
        struct dav *d = (struct dav *)f;
        char destination[LINE + 16];
        const char *headers[] = { destination, "Overwrite: F", NULL };

        snprintf(destination, sizeof(destination), "Destination: %s%s/%s", d->root, d->path, to);
        return simple(d, "MOVE", from, headers, "rename", err);
}

static int drop(pic__far *f, const char *name, pic_error **err)
{
        return simple((struct dav *)f, "DELETE", name, NULL, "remove", err);
}

/* By what the server says of it (Last-Modified), and of the time (Date). */
static int left(pic__far *f, const char *name, const char *own)
{
        struct dav *d = (struct dav *)f;
        char url[LINE];
        const pic__web_ask ask = { .url = url, .nothing = 1, .when = 1 };
        int64_t now, then;
        long status = 0;

        (void)own;
        snprintf(url, sizeof(url), "%s%s/%s", d->root, d->path, name);
        if (pic__web_do(d->web, &ask, &status, NULL) < 0 || status != 200)
                return 0;
        now = pic__web_date(d->web);
        then = pic__web_changed(d->web);
        return now != 0 && then != 0 && now - then > PIC__FAR_DEAD_S;
}

static void end_(pic__far *f)
{
        struct dav *d = (struct dav *)f;

        pic__web_free(d->web);
        pic__free(d->first);
        pic__free(d);
}

int pic__far_dav(const pic__far_spec *spec, pic__far **ret, pic_error **err)
{
        static const pic__far_ops ops = { list, put, get, move, drop, left, NULL, NULL, end_ };
        struct dav *d = pic__alloc(sizeof(*d));
        int r;

        if (d == NULL)
                return pic__nomem(err);
        d->far.ops = &ops;
        snprintf(d->root, sizeof(d->root), "%s://%s", spec->place.plain ? "http" : "https", spec->place.host);
        snprintf(d->path, sizeof(d->path), "%s", strcmp(spec->place.path, "/") != 0 ? spec->place.path : "");
        d->first = pic__alloc(FIRST);
        r = d->first != NULL ? pic__web_new(spec, &d->web, err) : pic__nomem(err);
        if (r < 0)
                end_(&d->far);
        else
                *ret = &d->far;
        return r;
}
