/* Owns: the socket of one probe. Each try has an id of its own, so an answer tells which one was answered and how long
 * that took. Over UDP all tries share one socket, so a late answer still counts; over TCP each is a connection. */
#include "engine/exits_probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/crypto.h"

#define SAME_TARGET 3 /* tries in a row, over UDP */

static const pic__question root = { ".", PIC__QUERY_NS, 1 };

static const pic__question *question(const pic__probe *p)
{
        return p->opts.ask != NULL ? p->opts.ask : &root;
}

static int passes(int error)
{
        return error == EAGAIN || error == EINTR || error == EINPROGRESS;
}

/* --- addresses ------------------------------------------------------------------------------------------------- */

static socklen_t put_address(const pic__probe_target *t, struct sockaddr_storage *to)
{
        struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons(t->port) };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(t->port) };

        memset(to, 0, sizeof(*to));
        if (t->to.family == 4) {
                memcpy(&in4.sin_addr, t->to.bytes, 4);
                memcpy(to, &in4, sizeof(in4));
                return sizeof(in4);
        }
        memcpy(&in6.sin6_addr, t->to.bytes, 16);
        memcpy(to, &in6, sizeof(in6));
        return sizeof(in6);
}

static const pic__probe_target *target_of(const pic__probe *p, unsigned try)
{
        unsigned step = p->opts.tcp ?
        try : try
                / SAME_TARGET;

        return &p->opts.targets[(p->opts.first + step) % p->opts.count];
}

/* One that was asked said it. */
static int is_asked(const pic__probe *p, const struct sockaddr_storage *from)
{
        struct sockaddr_storage to;
        struct sockaddr_in6 in6;
        struct sockaddr_in in4;
        unsigned i;

        for (i = 0; i < p->opts.count; i++) {
                const pic__probe_target *t = &p->opts.targets[i];

                (void)put_address(t, &to);
                memcpy(&in4, from, sizeof(in4));
                memcpy(&in6, from, sizeof(in6));
                if (from->ss_family != to.ss_family)
                        continue;
                if (t->to.family == 4 ? memcmp(&in4.sin_addr, t->to.bytes, 4) == 0 && ntohs(in4.sin_port) == t->port
                                      : memcmp(&in6.sin6_addr, t->to.bytes, 16) == 0 && ntohs(in6.sin6_port) == t->port)
                        return 1;
        }
        return 0;
}

/* --- the socket ------------------------------------------------------------------------------------------------ */

static void close_socket(pic__probe *p)
{
        if (p->fd >= 0)
                close(p->fd);
        p->fd = -1;
        p->connected = 0;
        p->got = 0;
}

/* Trouble on the way: for who is in a hurry the end, else a try in vain. */
static void trouble(pic__probe *p, int error)
{
        p->error = error;
        if (p->opts.hasty)
                p->state = PIC__PROBE_LOST;
        if (p->opts.tcp || p->opts.hasty)
                close_socket(p);
}

