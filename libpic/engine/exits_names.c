/* Owns: what is known of far ends, and when it is asked for again. One channel of c-ares lives while something is
 * asked, so that each round reads the machine's resolv.conf as it is then; its sockets are in an epoll set of ours.
 *
 * Addresses are told in one order (IPv4 first), so that a name server that shuffles its answers changes nothing; and
 * while an exit works, an answer that still has one of its addresses changes nothing either. */
#include "engine/exits_names.h"

#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "base/vec.h"
#include "model/text.h"

#define HOSTS 16    /* of one exit */
#define ANSWERS 256 /* of one host: all that are heard, so that the same ones are used however they are shuffled */
#define USED 16     /* of one host */
#define USED_ALL 64 /* of one exit: its item holds no more (PIC__EXIT_LIST_MAX) */
#define STEADY (300 * PIC__SECOND)
#define DOUBT (30 * PIC__SECOND)
#define FIRST (2 * PIC__SECOND) /* nothing is known: again after 2 s, 4 s … 30 s */
#define TIMEOUT_MS 2000
#define TRIES 2
#define EVENTS 16
#define ONE (256 + 16) /* HOST:PORT/PROTO */

struct entry {
        char *wished;
        char *remote;
        pic_error *trouble;
        pic_time asked;   /* when the last round began; 0: never */
        pic_time ask_at;  /* 0: never */
        pic_time gap;     /* while nothing is known */
        unsigned pending; /* hosts that are asked now */
        unsigned round;   /* which one: answers to former wishes are nobody's */
        int doubt;
        pic_error *failed; /* of this round */
        PIC__VEC(pic__addr) found[HOSTS];
};

struct pic__names {
        pic__names_opts opts;
        ares_channel channel; /* NULL: nothing is asked */
        int epoll;
        unsigned asking; /* questions that are out */
        pic_time now;
        struct entry at[PIC__EXIT_SLOTS + 1];
};

/* Who asked: given to c-ares, back with the answer. */
struct question {
        pic__names *names;
        unsigned slot;
        unsigned round;
        unsigned host;
        char name[256];
};

int pic__names_new(const pic__names_opts *opts, pic__names **ret, pic_error **err)
{
        pic__names *n = pic__alloc(sizeof(*n));

        if (n == NULL)
                return pic__nomem(err);
        n->opts = *opts;
        n->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (n->epoll < 0) {
                pic__free(n);
                return pic__fail_errno(err, errno, "cannot wait for name servers");
        }
        *ret = n;
        return 0;
}

/* --- what is wished ------------------------------------------------------------------------------------------- */

/* HOST, and ":PORT[/PROTO]" behind it. -1: it is none. */
static int split(const char *one, char host[256], const char **rest)
{
        char text[ONE];
        const char *slash = strchr(one, '/');
        size_t len = slash != NULL ? (size_t)(slash - one) : strlen(one);
        uint16_t port;

        if (len >= sizeof(text))
                return -1;
        memcpy(text, one, len);
        text[len] = '\0';
        if (pic__endpoint_parse(text, host, &port) < 0)
                return -1;
        *rest = strrchr(text, ':') - text + one;
        return 0;
}

static void forget_round(struct entry *e)
{
        size_t i;

        for (i = 0; i < HOSTS; i++)
                pic__vec_free(&e->found[i]);
        pic_error_free(pic__take(e->failed));
}

static void forget(struct entry *e)
{
        unsigned round = e->round;

        forget_round(e);
        pic__free(e->wished);
        pic__free(e->remote);
        pic_error_free(e->trouble);
        *e = (struct entry){ .round = round + 1 };
}

int pic__names_set(pic__names *n, unsigned slot, const char *wished, pic_time now, pic_error **err)
{
        struct entry *e = &n->at[slot];

        if (wished == NULL || wished[0] == '\0') {
                forget(e);
                return 0;
        }
        if (e->wished != NULL && strcmp(e->wished, wished) == 0)
                return 0;
        forget(e);
        e->wished = pic__strdup(wished);
        e->ask_at = now;
        return e->wished != NULL ? 0 : pic__nomem(err);
}

void pic__names_recall(pic__names *n, unsigned slot, const char *remote)
{
        struct entry *e = &n->at[slot];

        if (e->wished != NULL && e->remote == NULL && remote != NULL && remote[0] != '\0')
                e->remote = pic__strdup(remote);
}

