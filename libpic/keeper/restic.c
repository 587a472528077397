/* Owns: restic as a process. Three things follow from what is asked of a backup:
 * - Its input ends only when we say so. A pipe also ends when its writer is killed, and restic then makes a snapshot of
 *   what came until then. So its input is a socket in whose other direction an unread byte lies: closed with that, the
 *   reader gets an error after the last byte, and no end (unix(7)'s ECONNRESET). Who has sent all takes the byte first.
 * - It dies with us (setpriv --pdeathsig), and ssh, which it starts, by the end of its own input.
 * - ssh closes what it inherits, so our memory files are named by our own process: /proc/PID/fd/N, which is open to
 *   those of the same user with the same capabilities (program/confine.c sees to it) and to nobody else. */
#include "keeper/restic.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper/restic_said.h"
#include "sys/child.h"
#include "sys/spawn.h"

#define SAID_MAX ((size_t)8 << 20)
enum {
        PIECE = 64 << 10,
        COMPLAINT = 32 << 10,
        WORDS = 40,
        PATIENCE_S = 300,
        MISSED_S = 10,
        GRACE_S = 5,
        LOOK_MS = 500
};

struct pic__restic {
        const pic__far_spec *spec;
        char where[900];    /* the repository, as restic has it */
        char command[1600]; /* "sftp.command=ssh …" */
        int secret, key, known;
        char secret_path[48];
        pic__buf said;
        char *room;
};

/* One run of it. */
struct run {
        pic__restic *r;
        const pic__restic_ask *ask;
        pic__proc proc;
        int in, out, err; /* our ends; -1: closed */
        char *piece;      /* from the source, not yet sent */
        size_t have, at;
        int fed; /* all of it */
        int exited;
        time_t moved; /* when anything went in or came out last */
        pic__buf complaint;
        pic_error *bad; /* of the source or the sink */
};

static time_t now(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec;
}

static int canceled(const pic__restic *r)
{
        return r->spec->ended != NULL && *r->spec->ended != 0;
}

static void shut(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
}

/* --- what it is told --------------------------------------------------------------------------------------------- */

/* ssh wants a key that only its owner may read. */
static int memory_file(const char *text, char path[48], pic_error **err)
{
        int fd = pic__fd_above(memfd_create("pic-keep", MFD_CLOEXEC));
        size_t len = strlen(text);

        if (fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, text, len) == (ssize_t)len && write(fd, "\n", 1) == 1) {
                snprintf(path, 48, "/proc/%d/fd/%d", (int)getpid(), fd);
                return fd;
        }
        if (fd >= 0)
                (void)close(fd);
        return pic__fail_errno(err, errno, "restic cannot be told anything");
}

/* HOST, HOST:PORT, [ADDRESS]:PORT: the port, and where the host ends. */
static const char *split_host(const char *host, int *ret_len)
{
        const char *shut_ = strchr(host, ']'), *colon = strchr(shut_ != NULL ? shut_ : host, ':');

        if (colon != NULL && shut_ == NULL && strchr(colon + 1, ':') != NULL)
                colon = NULL; /* an address of version 6 alone */
        *ret_len = (int)(colon != NULL ? colon - host : (long)strlen(host));
        return colon != NULL ? colon + 1 : "22";
}

