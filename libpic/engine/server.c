/* Owns: the listening socket and its clients. A request is read whole, answered whole, and never waited for: a client
 * that does not read its answer is dropped, and so is one that says nothing for too long. */
#include "engine/server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/caller.h"
#include "engine/paths.h"
#include "engine/sockname.h"
#include "engine/wire.h"

#define BACKLOG 128
#define LISTENER UINT32_MAX
#define SHARE 16   /* connections of one user who is neither root nor the owner */
#define RESERVED 8 /* for those two */
#define ROUNDS 16  /* connections taken in one turn: those who talk already get their turn too */

struct client {
        int fd; /* -1: free */
        uid_t uid;
        pic_time deadline;
        char actor[PIC__CALLER_TEXT];
        pic__buf request; /* that waits for its answer; empty: none does */
        int file;         /* that came along with it; -1: none */
};

struct pic__server {
        pic__server_opts opts;
        int dir;
        int listener;
        int epoll;
        size_t count;
        size_t waiting;  /* clients whose request waits */
        int file;        /* of the request that is being answered; -1: none came along */
        pic_time warned; /* when a refusal was last logged */
        struct client clients[PIC__SERVER_CLIENTS];
};

static int watch(pic__server *s, int fd, uint32_t tag)
{
        struct epoll_event ev = { .events = EPOLLIN, .data = { .u32 = tag } };

        return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static pic_time limit(const pic__server *s)
{
        return s->opts.clock->mono(s->opts.clock->data) + (pic_time)s->opts.idle_ms * 1000;
}

/* The directory's owner may call (pic-http of a cell that has a user of its own), also where nobody made the group. */
static int set_mode(const pic__server *s)
{
        gid_t group;

        if (fchmodat(s->dir, PIC__SOCKET_NAME, 0660, 0) < 0)
                return -1;
        if (pic__caller_group(PIC__GROUP, &group) < 0)
                group = (gid_t)-1;
        if (geteuid() == 0 || group != (gid_t)-1)
                (void)!fchownat(s->dir, PIC__SOCKET_NAME, geteuid() == 0 ? s->opts.owner : (uid_t)-1, group,
                                AT_SYMLINK_NOFOLLOW); /* not root: own group it is */
        return 0;
}

/* Rights are set between bind and listen: nobody can connect in between. */
static int start(pic__server *s, pic_error **err)
{
        struct sockaddr_un name;
        int r;

        r = pic__sockname(s->opts.run_dir, &name, &s->dir, err);
        if (r < 0)
                return r;
        s->epoll = epoll_create1(EPOLL_CLOEXEC);
        s->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (s->epoll < 0 || s->listener < 0)
                return pic__fail_errno(err, errno, "no socket");
        if (unlinkat(s->dir, PIC__SOCKET_NAME, 0) < 0 && errno != ENOENT)
                return pic__fail_errno(err, errno, "cannot replace %s/" PIC__SOCKET_NAME, s->opts.run_dir);
        if (bind(s->listener, (const struct sockaddr *)&name, sizeof(name)) < 0 || set_mode(s) < 0 ||
            listen(s->listener, BACKLOG) < 0 || watch(s, s->listener, LISTENER) < 0)
                return pic__fail_errno(err, errno, "cannot listen on %s/" PIC__SOCKET_NAME, s->opts.run_dir);
        return 0;
}

int pic__server_open(const pic__server_opts *opts, pic__server **ret, pic_error **err)
{
        PIC__AUTO(pic__server_unref_p) pic__server *s = pic__alloc(sizeof(*s));
        size_t i;
        int r;

        if (s == NULL)
                return pic__nomem(err);
        s->opts = *opts;
        if (s->opts.idle_ms == 0)
                s->opts.idle_ms = PIC__SERVER_IDLE_MS;
        s->dir = s->listener = s->epoll = s->file = -1;
        for (i = 0; i < PIC__SERVER_CLIENTS; i++)
                s->clients[i].fd = s->clients[i].file = -1;
        r = start(s, err);
        if (r < 0)
                return r;
        *ret = pic__take(s);
        return 0;
}

int pic__server_fd(const pic__server *s)
{
        return s->epoll;
}

size_t pic__server_clients(const pic__server *s)
{
        return s->count;
}

static void close_file(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static void forget_request(pic__server *s, struct client *c)
{
        close_file(&c->file);
        s->waiting -= c->request.len > 0 ? 1 : 0;
        pic__buf_wipe(&c->request);
}

static void hang_up(pic__server *s, struct client *c)
{
        forget_request(s, c);
        close(c->fd); /* which takes it out of the epoll set */
        c->fd = -1;
        s->count--;
}

static void refuse(int fd, const pic_error *err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;

        pic__wire_failure(err, &answer);
        (void)pic__wire_send(fd, pic__buf_str(&answer), answer.len);
}

static struct client *free_place(pic__server *s)
{
        size_t i;

        for (i = 0; i < PIC__SERVER_CLIENTS; i++)
                if (s->clients[i].fd < 0)
                        return &s->clients[i];
        return NULL;
}

/* A member of the group may talk to the agent, but not keep root from it. */
static int check_share(const pic__server *s, const struct client *c, pic_error **err)
{
        size_t i, own = 0;

        if (c->uid == 0 || c->uid == s->opts.owner)
                return 0;
        for (i = 0; i < PIC__SERVER_CLIENTS; i++)
                own += s->clients[i].fd >= 0 && s->clients[i].uid == c->uid ? 1 : 0;
        if (own >= SHARE)
                return pic__fail(err, PIC_BUSY, "%s has %d connections to the agent already", c->actor, SHARE);
        if (s->count >= PIC__SERVER_CLIENTS - RESERVED)
                return pic__fail(err, PIC_BUSY, "%zu others talk to the agent already", s->count);
        return 0;
}

static int admit(pic__server *s, int fd, pic_error **err)
{
        struct client *c = free_place(s);
        int r;

        if (c == NULL)
                return pic__fail(err, PIC_BUSY, "%d others talk to the agent already", PIC__SERVER_CLIENTS);
        r = pic__caller_check(fd, s->opts.owner, c->actor, err);
        if (r == PIC_DENIED && s->opts.refused != NULL)
                s->opts.refused(c->actor, s->opts.data);
        if (r == 0 && pic__caller_uid(fd, &c->uid) < 0)
                r = pic__fail_errno(err, errno, "cannot tell who calls");
        if (r == 0)
                r = check_share(s, c, err);
        if (r < 0)
                return r;
        if (watch(s, fd, (uint32_t)(c - s->clients)) < 0)
                return pic__fail_errno(err, errno, "cannot watch a client");
        c->fd = fd;
        c->deadline = limit(s);
        s->count++;
        return 0;
}

/* Once a second: whoever knocks all the time must not push everything else out of the log. */
static void warn(pic__server *s, const pic_error *bad)
{
        pic_time now = s->opts.clock->mono(s->opts.clock->data);

        if (s->warned != 0 && now - s->warned < PIC__SECOND)
                return;
        s->warned = now;
        pic__log_err(s->opts.log, PIC_LOG_WARNING, "agent", bad);
}

static void accept_some(pic__server *s)
{
        int i;

        for (i = 0; i < ROUNDS; i++) {
                pic__auto_err pic_error *bad = NULL;
                int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

                if (fd < 0)
                        return;
                if (admit(s, fd, &bad) == 0)
                        continue;
                warn(s, bad);
                refuse(fd, bad);
                close(fd);
        }
}

/* Takes the request, and the file, when there is no answer yet. */
static void respond(pic__server *s, struct client *c, pic__buf *request, int *file)
{
        pic__auto_wipe pic__buf answer = PIC__BUF_SECRET;
        int r;

        s->file = *file;
        s->opts.answer(pic__buf_str(request), request->len, c->actor, &answer, s->opts.data);
        s->file = -1;
        if (answer.len == 0) {
                c->request = *request;
                *request = (pic__buf)PIC__BUF_SECRET;
                c->file = *file;
                *file = -1;
                s->waiting++;
                c->deadline = limit(s); /* who waits for us is not idle */
                return;
        }
        r = pic__wire_send(c->fd, pic__buf_str(&answer), answer.len);
        if (r < 0) {
                pic__log_put(s->opts.log, PIC_LOG_DEBUG, "agent", "%s did not take its answer: %s", c->actor,
                             pic__errno_text(-r));
                hang_up(s, c);
                return;
        }
        c->deadline = limit(s);
}

static void serve(pic__server *s, struct client *c)
{
        pic__auto_wipe pic__buf request = PIC__BUF_SECRET;
        pic__auto_err pic_error *bad = NULL;
        PIC__AUTO(close_file) int file = -1;
        int r = pic__wire_recv_along(c->fd, PIC__WIRE_REQUEST_MAX, &request, &file);

        if (r == -EAGAIN)
                return;
        if (r == -EMSGSIZE || r == -EBADMSG) {
                (void)pic__fail(&bad, PIC_INVALID, "a request is one packet of at most %zu bytes",
                                PIC__WIRE_REQUEST_MAX);
                refuse(c->fd, bad);
        }
        if (r <= 0) {
                hang_up(s, c);
                return;
        }
        if (c->request.len > 0) { /* one question at a time */
                hang_up(s, c);
                return;
        }
        respond(s, c, &request, &file);
}

int pic__server_file(const pic__server *s)
{
        return s->file;
}

void pic__server_again(pic__server *s)
{
        size_t i;

        for (i = 0; i < PIC__SERVER_CLIENTS && s->waiting > 0; i++) {
                struct client *c = &s->clients[i];
                pic__auto_wipe pic__buf request = c->fd >= 0 ? c->request : (pic__buf)PIC__BUF_SECRET;
                PIC__AUTO(close_file) int file = request.len > 0 ? c->file : -1;

                if (request.len == 0)
                        continue;
                c->request = (pic__buf)PIC__BUF_SECRET;
                c->file = -1;
                s->waiting--;
                respond(s, c, &request, &file);
        }
}

static void drop_idle(pic__server *s)
{
        pic_time now = s->opts.clock->mono(s->opts.clock->data);
        size_t i;

        for (i = 0; i < PIC__SERVER_CLIENTS; i++)
                if (s->clients[i].fd >= 0 && s->clients[i].deadline <= now)
                        hang_up(s, &s->clients[i]);
}

void pic__server_turn(pic__server *s)
{
        struct epoll_event events[PIC__SERVER_CLIENTS + 1];
        int n = epoll_wait(s->epoll, events, (int)PIC__COUNT(events), 0), i;

        for (i = 0; i < n; i++) {
                uint32_t tag = events[i].data.u32;

                if (tag == LISTENER)
                        continue;
                if (s->clients[tag].fd >= 0)
                        serve(s, &s->clients[tag]);
        }
        for (i = 0; i < n; i++) /* last: a place that was freed above must not be met again under its old event */
                if (events[i].data.u32 == LISTENER)
                        accept_some(s);
        drop_idle(s);
}

pic_time pic__server_due(const pic__server *s)
{
        pic_time due = 0;
        size_t i;

        for (i = 0; i < PIC__SERVER_CLIENTS; i++)
                if (s->clients[i].fd >= 0 && (due == 0 || s->clients[i].deadline < due))
                        due = s->clients[i].deadline;
        return due;
}

pic__server *pic__server_unref(pic__server *s)
{
        size_t i;

        if (s == NULL)
                return NULL;
        for (i = 0; i < PIC__SERVER_CLIENTS; i++)
                if (s->clients[i].fd >= 0)
                        hang_up(s, &s->clients[i]);
        if (s->listener >= 0) {
                close(s->listener);
                (void)unlinkat(s->dir, PIC__SOCKET_NAME, 0);
        }
        if (s->epoll >= 0)
                close(s->epoll);
        if (s->dir >= 0)
                close(s->dir);
        pic__free(s);
        return NULL;
}