static int known(const struct entry *e)
{
        return e->remote != NULL && e->remote[0] != '\0';
}

/* What is not a name is never asked for again. */
static int is_fixed(const struct entry *e)
{
        const char *list = e->wished, *rest;
        char one[ONE], host[256];
        pic__addr a;

        while (pic__list_next(&list, one, sizeof(one)))
                if (split(one, host, &rest) == 0 && pic__addr_parse(host, &a) < 0)
                        return 0;
        return 1;
}

static void plan_next(struct entry *e, pic_time now)
{
        if (is_fixed(e)) {
                e->ask_at = e->doubt ? now + DOUBT : 0; /* whose an address is may change: see refuse() */
                return;
        }
        if (known(e)) {
                e->gap = 0;
                e->ask_at = e->asked + (e->doubt || e->trouble != NULL ? DOUBT : STEADY);
        } else {
                e->gap = e->gap == 0 ? FIRST : e->gap * 2 < DOUBT ? e->gap * 2 : DOUBT;
                e->ask_at = now + e->gap;
        }
        if (e->ask_at < now)
                e->ask_at = now;
}

void pic__names_doubt(pic__names *n, unsigned slot, int doubt, pic_time now)
{
        struct entry *e = &n->at[slot];

        if (e->wished == NULL || e->doubt == doubt)
                return;
        e->doubt = doubt;
        if (e->pending == 0 && e->asked != 0 && known(e))
                plan_next(e, now);
}

/* --- answers -------------------------------------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
        return pic__addr_cmp(a, b);
}

/* Why it cannot be a far end goes into *reason. `name`: that it was found by; NULL: it was wished as it is. */
static pic__far refused(const pic__names *n, const char *name, const pic__addr *a, pic__buf *reason)
{
        const pic__addr to = pic__far_meant(a);
        const pic__prefix one = { to, to.family == 4 ? 32 : 128 };
        const char *special = pic__prefix_unusable(&one);
        char text[PIC__ADDR_TEXT];

        if (special != NULL) {
                pic__buf_putf(reason, "%s, which is %s", pic__addr_print(a, text), special);
                return PIC__FAR_BACK;
        }
        return n->opts.refuse != NULL ? n->opts.refuse(name, a, reason, n->opts.data) : PIC__FAR_GOOD;
}

static void refuse(struct entry *e, const char *host, pic__far how, const char *reason)
{
        if (e->failed != NULL)
                return;
        (void)pic__fail(&e->failed, PIC_CONFLICT, "the far end %s is at %s", host, reason);
        if (how == PIC__FAR_NEAR)
                pic__hint(&e->failed,
                          "A name of the internet that means a host of the home network may be a trick. Write "
                          "the address itself as endpoint, if that is meant.");
        else
                pic__hint(&e->failed, "An exit cannot lead back to this cell. Set the endpoint to the far end's public "
                                      "name or address.");
}

/* Of one host what may be used, sorted, as "ADDR:PORT/PROTO" into out; how many. */
static size_t put_host(const pic__names *n, struct entry *e, unsigned host, const char *one, size_t most, pic__buf *out)
{
        pic__auto_buf pic__buf reason = PIC__BUF_INIT;
        char name[256], text[PIC__ADDR_TEXT];
        size_t i, used = 0;
        const char *rest;
        pic__addr wished;
        pic__far how;
        int named;

        if (split(one, name, &rest) < 0)
                return 0;
        named = pic__addr_parse(name, &wished) < 0;
        if (e->found[host].count > 1)
                qsort(e->found[host].at, e->found[host].count, sizeof(pic__addr), by_address);
        for (i = 0; i < e->found[host].count && used < most; i++) {
                const pic__addr *a = &e->found[host].at[i];

                if ((i > 0 && pic__addr_cmp(a, a - 1) == 0) || out->len > PIC__NAMES_REMOTE_MAX - 2 * PIC__ADDR_TEXT)
                        continue;
                pic__buf_clear(&reason);
                how = refused(n, named ? name : NULL, a, &reason);
                if (how != PIC__FAR_GOOD) {
                        refuse(e, name, how, pic__buf_str(&reason));
                        continue;
                }
                pic__buf_puts(out, out->len > 0 ? "," : "");
                pic__buf_putf(out, a->family == 6 ? "[%s]" : "%s", pic__addr_print(a, text));
                pic__buf_puts(out, rest);
                used++;
        }
        return used;
}

