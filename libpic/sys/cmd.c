/* Owns: running a program to its end. Its input is a memfd (no pipe to fill, no SIGPIPE), its output two pipes read
 * while it runs. The end is the end of the process, not of the pipes: a grandchild that kept one open does not hold us.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/clock.h"
#include "sys/spawn.h"

#define DEFAULT_TIMEOUT_MS 10000
#define DEFAULT_OUTPUT ((size_t)1 << 20)
#define STDERR_SHOWN 2000

struct run {
        const char *const *argv;
        size_t max;
        pic_time deadline; /* on the monotonic clock */
        unsigned timeout_ms;
        int fds[3];  /* the child's ends */
        int from[2]; /* our ends of stdout, stderr; -1 once at their end */
        pic__buf text[2];
        pic__proc proc;
        int overflow; /* of stdout; stderr is just cut */
        int timed_out;
        siginfo_t end;
        int lost; /* somebody else reaped it */
};

static void close_fd(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static void run_free(struct run *run)
{
        int i;

        for (i = 0; i < 3; i++)
                close_fd(&run->fds[i]);
        for (i = 0; i < 2; i++) {
                close_fd(&run->from[i]);
                pic__buf_free(&run->text[i]);
        }
        close_fd(&run->proc.pidfd);
}

static int input_fd(const void *data, size_t len)
{
        const char *at = data;
        int fd;

        if (len == 0)
                return pic__fd_above(open("/dev/null", O_RDONLY | O_CLOEXEC));
        fd = pic__fd_above(memfd_create("pic-input", MFD_CLOEXEC));
        while (fd >= 0 && len > 0) {
                ssize_t n = write(fd, at, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0) {
                        close_fd(&fd);
                        return -1;
                }
                at += n;
                len -= (size_t)n;
        }
        if (fd >= 0)
                (void)lseek(fd, 0, SEEK_SET);
        return fd;
}

static int open_fds(struct run *run, const pic__cmd_opts *opts)
{
        int i, pair[2];

        run->fds[0] = input_fd(opts->input, opts->input != NULL ? opts->input_len : 0);
        if (run->fds[0] < 0)
                return -errno;
        for (i = 0; i < 2; i++) {
                if (pipe2(pair, O_CLOEXEC) < 0)
                        return -errno;
                run->from[i] = pic__fd_above(pair[0]);
                run->fds[1 + i] = pic__fd_above(pair[1]);
                if (run->from[i] < 0 || run->fds[1 + i] < 0)
                        return -EMFILE;
                if (fcntl(run->from[i], F_SETFL, O_NONBLOCK) < 0)
                        return -errno;
        }
        return 0;
}

/* Reads what is there of stream i now. */
static void drain(struct run *run, int i)
{
        char part[16384];

        while (run->from[i] >= 0) {
                ssize_t n = read(run->from[i], part, sizeof(part));
                size_t room = run->max - run->text[i].len;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n <= 0) {
                        close_fd(&run->from[i]);
                        return;
                }
                if ((size_t)n > room && i == 0)
                        run->overflow = 1;
                pic__buf_put(&run->text[i], part, (size_t)n < room ? (size_t)n : room);
                if (run->overflow)
                        return;
        }
}

static int remaining_ms(const struct run *run)
{
        pic_time left = run->deadline - pic__clock_real.mono(pic__clock_real.data);

        return left > 0 ? (int)((left + 999) / 1000) : 0;
}

/* Until the process ends, time is up, or it has written too much. */
static void follow(struct run *run)
{
        for (;;) {
                struct pollfd p[3] = { { .fd = run->proc.pidfd, .events = POLLIN },
                                       { .fd = run->from[0], .events = POLLIN },
                                       { .fd = run->from[1], .events = POLLIN } };
                int left = remaining_ms(run);
                int r = poll(p, 3, left);

                drain(run, 0);
                drain(run, 1);
                if (run->overflow || (r > 0 && p[0].revents != 0))
                        return;
                if (left == 0) {
                        run->timed_out = 1;
                        return;
                }
        }
}

