/* Owns: one request over libcurl, driven by its own epoll. */
#include "sys/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TIMEOUT_MS 15000
#define BODY_MAX ((size_t)64 << 10)
#define HOPS 3 /* redirects that are followed */

struct pic__http {
        CURLM *multi;
        CURL *easy;
        struct curl_slist *headers;
        int epoll; /* what pic__http_fd gives: curl's sockets, and */
        int timer; /* curl's timer */
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
        char why[CURL_ERROR_SIZE];
};

/* libcurl, loaded when the web is asked for the first time: it brings 25 libraries with it, 6 ms of each start of `pic`
 * and 4 MiB of each daemon. It stays then: what OpenSSL leaves behind in a thread does not survive an unloading. */
static struct {
        CURLcode (*global_init)(long flags);
        CURL *(*easy_init)(void);
        CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
        CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
        void (*easy_cleanup)(CURL *easy);
        const char *(*easy_strerror)(CURLcode code);
        CURLM *(*multi_init)(void);
        CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
        CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
        CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
        CURLMcode (*multi_socket_action)(CURLM *multi, curl_socket_t fd, int bits, int *running);
        CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
        CURLMcode (*multi_cleanup)(CURLM *multi);
        struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
        void (*slist_free_all)(struct curl_slist *list);
        CURLU *(*url_new)(void);
        CURLUcode (*url_set)(CURLU *u, CURLUPart what, const char *text, unsigned flags);
        CURLUcode (*url_get)(const CURLU *u, CURLUPart what, char **text, unsigned flags);
        void (*url_cleanup)(CURLU *u);
        void (*release)(void *text);
} lib;

static const struct {
        const char *name;
        void *at;
} symbols[] = {
        { "curl_global_init", &lib.global_init },
        { "curl_easy_init", &lib.easy_init },
        { "curl_easy_setopt", &lib.easy_setopt },
        { "curl_easy_getinfo", &lib.easy_getinfo },
        { "curl_easy_cleanup", &lib.easy_cleanup },
        { "curl_easy_strerror", &lib.easy_strerror },
        { "curl_multi_init", &lib.multi_init },
        { "curl_multi_setopt", &lib.multi_setopt },
        { "curl_multi_add_handle", &lib.multi_add_handle },
        { "curl_multi_remove_handle", &lib.multi_remove_handle },
        { "curl_multi_socket_action", &lib.multi_socket_action },
        { "curl_multi_info_read", &lib.multi_info_read },
        { "curl_multi_cleanup", &lib.multi_cleanup },
        { "curl_slist_append", &lib.slist_append },
        { "curl_slist_free_all", &lib.slist_free_all },
        { "curl_url", &lib.url_new },
        { "curl_url_set", &lib.url_set },
        { "curl_url_get", &lib.url_get },
        { "curl_url_cleanup", &lib.url_cleanup },
        { "curl_free", &lib.release },
};

static pthread_once_t started = PTHREAD_ONCE_INIT;
static int loaded;

static void load_curl(void)
{
        void *dl = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
        size_t i;

        for (i = 0; dl != NULL && i < PIC__COUNT(symbols); i++) {
                void **to = symbols[i].at; /* POSIX: a function's address fits into it */

                *to = dlsym(dl, symbols[i].name);
                if (*to == NULL)
                        return;
        }
        loaded = dl != NULL && lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* --- what curl asks of us ----------------------------------------------------------------------------------------- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *unused)
{
        pic__http *h = data;
        struct epoll_event e = { .data.fd = fd };

        (void)easy, (void)unused;
        if (what == CURL_POLL_REMOVE) {
                (void)epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, NULL);
                return 0;
        }
        e.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
        if (epoll_ctl(h->epoll, EPOLL_CTL_MOD, fd, &e) < 0 && epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
                return -1;
        return 0;
}

static int on_timer(CURLM *multi, long ms, void *data)
{
        const pic__http *h = data;
        struct itimerspec t = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 } };

        (void)multi;
        if (ms == 0)
                t.it_value.tv_nsec = 1;
        if (ms < 0)
                t.it_value.tv_sec = t.it_value.tv_nsec = 0;
        return timerfd_settime(h->timer, 0, &t, NULL);
}

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
                        lib.release(texts[i]);
}

