/* Owns: a bucket of a server that speaks S3. A file is there when its request, or its last part, was taken: so it has
 * its own name from the beginning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "keeper/web.h"
#include "keeper/xml.h"
#include "sys/hash.h"

enum { LINE = 2400, PART = 16 << 20, PARTS = 10000, PAGES = 8, ID = 1024 };

struct s3 {
        pic__far far;
        pic__web *web;
        char base[700];   /* https://ENDPOINT/BUCKET */
        char prefix[520]; /* "" or "FOLDER/" */
        char *part;
};

/* --- asking ------------------------------------------------------------------------------------------------------ */

/* As a signature wants it: everything but these is escaped. */
static void put_escaped(pic__buf *out, const char *text, int slash)
{
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

        for (; *text != '\0'; text++)
                if (strchr(plain, *text) != NULL || (slash && *text == '/'))
                        pic__buf_putc(out, *text);
                else
                        pic__buf_putf(out, "%%%02X", (unsigned char)*text);
}

/* query: escaped and in order, or "". */
static int ask(struct s3 *s, const char *key, const char *query, pic__web_ask *a, long *ret_status, pic_error **err)
{
        pic__auto_buf pic__buf url = PIC__BUF_INIT;
        char hash[96] = "x-amz-content-sha256: ", *at = hash + strlen(hash);
        /* nothing is taken away by an empty header: this libcurl would sign it */
        const char *headers[] = { hash, "Content-Type: application/octet-stream", NULL };
        uint8_t digest[32];
        size_t i;

        pic__sha256(a->body != NULL ? a->body : "", a->body_len, digest);
        for (i = 0; i < sizeof(digest); i++, at += 2)
                snprintf(at, 3, "%02x", digest[i]);
        pic__buf_puts(&url, s->base);
        if (key != NULL) {
                pic__buf_putc(&url, '/');
                put_escaped(&url, s->prefix, 1);
                put_escaped(&url, key, 0);
        }
        pic__buf_putf(&url, "%s%s", query[0] != '\0' ? (key == NULL ? "/?" : "?") : "", query);
        if (url.failed)
                return pic__nomem(err);
        a->url = pic__buf_str(&url);
        a->headers = headers;
        return pic__web_do(s->web, a, ret_status, err);
}

static int ask_well(struct s3 *s, const char *key, const char *query, pic__web_ask *a, const char *what,
                    pic_error **err)
{
        long status = 0;
        int r = ask(s, key, query, a, &status, err);

        return r < 0 || (status >= 200 && status < 300) ? r : pic__web_refused(s->web, what, status, err);
}

/* The text of the first such element; "" without. */
static void first_of(const pic__buf *text, const char *element, char *to, size_t size)
{
        PIC__AUTO(pic__xml_end) pic__xml x;
        enum pic__xml_what what;

        to[0] = '\0';
        pic__xml_start(&x, pic__buf_str(text), text->len);
        while ((what = pic__xml_next(&x)) > 0)
                if (pic__xml_closes(&x, what, element)) {
                        if (x.text.len < size)
                                snprintf(to, size, "%s", pic__buf_str(&x.text));
                        return;
                }
}

/* --- lists ------------------------------------------------------------------------------------------------------- */

/* The file's name when a key is of our folder, and not below it. */
static int name_of(const struct s3 *s, const char *key, char name[PIC__FAR_NAME])
{
        size_t len = strlen(s->prefix);

        if (strncmp(key, s->prefix, len) != 0 || strlen(key + len) >= PIC__FAR_NAME || !pic__far_name_ok(key + len))
                return 0;
        snprintf(name, PIC__FAR_NAME, "%s", key + len);
        return 1;
}

static int take_page(const struct s3 *s, const pic__buf *text, pic__far_each each, void *arg, pic_error **err)
{
        PIC__AUTO(pic__xml_end) pic__xml x;
        char name[PIC__FAR_NAME] = "";
        enum pic__xml_what what;
        uint64_t size = 0;

        pic__xml_start(&x, pic__buf_str(text), text->len);
        while ((what = pic__xml_next(&x)) > 0) {
                if (pic__xml_closes(&x, what, "Key") && !name_of(s, pic__buf_str(&x.text), name))
                        name[0] = '\0';
                else if (pic__xml_closes(&x, what, "Size"))
                        size = strtoull(pic__buf_str(&x.text), NULL, 10);
                if (!pic__xml_closes(&x, what, "Contents"))
                        continue;
                if (name[0] != '\0' && each(name, size, arg) < 0)
                        return pic__nomem(err);
                name[0] = '\0';
        }
        return what < 0 ? pic__fail(err, PIC_BACKEND, "what it lists cannot be read") : 0;
}

