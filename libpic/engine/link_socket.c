/* Owns: the way to an agent over its socket. A connection for each call: it costs some microseconds, and none can be
 * found half dead after the agent was started again, so a request is never sent twice. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "engine/link_i.h"
#include "engine/sockname.h"
#include "engine/wire.h"

struct socket_link {
        pic__link link;
        char *run_dir;
};

static void close_p(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
}
#define auto_fd PIC__AUTO(close_p)

static int64_t mono_ms(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int nobody(const char *run_dir, int errnum, pic_error **err)
{
        if (errnum == EACCES || errnum == EPERM) {
                (void)pic__fail(err, PIC_DENIED, "not permitted to talk to the agent in %s", run_dir);
                pic__hint(err, "Be root or a member of group pic.");
                return PIC_DENIED;
        }
        if (errnum == EAGAIN || errnum == ETIMEDOUT)
                return pic__fail(err, PIC_TIMEOUT, "the agent in %s is too busy to answer", run_dir);
        (void)pic__fail(err, PIC_NOAGENT, "no agent answers in %s", run_dir);
        pic__hint(err, "Start it: picd, or pic up. What was wished is kept and applied then.");
        return PIC_NOAGENT;
}

static int connect_to(const struct socket_link *s, unsigned timeout_ms, int *ret_fd, pic_error **err)
{
        const struct timeval limit = { .tv_sec = timeout_ms / 1000,
                                       .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000 };
        pic__auto_err pic_error *bad = NULL;
        struct sockaddr_un name;
        auto_fd int dir = -1, fd = -1;
        int r;

        r = pic__sockname(s->run_dir, &name, &dir, &bad);
        if (r < 0)
                return nobody(s->run_dir, r == PIC_DENIED ? EACCES : ENOENT, err);
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return pic__fail_errno(err, errno, "no socket");
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        while (connect(fd, (const struct sockaddr *)&name, sizeof(name)) < 0)
                if (errno != EINTR)
                        return nobody(s->run_dir, errno, err);
        *ret_fd = fd;
        fd = -1;
        return 0;
}

int pic__link_reaches(const char *run_dir)
{
        auto_fd int dir = -1, fd = -1;
        struct sockaddr_un name;

        if (pic__sockname(run_dir, &name, &dir, NULL) < 0)
                return 0;
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return fd >= 0 && (connect(fd, (const struct sockaddr *)&name, sizeof(name)) == 0 || errno == EAGAIN);
}

/* Who was hung up on before the request was read hears of that first, once; what was answered comes after it. */
static int await(int fd, int64_t deadline, pic__buf *answer, pic_error **err)
{
        int reset = 0;

        for (;;) {
                int64_t left = deadline - mono_ms();
                struct pollfd p = { .fd = fd, .events = POLLIN };
                int r;

                if (left <= 0) {
                        (void)pic__fail(err, PIC_TIMEOUT, "the agent has not answered in time");
                        pic__hint(err, "It may still be at work: pic status tells.");
                        return PIC_TIMEOUT;
                }
                if (poll(&p, 1, left > 60000 ? 60000 : (int)left) <= 0)
                        continue;
                r = pic__wire_recv(fd, PIC__BUF_MAX, 1, answer);
                if (r > 0)
                        return 0;
                if (r == -ENOMEM)
                        return pic__nomem(err);
                if (r == -ECONNRESET && !reset++)
                        continue;
                if (r == 0 || r == -ECONNRESET)
                        return pic__fail(err, PIC_NOAGENT, "the agent went away before it answered");
                if (r != -EAGAIN)
                        return pic__fail_errno(err, -r, "the agent's answer cannot be read");
        }
}

static int ask_along(pic__link *l, const pic__buf *request, int file, unsigned timeout_ms, pic__buf *answer,
                     pic_error **err)
{
        const struct socket_link *s = (const struct socket_link *)l;
        int64_t deadline = mono_ms() + timeout_ms;
        auto_fd int fd = -1;
        int r;

        r = connect_to(s, timeout_ms, &fd, err);
        if (r < 0)
                return r;
        /* A refused caller is told why and hung up on; that answer may be there although sending fails. */
        r = file < 0 ? pic__wire_send(fd, request->data, request->len)
                     : pic__wire_send_along(fd, request->data, request->len, file);
        if (r < 0 && r != -EPIPE && r != -ECONNRESET)
                return r == -EMSGSIZE ? pic__fail(err, PIC_VALUE, "what is asked is too long for the agent: %zu bytes",
                                                  request->len)
                                      : pic__fail_errno(err, -r, "cannot send to the agent");
        return await(fd, deadline, answer, err);
}

static int ask(pic__link *l, const pic__buf *request, unsigned timeout_ms, pic__buf *answer, pic_error **err)
{
        return ask_along(l, request, -1, timeout_ms, answer, err);
}

static void drop(pic__link *l)
{
        struct socket_link *s = (struct socket_link *)l;

        pic__free(s->run_dir);
        pic__free(s);
}

int pic__link_socket(const char *run_dir, pic__link **ret, pic_error **err)
{
        static const pic__link_ops ops = { ask, drop, ask_along };
        struct socket_link *s = pic__alloc(sizeof(*s));

        if (s == NULL)
                return pic__nomem(err);
        s->link.ops = &ops;
        s->run_dir = pic__strdup(run_dir);
        if (s->run_dir == NULL) {
                pic__free(s);
                return pic__nomem(err);
        }
        *ret = &s->link;
        return 0;
}
