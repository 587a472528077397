/* Owns: questions over UDP. What may be asked is asked of the name server from one socket, under a number of ours, by
 * which its answer finds who asked. Who waits longest makes room when there are too many. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"
#include "sieve/program/serve.h"

#define WAITS 16384 /* a number has 14 bits for the place, and two more, so that a late answer is not another's */
#define BATCH 32
#define ANSWER_MAX 4096

struct wait {
        struct place from;
        uint64_t number;         /* of the name */
        uint32_t before, behind; /* by age; or the next free one */
        uint16_t id;             /* theirs, as it stands in the message */
        uint8_t place, turn, busy;
        uint16_t hide; /* how its question was put */
};

struct waits {
        struct wait at[WAITS + 1]; /* [0] is the ring's own: behind it the oldest */
        uint32_t free_at, used;
        struct mmsghdr in[BATCH], out[BATCH], up[BATCH];
        struct iovec in_vec[BATCH], out_vec[BATCH], up_vec[BATCH][2];
        struct place from[BATCH];
        uint8_t bytes[BATCH][ANSWER_MAX], answer[BATCH][PIC__SIEVE_ANSWER], head[BATCH][PIC__SIEVE_PROXY];
};

static void unlink_wait(struct waits *w, uint32_t n)
{
        struct wait *x = &w->at[n];

        w->at[x->before].behind = x->behind;
        w->at[x->behind].before = x->before;
        x->busy = 0;
}

static void free_wait(struct waits *w, uint32_t n)
{
        unlink_wait(w, n);
        w->at[n].behind = w->free_at;
        w->free_at = n;
}

static uint32_t new_wait(struct waits *w)
{
        uint32_t n = w->free_at, last;

        if (n != 0) {
                w->free_at = w->at[n].behind;
        } else if (w->used < WAITS) {
                n = ++w->used;
        } else {
                n = w->at[0].behind;
                unlink_wait(w, n);
        }
        last = w->at[0].before;
        w->at[n].before = last;
        w->at[n].behind = 0;
        w->at[last].behind = n;
        w->at[0].before = n;
        w->at[n].turn = (uint8_t)((w->at[n].turn + 1) & 3);
        w->at[n].busy = 1;
        return n;
}

static uint16_t own_id(const struct waits *w, uint32_t n)
{
        return (uint16_t)((n - 1) | (uint32_t)w->at[n].turn << 14);
}

/* --- sockets ---------------------------------------------------------------------------------------------------- */