static int place_of(const char *url, struct place *p)
{
        CURLU *u = lib.url_new();
        int bad = u == NULL || lib.url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
                  lib.url_get(u, CURLUPART_SCHEME, &p->scheme, 0) != CURLUE_OK ||
                  lib.url_get(u, CURLUPART_HOST, &p->host, 0) != CURLUE_OK ||
                  lib.url_get(u, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT) != CURLUE_OK;

        if (!bad)
                (void)lib.url_get(u, CURLUPART_USER, &p->user, 0);
        if (u != NULL)
                lib.url_cleanup(u);
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

#define SET(option, value) (bad |= lib.easy_setopt(h->easy, option, value) != CURLE_OK)

static int set_limits(pic__http *h, const pic__http_opts *o)
{
        int bad = 0;

        SET(CURLOPT_NOSIGNAL, 1L);
        SET(CURLOPT_PROTOCOLS_STR, "http,https");
        SET(CURLOPT_FOLLOWLOCATION, 0L); /* by ourselves */
        SET(CURLOPT_PROXY, "");
        SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
        SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        SET(CURLOPT_TIMEOUT_MS, (long)(o->timeout_ms != 0 ? o->timeout_ms : TIMEOUT_MS));
        /* A name that is still asked for is let go: else who has a loop waits for a thread that waits for name servers,
         * 28 s with three dead ones. */
        SET(CURLOPT_QUICK_EXIT, 1L);
        SET(CURLOPT_ERRORBUFFER, h->why);
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
        if (o->ca_file != NULL)
                SET(CURLOPT_CAINFO, o->ca_file);
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
                struct curl_slist *longer = lib.slist_append(h->headers, o->headers[i]);

                bad |= longer == NULL;
                h->headers = longer != NULL ? longer : h->headers;
        }
        SET(CURLOPT_HTTPHEADER, h->headers);
        return bad || h->sent.failed ? -1 : 0;
}

static int open_all(pic__http *h, pic_error **err)
{
        struct epoll_event e = { .events = EPOLLIN };

        h->epoll = epoll_create1(EPOLL_CLOEXEC);
        h->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        e.data.fd = h->timer;
        if (h->epoll < 0 || h->timer < 0 || epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->timer, &e) < 0)
                return pic__fail_errno(err, errno, "http: cannot make descriptors");
        h->multi = lib.multi_init();
        h->easy = lib.easy_init();
        if (h->multi == NULL || h->easy == NULL ||
            lib.multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != 0 ||
            lib.multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h) != 0 ||
            lib.multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer) != 0 ||
            lib.multi_setopt(h->multi, CURLMOPT_TIMERDATA, h) != 0)
                return pic__nomem(err);
        return 0;
}

static int not_there(pic_error **err)
{
        pic__fail(err, PIC_UNSUPPORTED, "http: libcurl is not there");
        pic__hint(err, "apt-get install libcurl4");
        return PIC_UNSUPPORTED;
}

int pic__http_start(const char *url, const pic__http_opts *opts, pic__http **ret, pic_error **err)
{
        static const pic__http_opts none = { .method = NULL };
        const pic__http_opts *o = opts != NULL ? opts : &none;
        pic__http *h = pic__alloc(sizeof(*h));
        int r;

        if (h == NULL)
                return pic__nomem(err);
        h->epoll = h->timer = -1;
        h->body = h->sent = (pic__buf)PIC__BUF_SECRET;
        h->max = o->max != 0 ? o->max : BODY_MAX;
        h->to_fd = o->to_fd;
        h->may = o->may;
        h->data = o->data;
        (void)pthread_once(&started, load_curl);
        r = loaded ? check_url(h, url, o->plain, err) : not_there(err);
        if (r == 0)
                r = open_all(h, err);
        if (r == 0 &&
            (set_limits(h, o) < 0 || set_request(h, url, o) < 0 || lib.multi_add_handle(h->multi, h->easy) != CURLM_OK))
                r = pic__nomem(err);
        if (r < 0)
                pic__http_unref(h);
        else
                *ret = h;
        return r;
}

/* --- going on -------------------------------------------------------------------------------------------------------
 */

static const struct {
        CURLcode code;
        int ours;
        const char *text;
        const char *hint;
} reasons[] = {
        { CURLE_COULDNT_RESOLVE_HOST, PIC_BACKEND, "its name leads nowhere",
          "is this machine online, and the name right?" },
        { CURLE_COULDNT_CONNECT, PIC_BACKEND, "nobody answers there",
          "is this machine online? Its port may be closed." },
        { CURLE_OPERATION_TIMEDOUT, PIC_TIMEOUT, "no answer in time", "It is tried again later." },
        { CURLE_PEER_FAILED_VERIFICATION, PIC_BACKEND, "nobody vouches for its certificate",
          "Is this machine's clock right (pic ntp status)? Else somebody may be in between." },
        { CURLE_SSL_CONNECT_ERROR, PIC_BACKEND, "no secure connection comes about", NULL },
        { CURLE_INTERFACE_FAILED, PIC_BACKEND, "the address that it shall come from is not this machine's", NULL },
        { CURLE_GOT_NOTHING, PIC_BACKEND, "it hung up without a word", "It is tried again later." },
};