/* restic takes it apart at blanks, and no shell sees it; a place's texts have neither blanks nor quotes. */
static int set_ssh(pic__restic *r, pic_error **err)
{
        static const char form[] = "sftp.command=ssh -F none -a -x -T -p %s -l %s -i %s -o UserKnownHostsFile=%s "
                                   "-o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=pic -o StrictHostKeyChecking=yes "
                                   "-o UpdateHostKeys=no -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none "
                                   "-o PreferredAuthentications=publickey -o ControlPath=none -o ConnectTimeout=20 "
                                   "-o ServerAliveInterval=15 -o ServerAliveCountMax=4 -s -- %.*s sftp";
        const pic__far_spec *s = r->spec;
        const char *host = s->place.host, *path = s->place.path, *port;
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        char key[48], known[48];
        int len, v6 = host[0] == '[';

        if (s->key == NULL || s->host_key == NULL || s->user == NULL)
                return pic__fail(err, PIC_INVALID, "restic over sftp needs a user, a key and the server's key");
        pic__buf_putf(&line, "pic %s", s->host_key);
        r->known = line.failed ? pic__nomem(err) : memory_file(pic__buf_str(&line), known, err);
        if (r->known < 0)
                return r->known;
        r->key = memory_file(s->key, key, err);
        if (r->key < 0)
                return r->key;
        port = split_host(host, &len);
        snprintf(r->command, sizeof(r->command), form, port, s->user, key, known, v6 ? len - 2 : len, host + v6);
        /* /~/FOLDER: below the user's own, as with sftp:// */
        if (strncmp(path, "/~/", 3) == 0)
                path += 3;
        snprintf(r->where, sizeof(r->where), "sftp:pic:%s", path);
        return 0;
}

int pic__restic_new(const pic__far_spec *spec, pic__restic **ret, pic_error **err)
{
        pic__auto_free char *program = pic__cmd_find("restic");
        pic__restic *r;
        int bad;

        if (program == NULL) {
                pic__fail(err, PIC_UNSUPPORTED, "restic: no such program here");
                pic__hint(err, "apt-get install restic");
                return PIC_UNSUPPORTED;
        }
        r = pic__alloc(sizeof(*r));
        if (r == NULL)
                return pic__nomem(err);
        r->spec = spec;
        r->key = r->known = -1;
        r->room = pic__alloc(PIECE);
        snprintf(r->where, sizeof(r->where), "local:%s", spec->place.path);
        r->secret = memory_file(spec->passphrase != NULL ? spec->passphrase : "", r->secret_path, err);
        bad = r->secret < 0 ? r->secret : r->room == NULL ? pic__nomem(err) : 0;
        if (bad == 0 && spec->place.kind == PIC__PLACE_RESTIC_SFTP)
                bad = set_ssh(r, err);
        if (bad < 0)
                pic__restic_free(r);
        else
                *ret = r;
        return bad;
}

void pic__restic_free(pic__restic *r)
{
        if (r == NULL)
                return;
        shut(&r->secret);
        shut(&r->key);
        shut(&r->known);
        pic__buf_free(&r->said);
        pic__free(r->room);
        pic__free(r);
}

const pic__buf *pic__restic_said(const pic__restic *r)
{
        return &r->said;
}

/* --- its beginning and its end ----------------------------------------------------------------------------------- */

static int start(struct run *x, const int fds[3], pic_error **err)
{
        /* no cache: what is read is what the place has. A bound for its memory, and few words on its progress */
        static const char *const env[] = { "TZ=UTC", "GOMEMLIMIT=512MiB", "RESTIC_PROGRESS_FPS=0.1", NULL };
        const char *words[WORDS] = { "setpriv",         "--pdeathsig",    "KILL", "--",
                                     "restic",          "--no-cache",     "-r",   x->r->where,
                                     "--password-file", x->r->secret_path };
        size_t n = 10, i;

        if (x->r->command[0] != '\0') {
                words[n++] = "-o";
                words[n++] = x->r->command;
        }
        for (i = 0; x->ask->words[i] != NULL && n + 1 < WORDS; i++)
                words[n++] = x->ask->words[i];
        words[n] = NULL;
        return pic__spawn(words, env, fds, &x->proc, err);
}

