/* Owns: asking all servers of a zone at once whether they answer, and choosing among them. */
#include "backend/dns/chooser.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "backend/dns/conf.h"

#define SOON 100 /* ms */

/* What other programs ask to see whether a resolver answers: anybody does. Whatever it says is an answer. */
static const char question[] = "\1a\14root-servers\3net\0\0\1\0\1";

/* All upstreams speak TLS, or none is asked by it; one server of a zone of others that does makes all. */
int pic__dns_group_of(const pic__dns_server *s, size_t n, pic__dns_group *ret)
{
        pic__dns_forward f;
        size_t i;

        if (n > s->forward.count || (n > 0 && pic__dns_forward_parse(s->forward.at[n - 1], &f) < 0))
                return 0;
        memset(ret, 0, sizeof(*ret));
        if (n == 0) {
                ret->tls = s->upstream.count > 0;
                for (i = 0; i < s->upstream.count; i++) {
                        ret->tls &= strchr(s->upstream.at[i], '#') != NULL;
                        if (ret->count < PIC__CHOOSER_MAX)
                                snprintf(ret->server[ret->count++], sizeof(ret->server[0]), "%s", s->upstream.at[i]);
                }
                return 1;
        }
        snprintf(ret->zone, sizeof(ret->zone), "%s", f.zone);
        ret->tls = f.tls;
        while (ret->count < PIC__CHOOSER_MAX &&
               pic__dns_forward_next(&f.servers, ret->server[ret->count], sizeof(ret->server[0])))
                ret->count++;
        return 1;
}

size_t pic__dns_groups(const pic__dns_server *s)
{
        return 1 + s->forward.count;
}

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1; /* never 0 */
}

static void set_timer(const pic__chooser *c, int ms)
{
        struct itimerspec t = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 } };

        (void)timerfd_settime(c->timer, 0, &t, NULL);
}

static void hang_up(pic__dns_far *f)
{
        if (f->fd >= 0)
                close(f->fd); /* leaves epoll by itself */
        f->fd = -1;
}

static void end_round(pic__chooser *c)
{
        size_t i;

        for (i = 0; i < c->count; i++)
                hang_up(&c->at[i]);
        set_timer(c, 0);
        c->begun = 0;
}

int pic__chooser_open(pic__chooser *c, int epoll)
{
        struct epoll_event e = { .events = EPOLLIN };

        memset(c, 0, sizeof(*c));
        c->epoll = epoll;
        c->wait = PIC__CHOOSER_WAIT;
        c->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        e.data.fd = c->timer;
        return c->timer < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, c->timer, &e) < 0 ? -1 : 0;
}

void pic__chooser_close(pic__chooser *c)
{
        if (c->timer > 0) {
                end_round(c);
                close(c->timer);
        }
        memset(c, 0, sizeof(*c));
}

/* --- whom ------------------------------------------------------------------------------------------------------- */

static size_t most(const pic__chooser *c)
{
        return c->tls ? 1 : PIC__CHOSEN_MAX; /* a silent one costs twice as much by TLS */
}

static void first_ones(pic__chooser *c)
{
        for (c->chosen_count = 0; c->chosen_count < most(c) && c->chosen_count < c->count; c->chosen_count++)
                c->chosen[c->chosen_count] = c->chosen_count;
}

void pic__chooser_set(pic__chooser *c, const pic__dns_group *g)
{
        size_t count = g != NULL ? g->count : 0, i;
        int tls = g != NULL && g->tls, same = tls == c->tls && c->count == count;
        pic__dns_far to[PIC__CHOOSER_MAX];

        memset(to, 0, sizeof(to));
        for (i = 0; i < count; i++) {
                pic__dns_upstream u = { .tls = "" };

                (void)pic__dns_upstream_parse(g->server[i], &u); /* was read before */
                to[i] = (pic__dns_far){ u.addr, (uint16_t)(u.port != 0 ? u.port : tls ? 853 : 53), -1, 0, 0 };
                same = same && to[i].port == c->at[i].port && pic__addr_cmp(&to[i].addr, &c->at[i].addr) == 0;
        }
        if (same)
                return;
        end_round(c);
        memcpy(c->at, to, sizeof(to));
        c->count = count;
        c->tls = tls;
        first_ones(c);
        pic__chooser_ask(c);
}

static int is_chosen(const pic__chooser *c, size_t at)
{
        size_t i;

        for (i = 0; i < c->chosen_count; i++)
                if (c->chosen[i] == at)
                        return 1;
        return 0;
}

/* The quickest that answered and is not among them; c->count: there is none. */
static size_t quickest(const pic__chooser *c)
{
        size_t best = c->count, i;

        for (i = 0; i < c->count; i++)
                if (c->at[i].state == PIC__FAR_LIVE && !is_chosen(c, i) &&
                    (best == c->count || c->at[i].rtt < c->at[best].rtt))
                        best = i;
        return best;
}

/* Who answers stays; who does not gives way to those that do. When nobody does, one is left: no question need wait for
 * two. */
static void choose(pic__chooser *c)
{
        size_t was[PIC__CHOSEN_MAX], was_count = c->chosen_count, i, next;

        memcpy(was, c->chosen, sizeof(was));
        for (i = c->chosen_count = 0; i < was_count; i++)
                if (c->at[was[i]].state == PIC__FAR_LIVE)
                        c->chosen[c->chosen_count++] = was[i];
        while (c->chosen_count < most(c) && (next = quickest(c)) < c->count)
                c->chosen[c->chosen_count++] = next;
        if (c->chosen_count == 0)
                c->chosen[c->chosen_count++] = was[0];
}