static int list(pic__far *f, pic__far_each each, void *arg, pic_error **err)
{
        struct s3 *s = (struct s3 *)f;
        char token[ID] = "";
        int page, r = 0;

        for (page = 0; r == 0 && page < PAGES && (page == 0 || token[0] != '\0'); page++) {
                pic__auto_buf pic__buf query = PIC__BUF_INIT;
                pic__web_ask a = { .url = NULL };

                if (token[0] != '\0') {
                        pic__buf_puts(&query, "continuation-token=");
                        put_escaped(&query, token, 0);
                        pic__buf_putc(&query, '&');
                }
                pic__buf_puts(&query, "list-type=2&max-keys=1000&prefix=");
                put_escaped(&query, s->prefix, 0);
                r = ask_well(s, NULL, pic__buf_str(&query), &a, "list", err);
                if (r == 0)
                        r = take_page(s, pic__web_said(s->web), each, arg, err);
                if (r == 0)
                        first_of(pic__web_said(s->web), "NextContinuationToken", token, sizeof(token));
        }
        return r;
}

static int abort_one(struct s3 *s, const char *name, const char *id, pic_error **err)
{
        pic__auto_buf pic__buf query = PIC__BUF_INIT;
        pic__web_ask a = { .method = "DELETE" };
        long status;

        pic__buf_puts(&query, "uploadId=");
        put_escaped(&query, id, 0);
        return ask(s, name, pic__buf_str(&query), &a, &status, err);
}

/* "2026-11-27T00:49:43.000Z"; 0: it is no time. */
static int64_t moment(const char *text)
{
        char whole[32];
        pic_time t;

        snprintf(whole, sizeof(whole), "%.*s", (int)strcspn(text, ".Z"), text);
        return pic__time_parse(whole, &t) == 0 ? t / PIC__SECOND : 0;
}

/* Parts of uploads that were not finished: they cost money, and no list of files has them. Those that were begun long
 * ago, as the server has the time: others may be under way. */
static int clean(pic__far *f, int (*is_ours)(const char *name, void *arg), void *arg, pic_error **err)
{
        struct s3 *s = (struct s3 *)f;
        PIC__AUTO(pic__xml_end) pic__xml x;
        pic__auto_buf pic__buf query = PIC__BUF_INIT, text = PIC__BUF_INIT;
        char name[PIC__FAR_NAME] = "", id[ID] = "";
        pic__web_ask a = { .url = NULL };
        enum pic__xml_what what;
        int64_t now, begun = 0;
        int r;

        pic__buf_puts(&query, "prefix=");
        put_escaped(&query, s->prefix, 0);
        pic__buf_puts(&query, "&uploads=");
        r = ask_well(s, NULL, pic__buf_str(&query), &a, "list uploads", err);
        now = pic__web_date(s->web);
        pic__buf_put(&text, pic__buf_str(pic__web_said(s->web)), pic__web_said(s->web)->len);
        pic__xml_start(&x, pic__buf_str(&text), text.len);
        while (r == 0 && (what = pic__xml_next(&x)) > 0) {
                if (pic__xml_closes(&x, what, "Key") && !name_of(s, pic__buf_str(&x.text), name))
                        name[0] = '\0';
                else if (pic__xml_closes(&x, what, "UploadId"))
                        snprintf(id, sizeof(id), "%.*s", (int)sizeof(id) - 1, pic__buf_str(&x.text));
                else if (pic__xml_closes(&x, what, "Initiated"))
                        begun = moment(pic__buf_str(&x.text));
                if (!pic__xml_closes(&x, what, "Upload"))
                        continue;
                if (name[0] != '\0' && begun != 0 && now - begun > PIC__FAR_DEAD_S && is_ours(name, arg))
                        r = abort_one(s, name, id, err);
                name[0] = '\0';
                begun = 0;
        }
        return r;
}

/* --- files ------------------------------------------------------------------------------------------------------- */

struct upload {
        const char *name;
        char id[ID];
        pic__buf parts; /* what ends it */
        unsigned count;
};

static int put_part(struct s3 *s, struct upload *u, size_t len, pic_error **err)
{
        pic__auto_buf pic__buf query = PIC__BUF_INIT;
        pic__web_ask a = { .method = "PUT", .body = s->part, .body_len = len };
        int r;

        pic__buf_putf(&query, "partNumber=%u&uploadId=", ++u->count);
        put_escaped(&query, u->id, 0);
        r = ask_well(s, u->name, pic__buf_str(&query), &a, "store", err);
        if (r == 0 && pic__web_etag(s->web)[0] == '\0')
                r = pic__fail(err, PIC_BACKEND, "it took a part without saying its tag");
        pic__buf_putf(&u->parts, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>", u->count,
                      pic__web_etag(s->web));
        return r;
}