static int open_place(const struct place *p, int type)
{
        int fd = socket(p->at.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, room = 1 << 20;

        if (fd < 0)
                return -1;
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
        if (p->at.any.sa_family == AF_INET6) {
                (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
                (void)setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one));
        } else {
                (void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
        }
        return fd;
}

static int open_listen(struct sieve *s, size_t i)
{
        s->udp[i] = open_place(&s->listen[i], SOCK_DGRAM);
        if (s->udp[i] < 0 || bind(s->udp[i], &s->listen[i].at.any, s->listen[i].len) < 0)
                return -1;
        return watch(s, EPOLL_CTL_ADD, s->udp[i], EPOLLIN, OF_UDP, i);
}

int udp_open(struct sieve *s)
{
        struct waits *w = s->waits = s->waits != NULL ? s->waits : pic__alloc(sizeof(*s->waits));
        size_t i;

        if (w == NULL)
                return -1;
        for (i = 0; i < s->listens; i++)
                if (open_listen(s, i) < 0)
                        return -1;
        for (i = 0; i < s->ups; i++) {
                s->up_fd[i] = open_place(&s->up[i], SOCK_DGRAM);
                if (s->up_fd[i] < 0 || connect(s->up_fd[i], &s->up[i].at.any, s->up[i].len) < 0 ||
                    watch(s, EPOLL_CTL_ADD, s->up_fd[i], EPOLLIN, OF_UP, i) < 0)
                        return -1;
        }
        for (i = 0; i < BATCH; i++) {
                w->in_vec[i] = (struct iovec){ w->bytes[i], ANSWER_MAX };
                w->in[i].msg_hdr.msg_iov = &w->in_vec[i];
                w->in[i].msg_hdr.msg_iovlen = 1;
                w->out[i].msg_hdr.msg_iov = &w->out_vec[i];
                w->out[i].msg_hdr.msg_iovlen = 1;
                w->up[i].msg_hdr.msg_iov = w->up_vec[i];
                w->up[i].msg_hdr.msg_iovlen = 2;
        }
        return 0;
}

/* What the kernel does not take is lost, as any datagram may be. */
static void send_all(int fd, struct mmsghdr *m, unsigned count)
{
        unsigned at = 0;

        while (at < count) {
                int n = sendmmsg(fd, m + at, count - at, MSG_DONTWAIT);

                at += n > 0 ? (unsigned)n : 1;
        }
}

static int receive(struct waits *w, int fd, int named)
{
        int i;

        for (i = 0; i < BATCH; i++) {
                w->in[i].msg_hdr.msg_name = named ? &w->from[i].at : NULL;
                w->in[i].msg_hdr.msg_namelen = named ? sizeof(w->from[i].at) : 0;
        }
        return recvmmsg(fd, w->in, BATCH, MSG_DONTWAIT, NULL);
}

/* --- questions and answers -------------------------------------------------------------------------------------- */

/* The name that the message asks for now. */
static uint64_t name_of(const uint8_t *m, size_t len)
{
        pic__sieve_name n;

        return pic__sieve_name_wire(m, len, 12, &n) == 0 || n.count == 0 ? 0 : pic__sieve_number(&n);
}

/* Asked under a number of ours. */
static void pass_on(struct sieve *s, size_t place, unsigned i, unsigned len, const pic__sieve_question *q, unsigned at)
{
        struct waits *w = s->waits;
        uint32_t n = new_wait(w);
        struct wait *x = &w->at[n];
        uint16_t id = own_id(w, n);

        x->from = w->from[i];
        x->place = (uint8_t)place;
        x->hide = (uint16_t)q->hide;
        x->number = q->name.count == 0 ? 0 : pic__sieve_number(&q->name);
        if (q->hide > 0) {
                pic__sieve_hide(w->bytes[i], len, q->hide);
                x->number = name_of(w->bytes[i], len);
        }
        memcpy(&x->id, w->bytes[i], 2);
        memcpy(w->bytes[i], &id, 2);
        w->up_vec[at][0] = (struct iovec){ w->head[at], head_of(&x->from, &s->listen[place], 1, w->head[at]) };
        w->up_vec[at][1] = (struct iovec){ w->bytes[i], len };
}

void udp_asked(struct sieve *s, size_t place)
{
        struct waits *w = s->waits;
        unsigned i, out = 0, up = 0;
        int n = receive(w, s->udp[place], 1);

        for (i = 0; n > 0 && i < (unsigned)n; i++) {
                pic__sieve_question q;
                const char *said = NULL;
                int code;

                w->from[i].len = w->in[i].msg_hdr.msg_namelen;
                code = (w->in[i].msg_hdr.msg_flags & MSG_TRUNC) != 0
                               ? -1
                               : judge(s, w->bytes[i], w->in[i].msg_len, &w->from[i], &q, &said);
                if (code == 0) {
                        pass_on(s, place, i, w->in[i].msg_len, &q, up++);
                } else if (code > 0) {
                        w->out_vec[out] = (struct iovec){ w->answer[out], pic__sieve_answer(w->bytes[i], &q, code, said,
                                                                                            w->answer[out]) };
                        w->out[out].msg_hdr.msg_name = &w->from[i].at;
                        w->out[out++].msg_hdr.msg_namelen = w->from[i].len;
                }
        }
        send_all(s->up_fd[s->up_of[place]], w->up, up);
        send_all(s->udp[place], w->out, out);
}

static struct wait *whose(struct waits *w, const uint8_t *m, size_t len, uint32_t *ret)
{
        uint16_t id;
        uint32_t n;

        if (len < 12)
                return NULL;
        memcpy(&id, m, 2);
        n = (id & (WAITS - 1u)) + 1;
        *ret = n;
        return n <= w->used && w->at[n].busy && w->at[n].turn == id >> 14 && pic__sieve_about(m, len, w->at[n].number)
                       ? &w->at[n]
                       : NULL;
}

void udp_answered(struct sieve *s, size_t up)
{
        struct waits *w = s->waits;
        unsigned i, place, count[PLACES_MAX] = { 0 };
        uint32_t at[BATCH] = { 0 };
        int n = up < s->ups ? receive(w, s->up_fd[up], 0) : 0;

        for (i = 0; n > 0 && i < (unsigned)n; i++) {
                const struct wait *x = whose(w, w->bytes[i], w->in[i].msg_len, &at[i]);

                if (x == NULL) {
                        at[i] = 0;
                        continue;
                }
                memcpy(w->bytes[i], &x->id, 2);
                pic__sieve_hide(w->bytes[i], w->in[i].msg_len, x->hide);
                count[x->place]++;
        }
        for (place = 0; place < s->listens; place++) {
                unsigned out = 0;

                for (i = 0; count[place] > 0 && i < (unsigned)n; i++) {
                        struct wait *x = &w->at[at[i]];

                        if (at[i] == 0 || x->place != place)
                                continue;
                        w->out_vec[out] = (struct iovec){ w->bytes[i], w->in[i].msg_len };
                        w->out[out].msg_hdr.msg_name = &x->from.at;
                        w->out[out++].msg_hdr.msg_namelen = x->from.len;
                }
                send_all(s->udp[place], w->out, out);
        }
        for (i = 0; n > 0 && i < (unsigned)n; i++)
                if (at[i] != 0 && w->at[at[i]].busy)
                        free_wait(w, at[i]);
}
