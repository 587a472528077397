/* Owns: one request over libcurl, driven by its own epoll. */
#include "sys/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/curl.h"

#define TIMEOUT_MS 15000
#define BODY_MAX ((size_t)64 << 10)
#define HOPS 3 /* redirects that are followed */

struct pic__http {
        pic__transfer t;
        struct curl_slist *headers;
        pic__buf body;
        pic__buf sent;
        size_t max;
        size_t got; /* of the body */
        int to_fd;
        char etag[256], modified[64];
        int too_large;
        int denied;
        int hops;
        int (*may)(int family, const uint8_t *bytes, void *data);
        void *data;
        char where[128]; /* the server, for messages: never the path, which may have a secret in it */
};

/* --- what curl asks of us ----------------------------------------------------------------------------------------- */

static size_t on_body(char *at, size_t size, size_t count, void *data)
{
        pic__http *h = data;

        if (h->got + size * count > h->max) {
                h->too_large = 1;
                return 0;
        }
        h->got += size * count;
        if (h->to_fd > 0)
                return write(h->to_fd, at, size * count) == (ssize_t)(size * count) ? size * count : 0;
        pic__buf_put(&h->body, at, size * count);
        return h->body.failed ? 0 : size * count;
}

/* A value that would be sent back: plain, or none. */
static void keep_header(const char *at, size_t len, char *to, size_t room)
{
        size_t i;

        while (len > 0 && (at[0] == ' ' || at[0] == '\t')) {
                at++;
                len--;
        }
        while (len > 0 && (unsigned char)at[len - 1] <= ' ')
                len--;
        for (i = 0; i < len && at[i] >= ' ' && at[i] <= '~'; i++)
                ;
        len = i == len && len < room ? len : 0;
        memcpy(to, at, len);
        to[len] = '\0';
}

static size_t on_header(char *at, size_t size, size_t count, void *data)
{
        static const char etag[] = "etag:", modified[] = "last-modified:";
        size_t len = size * count;
        pic__http *h = data;

        if (len > sizeof(etag) && strncasecmp(at, etag, sizeof(etag) - 1) == 0)
                keep_header(at + sizeof(etag) - 1, len - sizeof(etag) + 1, h->etag, sizeof(h->etag));
        else if (len > sizeof(modified) && strncasecmp(at, modified, sizeof(modified) - 1) == 0)
                keep_header(at + sizeof(modified) - 1, len - sizeof(modified) + 1, h->modified, sizeof(h->modified));
        return len;
}

