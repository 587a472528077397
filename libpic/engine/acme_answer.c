/* Owns: the listener for http-01. Sixteen callers at a time, 4 KiB and five seconds each; when there are more, the one
 * that has been there longest goes: who holds connections open keeps nobody out. */
#include "engine/acme_answer.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "model/service.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/spawn.h"

#define PLACES 32
#define CALLERS 16
#define PATIENCE (5 * PIC__SECOND)
#define EVENTS 32

struct caller {
        int fd; /* -1: nobody */
        pic_time since;
        size_t len;
        char text[PIC__ACME_REQUEST];
};

struct pic__acme_answer {
        int epoll, timer;
        int places[PLACES];
        size_t count, addresses;
        struct caller callers[CALLERS];
        char token[PIC__ACME_TOKEN];
        char *auth;
        char *socket; /* its path; NULL: there is none */
        unsigned asked;
};

/* --- what is said --------------------------------------------------------------------------------------------- */

int pic__acme_token_ok(const char *token)
{
        size_t len = strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

        return len > 0 && len < PIC__ACME_TOKEN && token[len] == '\0';
}

static void put(pic__buf *out, const char *status, const char *text, int body)
{
        pic__buf_putf(out,
                      "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
                      "Connection: close\r\n\r\n%s",
                      status, strlen(text), body ? text : "");
}

/* "METHOD PATH HTTP/1.x". The path is taken as it stands: a CA writes it in one way only. */
static int is_ours(const char *path, size_t len, const char *token)
{
        size_t begin = strlen(PIC__ACME_PATH), n = strlen(token);

        return len == begin + n && memcmp(path, PIC__ACME_PATH, begin) == 0 && memcmp(path + begin, token, n) == 0;
}

static int whole(const char *request, size_t len)
{
        size_t i;

        for (i = 0; i + 1 < len; i++)
                if (request[i] == '\n' &&
                    (request[i + 1] == '\n' || (i + 2 < len && request[i + 1] == '\r' && request[i + 2] == '\n')))
                        return 1;
        return 0;
}

/* line, end: of its first line. */
static void answer_line(const char *line, const char *end, const char *token, const char *auth, pic__buf *out)
{
        int head = end - line > 5 && memcmp(line, "HEAD ", 5) == 0;
        const char *path = line + (head ? 5 : 4), *after;

        if (!head && (end - line <= 4 || memcmp(line, "GET ", 4) != 0)) {
                put(out, "405 Method Not Allowed", "GET\n", 1);
                return;
        }
        after = memchr(path, ' ', (size_t)(end - path));
        if (after == NULL || end - after < 8 || memcmp(after, " HTTP/1.", 8) != 0)
                put(out, "400 Bad Request", "no\n", !head);
        else if (!is_ours(path, (size_t)(after - path), token))
                put(out, "404 Not Found", "nothing is here\n", !head);
        else
                put(out, "200 OK", auth, !head);
}

int pic__acme_answer_to(const char *request, size_t len, const char *token, const char *auth, pic__buf *out)
{
        if (whole(request, len)) {
                answer_line(request, memchr(request, '\n', len), token, auth, out);
                return 1;
        }
        if (len < PIC__ACME_REQUEST)
                return 0;
        put(out, "431 Request Header Fields Too Large", "too long\n", 1);
        return 1;
}

/* --- callers -------------------------------------------------------------------------------------------------- */

static pic_time mono(void)
{
        return pic__clock_real.mono(pic__clock_real.data);
}

static void hang_up(struct caller *c)
{
        if (c->fd >= 0)
                close(c->fd); /* also leaves the epoll set */
        c->fd = -1;
        c->len = 0;
}

static struct caller *seat(pic__acme_answer *a)
{
        struct caller *oldest = &a->callers[0];
        size_t i;

        for (i = 0; i < CALLERS; i++) {
                if (a->callers[i].fd < 0)
                        return &a->callers[i];
                if (a->callers[i].since < oldest->since)
                        oldest = &a->callers[i];
        }
        hang_up(oldest);
        return oldest;
}

