/* Owns: a daemon of ours over its life, and over ours: its pid file names the process so exactly (number, start time,
 * boot) that a restarted agent can take it over without ever meaning another process. Everything after that goes by
 * pidfd. */
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/backoff.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/spawn.h"

#define COMM_MAX 15 /* the kernel keeps that much of a name */

struct pic__child {
        char *name;
        char *pid_path;
        char *log_path;
        char *out_path; /* of standard output; NULL: as the log */
        const pic__log *log;
        pic__proc proc; /* pid 0: none */
        int own;        /* started by this process, so it is ours to reap */
        pic__backoff backoff;
};

/* What makes a process that one and no other. */
struct identity {
        uint64_t start; /* clock ticks since boot */
        char boot[PIC__BOOT_TEXT];
        char comm[COMM_MAX + 1];
};

static pic_time mono(void)
{
        return pic__clock_real.mono(pic__clock_real.data);
}

int pic__child_new(const char *name, const char *run_dir, const char *log_dir, const pic__log *log, pic__child **ret,
                   pic_error **err)
{
        PIC__AUTO(pic__child_unref_p) pic__child *c = pic__alloc(sizeof(*c));
        char file[80];

        if (c == NULL)
                return pic__nomem(err);
        c->proc.pidfd = -1;
        c->log = log;
        c->name = pic__strdup(name);
        if (snprintf(file, sizeof(file), "%s.pid", name) >= (int)sizeof(file))
                return pic__fail(err, PIC_INVALID, "%s: too long for the name of a child", name);
        c->pid_path = pic__path_join(run_dir, file);
        snprintf(file, sizeof(file), "%s.log", name);
        c->log_path = pic__path_join(log_dir, file);
        if (c->name == NULL || c->pid_path == NULL || c->log_path == NULL)
                return pic__nomem(err);
        *ret = pic__take(c);
        return 0;
}

int pic__child_output(pic__child *c, const char *log_dir, const char *file, pic_error **err)
{
        pic__free(c->out_path);
        c->out_path = pic__path_join(log_dir, file);
        return c->out_path != NULL ? 0 : pic__nomem(err);
}

/* Reads a small file into text as one line; -1 when it cannot. */
static int read_line(const char *path, char *text, size_t size)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -1;
        n = read(fd, text, size - 1);
        close(fd);
        if (n <= 0)
                return -1;
        text[n] = '\0';
        text[strcspn(text, "\n")] = '\0';
        return 0;
}

/* Field 22 of /proc/PID/stat; the name before it is in brackets and may hold anything. */
static int identify(pid_t pid, struct identity *id)
{
        char path[64], text[1024], *name, *at;
        int i;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        pic__boot_id(id->boot);
        if (read_line(path, text, sizeof(text)) < 0 || id->boot[0] == '\0')
                return -1;
        name = strchr(text, '(');
        at = strrchr(text, ')');
        if (name == NULL || at == NULL || at <= name)
                return -1;
        snprintf(id->comm, sizeof(id->comm), "%.*s", (int)(at - name - 1), name + 1);
        for (i = 2; i < 22; i++) {
                at = strchr(at + 1, ' ');
                if (at == NULL)
                        return -1;
        }
        id->start = strtoull(at + 1, NULL, 10);
        return 0;
}

static int named_as(const struct identity *id, const char *argv0)
{
        const char *slash = strrchr(argv0, '/');

        return strncmp(id->comm, slash != NULL ? slash + 1 : argv0, COMM_MAX) == 0;
}

static void let_go(pic__child *c)
{
        if (c->proc.pidfd >= 0)
                close(c->proc.pidfd);
        c->proc.pidfd = -1;
        c->proc.pid = 0;
        c->own = 0;
}

static int write_pid(const pic__child *c, const struct identity *id, pic_error **err)
{
        char text[128];
        int n = snprintf(text, sizeof(text), "%d %" PRIu64 " %s\n", (int)c->proc.pid, id->start, id->boot);

        return pic__file_write(c->pid_path, text, (size_t)n, 0644, err);
}