static int explain(const pic__http *h, CURLcode code, pic_error **err)
{
        size_t i = 0;

        if (h->denied)
                return pic__fail(err, PIC_DENIED, "%s leads to an address that it may not have", h->where);
        if (h->too_large)
                return pic__fail(err, PIC_VALUE, "%s: the answer is larger than %zu bytes", h->where, h->max);
        while (i < PIC__COUNT(reasons) && reasons[i].code != code)
                i++;
        if (i == PIC__COUNT(reasons))
                return pic__fail(err, PIC_BACKEND, "%s: %s", h->where,
                                 h->why[0] != '\0' ? h->why : lib.easy_strerror(code));
        pic__fail(err, reasons[i].ours, "%s: %s", h->where, reasons[i].text);
        if (reasons[i].hint != NULL)
                pic__hint(err, "%s", reasons[i].hint);
        if (h->why[0] != '\0')
                pic__detail(err, "curl", h->why);
        return reasons[i].ours;
}

/* 1: on to another page of the same server; 0: that was all. */
static int follow(pic__http *h, long status, pic_error **err)
{
        char *to = NULL, *from = NULL;
        int r;

        if (status < 300 || status > 399 || lib.easy_getinfo(h->easy, CURLINFO_REDIRECT_URL, &to) != CURLE_OK ||
            to == NULL)
                return 0;
        (void)lib.easy_getinfo(h->easy, CURLINFO_EFFECTIVE_URL, &from);
        if (++h->hops > HOPS)
                return pic__fail(err, PIC_VALUE, "%s: sends us on and on", h->where);
        if (from == NULL || !same_place(from, to))
                return pic__fail(err, PIC_VALUE, "%s: sends us to another server, where we do not go", h->where);
        pic__buf_clear(&h->body);
        h->got = 0;
        h->etag[0] = h->modified[0] = '\0';
        if (h->to_fd > 0 && (ftruncate(h->to_fd, 0) < 0 || lseek(h->to_fd, 0, SEEK_SET) < 0))
                return pic__fail_errno(err, errno, "%s: its answer cannot be written", h->where);
        (void)lib.multi_remove_handle(h->multi, h->easy);
        r = lib.easy_setopt(h->easy, CURLOPT_URL, to) == CURLE_OK &&
            lib.multi_add_handle(h->multi, h->easy) == CURLM_OK;
        return r ? 1 : pic__nomem(err);
}

static int finished(pic__http *h, CURLcode code, int *ret_status, pic_error **err)
{
        long status = 0;
        int r;

        if (code != CURLE_OK)
                return explain(h, code, err);
        (void)lib.easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
        r = follow(h, status, err);
        if (r != 0)
                return r > 0 ? 0 : r;
        *ret_status = (int)status;
        return 1;
}

int pic__http_fd(const pic__http *h)
{
        return h->epoll;
}

int pic__http_go_on(pic__http *h, int *ret_status, pic_error **err)
{
        struct epoll_event e[8];
        int i, n, left, running = 0;
        uint64_t times;
        CURLMsg *m;

        n = epoll_wait(h->epoll, e, PIC__COUNT(e), 0);
        for (i = 0; i < n; i++) {
                int timer = e[i].data.fd == h->timer;
                int bits = (e[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                           (e[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                           (e[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

                if (timer && read(h->timer, &times, sizeof(times)) < 0)
                        continue; /* set anew meanwhile */
                (void)lib.multi_socket_action(h->multi, timer ? CURL_SOCKET_TIMEOUT : e[i].data.fd, timer ? 0 : bits,
                                              &running);
        }
        m = lib.multi_info_read(h->multi, &left);
        return m != NULL && m->msg == CURLMSG_DONE ? finished(h, m->data.result, ret_status, err) : 0;
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
                struct pollfd p = { .fd = h->epoll, .events = POLLIN };

                (void)poll(&p, 1, 1000); /* curl's own limit of time ends it */
                r = pic__http_go_on(h, ret_status, err);
        } while (r == 0);
        return r < 0 ? r : 0;
}

pic__http *pic__http_unref(pic__http *h)
{
        if (h == NULL)
                return NULL;
        if (h->multi != NULL && h->easy != NULL)
                (void)lib.multi_remove_handle(h->multi, h->easy);
        if (h->easy != NULL)
                lib.easy_cleanup(h->easy);
        if (h->multi != NULL)
                (void)lib.multi_cleanup(h->multi); /* tells its sockets to h->epoll */
        if (h->headers != NULL)
                lib.slist_free_all(h->headers);
        if (h->epoll >= 0)
                close(h->epoll);
        if (h->timer >= 0)
                close(h->timer);
        pic__buf_wipe(&h->body);
        pic__buf_wipe(&h->sent);
        pic__free(h);
        return NULL;
}