int pic__chooser_wants(const pic__chooser *c)
{
        size_t i;

        if (c->count < 2 || c->begun != 0)
                return 0;
        for (i = 0; i < c->chosen_count; i++)
                if (c->at[c->chosen[i]].state != PIC__FAR_LIVE)
                        return 2;
        return c->chosen_count < most(c) && c->chosen_count < c->count;
}

unsigned pic__chooser_patience(const pic__chooser *c)
{
        unsigned rtt = c->chosen_count > 0 ? c->at[c->chosen[0]].rtt : 0;

        return rtt * 4 > PIC__DNS_PATIENCE ? rtt * 4
                                           : PIC__DNS_PATIENCE; /* TCP, TLS, the question: three ways there and back */
}

/* --- asking ------------------------------------------------------------------------------------------------------ */

static socklen_t put_place(const pic__dns_far *f, struct sockaddr_storage *to)
{
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
        struct sockaddr_in *four = (struct sockaddr_in *)to;

        memset(to, 0, sizeof(*to));
        if (f->addr.family == 4) {
                four->sin_family = AF_INET;
                four->sin_port = htons(f->port);
                memcpy(&four->sin_addr, f->addr.bytes, 4);
                return sizeof(*four);
        }
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(f->port);
        memcpy(&six->sin6_addr, f->addr.bytes, 16);
        return sizeof(*six);
}

static int send_question(int fd, uint16_t id)
{
        uint8_t message[12 + sizeof(question) - 1] = { (uint8_t)(id >> 8), (uint8_t)id, 1, 0, 0, 1 };

        memcpy(message + 12, question, sizeof(question) - 1);
        return send(fd, message, sizeof(message), MSG_NOSIGNAL) == (ssize_t)sizeof(message) ? 0 : -1;
}

/* Whom nothing can be sent to is as silent as who does not answer. */
static void ask_one(pic__chooser *c, pic__dns_far *f)
{
        struct epoll_event e = { .events = c->tls ? EPOLLOUT : EPOLLIN };
        struct sockaddr_storage to;
        socklen_t len = put_place(f, &to);

        f->state = PIC__FAR_UNKNOWN;
        f->fd = socket(to.ss_family, (c->tls ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (f->fd < 0)
                return;
        e.data.fd = f->fd;
        if ((connect(f->fd, (struct sockaddr *)&to, len) < 0 && errno != EINPROGRESS) ||
            (!c->tls && send_question(f->fd, c->id) < 0) || epoll_ctl(c->epoll, EPOLL_CTL_ADD, f->fd, &e) < 0)
                hang_up(f);
}

void pic__chooser_ask(pic__chooser *c)
{
        size_t i;

        if (c->count < 2 || c->begun != 0 || getrandom(&c->id, sizeof(c->id), 0) != (ssize_t)sizeof(c->id))
                return;
        c->begun = now_ms();
        set_timer(c, SOON);
        for (i = 0; i < c->count; i++)
                ask_one(c, &c->at[i]);
}

/* 1: it answered; 0: not yet; -1: it will not. */
static int heard(const pic__chooser *c, const pic__dns_far *f)
{
        uint8_t answer[512];
        socklen_t len = sizeof(int);
        struct sockaddr_storage to;
        int bad = 0;
        ssize_t n;

        if (c->tls) {
                if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &bad, &len) < 0 || bad != 0)
                        return -1;
                len = sizeof(to);
                return getpeername(f->fd, (struct sockaddr *)&to, &len) == 0;
        }
        while ((n = recv(f->fd, answer, sizeof(answer), 0)) >= 0)
                if (n >= 12 && answer[0] == (uint8_t)(c->id >> 8) && answer[1] == (uint8_t)c->id &&
                    (answer[2] & 0x80) != 0)
                        return 1;
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

/* 1: nobody is waited for any more. */
static int hear_all(pic__chooser *c, unsigned took)
{
        size_t waiting = 0, i;

        for (i = 0; i < c->count; i++) {
                pic__dns_far *f = &c->at[i];
                int r = f->fd >= 0 ? heard(c, f) : 0;

                if (r > 0)
                        f->rtt = took;
                if (r != 0) {
                        f->state = r > 0 ? PIC__FAR_LIVE : PIC__FAR_SILENT;
                        hang_up(f);
                }
                waiting += f->fd >= 0;
        }
        return waiting == 0;
}

/* Who has not answered soon gives way to who has; at the end all is known. */
int pic__chooser_turn(pic__chooser *c)
{
        int64_t took = now_ms() - c->begun;
        uint64_t rings;
        size_t i;
        int all;

        if (c->begun == 0)
                return 0;
        all = hear_all(c, (unsigned)took);
        if (all || took >= c->wait) {
                for (i = 0; i < c->count; i++)
                        if (c->at[i].state != PIC__FAR_LIVE)
                                c->at[i].state = PIC__FAR_SILENT;
                end_round(c);
                choose(c);
                return 1;
        }
        if (read(c->timer, &rings, sizeof(rings)) != (ssize_t)sizeof(rings))
                return 0;
        set_timer(c, (int)(c->wait - took));
        if (quickest(c) == c->count)
                return 0; /* nobody who would be better */
        choose(c);
        return 1;
}