/* Takes hold of a process that runs already; 1, or 0 when it is not there. The pidfd comes first: what is read
 * after it is about the process it holds, as long as that lives. */
static int hold(pic__child *c, pid_t pid, struct identity *id)
{
        int fd = pid > 1 ? pidfd_open(pid, 0) : -1;
        struct pollfd p = { .fd = fd, .events = POLLIN };

        if (fd < 0)
                return 0;
        if (identify(pid, id) < 0 || poll(&p, 1, 0) != 0) {
                close(fd);
                return 0;
        }
        let_go(c);
        c->proc.pid = pid;
        c->proc.pidfd = fd;
        return 1;
}

int pic__child_adopt(pic__child *c, const char *argv0)
{
        char text[128], boot[40];
        struct identity id;
        uint64_t since;
        int pid;

        if (c->proc.pid > 0)
                return pic__child_alive(c);
        if (read_line(c->pid_path, text, sizeof(text)) < 0)
                return 0;
        if (sscanf(text, "%d %" SCNu64 " %39s", &pid, &since, boot) != 3 || !hold(c, pid, &id)) {
                unlink(c->pid_path);
                return 0;
        }
        if (id.start == since && strcmp(id.boot, boot) == 0 && named_as(&id, argv0)) {
                pic__log_put(c->log, PIC_LOG_INFO, c->name, "adopted process %d", pid);
                return 1;
        }
        let_go(c);
        unlink(c->pid_path);
        return 0;
}

int pic__child_adopt_pid(pic__child *c, pid_t pid, const char *argv0, pic_error **err)
{
        struct identity id;

        if (c->proc.pid > 0 && pic__child_alive(c))
                return pic__fail(err, PIC_BADSTATE, "%s: runs already as process %d", c->name, (int)c->proc.pid);
        if (!hold(c, pid, &id))
                return pic__fail(err, PIC_NOTFOUND, "%s: no process %d", c->name, (int)pid);
        if (!named_as(&id, argv0)) {
                let_go(c);
                return pic__fail(err, PIC_CONFLICT, "%s: process %d is '%s'", c->name, (int)pid, id.comm);
        }
        return write_pid(c, &id, err);
}

static int open_log(const char *path, mode_t mode)
{
        return pic__fd_above(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode));
}

static int open_output(const pic__child *c, int fds[3], pic_error **err)
{
        fds[0] = pic__fd_above(open("/dev/null", O_RDONLY | O_CLOEXEC));
        fds[2] = open_log(c->log_path, 0640);
        fds[1] = c->out_path != NULL ? open_log(c->out_path, 0600) : fds[2];
        if (fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0)
                return 0;
        return pic__fail_errno(err, errno, "%s: cannot open its log %s", c->name, c->log_path);
}

static void close_output(const int fds[3])
{
        if (fds[0] >= 0)
                close(fds[0]);
        if (fds[1] >= 0 && fds[1] != fds[2])
                close(fds[1]);
        if (fds[2] >= 0)
                close(fds[2]);
}

/* Kills what was just started. */
static void undo_start(pic__child *c)
{
        kill(-c->proc.pid, SIGKILL);
        waitid(P_PIDFD, (id_t)c->proc.pidfd, &(siginfo_t){ 0 }, WEXITED);
        let_go(c);
}

int pic__child_start(pic__child *c, const char *const *argv, const char *const *env, pic_error **err)
{
        int fds[3] = { -1, -1, -1 };
        struct identity id;
        int r;

        if (c->proc.pid > 0 && pic__child_alive(c))
                return pic__fail(err, PIC_BADSTATE, "%s: runs already as process %d", c->name, (int)c->proc.pid);
        r = open_output(c, fds, err);
        if (r == 0)
                r = pic__spawn(argv, env, fds, &c->proc, err);
        close_output(fds);
        if (r < 0) {
                pic__backoff_death(&c->backoff, mono());
                return r;
        }
        c->own = 1;
        pic__backoff_start(&c->backoff, mono());
        /* A zombie has its entry too: that it died at once is found by whoever asks next. */
        if (identify(c->proc.pid, &id) < 0)
                r = pic__fail(err, PIC_IO, "%s: cannot read /proc/%d/stat", c->name, (int)c->proc.pid);
        if (r == 0)
                r = write_pid(c, &id, err);
        if (r < 0) {
                undo_start(c);
                return r;
        }
        pic__log_put(c->log, PIC_LOG_INFO, c->name, "started as process %d", (int)c->proc.pid);
        return 0;
}