static curl_socket_t on_open(void *data, curlsocktype purpose, struct curl_sockaddr *to)
{
        pic__http *h = data;
        const struct sockaddr_in6 *v6 = (const void *)&to->addr;
        const struct sockaddr_in *v4 = (const void *)&to->addr;

        (void)purpose;
        if (h->may != NULL && !(to->family == AF_INET ? h->may(4, (const uint8_t *)&v4->sin_addr, h->data)
                                                      : h->may(6, (const uint8_t *)&v6->sin6_addr, h->data))) {
                h->denied = 1;
                return CURL_SOCKET_BAD;
        }
        return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* --- where it goes --------------------------------------------------------------------------------------------------
 */

static int is_self(const char *host)
{
        return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
               (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

struct place {
        char *scheme, *host, *port, *user;
};

static void place_free(struct place *p)
{
        char *const texts[] = { p->scheme, p->host, p->port, p->user };
        size_t i;

        for (i = 0; i < PIC__COUNT(texts); i++)
                if (texts[i] != NULL)
                        pic__curl.release(texts[i]);
}

static int place_of(const char *url, struct place *p)
{
        CURLU *u = pic__curl.url_new();
        int bad = u == NULL || pic__curl.url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
                  pic__curl.url_get(u, CURLUPART_SCHEME, &p->scheme, 0) != CURLUE_OK ||
                  pic__curl.url_get(u, CURLUPART_HOST, &p->host, 0) != CURLUE_OK ||
                  pic__curl.url_get(u, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT) != CURLUE_OK;

        if (!bad)
                (void)pic__curl.url_get(u, CURLUPART_USER, &p->user, 0);
        if (u != NULL)
                pic__curl.url_cleanup(u);
        return bad ? -1 : 0;
}

static int check_url(pic__http *h, const char *url, int plain, pic_error **err)
{
        PIC__AUTO(place_free) struct place p = { NULL, NULL, NULL, NULL };

        if (place_of(url, &p) < 0)
                return pic__fail(err, PIC_VALUE, "that is no address of the web");
        (void)snprintf(h->where, sizeof(h->where), "%s", p.host);
        if (p.user != NULL)
                return pic__fail(err, PIC_VALUE, "%s: a user has no place in the address", h->where);
        if (strcmp(p.scheme, "https") == 0 || (strcmp(p.scheme, "http") == 0 && (plain || is_self(p.host))))
                return 0;
        pic__fail(err, PIC_VALUE, "%s: only https is asked, not %s", h->where, p.scheme);
        pic__hint(err, "who is between could read the answer, and change it");
        return PIC_VALUE;
}

static int same_place(const char *from, const char *to)
{
        PIC__AUTO(place_free) struct place a = { NULL, NULL, NULL, NULL };
        PIC__AUTO(place_free) struct place b = { NULL, NULL, NULL, NULL };

        return place_of(from, &a) == 0 && place_of(to, &b) == 0 && strcmp(a.scheme, b.scheme) == 0 &&
               strcasecmp(a.host, b.host) == 0 && strcmp(a.port, b.port) == 0;
}

/* --- beginning ------------------------------------------------------------------------------------------------------
 */

#define SET(option, value) (bad |= pic__curl.easy_setopt(h->t.easy, option, value) != CURLE_OK)

static int set_limits(pic__http *h, const pic__http_opts *o)
{
        int bad = pic__transfer_limits(&h->t, o->timeout_ms != 0 ? o->timeout_ms : TIMEOUT_MS, o->ca_file);

        SET(CURLOPT_PROTOCOLS_STR, "http,https");
        SET(CURLOPT_FOLLOWLOCATION, 0L); /* by ourselves */
        SET(CURLOPT_WRITEFUNCTION, on_body);
        SET(CURLOPT_WRITEDATA, h);
        SET(CURLOPT_HEADERFUNCTION, on_header);
        SET(CURLOPT_HEADERDATA, h);
        SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
        SET(CURLOPT_OPENSOCKETDATA, h);
        SET(CURLOPT_USERAGENT, "pic");
        SET(CURLOPT_IPRESOLVE, (long)(o->family == 4   ? CURL_IPRESOLVE_V4
                                      : o->family == 6 ? CURL_IPRESOLVE_V6
                                                       : CURL_IPRESOLVE_WHATEVER));
        return bad ? -1 : 0;
}

static int set_request(pic__http *h, const char *url, const pic__http_opts *o)
{
        char source[80];
        int bad = 0;
        size_t i;

        SET(CURLOPT_URL, url);
        if (o->source != NULL) {
                (void)snprintf(source, sizeof(source), "host!%s", o->source);
                SET(CURLOPT_INTERFACE, source);
        }
        if (o->user != NULL) {
                SET(CURLOPT_USERNAME, o->user);
                SET(CURLOPT_PASSWORD, o->password != NULL ? o->password : "");
        }
        if (o->body != NULL) {
                pic__buf_put(&h->sent, o->body, o->body_len);
                SET(CURLOPT_POST, 1L);
                SET(CURLOPT_POSTFIELDS, pic__buf_str(&h->sent));
                SET(CURLOPT_POSTFIELDSIZE, (long)o->body_len);
        }
        if (o->method != NULL)
                SET(CURLOPT_CUSTOMREQUEST, o->method);
        for (i = 0; o->headers != NULL && o->headers[i] != NULL; i++) {
                struct curl_slist *longer = pic__curl.slist_append(h->headers, o->headers[i]);

                bad |= longer == NULL;
                h->headers = longer != NULL ? longer : h->headers;
        }
        SET(CURLOPT_HTTPHEADER, h->headers);
        return bad || h->sent.failed ? -1 : 0;
}

int pic__http_start(const char *url, const pic__http_opts *opts, pic__http **ret, pic_error **err)
{
        static const pic__http_opts none = { .method = NULL };
        const pic__http_opts *o = opts != NULL ? opts : &none;
        pic__http *h = pic__alloc(sizeof(*h));
        int r;

        if (h == NULL)
                return pic__nomem(err);
        h->body = h->sent = (pic__buf)PIC__BUF_SECRET;
        h->max = o->max != 0 ? o->max : BODY_MAX;
        h->to_fd = o->to_fd;
        h->may = o->may;
        h->data = o->data;
        r = pic__transfer_open(&h->t, err);
        if (r == 0)
                r = check_url(h, url, o->plain, err);
        if (r == 0 && (set_limits(h, o) < 0 || set_request(h, url, o) < 0 ||
                       pic__curl.multi_add_handle(h->t.multi, h->t.easy) != CURLM_OK))
                r = pic__nomem(err);
        if (r < 0)
                pic__http_unref(h);
        else
                *ret = h;
        return r;
}

/* --- going on -------------------------------------------------------------------------------------------------------
 */

static int explain(const pic__http *h, CURLcode code, pic_error **err)
{
        if (h->denied)
                return pic__fail(err, PIC_DENIED, "%s leads to an address that it may not have", h->where);
        if (h->too_large)
                return pic__fail(err, PIC_VALUE, "%s: the answer is larger than %zu bytes", h->where, h->max);
        return pic__transfer_explain(&h->t, code, h->where, err);
}

/* 1: on to another page of the same server; 0: that was all. */
static int follow(pic__http *h, long status, pic_error **err)
{
        char *to = NULL, *from = NULL;
        int r;

        if (status < 300 || status > 399 || pic__curl.easy_getinfo(h->t.easy, CURLINFO_REDIRECT_URL, &to) != CURLE_OK ||
            to == NULL)
                return 0;
        (void)pic__curl.easy_getinfo(h->t.easy, CURLINFO_EFFECTIVE_URL, &from);
        if (++h->hops > HOPS)
                return pic__fail(err, PIC_VALUE, "%s: sends us on and on", h->where);
        if (from == NULL || !same_place(from, to))
                return pic__fail(err, PIC_VALUE, "%s: sends us to another server, where we do not go", h->where);
        pic__buf_clear(&h->body);
        h->got = 0;
        h->etag[0] = h->modified[0] = '\0';
        if (h->to_fd > 0 && (ftruncate(h->to_fd, 0) < 0 || lseek(h->to_fd, 0, SEEK_SET) < 0))
                return pic__fail_errno(err, errno, "%s: its answer cannot be written", h->where);
        (void)pic__curl.multi_remove_handle(h->t.multi, h->t.easy);
        r = pic__curl.easy_setopt(h->t.easy, CURLOPT_URL, to) == CURLE_OK &&
            pic__curl.multi_add_handle(h->t.multi, h->t.easy) == CURLM_OK;
        return r ? 1 : pic__nomem(err);
}

static int finished(pic__http *h, CURLcode code, int *ret_status, pic_error **err)
{
        long status = 0;
        int r;

        if (code != CURLE_OK)
                return explain(h, code, err);
        (void)pic__curl.easy_getinfo(h->t.easy, CURLINFO_RESPONSE_CODE, &status);
        r = follow(h, status, err);
        if (r != 0)
                return r > 0 ? 0 : r;
        *ret_status = (int)status;
        return 1;
}

int pic__http_fd(const pic__http *h)
{
        return h->t.epoll;
}

int pic__http_go_on(pic__http *h, int *ret_status, pic_error **err)
{
        CURLcode code;

        return pic__transfer_go_on(&h->t, &code) ? finished(h, code, ret_status, err) : 0;
}

const pic__buf *pic__http_body(const pic__http *h)
{
        return &h->body;
}

const char *pic__http_version(const pic__http *h, const char *header)
{
        return strcmp(header, "etag") == 0 ? h->etag : strcmp(header, "last-modified") == 0 ? h->modified : "";
}

int pic__http_wait(pic__http *h, int *ret_status, pic_error **err)
{
        int r;

        do {
                struct pollfd p = { .fd = h->t.epoll, .events = POLLIN };

                (void)poll(&p, 1, 1000); /* curl's own limit of time ends it */
                r = pic__http_go_on(h, ret_status, err);
        } while (r == 0);
        return r < 0 ? r : 0;
}

pic__http *pic__http_unref(pic__http *h)
{
        if (h == NULL)
                return NULL;
        pic__transfer_close(&h->t);
        if (h->headers != NULL)
                pic__curl.slist_free_all(h->headers);
        pic__buf_wipe(&h->body);
        pic__buf_wipe(&h->sent);
        pic__free(h);
        return NULL;
}