/* 1: the lists have one in common. */
static int overlap(const char *a, const char *b)
{
        char one[ONE], other[ONE];

        while (pic__list_next(&a, one, sizeof(one))) {
                const char *list = b;

                while (pic__list_next(&list, other, sizeof(other)))
                        if (strcmp(one, other) == 0)
                                return 1;
        }
        return 0;
}

/* All hosts were answered, or not. What was good stays until something good comes. */
static void end_round(pic__names *n, struct entry *e)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const char *list = e->wished;
        char one[ONE];
        size_t left = USED_ALL;
        unsigned host;
        int found;

        for (host = 0; host < HOSTS && pic__list_next(&list, one, sizeof(one)); host++)
                left -= put_host(n, e, host, one, left < USED ? left : USED, &text);
        found = text.len > 0 && !text.failed;
        pic_error_free(e->trouble);
        e->trouble = found ? NULL : pic__take(e->failed);
        if (found && !(known(e) && !e->doubt && overlap(e->remote, text.data))) {
                pic__free(e->remote);
                e->remote = pic__buf_steal(&text);
        } else if (!found && pic_error_code(e->trouble) == PIC_CONFLICT && (!known(e) || is_fixed(e))) {
                pic__free(e->remote);
                e->remote = pic__strdup("");
        }
        forget_round(e);
        plan_next(e, n->now);
}

static void answered(pic__names *n, struct entry *e)
{
        e->pending--;
        if (e->pending == 0)
                end_round(n, e);
}

static void take_address(struct entry *e, unsigned host, const struct ares_addrinfo_node *node)
{
        pic__addr a = { .family = node->ai_family == AF_INET ? 4 : 6 };
        struct sockaddr_in in4;
        struct sockaddr_in6 in6;

        if (node->ai_family == AF_INET && node->ai_addrlen >= sizeof(in4)) {
                memcpy(&in4, node->ai_addr, sizeof(in4));
                memcpy(a.bytes, &in4.sin_addr, 4);
        } else if (node->ai_family == AF_INET6 && node->ai_addrlen >= sizeof(in6)) {
                memcpy(&in6, node->ai_addr, sizeof(in6));
                memcpy(a.bytes, &in6.sin6_addr, 16);
        } else {
                return;
        }
        if (e->found[host].count < ANSWERS)
                (void)pic__vec_push(&e->found[host], a);
}

static void fail(struct entry *e, const char *name, int status)
{
        if (e->failed != NULL)
                return;
        if (status == ARES_ENOTFOUND || status == ARES_ENODATA) {
                (void)pic__fail(&e->failed, PIC_NOTFOUND, "there is no address for the name %s", name);
                pic__hint(&e->failed, "Look whether the endpoint is spelled right: getent ahosts %s", name);
        } else {
                (void)pic__fail(&e->failed, PIC_TIMEOUT, "cannot resolve %s: %s", name, ares_strerror(status));
                pic__hint(&e->failed, "Look at this machine's name servers, in /etc/resolv.conf.");
        }
}

static void on_answer(void *data, int status, int timeouts, struct ares_addrinfo *found)
{
        struct question *q = data;
        struct entry *e = &q->names->at[q->slot];
        const struct ares_addrinfo_node *node;

        (void)timeouts;
        q->names->asking--;
        if (status != ARES_EDESTRUCTION && e->round == q->round) {
                for (node = found != NULL ? found->nodes : NULL; node != NULL; node = node->ai_next)
                        take_address(e, q->host, node);
                if (e->found[q->host].count == 0)
                        fail(e, q->name, status);
                answered(q->names, e);
        }
        if (found != NULL)
                ares_freeaddrinfo(found);
        pic__free(q);
}

/* --- questions ------------------------------------------------------------------------------------------------ */

