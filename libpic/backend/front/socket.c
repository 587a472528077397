/* Owns: speaking with haproxy's socket: a command in one piece, and its answer until it hangs up. */
#include "backend/front/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "backend/front/conf.h"

#define ANSWER_MAX ((size_t)64 << 20)
#define PIECE (64 << 10)

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* By way of the directory's descriptor: a socket's path is short, that of a cell's directory need not be. */
static int dial(const char *dir, pic_error **err)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, e;

        if (at < 0)
                return pic__fail(err, PIC_NOTFOUND, "haproxy does not answer: no %s", dir);
        snprintf(to.sun_path, sizeof(to.sun_path), "/proc/self/fd/%d/" PIC__FRONT_SOCKET, at);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        e = fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ? errno : 0;
        close(at);
        if (e == 0)
                return fd;
        if (fd >= 0)
                close(fd);
        if (e == ENOENT || e == ECONNREFUSED)
                return pic__fail(err, PIC_NOTFOUND, "haproxy does not answer at %s/" PIC__FRONT_SOCKET, dir);
        return pic__fail_errno(err, e, "cannot reach haproxy at %s/" PIC__FRONT_SOCKET, dir);
}

static int wait_for(int fd, short events, int64_t until, pic_error **err)
{
        struct pollfd p = { .fd = fd, .events = events };
        int64_t left = until - now_ms();

        return left > 0 && poll(&p, 1, (int)left) > 0 ? 0
                                                      : pic__fail(err, PIC_TIMEOUT, "haproxy does not answer in time");
}

static int put(int fd, const pic__buf *command, int64_t until, pic_error **err)
{
        size_t sent = 0;
        int r = 0;

        while (r == 0 && sent < command->len) {
                ssize_t n = send(fd, command->data + sent, command->len - sent, MSG_NOSIGNAL);

                if (n > 0)
                        sent += (size_t)n;
                else if (errno == EAGAIN)
                        r = wait_for(fd, POLLOUT, until, err);
                else if (errno != EINTR)
                        r = pic__fail_errno(err, errno, "haproxy does not take a command");
        }
        return r;
}

static int get(int fd, pic__buf *out, int64_t until, pic_error **err)
{
        int r = 0;

        while (r == 0) {
                char *room = out->len < ANSWER_MAX ? pic__buf_room(out, PIECE) : NULL;
                ssize_t n = room != NULL ? recv(fd, room, PIECE, 0) : -1;

                if (room == NULL)
                        return pic__nomem(err);
                if (n == 0)
                        return out->len > 0 ? 0 : pic__fail(err, PIC_IO, "haproxy hangs up");
                if (n > 0)
                        pic__buf_added(out, (size_t)n);
                else if (errno == EAGAIN)
                        r = wait_for(fd, POLLIN, until, err);
                else if (errno != EINTR)
                        r = pic__fail_errno(err, errno, "cannot read from haproxy");
        }
        return r;
}

int pic__front_ask(const char *dir, const pic__buf *command, unsigned timeout_ms, pic__buf *out, pic_error **err)
{
        int64_t until = now_ms() + timeout_ms;
        int fd, r;

        if (command->failed)
                return pic__nomem(err);
        fd = dial(dir, err);
        if (fd < 0)
                return fd;
        r = put(fd, command, until, err);
        if (r == 0)
                r = get(fd, out, until, err);
        close(fd);
        return r;
}