static void finish(struct run *run)
{
        int r;

        /* The whole session, and before the process is reaped: until then its number is still its own. */
        kill(-run->proc.pid, SIGKILL);
        do
                r = waitid(P_PIDFD, (id_t)run->proc.pidfd, &run->end, WEXITED);
        while (r < 0 && errno == EINTR);
        run->lost = r < 0;
        drain(run, 0);
        drain(run, 1);
}

/* The exit status, or -1 when the end was another one. */
static int exit_status(const struct run *run)
{
        if (run->timed_out || run->overflow || run->lost || run->end.si_code != CLD_EXITED)
                return -1;
        return run->end.si_status;
}

static int say_failure(struct run *run, pic_error **err)
{
        const char *name = run->argv[0], *said = pic__buf_str(&run->text[1]);
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        char first[300];

        if (run->timed_out)
                return pic__fail(err, PIC_TIMEOUT, "%s: not done after %u ms", name, run->timeout_ms);
        if (run->overflow)
                return pic__fail(err, PIC_BACKEND, "%s: wrote more than %zu bytes", name, run->max);
        if (run->lost)
                return pic__fail(err, PIC_BACKEND, "%s: its exit status is lost", name);
        if (run->end.si_code != CLD_EXITED)
                return pic__fail(err, PIC_BACKEND, "%s: died of signal %d", name, run->end.si_status);
        snprintf(first, sizeof(first), "%.*s", (int)strcspn(said, "\n"), said);
        pic__buf_put_shown(&shown, first, sizeof(first));
        return pic__fail(err, PIC_BACKEND, "%s: exit %d%s%s", name, run->end.si_status, shown.len > 0 ? ": " : "",
                         pic__buf_str(&shown));
}

static int verdict(struct run *run, pic_error **err)
{
        pic__auto_buf pic__buf said = PIC__BUF_INIT;
        int code, status = exit_status(run);

        if (status == 0)
                return run->text[0].failed || run->text[1].failed ? pic__nomem(err) : 0;
        code = say_failure(run, err);
        pic__argv_detail(run->argv, err);
        if (status > 0)
                pic__detail_int(err, "exit", status);
        pic__buf_put(&said, pic__buf_str(&run->text[1]), strnlen(pic__buf_str(&run->text[1]), STDERR_SHOWN));
        pic__detail(err, "stderr", pic__buf_str(&said));
        return code;
}

static void hand_over(pic__buf *from, pic__buf *to)
{
        if (to == NULL)
                return;
        pic__buf_put(to, from->data, from->len);
}

int pic__cmd_run(const char *const *argv, const pic__cmd_opts *opts, pic__buf *out, pic__buf *errout, pic_error **err)
{
        static const pic__cmd_opts defaults;
        PIC__AUTO(run_free)
        struct run run = { .argv = argv, .fds = { -1, -1, -1 }, .from = { -1, -1 }, .proc = { 0, -1 } };
        int r, i;

        if (opts == NULL)
                opts = &defaults;
        run.max = opts->max_output != 0 ? opts->max_output : DEFAULT_OUTPUT;
        run.timeout_ms = opts->timeout_ms != 0 ? opts->timeout_ms : DEFAULT_TIMEOUT_MS;
        run.deadline = pic__clock_real.mono(pic__clock_real.data) + (pic_time)run.timeout_ms * 1000;
        r = open_fds(&run, opts);
        if (r < 0)
                return pic__fail_errno(err, -r, "%s: cannot make its input and output", argv[0]);
        r = pic__spawn(argv, opts->env, run.fds, &run.proc, err);
        if (r < 0)
                return r;
        for (i = 0; i < 3; i++)
                close_fd(&run.fds[i]);
        follow(&run);
        finish(&run);
        hand_over(&run.text[0], out);
        hand_over(&run.text[1], errout);
        r = verdict(&run, err);
        if (r == 0 && ((out != NULL && out->failed) || (errout != NULL && errout->failed)))
                return pic__nomem(err);
        return r;
}