static void on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
        const pic__names *n = data;
        struct epoll_event ev = { .events = (readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0),
                                  .data = { .fd = fd } };

        if (ev.events == 0)
                (void)epoll_ctl(n->epoll, EPOLL_CTL_DEL, fd, NULL);
        else if (epoll_ctl(n->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
                (void)epoll_ctl(n->epoll, EPOLL_CTL_MOD, fd, &ev);
}

/* ares_library_init() is for other systems: here it would only set what is set. */
static int open_channel(pic__names *n)
{
        char path[256];
        struct ares_options o = { .flags = ARES_FLAG_NOSEARCH,
                                  .timeout = TIMEOUT_MS,
                                  .tries = TRIES,
                                  .sock_state_cb = on_socket,
                                  .sock_state_cb_data = n };
        int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;

        if (n->channel != NULL)
                return 0;
        if (n->opts.resolv_conf != NULL) {
                (void)snprintf(path, sizeof(path), "%s", n->opts.resolv_conf);
                o.resolvconf_path = path;
                mask |= ARES_OPT_RESOLVCONF;
        }
        return ares_init_options(&n->channel, &o, mask) == ARES_SUCCESS ? 0 : -1;
}

static void ask_name(pic__names *n, unsigned slot, unsigned host, const char *name)
{
        static const struct ares_addrinfo_hints hints = { .ai_flags = ARES_AI_NOSORT, .ai_family = AF_UNSPEC };
        struct entry *e = &n->at[slot];
        struct question *q = open_channel(n) == 0 ? pic__alloc(sizeof(*q)) : NULL;

        if (q == NULL) {
                fail(e, name, ARES_ENOMEM);
                answered(n, e);
                return;
        }
        *q = (struct question){ .names = n, .slot = slot, .round = e->round, .host = host };
        (void)snprintf(q->name, sizeof(q->name), "%s", name);
        n->asking++;
        ares_getaddrinfo(n->channel, name, NULL, &hints, on_answer, q);
}

/* Answers may come before this returns: the round has one more to wait for until it has begun. */
static void ask(pic__names *n, unsigned slot)
{
        struct entry *e = &n->at[slot];
        const char *list = e->wished, *rest;
        char one[ONE], name[256];
        unsigned host;
        pic__addr a;

        e->asked = n->now;
        e->ask_at = 0;
        e->round++;
        e->pending = 1;
        for (host = 0; host < HOSTS && pic__list_next(&list, one, sizeof(one)); host++) {
                if (split(one, name, &rest) < 0)
                        continue;
                if (pic__addr_parse(name, &a) == 0) {
                        (void)pic__vec_push(&e->found[host], a);
                        continue;
                }
                e->pending++;
                ask_name(n, slot, host, name);
        }
        answered(n, e);
}

int pic__names_fd(const pic__names *n)
{
        return n->epoll;
}

pic_time pic__names_due(const pic__names *n, pic_time now)
{
        pic_time at = 0;
        struct timeval tv;
        unsigned slot;

        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (n->at[slot].ask_at != 0 && (at == 0 || n->at[slot].ask_at < at))
                        at = n->at[slot].ask_at;
        if (n->channel != NULL && n->asking > 0 && ares_timeout(n->channel, NULL, &tv) != NULL) {
                pic_time due = now + (pic_time)tv.tv_sec * PIC__SECOND + tv.tv_usec;

                at = at == 0 || due < at ? due : at;
        }
        return at;
}

static void hear(pic__names *n)
{
        struct epoll_event events[EVENTS];
        int count = epoll_wait(n->epoll, events, EVENTS, 0), i;

        for (i = 0; i < count; i++) {
                int in = (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
                int out = (events[i].events & EPOLLOUT) != 0;

                ares_process_fd(n->channel, in ? events[i].data.fd : ARES_SOCKET_BAD,
                                out ? events[i].data.fd : ARES_SOCKET_BAD);
        }
        ares_process_fd(n->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* whose time is over */
}

void pic__names_turn(pic__names *n, pic_time now)
{
        unsigned slot;

        n->now = now;
        if (n->channel != NULL)
                hear(n);
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (n->at[slot].ask_at != 0 && n->at[slot].ask_at <= now && n->at[slot].pending == 0)
                        ask(n, slot);
        if (n->channel != NULL && n->asking == 0) {
                ares_destroy(n->channel);
                n->channel = NULL;
        }
}

const char *pic__names_remote(const pic__names *n, unsigned slot)
{
        return n->at[slot].remote;
}

const pic_error *pic__names_trouble(const pic__names *n, unsigned slot)
{
        return n->at[slot].trouble;
}

pic__names *pic__names_unref(pic__names *n)
{
        unsigned slot;

        if (n == NULL)
                return NULL;
        if (n->channel != NULL)
                ares_destroy(n->channel);
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                forget(&n->at[slot]);
        close(n->epoll);
        pic__free(n);
        return NULL;
}