/* It has died: say so, reap it if it is ours. Before it is reaped its number is still its own, so its session can be
 * swept. */
static void bury(pic__child *c)
{
        siginfo_t end = { 0 };

        if (c->own) {
                kill(-c->proc.pid, SIGKILL);
                if (waitid(P_PIDFD, (id_t)c->proc.pidfd, &end, WEXITED | WNOHANG) < 0)
                        end.si_code = 0;
        }
        if (end.si_code == 0)
                pic__log_put(c->log, PIC_LOG_WARNING, c->name, "process %d is gone", (int)c->proc.pid);
        else
                pic__log_put(c->log, PIC_LOG_WARNING, c->name, "process %d ended: %s %d", (int)c->proc.pid,
                             end.si_code == CLD_EXITED ? "exit" : "signal", end.si_status);
        let_go(c);
        unlink(c->pid_path);
        pic__backoff_death(&c->backoff, mono());
}

/* 1 once it has died; waits up to ms for that. */
static int died(const pic__child *c, unsigned ms)
{
        pic_time until = mono() + (pic_time)ms * 1000;

        for (;;) {
                struct pollfd p = { .fd = c->proc.pidfd, .events = POLLIN };
                pic_time left = until - mono();

                if (poll(&p, 1, left > 0 ? (int)((left + 999) / 1000) : 0) > 0)
                        return 1;
                if (left <= 0)
                        return 0;
        }
}

int pic__child_alive(pic__child *c)
{
        if (c->proc.pid <= 0)
                return 0;
        if (!died(c, 0))
                return 1;
        bury(c);
        return 0;
}

int pic__child_fd(const pic__child *c)
{
        return c->proc.pidfd;
}

pid_t pic__child_pid(const pic__child *c)
{
        return c->proc.pid;
}

void pic__child_stop(pic__child *c, unsigned grace_ms)
{
        siginfo_t end;

        if (c->proc.pid > 0 && !died(c, 0)) {
                pidfd_send_signal(c->proc.pidfd, SIGTERM, NULL, 0);
                if (!died(c, grace_ms)) {
                        if (grace_ms > 0) /* who gets no time ignores nothing */
                                pic__log_put(c->log, PIC_LOG_WARNING, c->name, "process %d ignores SIGTERM: killed",
                                             (int)c->proc.pid);
                        pidfd_send_signal(c->proc.pidfd, SIGKILL, NULL, 0);
                        died(c, 5000); /* bounded: a process stuck in the kernel must not take us along */
                }
        }
        if (c->proc.pid > 0 && c->own) {
                kill(-c->proc.pid, SIGKILL);
                waitid(P_PIDFD, (id_t)c->proc.pidfd, &end, WEXITED | WNOHANG);
        }
        let_go(c);
        unlink(c->pid_path);
}

unsigned pic__child_backoff(pic__child *c)
{
        return pic__backoff_left(&c->backoff, mono());
}

void pic__child_failed(pic__child *c)
{
        pic__backoff_death(&c->backoff, mono());
}

void pic__child_patience(pic__child *c, unsigned most_ms, unsigned well_ms)
{
        c->backoff.most_ms = most_ms;
        c->backoff.well_ms = well_ms;
}

pic__child *pic__child_unref(pic__child *c)
{
        if (c == NULL)
                return NULL;
        let_go(c);
        pic__free(c->name);
        pic__free(c->pid_path);
        pic__free(c->log_path);
        pic__free(c->out_path);
        pic__free(c);
        return NULL;
}
