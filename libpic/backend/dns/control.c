/* Owns: speaking unbound's control protocol: "UBCT1 <command>" and the answer, on a unix socket without TLS.
 *
 * unbound reads the lines of a bulk command byte by byte in its only thread, until one that is ^D, and for ever if the
 * connection ends before that. So a request goes out in one piece that the kernel takes whole or not at all: we may be
 * killed at any instruction. */
#include "backend/dns/control.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)64 << 20)
#define PIECE (64 << 10)
/* A list comes with one write a line, 40,000 of them for 10,000 devices, and each would wake us. So once an answer
 * turns out to be long, we nap before each further read; unbound goes on meanwhile until its socket is full (277 lines,
 * seen with Linux 6.18). */
#define LONG ((size_t)4 << 10)
#define NAP_NS 1000000

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int dial(const char *path, pic_error **err)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd, e;

        if (strlen(path) >= sizeof(to.sun_path))
                return pic__fail(err, PIC_INVALID, "%s: too long for a socket", path);
        memcpy(to.sun_path, path, strlen(path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return pic__fail_errno(err, errno, "cannot make a socket");
        if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
                return fd;
        e = errno;
        close(fd);
        if (e == ENOENT || e == ECONNREFUSED)
                return pic__fail(err, PIC_NOTFOUND, "the name server does not answer at %s", path);
        return pic__fail_errno(err, e, "cannot reach the name server at %s", path);
}

int pic__dns_reachable(const char *path)
{
        int fd = dial(path, NULL);

        if (fd < 0)
                return 0;
        close(fd);
        return 1;
}

static int put(int fd, const pic__buf *request, pic_error **err)
{
        ssize_t n = send(fd, request->data, request->len, MSG_NOSIGNAL);

        if (n == (ssize_t)request->len)
                return 0;
        return pic__fail(err, PIC_BACKEND, "the name server does not take a command of %zu bytes", request->len);
}

static int get(int fd, pic__buf *out, int64_t until, pic_error **err)
{
        static const struct timespec nap = { 0, NAP_NS };

        for (;;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                int64_t left = until - now_ms();
                char *room;
                ssize_t n;

                if (out->len >= LONG)
                        nanosleep(&nap, NULL);
                if (left <= 0 || poll(&p, 1, (int)left) == 0)
                        return pic__fail(err, PIC_TIMEOUT, "the name server does not answer in time");
                room = out->len < ANSWER_MAX ? pic__buf_room(out, PIECE) : NULL;
                if (room == NULL)
                        return pic__nomem(err);
                n = recv(fd, room, PIECE, 0);
                if (n == 0)
                        return 0;
                if (n > 0)
                        pic__buf_added(out, (size_t)n);
                else if (errno != EINTR && errno != EAGAIN)
                        return pic__fail_errno(err, errno, "cannot read from the name server");
        }
}

/* "error …" at the beginning of any line. A record never looks so: behind a name comes a tab. */
int pic__dns_answer(const char *command, const pic__buf *answer, pic_error **err)
{
        const char *text = pic__buf_str(answer),
                   *bad = strncmp(text, "error ", 6) == 0 ? text : strstr(text, "\nerror ");
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        if (answer->len == 0)
                return pic__fail(err, PIC_IO, "the name server hangs up");
        if (bad == NULL)
                return 0;
        pic__buf_put_shown(&shown, *bad == '\n' ? bad + 1 : bad, strcspn(*bad == '\n' ? bad + 1 : bad, "\n"));
        pic__fail(err, PIC_BACKEND, "the name server refuses '%.*s': %s", (int)strcspn(command, " "), command,
                  pic__buf_str(&shown));
        pic__detail(err, "stderr", pic__buf_str(&shown));
        return PIC_BACKEND;
}

int pic__dns_control(const char *path, const char *command, const pic__buf *body, unsigned timeout_ms, pic__buf *out,
                     pic_error **err)
{
        pic__auto_buf pic__buf request = PIC__BUF_INIT, own = PIC__BUF_INIT;
        pic__buf *answer = out != NULL ? out : &own;
        int fd, r;

        pic__buf_putf(&request, "UBCT1 %s\n", command);
        if (body != NULL) {
                pic__buf_put(&request, body->data, body->len);
                if (strcmp(command, "load_cache") !=
                    0) /* which ends by itself; what is not read would cut the answer */
                        pic__buf_puts(&request, "\x04\n");
        }
        if (request.failed)
                return pic__nomem(err);
        fd = dial(path, err);
        if (fd < 0)
                return fd;
        r = put(fd, &request, err);
        if (r == 0)
                r = get(fd, answer, now_ms() + timeout_ms, err);
        close(fd);
        return r < 0 ? r : pic__dns_answer(command, answer, err);
}
