/* Owns: the socket of one probe. Each try has an id of its own, so an answer tells which one was answered and how long
 * that took. Over UDP all tries share one socket, so a late answer still counts; over TCP each is a connection, and all
 * of them stand side by side: what is lost of one, its first packet say, which comes again after a second, is not lost
 * of the others. */
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
}

static void end_streams(pic__probe *p)
{
        unsigned i;

        for (i = 0; p->opts.tcp && i < p->tries; i++)
                pic__stream_end(&p->streams[i]);
}

/* Trouble on the way: for who is in a hurry the end, else a try in vain. */
static void trouble(pic__probe *p, int error)
{
        p->error = error;
        if (!p->opts.hasty)
                return;
        p->state = PIC__PROBE_LOST;
        close_socket(p);
}

/* A socket that cannot be marked would take another way: none, then. -1 without an error: its device is not there. */
static int open_socket(pic__probe *p, int family, int *ret_fd, pic_error **err)
{
        const pic__probe_opts *o = &p->opts;
        int fd = socket(family == 4 ? AF_INET : AF_INET6,
                        (o->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
            r = 0;

        *ret_fd = -1;
        if (fd < 0)
                return pic__fail_errno(err, errno, "no socket for a probe");
        if (o->mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &o->mark, sizeof(o->mark)) < 0)
                r = pic__fail_errno(err, errno, "cannot mark a probe");
        if (r == 0 && (o->device == NULL ||
                       setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->device, (socklen_t)strlen(o->device)) == 0)) {
                *ret_fd = fd;
                return 0;
        }
        p->error = r == 0 ? errno : p->error; /* not there, yet */
        close(fd);
        return r;
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

/* A socket for it, if it needs another one. */
static int prepare(pic__probe *p, unsigned try, pic_error **err)
{
        int family = target_of(p, try)->to.family;

        if (p->fd >= 0 && p->family == family)
                return 0;
        close_socket(p);
        p->family = (uint8_t)family;
        return open_socket(p, family, &p->fd, err);
}

static int try_datagram(pic__probe *p, unsigned try, pic_error **err)
{
        int r = prepare(p, try, err);

        if (r == 0 && p->fd >= 0)
                send_datagram(p, try);
        else if (r == 0)
                trouble(p, p->error);
        return r;
}

static int try_stream(pic__probe *p, unsigned try, pic_error **err)
{
        const pic__probe_target *t = target_of(p, try);
        struct sockaddr_storage to;
        socklen_t size = put_address(t, &to);
        int fd, r = open_socket(p, t->to.family, &fd, err);

        p->streams[try] = (pic__stream)PIC__STREAM_INIT;
        if (r == 0 && fd >= 0)
                pic__stream_begin(&p->streams[try], fd, (uint16_t)(p->id + try), (const struct sockaddr *)&to, size);
        else if (r == 0)
                trouble(p, p->error);
        return r;
}

static int send_try(pic__probe *p, pic_time now, pic_error **err)
{
        unsigned try = p->tries++;

        p->sent[try] = now;
        p->next = p->started +
                  (p->tries < p->opts.tries ? (pic_time)p->tries * (p->opts.limit / p->opts.tries) : p->opts.limit);
        return p->opts.tcp ? try_stream(p, try, err) : try_datagram(p, try, err);
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
        int fd = keep_socket(p, opts), r;

        pic__probe_end(p);
        *p = (pic__probe){ .state = PIC__PROBE_OUT, .fd = fd, .family = family, .opts = *opts, .started = now };
        pic__random(&p->id, sizeof(p->id));
        r = send_try(p, now, err);
        if (r < 0)
                pic__probe_end(p);
        else if (p->state != PIC__PROBE_OUT)
                pic__probe_rest(p);
        if (r < 0)
                p->state = PIC__PROBE_IDLE;
        return r;
}

/* What is closed is in no set any more. */
static void watch(int fd, int in, int epoll, uint32_t tag)
{
        struct epoll_event ev = { .events = in ? EPOLLIN : EPOLLOUT, .data = { .u32 = tag } };

        if (fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &ev) < 0)
                (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev);
}

void pic__probe_watch(const pic__probe *p, int epoll, uint32_t tag)
{
        unsigned i;

        if (p->state == PIC__PROBE_OUT)
                watch(p->fd, 1, epoll, tag);
        else if (p->fd >= 0)
                (void)epoll_ctl(epoll, EPOLL_CTL_DEL, p->fd, NULL);
        for (i = 0; p->opts.tcp && p->state == PIC__PROBE_OUT && i < p->tries; i++)
                watch(p->streams[i].fd, p->streams[i].sent, epoll, tag);
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

static void turn_stream(pic__probe *p, pic_time now, unsigned try)
{
        pic__stream *s = &p->streams[try];
        enum pic__stream_state state = pic__stream_turn(s, question(p));
        const uint8_t *msg;
        size_t len;

        if (state == PIC__STREAM_WAITS)
                return;
        if (state == PIC__STREAM_ANSWERED) {
                msg = pic__stream_answer(s, &len);
                if (pic__query_id(msg, len) == (uint16_t)(p->id + try))
                        answered(p, now, try, msg, len);
        }
        if (p->state == PIC__PROBE_OUT)
                trouble(p, state == PIC__STREAM_OVER ? s->error : EBADMSG);
        pic__stream_end(s);
}

static void turn_streams(pic__probe *p, pic_time now)
{
        unsigned i;

        for (i = 0; i < p->tries && p->state == PIC__PROBE_OUT; i++)
                if (p->streams[i].fd >= 0)
                        turn_stream(p, now, i);
}

enum pic__probe_state pic__probe_turn(pic__probe *p, pic_time now)
{
        if (p->state != PIC__PROBE_OUT)
                return p->state;
        if (p->opts.tcp)
                turn_streams(p, now);
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
        end_streams(p);
        p->next = 0;
}