/* A socket that cannot be marked would take another way: none, then. */
static int open_socket(pic__probe *p, int family, pic_error **err)
{
        const pic__probe_opts *o = &p->opts;

        close_socket(p);
        p->family = (uint8_t)family;
        p->fd = socket(family == 4 ? AF_INET : AF_INET6,
                       (o->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (p->fd < 0)
                return pic__fail_errno(err, errno, "no socket for a probe");
        if (o->mark != 0 && setsockopt(p->fd, SOL_SOCKET, SO_MARK, &o->mark, sizeof(o->mark)) < 0) {
                int r = pic__fail_errno(err, errno, "cannot mark a probe");

                close_socket(p);
                return r;
        }
        if (o->device == NULL ||
            setsockopt(p->fd, SOL_SOCKET, SO_BINDTODEVICE, o->device, (socklen_t)strlen(o->device)) == 0)
                return 0;
        p->error = errno; /* the device is not there, yet */
        close_socket(p);
        return 0;
}

/* --- tries ------------------------------------------------------------------------------------------------------ */

static void send_datagram(pic__probe *p, unsigned try)
{
        uint8_t msg[PIC__QUERY_MAX];
        struct sockaddr_storage to;
        socklen_t size = put_address(target_of(p, try), &to);
        size_t n = pic__query_write(question(p), (uint16_t)(p->id + try), msg);

        if (p->opts.count == 1)                                           /* of several each may answer */
                (void)connect(p->fd, (const struct sockaddr *)&to, size); /* so that its refusal is heard too */
        p->error = 0;
        if (sendto(p->fd, msg, n, MSG_NOSIGNAL, (const struct sockaddr *)&to, size) >= 0 || passes(errno))
                return;
        trouble(p, errno);
        close_socket(p); /* its device may be another one now */
}

static void begin_stream(pic__probe *p, unsigned try)
{
        struct sockaddr_storage to;
        socklen_t size = put_address(target_of(p, try), &to);

        if (connect(p->fd, (const struct sockaddr *)&to, size) < 0 && !passes(errno))
                trouble(p, errno);
}

/* A socket for it, if it needs another one. */
static int prepare(pic__probe *p, unsigned try, pic_error **err)
{
        int family = target_of(p, try)->to.family;

        return p->fd >= 0 && !p->opts.tcp && p->family == family ? 0 : open_socket(p, family, err);
}

static int send_try(pic__probe *p, pic_time now, pic_error **err)
{
        unsigned try = p->tries++;
        int r = prepare(p, try, err);

        p->sent[try] = now;
        p->next = p->started +
                  (p->tries < p->opts.tries ? (pic_time)p->tries * (p->opts.limit / p->opts.tries) : p->opts.limit);
        if (r < 0)
                return r;
        if (p->fd < 0)
                trouble(p, p->error);
        else if (p->opts.tcp)
                begin_stream(p, try);
        else
                send_datagram(p, try);
        return 0;
}

static int take_fd(pic__probe *p)
{
        int fd = p->fd;

        p->fd = -1;
        return fd;
}

/* One of UDP that is there already, with the same mark; else -1, and it is closed. */
static int keep_socket(pic__probe *p, const pic__probe_opts *opts)
{
        int keeps =
                !p->opts.tcp && !opts->tcp && p->opts.mark == opts->mark && (p->opts.count == 1) == (opts->count == 1);

        return p->fd >= 0 && keeps ? take_fd(p) : -1;
}

int pic__probe_start(pic__probe *p, const pic__probe_opts *opts, pic_time now, pic_error **err)
{
        uint8_t family = p->family;
        int fd = keep_socket(p, opts), r = 0;

        pic__probe_end(p);
        *p = (pic__probe){ .state = PIC__PROBE_OUT, .fd = fd, .family = family, .opts = *opts, .started = now };
        pic__random(&p->id, sizeof(p->id));
        if (opts->tcp) {
                p->body = pic__alloc(PIC__QUERY_ANSWER);
                r = p->body != NULL ? 0 : pic__nomem(err);
        }
        if (r == 0)
                r = send_try(p, now, err);
        if (r < 0)
                pic__probe_end(p);
        else if (p->state != PIC__PROBE_OUT)
                pic__probe_rest(p);
        if (r < 0)
                p->state = PIC__PROBE_IDLE;
        return r;
}

void pic__probe_watch(const pic__probe *p, int epoll, uint32_t tag)
{
        struct epoll_event ev = { .events = p->opts.tcp && !p->connected ? EPOLLOUT : EPOLLIN, .data = { .u32 = tag } };

        if (p->fd < 0)
                return;
        if (p->state != PIC__PROBE_OUT)
                (void)epoll_ctl(epoll, EPOLL_CTL_DEL, p->fd, NULL);
        else if (epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &ev) < 0)
                (void)epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &ev);
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

static void answered(pic__probe *p, pic_time now, unsigned try, const uint8_t *msg, size_t len)
{
        p->code = pic__query_read(question(p), msg, len, p->text);
        if (p->code < 0)
                return;
        p->state = PIC__PROBE_ANSWERED;
        p->missed = try;
        p->latency = now - p->sent[try];
        if (p->latency < 1)
                p->latency = 1;
}

/* What is not an answer to one of our tries is nobody's. */
static void read_datagrams(pic__probe *p, pic_time now)
{
        uint8_t msg[PIC__QUERY_ANSWER];

        while (p->state == PIC__PROBE_OUT && p->fd >= 0) {
                struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
                socklen_t size = sizeof(from);
                ssize_t n = recvfrom(p->fd, msg, sizeof(msg), 0, (struct sockaddr *)&from, &size);
                int id;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && passes(errno))
                        return;
                if (n < 0) {
                        trouble(p, errno);
                        continue;
                }
                id = pic__query_id(msg, (size_t)n);
                if (id >= 0 && (uint16_t)(id - p->id) < p->tries && is_asked(p, &from))
                        answered(p, now, (uint16_t)(id - p->id), msg, (size_t)n);
        }
}

