/* Owns: questions over TCP. Of a connection one question after the other is read whole, judged, and answered or asked
 * by a connection of its own to the name server, whose answer is passed back as it comes. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"
#include "sieve/program/serve.h"

#define IDLE 20       /* s that nothing happens on one */
#define SWEEP_MS 5000 /* between two looks for those */
#define PIECE 8192
#define CONN_OF(s, n) (&(s)->conns->at[n])

enum state { FREE, READ, ASK, RELAY, ANSWER };

struct conn {
        enum state state;
        int client, server;
        size_t place;
        struct place from;
        time_t used;
        uint8_t in[2 + QUESTION_MAX]; /* what came, questions that follow too */
        size_t in_len;
        uint8_t out[PIECE]; /* on its way: to the server (ASK), else to the client */
        size_t out_at, out_len;
        unsigned hide;     /* how the question was put, until that is taken back in the answer */
        size_t hide_end;   /* the question is whole so far into it */
        size_t left, head; /* of the server's answer: bytes that are to come, bytes of its length that came */
};

struct conns {
        struct conn at[CONNS_MAX];
        size_t count;
};

static time_t now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec;
}

static size_t number_of(const struct sieve *s, const struct conn *c)
{
        return (size_t)(c - s->conns->at);
}

static void drop_server(struct conn *c)
{
        if (c->server >= 0)
                close(c->server);
        c->server = -1;
}

static void drop(struct sieve *s, struct conn *c)
{
        drop_server(c);
        close(c->client);
        c->state = FREE;
        s->conns->count--;
}

static void wait_for(const struct sieve *s, const struct conn *c, uint32_t client, uint32_t server)
{
        (void)watch(s, EPOLL_CTL_MOD, c->client, client, OF_CLIENT, number_of(s, c));
        if (c->server >= 0)
                (void)watch(s, EPOLL_CTL_MOD, c->server, server, OF_SERVER, number_of(s, c));
}

/* 1: all of it went; 0: not yet; -1: it is over. */
static int write_out(struct conn *c, int fd)
{
        while (c->out_at < c->out_len) {
                ssize_t n =
                        sendto(fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);

                if (n < 0)
                        return errno == EAGAIN || errno == EINTR ? 0 : -1;
                c->out_at += (size_t)n;
        }
        return 1;
}

/* --- one question ----------------------------------------------------------------------------------------------- */

static int ask_server(struct sieve *s, struct conn *c, size_t len, const pic__sieve_question *q)
{
        size_t head = head_of(&c->from, &s->listen[c->place], 0, c->out);
        const struct place *up = &s->up[s->up_of[c->place]];

        c->server = socket(up->at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (c->server < 0 || (connect(c->server, &up->at.any, up->len) < 0 && errno != EINPROGRESS) ||
            watch(s, EPOLL_CTL_ADD, c->server, EPOLLOUT, OF_SERVER, number_of(s, c)) < 0)
                return -1;
        memcpy(c->out + head, c->in, len);
        c->hide = q->hide;
        c->hide_end = 2 + q->end;
        pic__sieve_hide(c->out + head + 2, len - 2, q->hide);
        c->out_at = 0;
        c->out_len = head + len;
        c->left = c->head = 0;
        c->state = ASK;
        wait_for(s, c, 0, EPOLLOUT);
        return 0;
}

static int answer(struct sieve *s, struct conn *c, const pic__sieve_question *q, int code, const char *said)
{
        size_t n = pic__sieve_answer(c->in + 2, q, code, said, c->out + 2);

        c->out[0] = (uint8_t)(n >> 8);
        c->out[1] = (uint8_t)n;
        c->out_at = 0;
        c->out_len = n + 2;
        c->state = ANSWER;
        wait_for(s, c, EPOLLOUT, 0);
        return 0;
}

/* Takes the next question out of what came, when it is whole. -1: this is no way to ask. */
static int next_question(struct sieve *s, struct conn *c)
{
        size_t len = c->in_len < 2 ? 0 : (size_t)c->in[0] << 8 | c->in[1];
        pic__sieve_question q;
        const char *said = NULL;
        int code, r;

        if (len > QUESTION_MAX)
                return -1;
        if (c->in_len < 2 || c->in_len < 2 + len) {
                c->state = READ;
                wait_for(s, c, EPOLLIN, 0);
                return 0;
        }
        code = judge(s, c->in + 2, len, &c->from, &q, &said);
        if (code < 0)
                return -1;
        r = code == 0 ? ask_server(s, c, 2 + len, &q) : answer(s, c, &q, code, said);
        memmove(c->in, c->in + 2 + len, c->in_len - 2 - len);
        c->in_len -= 2 + len;
        return r;
}

static int read_more(struct sieve *s, struct conn *c)
{
        ssize_t n = recv(c->client, c->in + c->in_len, sizeof(c->in) - c->in_len, MSG_DONTWAIT);

        if (n <= 0)
                return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
        c->in_len += (size_t)n;
        return next_question(s, c);
}

/* How long the answer is stands in its first two bytes, which may come one by one. */
static int measure(struct conn *c, const uint8_t *at, size_t n)
{
        while (n > 0) {
                if (c->head < 2) {
                        c->left = c->left << 8 | *at++;
                        c->head++;
                        n--;
                } else if (n > c->left) {
                        return -1; /* more than an answer */
                } else {
                        c->left -= n;
                        n = 0;
                }
        }
        return 0;
}

/* What came of the answer may go on: 0: not before more of it is here. */
static int shown_again(struct conn *c, size_t have)
{
        if (c->hide > 0 && have < c->hide_end && c->left > 0)
                return 0;
        if (have > 2)
                pic__sieve_hide(c->out + 2, have - 2, c->hide);
        c->hide = 0;
        return 1;
}

static int relay(struct sieve *s, struct conn *c)
{
        size_t have = 0;
        int r = c->hide > 0 ? 1 : write_out(c, c->client);

        if (c->hide > 0) /* what came so far was kept back */
                have = c->out_len;

        while (r == 1) {
                ssize_t n;

                if (c->head == 2 && c->left == 0) {
                        drop_server(c);
                        return next_question(s, c);
                }
                n = recv(c->server, c->out + have, sizeof(c->out) - have, MSG_DONTWAIT);
                if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                        wait_for(s, c, 0, EPOLLIN);
                        return 0;
                }
                if (n <= 0 || measure(c, c->out + have, (size_t)n) < 0)
                        return -1;
                have += (size_t)n;
                c->out_at = 0;
                c->out_len = have;
                if (!shown_again(c, have))
                        continue;
                have = 0;
                r = write_out(c, c->client);
        }
        if (r == 0)
                wait_for(s, c, EPOLLOUT, 0);
        return r;
}

