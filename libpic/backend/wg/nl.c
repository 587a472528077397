/* Owns: asking the kernel by netlink. */
#include "backend/wg/nl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/buf.h"

#define ERRNO_MAX 4095    /* as in the kernel */
#define ANSWER_SECONDS 10 /* the kernel answers at once; this only keeps us from hanging for good */

int pic__nl_open(pic__nl *nl, int protocol, pic_error **err)
{
        struct timeval limit = { .tv_sec = ANSWER_SECONDS };
        int on = 1, r, fd;

        *nl = (pic__nl){ .sock = nl_socket_alloc(), .room = pic__alloc(PIC__NL_ROOM) };
        if (nl->sock == NULL || nl->room == NULL) {
                pic__nl_close(nl);
                return pic__nomem(err);
        }
        r = nl_connect(nl->sock, protocol);
        if (r < 0) {
                pic__nl_close(nl);
                return pic__fail(err, PIC_BACKEND, "netlink: %s", nl_geterror(r));
        }
        fd = nl_socket_get_fd(nl->sock);
        /* Older kernels know neither: then there are no words. */
        (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
        (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        return 0;
}

void pic__nl_close(pic__nl *nl)
{
        nl_socket_free(nl->sock);
        pic__free(nl->room);
        *nl = (pic__nl){ .sock = NULL };
}

void pic__nl_msg_free(struct nl_msg *msg)
{
        if (msg == NULL)
                return;
        explicit_bzero(nlmsg_data(nlmsg_hdr(msg)), (size_t)nlmsg_datalen(nlmsg_hdr(msg)));
        nlmsg_free(msg);
}

/* Only a message with capped acks carries its words right after the header of the request. */
static void keep_words(pic__nl *nl, struct nlmsghdr *h)
{
        const struct nlmsgerr *e = nlmsg_data(h);
        size_t at = sizeof(*e), len = (size_t)nlmsg_datalen(h);
        struct nlattr *words;

        if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || len < sizeof(*e))
                return;
        if (!(h->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len > sizeof(e->msg))
                at += e->msg.nlmsg_len - sizeof(e->msg);
        if (at > len)
                return;
        words = nlmsg_find_attr(h, (int)at, NLMSGERR_ATTR_MSG);
        if (words != NULL)
                snprintf(nl->extack, sizeof(nl->extack), "%.*s", nla_len(words), (const char *)nla_data(words));
}

/* The number that an end begins with; one that the kernel does not give is a broken answer. */
static int error_of(const struct nlmsghdr *h)
{
        int error = 0;

        if (nlmsg_datalen(h) >= (int)sizeof(error))
                memcpy(&error, nlmsg_data(h), sizeof(error));
        return error > 0 || error < -ERRNO_MAX ? -EBADMSG : error;
}

static void take_message(pic__nl *nl, struct nlmsghdr *h, pic__nl_answer *a)
{
        int error;

        if (h->nlmsg_seq != a->seq)
                return;
        if ((h->nlmsg_flags & NLM_F_DUMP_INTR) && a->result == 0)
                a->result = -EINTR;
        switch (h->nlmsg_type) {
        case NLMSG_NOOP: return;
        case NLMSG_ERROR:
        case NLMSG_DONE:
                a->end = 1;
                error = error_of(h);
                if (error != 0 && h->nlmsg_type == NLMSG_ERROR)
                        keep_words(nl, h);
                if (a->result == 0)
                        a->result = error;
                return;
        default:
                if (a->result == 0 && a->fn != NULL)
                        a->result = a->fn(h, a->data);
        }
}

void pic__nl_take(pic__nl *nl, void *datagram, size_t len, pic__nl_answer *a)
{
        struct nlmsghdr *h = datagram;
        int left = (int)len;

        while (nlmsg_ok(h, left)) {
                take_message(nl, h, a);
                h = nlmsg_next(h, &left);
        }
}

/* One datagram. 0 or -errno. */
static int receive(pic__nl *nl, pic__nl_answer *a)
{
        ssize_t n = recv(nl_socket_get_fd(nl->sock), nl->room, PIC__NL_ROOM, MSG_TRUNC);
        size_t len = n <= PIC__NL_ROOM ? (size_t)n : PIC__NL_ROOM;

        if (n < 0)
                return errno == EINTR ? 0 : errno == EAGAIN ? -ETIMEDOUT : -errno;
        pic__nl_take(nl, nl->room, len, a);
        explicit_bzero(nl->room, len);
        return n <= PIC__NL_ROOM ? 0 : -EMSGSIZE;
}

int pic__nl_ask(pic__nl *nl, struct nl_msg *msg, int (*fn)(const struct nlmsghdr *h, void *data), void *data)
{
        pic__nl_answer a = { .fn = fn, .data = data };
        struct nlmsghdr *h = nlmsg_hdr(msg);
        int r = 0;

        nl->extack[0] = '\0';
        h->nlmsg_flags |= NLM_F_REQUEST;
        if (!(h->nlmsg_flags & NLM_F_DUMP))
                h->nlmsg_flags |= NLM_F_ACK;
        nl_complete_msg(nl->sock, msg);
        a.seq = h->nlmsg_seq;
        while (send(nl_socket_get_fd(nl->sock), h, h->nlmsg_len, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        while (r == 0 && !a.end)
                r = receive(nl, &a);
        return r < 0 ? r : a.result;
}

int pic__nl_fail(const pic__nl *nl, pic_error **err, int errnum, const char *fmt, ...)
{
        pic__auto_buf pic__buf what = PIC__BUF_INIT;
        char text[100];
        va_list ap;
        int code = PIC_BACKEND;

        va_start(ap, fmt);
        pic__buf_vputf(&what, fmt, ap);
        va_end(ap);
        if (errnum == EPERM || errnum == EACCES)
                code = PIC_DENIED;
        else if (errnum == ENOMEM)
                return pic__nomem(err);
        else if (errnum == EOPNOTSUPP)
                code = PIC_UNSUPPORTED;
        else if (errnum == ETIMEDOUT)
                code = PIC_TIMEOUT;
        pic__fail(err, code, "%s: %s%s%s%s", pic__buf_str(&what), strerror_r(errnum, text, sizeof(text)),
                  nl->extack[0] != '\0' ? " (" : "", nl->extack, nl->extack[0] != '\0' ? ")" : "");
        if (code == PIC_DENIED)
                pic__hint(err, "this needs root, or the capability CAP_NET_ADMIN in this network namespace");
        pic__detail_int(err, "errno", errnum);
        if (nl->extack[0] != '\0')
                pic__detail(err, "extack", nl->extack);
        return code;
}