static int complete(struct s3 *s, struct upload *u, pic_error **err)
{
        pic__auto_buf pic__buf query = PIC__BUF_INIT, body = PIC__BUF_INIT;
        pic__web_ask a = { .method = "POST" };
        char tag[256];
        int r;

        pic__buf_puts(&query, "uploadId=");
        put_escaped(&query, u->id, 0);
        pic__buf_putf(&body, "<CompleteMultipartUpload>%s</CompleteMultipartUpload>", pic__buf_str(&u->parts));
        if (body.failed || u->parts.failed)
                return pic__nomem(err);
        a.body = pic__buf_str(&body);
        a.body_len = body.len;
        r = ask_well(s, u->name, pic__buf_str(&query), &a, "put it together", err);
        if (r < 0)
                return r;
        first_of(pic__web_said(s->web), "ETag", tag, sizeof(tag)); /* 200 may have an error inside */
        return tag[0] != '\0' ? 0 : pic__fail(err, PIC_BACKEND, "it did not put the parts together");
}

static int put_parts(struct s3 *s, const char *name, size_t len, pic__far_source source, void *arg, pic_error **err)
{
        struct upload u = { .name = name, .parts = PIC__BUF_INIT };
        pic__web_ask a = { .method = "POST", .body = "", .body_len = 0 };
        int end = 0, r = ask_well(s, name, "uploads=", &a, "store", err);

        if (r < 0)
                return r;
        first_of(pic__web_said(s->web), "UploadId", u.id, sizeof(u.id));
        if (u.id[0] == '\0')
                return pic__fail(err, PIC_BACKEND, "it begins no upload");
        while (r == 0 && len > 0) {
                r = u.count < PARTS ? put_part(s, &u, len, err)
                                    : pic__fail(err, PIC_VALUE, "it is larger than S3 takes");
                len = 0;
                if (r == 0 && !end)
                        r = pic__web_gather(source, arg, s->part, PART, &len, &end, err);
        }
        if (r == 0)
                r = complete(s, &u, err);
        if (r < 0)
                (void)abort_one(s, name, u.id, NULL);
        pic__buf_free(&u.parts);
        return r;
}

static int put(pic__far *f, const char *name, pic__far_source source, void *arg, pic_error **err)
{
        struct s3 *s = (struct s3 *)f;
        pic__web_ask a = { .method = "PUT", .body = s->part };
        int end, r = pic__web_gather(source, arg, s->part, PART, &a.body_len, &end, err);

        if (r < 0)
                return r;
        return end ? ask_well(s, name, "", &a, "store", err) : put_parts(s, name, a.body_len, source, arg, err);
}

static int get(pic__far *f, const char *name, pic__far_sink sink, void *arg, pic_error **err)
{
        pic__web_ask a = { .sink = sink, .sink_arg = arg };

        return ask_well((struct s3 *)f, name, "", &a, "send", err);
}

static int drop(pic__far *f, const char *name, pic_error **err)
{
        struct s3 *s = (struct s3 *)f;
        pic__web_ask a = { .method = "DELETE" };
        long status = 0;
        int r = ask(s, name, "", &a, &status, err);

        return r < 0 || (status >= 200 && status < 300) || status == 404
                       ? r
                       : pic__web_refused(s->web, "remove", status, err);
}

static void end_(pic__far *f)
{
        struct s3 *s = (struct s3 *)f;

        pic__web_free(s->web);
        pic__free(s->part);
        pic__free(s);
}

static int begin(struct s3 *s, const pic__far_spec *spec, pic_error **err)
{
        const char *region = spec->region != NULL ? spec->region : "us-east-1", *folder = spec->place.path + 1;
        pic__far_spec to = *spec;
        int r;

        if (spec->endpoint != NULL) {
                const char *rule = pic__place_parse(spec->endpoint, &to.place);

                if (rule != NULL)
                        return pic__fail(err, PIC_VALUE, "endpoint: %s", rule);
        } else {
                snprintf(to.place.host, sizeof(to.place.host), "s3.%s.amazonaws.com", region);
                to.place.plain = 0;
        }
        to.place.kind = PIC__PLACE_S3;
        snprintf(s->base, sizeof(s->base), "%s://%s/%s", to.place.plain ? "http" : "https", to.place.host,
                 spec->place.host);
        snprintf(s->prefix, sizeof(s->prefix), "%s%s", folder, folder[0] != '\0' ? "/" : "");
        s->part = pic__alloc(PART);
        r = s->part != NULL ? pic__web_new(&to, &s->web, err) : pic__nomem(err);
        return r < 0 ? r : pic__web_sign(s->web, region, err);
}

int pic__far_s3(const pic__far_spec *spec, pic__far **ret, pic_error **err)
{
        static const pic__far_ops ops = { list, put, get, NULL, drop, NULL, clean, NULL, end_ };
        struct s3 *s = pic__alloc(sizeof(*s));
        int r;

        if (s == NULL)
                return pic__nomem(err);
        s->far.ops = &ops;
        r = begin(s, spec, err);
        if (r < 0)
                end_(&s->far);
        else
                *ret = &s->far;
        return r;
}