static int go_on(struct sieve *s, struct conn *c)
{
        int r = 0;

        switch (c->state) {
        case READ: return read_more(s, c);
        case ANSWER: r = write_out(c, c->client); return r == 1 ? next_question(s, c) : r;
        case ASK:
                r = write_out(c, c->server);
                if (r != 1)
                        return r;
                c->state = RELAY;
                c->out_at = c->out_len = 0;
                wait_for(s, c, 0, EPOLLIN);
                return 0;
        case RELAY: return relay(s, c);
        case FREE: break;
        }
        return 0;
}

void tcp_goes_on(struct sieve *s, size_t number, int server)
{
        struct conn *c = number < CONNS_MAX ? CONN_OF(s, number) : NULL;

        if (c == NULL || c->state == FREE || (server && c->server < 0))
                return;
        c->used = now();
        if (go_on(s, c) < 0)
                drop(s, c);
}

/* --- coming and going ------------------------------------------------------------------------------------------- */

static int same_source(const struct place *a, const struct place *b)
{
        size_t n, m;
        const uint8_t *x = bytes_of(a, &n), *y = bytes_of(b, &m);

        return n == m && memcmp(x, y, n) == 0;
}

/* When there is no place, who has been silent for longest goes; of one address not all can be. */
static struct conn *room_for(struct sieve *s, const struct place *from)
{
        struct conn *oldest = NULL, *one = NULL;
        size_t i, same = 0;

        for (i = 0; i < CONNS_MAX; i++) {
                struct conn *c = CONN_OF(s, i);

                if (c->state == FREE) {
                        one = one != NULL ? one : c;
                        continue;
                }
                same += (size_t)same_source(&c->from, from);
                if (c->state == READ && (oldest == NULL || c->used < oldest->used))
                        oldest = c;
        }
        if (same >= CONNS_OF_ONE)
                return NULL;
        if (one == NULL && oldest != NULL) {
                drop(s, oldest);
                one = oldest;
        }
        return one;
}

void tcp_comes(struct sieve *s, size_t place)
{
        struct place from = { .len = sizeof(from.at) };
        int fd = accept4(s->tcp[place], &from.at.any, &from.len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        struct conn *c = fd >= 0 ? room_for(s, &from) : NULL;

        if (fd < 0)
                return;
        if (c == NULL) {
                close(fd);
                return;
        }
        c->state = READ;
        c->client = fd;
        c->server = -1;
        c->place = place;
        c->from = from;
        c->used = now();
        c->in_len = c->out_at = c->out_len = 0;
        s->conns->count++;
        if (watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, OF_CLIENT, number_of(s, c)) < 0)
                drop(s, c);
}

int tcp_sweep(struct sieve *s)
{
        time_t old = now() - IDLE;
        size_t i;

        for (i = 0; i < CONNS_MAX && s->conns->count > 0; i++)
                if (CONN_OF(s, i)->state != FREE && CONN_OF(s, i)->used < old)
                        drop(s, CONN_OF(s, i));
        return s->conns->count > 0 ? SWEEP_MS : -1;
}

int tcp_open(struct sieve *s)
{
        size_t i;
        int one = 1;

        s->conns = s->conns != NULL ? s->conns : pic__alloc(sizeof(*s->conns));
        if (s->conns == NULL)
                return -1;
        for (i = 0; i < s->listens; i++) {
                const struct place *p = &s->listen[i];
                int v6 = p->at.any.sa_family == AF_INET6;
                int fd = s->tcp[i] = socket(p->at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

                if (fd < 0)
                        return -1;
                (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
                (void)setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_FREEBIND : IP_FREEBIND, &one,
                                 sizeof(one));
                if (v6)
                        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
                if (bind(fd, &p->at.any, p->len) < 0 || listen(fd, 64) < 0 ||
                    watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, OF_TCP, i) < 0)
                        return -1;
        }
        return 0;
}
