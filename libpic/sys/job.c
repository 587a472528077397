/* Owns: a program that runs while its starter does other things. Its end is the end of the process; what of its session
 * is left then is killed with it. */
#include "sys/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/spawn.h"

#define TIMEOUT_MS 10000
#define OUTPUT_MAX ((size_t)64 << 10)

struct pic__job {
        char name[64]; /* for messages */
        pic__proc proc;
        int epoll; /* what pic__job_fd gives: the four below */
        int timer;
        int from; /* its output; -1 at the end */
        int talk;
        unsigned timeout_ms;
        size_t max;
        pic__buf said;
};

static void close_fd(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static int input_fd(const void *data, size_t len)
{
        int fd;

        if (len == 0)
                return pic__fd_above(open("/dev/null", O_RDONLY | O_CLOEXEC));
        fd = pic__fd_above(memfd_create("pic-input", MFD_CLOEXEC));
        if (fd >= 0 && (write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) < 0))
                close_fd(&fd);
        return fd;
}

static int open_talk(pic__job *j)
{
        int pair[2], theirs;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -1;
        j->talk = pic__fd_above(pair[0]);
        theirs = pic__fd_above(pair[1]);
        if (j->talk >= 0 && fcntl(j->talk, F_SETFL, O_NONBLOCK) == 0)
                return theirs;
        close_fd(&theirs);
        return -1;
}

static int watch(pic__job *j, int fd)
{
        struct epoll_event ev = { .events = EPOLLIN, .data = { .fd = fd } };

        return epoll_ctl(j->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static int open_own(pic__job *j)
{
        const struct itimerspec at = { .it_value = { (time_t)(j->timeout_ms / 1000),
                                                     (long)(j->timeout_ms % 1000) * 1000000 } };

        j->epoll = pic__fd_above(epoll_create1(EPOLL_CLOEXEC));
        j->timer = pic__fd_above(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
        if (j->epoll < 0 || j->timer < 0 || timerfd_settime(j->timer, 0, &at, NULL) < 0 || watch(j, j->timer) < 0 ||
            watch(j, j->from) < 0)
                return -1;
        return j->talk >= 0 ? watch(j, j->talk) : 0;
}

static int open_all(pic__job *j, const pic__job_opts *opts, int fds[3])
{
        int pair[2];

        fds[0] = opts->talk ? open_talk(j) : input_fd(opts->input, opts->input != NULL ? opts->input_len : 0);
        if (fds[0] < 0 || pipe2(pair, O_CLOEXEC) < 0)
                return -1;
        j->from = pic__fd_above(pair[0]);
        fds[2] = pic__fd_above(pair[1]);
        fds[1] = opts->output > 0 ? opts->output : fds[2];
        if (j->from < 0 || fds[2] < 0 || fcntl(j->from, F_SETFL, O_NONBLOCK) < 0)
                return -1;
        return open_own(j);
}

static void name_it(pic__job *j, const char *path)
{
        const char *base = strrchr(path, '/');
        size_t len = strnlen(base != NULL ? base + 1 : path, sizeof(j->name) - 1);

        memcpy(j->name, base != NULL ? base + 1 : path, len);
}

int pic__job_start(const char *const *argv, const pic__job_opts *opts, pic__job **ret, pic_error **err)
{
        PIC__AUTO(pic__job_unref_p) pic__job *j = pic__alloc(sizeof(*j));
        int fds[3] = { -1, -1, -1 }, r;

        if (j == NULL)
                return pic__nomem(err);
        j->proc.pidfd = j->epoll = j->timer = j->from = j->talk = -1;
        j->timeout_ms = opts->timeout_ms != 0 ? opts->timeout_ms : TIMEOUT_MS;
        j->max = opts->max_output != 0 ? opts->max_output : OUTPUT_MAX;
        name_it(j, argv[0]);
        r = open_all(j, opts, fds) < 0 ? pic__fail_errno(err, errno, "%s: cannot make its input and output", j->name)
                                       : pic__spawn(argv, opts->env, fds, &j->proc, err);
        close_fd(&fds[0]);
        close_fd(&fds[2]);
        if (r == 0 && watch(j, j->proc.pidfd) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be watched", j->name);
        if (r == 0)
                *ret = pic__take(j);
        return r;
}

int pic__job_fd(const pic__job *j)
{
        return j->epoll;
}

pid_t pic__job_pid(const pic__job *j)
{
        return j->proc.pid;
}

const pic__buf *pic__job_said(const pic__job *j)
{
        return &j->said;
}

static void drain(pic__job *j)
{
        char part[4096];

        while (j->from >= 0) {
                ssize_t n = read(j->from, part, sizeof(part));
                size_t room = j->max - j->said.len;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n <= 0)
                        close_fd(&j->from); /* also leaves the epoll set */
                else
                        pic__buf_put(&j->said, part, (size_t)n < room ? (size_t)n : room);
        }
}

/* The whole session, and before the process is reaped: until then its number is still its own. */
static int reap(pic__job *j, siginfo_t *end)
{
        int r;

        kill(-j->proc.pid, SIGKILL);
        pidfd_send_signal(j->proc.pidfd, SIGKILL, NULL, 0);
        do
                r = waitid(P_PIDFD, (id_t)j->proc.pidfd, end, WEXITED);
        while (r < 0 && errno == EINTR);
        j->proc.pid = 0;
        close_fd(&j->proc.pidfd);
        return r;
}

static int ready(int fd)
{
        struct pollfd p = { .fd = fd, .events = POLLIN };

        return fd >= 0 && poll(&p, 1, 0) > 0;
}

int pic__job_go_on(pic__job *j, int *ret_status, pic_error **err)
{
        siginfo_t end = { 0 };
        int late;

        drain(j);
        if (j->proc.pid == 0)
                return pic__fail(err, PIC_BADSTATE, "%s: has ended already", j->name);
        late = ready(j->timer);
        if (!ready(j->proc.pidfd) && !late)
                return 0;
        if (reap(j, &end) < 0)
                return pic__fail(err, PIC_BACKEND, "%s: its exit status is lost", j->name);
        drain(j);
        if (late && end.si_code != CLD_EXITED)
                return pic__fail(err, PIC_TIMEOUT, "%s: not done after %u s", j->name, j->timeout_ms / 1000);
        if (end.si_code != CLD_EXITED)
                return pic__fail(err, PIC_BACKEND, "%s: died of signal %d", j->name, end.si_status);
        *ret_status = end.si_status;
        return 1;
}

size_t pic__job_hear(pic__job *j, char *text)
{
        ssize_t n = j->talk >= 0 ? recv(j->talk, text, PIC__JOB_PACKET, MSG_DONTWAIT) : 0;

        text[n > 0 ? n : 0] = '\0';
        if (n == 0 && j->talk >= 0) /* nobody is there any more: it would be readable for ever */
                close_fd(&j->talk);
        return n > 0 ? (size_t)n : 0;
}

void pic__job_say(pic__job *j, const void *data, size_t len)
{
        if (j->talk >= 0)
                (void)send(j->talk, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

pic__job *pic__job_unref(pic__job *j)
{
        if (j == NULL)
                return NULL;
        if (j->proc.pid > 0)
                (void)reap(j, &(siginfo_t){ 0 });
        close_fd(&j->talk);
        close_fd(&j->from);
        close_fd(&j->timer);
        close_fd(&j->epoll);
        pic__buf_wipe(&j->said);
        pic__free(j);
        return NULL;
}