/* The question is far smaller than any send buffer. */
static void send_stream(pic__probe *p)
{
        uint8_t msg[2 + PIC__QUERY_MAX];
        size_t n = pic__query_write(question(p), (uint16_t)(p->id + p->tries - 1), msg + 2);

        msg[0] = (uint8_t)(n >> 8);
        msg[1] = (uint8_t)n;
        if (send(p->fd, msg, n + 2, MSG_NOSIGNAL) == (ssize_t)(n + 2))
                p->connected = 1;
        else if (!passes(errno) && errno != ENOTCONN)
                trouble(p, errno);
}

static size_t wanted(const pic__probe *p)
{
        return (size_t)(p->head[0] << 8 | p->head[1]);
}

/* One piece: of the length, or of what it promises. 0: nothing more now. */
static int read_piece(pic__probe *p)
{
        int in_head = p->got < sizeof(p->head);
        uint8_t *to = in_head ? p->head + p->got : p->body + (p->got - sizeof(p->head));
        size_t room = in_head ? sizeof(p->head) - p->got : sizeof(p->head) + wanted(p) - p->got;
        ssize_t n = recv(p->fd, to, room, 0);

        if (n < 0 && passes(errno))
                return 0;
        if (n <= 0) {
                trouble(p, n < 0 ? errno : ECONNRESET);
                return 0;
        }
        p->got += (size_t)n;
        if (p->got < sizeof(p->head) || (wanted(p) > 0 && wanted(p) <= PIC__QUERY_ANSWER))
                return 1;
        trouble(p, EBADMSG);
        return 0;
}

static void read_stream(pic__probe *p, pic_time now)
{
        if (p->fd >= 0 && !p->connected)
                send_stream(p);
        while (p->state == PIC__PROBE_OUT && p->fd >= 0 && p->connected && read_piece(p)) {
                if (p->got <= sizeof(p->head) || p->got < sizeof(p->head) + wanted(p))
                        continue;
                if (pic__query_id(p->body, wanted(p)) == (uint16_t)(p->id + p->tries - 1))
                        answered(p, now, p->tries - 1, p->body, wanted(p));
                if (p->state == PIC__PROBE_OUT)
                        trouble(p, EBADMSG);
        }
}

enum pic__probe_state pic__probe_turn(pic__probe *p, pic_time now)
{
        if (p->state != PIC__PROBE_OUT)
                return p->state;
        if (p->opts.tcp)
                read_stream(p, now);
        else
                read_datagrams(p, now);
        if (p->state == PIC__PROBE_OUT && now >= p->started + p->opts.limit)
                p->state = PIC__PROBE_LOST;
        if (p->state == PIC__PROBE_OUT && now >= p->next && p->tries < p->opts.tries && send_try(p, now, NULL) < 0)
                p->state = PIC__PROBE_LOST;
        if (p->state != PIC__PROBE_OUT)
                pic__probe_rest(p);
        return p->state;
}

void pic__probe_rest(pic__probe *p)
{
        if (p->opts.tcp)
                pic__probe_end(p);
        p->next = 0;
}

void pic__probe_end(pic__probe *p)
{
        close_socket(p);
        p->next = 0;
        pic__free(pic__take(p->body));
}