/* The ends of the child: *in is a socket with a byte on its way to us, or nothing at all. */
static int open_ends(struct run *x, int ends[3], pic_error **err)
{
        int in[2], out[2], said[2];

        if (x->ask->source == NULL)
                ends[0] = pic__fd_above(open("/dev/null", O_RDONLY | O_CLOEXEC));
        else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) == 0) {
                x->in = pic__fd_above(in[0]);
                ends[0] = pic__fd_above(in[1]);
        }
        if (ends[0] < 0 || (x->in >= 0 && send(ends[0], "!", 1, MSG_NOSIGNAL) != 1))
                return pic__fail_errno(err, errno, "no socket");
        if (pipe2(out, O_CLOEXEC) < 0)
                return pic__fail_errno(err, errno, "no pipe");
        x->out = pic__fd_above(out[0]);
        ends[1] = pic__fd_above(out[1]);
        if (pipe2(said, O_CLOEXEC) < 0)
                return pic__fail_errno(err, errno, "no pipe");
        x->err = pic__fd_above(said[0]);
        ends[2] = pic__fd_above(said[1]);
        (void)fcntl(x->out, F_SETFL, O_NONBLOCK);
        (void)fcntl(x->err, F_SETFL, O_NONBLOCK);
        return 0;
}

static int begin(struct run *x, pic_error **err)
{
        int ends[3] = { -1, -1, -1 }, r = open_ends(x, ends, err);
        size_t i;

        if (r == 0)
                r = start(x, ends, err);
        for (i = 0; i < PIC__COUNT(ends); i++)
                shut(&ends[i]);
        x->moved = now();
        return r;
}

/* Whether it has ended; it is given so long for it. */
static int waited(const struct run *x, int ms)
{
        struct pollfd p = { .fd = x->proc.pidfd, .events = POLLIN };

        return poll(&p, 1, ms) == 1;
}

/* It is asked first, so that it takes its lock away; its input then does not end, it breaks. */
static void stop(struct run *x)
{
        shut(&x->in);
        if (x->proc.pid <= 0 || x->exited)
                return;
        (void)kill(x->proc.pid, SIGINT);
        if (!waited(x, GRACE_S * 1000))
                (void)kill(x->proc.pid, SIGKILL);
}