static int watch(const pic__acme_answer *a, int fd)
{
        struct epoll_event ev = { .events = EPOLLIN, .data = { .fd = fd } };

        return epoll_ctl(a->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void welcome(pic__acme_answer *a, int place)
{
        int i;

        for (i = 0; i < CALLERS; i++) {
                int fd = accept4(place, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                struct caller *c;

                if (fd < 0)
                        return;
                c = seat(a);
                c->fd = fd;
                c->since = mono();
                if (watch(a, fd) < 0)
                        hang_up(c);
        }
}

/* What is answered fits into any socket's buffer: what does not go at once is for nobody. */
static void answer(pic__acme_answer *a, struct caller *c)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        if (!pic__acme_answer_to(c->text, c->len, a->token, a->auth, &out))
                return;
        a->asked += !out.failed && strncmp(pic__buf_str(&out), "HTTP/1.1 200", 12) == 0;
        (void)send(c->fd, pic__buf_str(&out), out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)shutdown(c->fd, SHUT_WR);
        hang_up(c);
}

static void listen_to(pic__acme_answer *a, int fd)
{
        size_t i;

        for (i = 0; i < CALLERS; i++) {
                struct caller *c = &a->callers[i];
                ssize_t n;

                if (c->fd != fd)
                        continue;
                n = recv(fd, c->text + c->len, sizeof(c->text) - c->len, MSG_DONTWAIT);
                if (n > 0) {
                        c->len += (size_t)n;
                        answer(a, c);
                } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
                        hang_up(c);
                }
        }
}

static void send_away(pic__acme_answer *a)
{
        uint64_t n;
        size_t i;

        (void)!read(a->timer, &n, sizeof(n));
        for (i = 0; i < CALLERS; i++)
                if (a->callers[i].fd >= 0 && a->callers[i].since + PATIENCE < mono())
                        hang_up(&a->callers[i]);
}

void pic__acme_answer_go_on(pic__acme_answer *a)
{
        struct epoll_event events[EVENTS];
        int n = epoll_wait(a->epoll, events, EVENTS, 0), i;
        size_t k;

        for (i = 0; i < n; i++) {
                int fd = events[i].data.fd;

                for (k = 0; k < a->count && a->places[k] != fd; k++)
                        ;
                if (fd == a->timer)
                        send_away(a);
                else if (k < a->count)
                        welcome(a, fd);
                else
                        listen_to(a, fd);
        }
}

/* --- where we listen ------------------------------------------------------------------------------------------ */

static int add_place(pic__acme_answer *a, const struct sockaddr *at, socklen_t len)
{
        int fd = a->count < PLACES ? pic__fd_above(socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
                                   : -1;
        int on = 1, bad;

        if (fd < 0)
                return -EMFILE;
        if (at->sa_family != AF_UNIX)
                (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (at->sa_family == AF_INET6)
                (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        if (bind(fd, at, len) == 0 && listen(fd, CALLERS) == 0 && watch(a, fd) == 0) {
                a->places[a->count++] = fd;
                a->addresses += at->sa_family != AF_UNIX;
                return 0;
        }
        bad = errno;
        close(fd);
        return -bad;
}

static int is_outer(const struct ifaddrs *i, const pic__acme_answer_opts *opts)
{
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)i->ifa_addr;
        pic__addr addr = { .family = i->ifa_addr->sa_family == AF_INET ? 4 : 6 };
        size_t k;

        if ((i->ifa_flags & IFF_LOOPBACK) != 0 || (i->ifa_flags & IFF_UP) == 0)
                return 0;
        if (addr.family == 6 && IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr))
                return 0;
        if (addr.family == 4)
                memcpy(addr.bytes, &((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr, 4);
        else
                memcpy(addr.bytes, &six->sin6_addr, 16);
        for (k = 0; k < opts->skip_count; k++)
                if (pic__prefix_has(&opts->skip[k], &addr))
                        return 0;
        return 1;
}

/* The last trouble, as -errno; 0 when one place was found. */
static int add_addresses(pic__acme_answer *a, const pic__acme_answer_opts *opts)
{
        struct ifaddrs *list = NULL, *i;
        struct sockaddr_storage at;
        int bad = -EADDRNOTAVAIL;

        if (getifaddrs(&list) < 0)
                return -errno;
        for (i = list; i != NULL; i = i->ifa_next) {
                int six = i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET6, r;
                socklen_t len = six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

                if (i->ifa_addr == NULL || (!six && i->ifa_addr->sa_family != AF_INET) || !is_outer(i, opts))
                        continue;
                memcpy(&at, i->ifa_addr, len);
                if (six)
                        ((struct sockaddr_in6 *)&at)->sin6_port = htons(opts->port != 0 ? opts->port : 80);
                else
                        ((struct sockaddr_in *)&at)->sin_port = htons(opts->port != 0 ? opts->port : 80);
                r = add_place(a, (struct sockaddr *)&at, len);
                bad = r < 0 ? r : bad;
        }
        freeifaddrs(list);
        return a->addresses > 0 ? 0 : bad;
}

/* Anybody may ask there: what it says is public. */
static int add_socket(pic__acme_answer *a, const char *run_dir)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        char *path = run_dir != NULL ? pic__path_join(run_dir, PIC__ACME_SOCKET) : NULL;

        if (path == NULL || strlen(path) >= sizeof(at.sun_path)) {
                pic__free(path);
                return -1;
        }
        memcpy(at.sun_path, path, strlen(path) + 1);
        (void)unlink(path);
        if (add_place(a, (struct sockaddr *)&at, sizeof(at)) < 0 || chmod(path, 0666) < 0) {
                pic__free(path);
                return -1;
        }
        a->socket = path;
        return 0;
}

/* For the cell's own front, whose user may come to no file of ours. */
static void add_local(pic__acme_answer *a)
{
        const struct sockaddr_in at = { .sin_family = AF_INET,
                                        .sin_port = htons(PIC__PROOF_PORT),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

        if (add_place(a, (const struct sockaddr *)&at, sizeof(at)) == 0)
                a->addresses--; /* no CA comes there */
}

static int open_places(pic__acme_answer *a, const pic__acme_answer_opts *opts, pic_error **err)
{
        int r = add_addresses(a, opts), other = add_socket(a, opts->run_dir);

        add_local(a);
        if (r == 0 || other == 0)
                return 0;
        if (r == -EADDRINUSE) {
                (void)pic__fail(err, PIC_CONFLICT, "port 80 is taken by another program");
                pic__hint(err, "find it with `ss -tlpn sport = :80`; a mode that proves the name by DNS needs no port");
                return PIC_CONFLICT;
        }
        return pic__fail_errno(err, -r, "cannot listen at port 80");
}

int pic__acme_answer_open(const pic__acme_answer_opts *opts, pic__acme_answer **ret, pic_error **err)
{
        static const struct itimerspec each = { { 1, 0 }, { 1, 0 } };
        PIC__AUTO(pic__acme_answer_unref_p) pic__acme_answer *a = pic__alloc(sizeof(*a));
        size_t i;
        int r;

        if (a == NULL)
                return pic__nomem(err);
        a->epoll = a->timer = -1;
        for (i = 0; i < CALLERS; i++)
                a->callers[i].fd = -1;
        if (!pic__acme_token_ok(opts->token))
                return pic__fail(err, PIC_VALUE, "the CA sent a token that is none");
        memcpy(a->token, opts->token, strlen(opts->token) + 1);
        a->auth = pic__strdup(opts->auth);
        if (a->auth == NULL)
                return pic__nomem(err);
        a->epoll = pic__fd_above(epoll_create1(EPOLL_CLOEXEC));
        a->timer = pic__fd_above(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
        if (a->epoll < 0 || a->timer < 0 || timerfd_settime(a->timer, 0, &each, NULL) < 0 || watch(a, a->timer) < 0)
                return pic__fail_errno(err, errno, "cannot listen at port 80");
        r = open_places(a, opts, err);
        if (r == 0)
                *ret = pic__take(a);
        return r;
}

int pic__acme_answer_fd(const pic__acme_answer *a)
{
        return a->epoll;
}

size_t pic__acme_answer_places(const pic__acme_answer *a)
{
        return a->addresses;
}

unsigned pic__acme_answer_asked(const pic__acme_answer *a)
{
        return a->asked;
}

pic__acme_answer *pic__acme_answer_unref(pic__acme_answer *a)
{
        size_t i;

        if (a == NULL)
                return NULL;
        for (i = 0; i < CALLERS; i++)
                hang_up(&a->callers[i]);
        for (i = 0; i < a->count; i++)
                close(a->places[i]);
        if (a->socket != NULL)
                (void)unlink(a->socket);
        if (a->timer >= 0)
                close(a->timer);
        if (a->epoll >= 0)
                close(a->epoll);
        pic__free(a->socket);
        pic__free(a->auth);
        pic__free(a);
        return NULL;
}