static void clear(struct run *x)
{
        stop(x);
        if (x->proc.pid > 0 && !x->exited)
                while (waitpid(x->proc.pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        shut(&x->proc.pidfd);
        shut(&x->out);
        shut(&x->err);
        pic__buf_free(&x->complaint);
        pic__free(x->piece);
        pic_error_free(x->bad);
}

/* --- meanwhile --------------------------------------------------------------------------------------------------- */

/* More for it, when what there was is gone. That it was all is said by taking the byte back first. */
static int refill(struct run *x)
{
        char byte;
        long n;

        if (x->in < 0 || x->fed || x->at < x->have)
                return 0;
        n = x->ask->source(x->ask->source_arg, x->piece, PIECE, &x->bad);
        if (n < 0)
                return (int)n;
        x->at = 0;
        x->have = (size_t)n;
        if (n > 0)
                return 0;
        x->fed = 1;
        if (recv(x->in, &byte, 1, MSG_DONTWAIT) != 1 || shutdown(x->in, SHUT_WR) < 0)
                return pic__fail_errno(&x->bad, errno, "restic takes nothing more");
        return 0;
}

static void feed(struct run *x)
{
        ssize_t n = send(x->in, x->piece + x->at, x->have - x->at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n > 0) {
                x->at += (size_t)n;
                x->moved = now();
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
                shut(&x->in); /* it went away: its status says why */
        }
}

static int hear(struct run *x)
{
        ssize_t n = x->out >= 0 ? read(x->out, x->r->room, PIECE) : 0;

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : pic__fail_errno(&x->bad, errno, "no more comes");
        if (n == 0) {
                shut(&x->out);
                return 0;
        }
        x->moved = now();
        if (x->ask->sink != NULL)
                return x->ask->sink(x->r->room, (size_t)n, x->ask->sink_arg, &x->bad);
        if (x->r->said.len + (size_t)n > SAID_MAX)
                return pic__fail(&x->bad, PIC_BACKEND, "restic says too much");
        pic__buf_put(&x->r->said, x->r->room, (size_t)n);
        return x->r->said.failed ? pic__nomem(&x->bad) : 0;
}

/* The first words say why; that it goes on to say so is no progress. */
static void hear_complaint(struct run *x)
{
        char part[4096];
        ssize_t n = x->err >= 0 ? read(x->err, part, sizeof(part)) : 0;

        if (n == 0)
                shut(&x->err);
        if (n > 0 && x->complaint.len < COMPLAINT)
                pic__buf_put(&x->complaint, part, (size_t)n);
}

static int turn(struct run *x)
{
        struct pollfd p[] = { { .fd = x->out, .events = POLLIN },
                              { .fd = x->err, .events = POLLIN },
                              { .fd = x->at < x->have ? x->in : -1, .events = POLLOUT },
                              { .fd = x->proc.pidfd, .events = POLLIN } };
        int r = 0;

        if (poll(p, PIC__COUNT(p), LOOK_MS) < 0)
                return 0;
        if (p[2].revents != 0)
                feed(x);
        if (p[1].revents != 0)
                hear_complaint(x);
        if (p[0].revents != 0)
                r = hear(x);
        /* the rest lies in the pipes; who else may hold them open says nothing to us */
        x->exited = p[3].revents != 0 && p[0].revents == 0 && p[1].revents == 0;
        return r;
}

static time_t patience_of(const struct run *x)
{
        if (pic__restic_lacks(pic__buf_str(&x->complaint)))
                return MISSED_S;
        return x->r->spec->patience_s != 0 ? x->r->spec->patience_s : PATIENCE_S;
}

/* restic goes on to ask for a file that is gone for a quarter of an hour. */
static int too_long(struct run *x)
{
        if (pic__restic_lacks(pic__buf_str(&x->complaint)))
                return pic__fail(&x->bad, PIC_CORRUPT, "restic: the repository is damaged: a file of it is missing");
        return pic__fail(&x->bad, PIC_TIMEOUT, "restic, or the place, is silent");
}

static int go_on(struct run *x)
{
        int r = 0;

        while (r >= 0 && !x->exited) {
                if (canceled(x->r))
                        return pic__fail(&x->bad, PIC_CANCELED, "canceled");
                if (now() - x->moved > patience_of(x))
                        return too_long(x);
                r = refill(x);
                if (r >= 0)
                        r = turn(x);
        }
        return r < 0 ? r : 0;
}

/* Its own words go before what follows from its end. */
static int end(struct run *x, pic_error **err)
{
        int status = 0;

        while (waitpid(x->proc.pid, &status, 0) < 0 && errno == EINTR)
                ;
        if (x->complaint.failed)
                return pic__nomem(err);
        if (WIFSIGNALED(status))
                return pic__fail(err, PIC_BACKEND, "restic was ended by signal %d", WTERMSIG(status));
        if (WEXITSTATUS(status) != 0)
                return pic__restic_why(WEXITSTATUS(status), pic__buf_str(&x->complaint), err);
        if (x->ask->source != NULL && !x->fed)
                return pic__fail(err, PIC_BACKEND, "restic did not take all of it");
        return 0;
}

int pic__restic_do(pic__restic *r, const pic__restic_ask *ask, pic_error **err)
{
        PIC__AUTO(clear)
        struct run x = { .r = r, .ask = ask, .proc = { 0, -1 }, .in = -1, .out = -1, .err = -1 };
        int result;

        pic__buf_clear(&r->said);
        if (canceled(r))
                return pic__fail(err, PIC_CANCELED, "canceled");
        x.piece = ask->source != NULL ? pic__alloc(PIECE) : NULL;
        if (ask->source != NULL && x.piece == NULL)
                return pic__nomem(err);
        result = begin(&x, err);
        if (result < 0)
                return result;
        result = go_on(&x);
        if (result == 0)
                return end(&x, err);
        if (err != NULL)
                *err = pic__take(x.bad);
        return result;
}
