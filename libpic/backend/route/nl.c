/* Owns: talking to rtnetlink: a socket that is close-on-exec, dumps that are whole, changes that are acknowledged.
 * libnl 3.7 drops the kernel's extended acknowledgement and the error at the end of a dump, so it only brings the
 * datagrams; what is in them is read here. */
#include "backend/route/nl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

#define DUMP_TRIES 8
#define ERRNO_MAX 4095 /* as in the kernel */

static void set_option(int fd, int option)
{
        int one = 1;

        /* Older kernels lack some; then answers are longer or say less, nothing else. */
        (void)setsockopt(fd, SOL_NETLINK, option, &one, sizeof(one));
}

int pic__route_nl_open(pic__route_nl *nl, pic_error **err)
{
        struct nl_sock *sock = nl_socket_alloc();
        int r, fd;

        if (sock == NULL)
                return pic__nomem(err);
        r = nl_connect(sock, NETLINK_ROUTE);
        if (r < 0) {
                nl_socket_free(sock);
                return pic__fail(err, PIC_BACKEND, "cannot open an rtnetlink socket: %s", nl_geterror(r));
        }
        fd = nl_socket_get_fd(sock);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        set_option(fd, NETLINK_EXT_ACK);
        set_option(fd, NETLINK_CAP_ACK);
        set_option(fd, NETLINK_GET_STRICT_CHK);
        (void)nl_socket_set_msg_buf_size(sock, 64 << 10);
        nl->sock = sock;
        nl->port = nl_socket_get_local_port(sock);
        return 0;
}

void pic__route_nl_close(pic__route_nl *nl)
{
        if (nl->sock != NULL)
                nl_socket_free(nl->sock);
        nl->sock = NULL;
}

struct nl_msg *pic__route_nl_msg(int type, int flags, const void *header, size_t len)
{
        struct nl_msg *m = nlmsg_alloc_simple(type, flags);

        if (m != NULL && nlmsg_append(m, (void *)(uintptr_t)header, len, NLMSG_ALIGNTO) < 0) {
                nlmsg_free(m);
                return NULL;
        }
        return m;
}

static void keep(pic__buf *out, const struct nlmsghdr *h)
{
        static const char zero[NLMSG_ALIGNTO];

        if (out == NULL)
                return;
        pic__buf_put(out, h, h->nlmsg_len);
        pic__buf_put(out, zero, (size_t)NLMSG_ALIGN(h->nlmsg_len) - h->nlmsg_len);
}

/* The kernel's sentence among the attributes `skip` bytes into a message. */
static void read_extack(pic__route_answer *a, struct nlmsghdr *h, size_t skip)
{
        struct nlattr *text = NULL;

        if ((h->nlmsg_flags & NLM_F_ACK_TLVS) && h->nlmsg_len > (size_t)NLMSG_HDRLEN + skip)
                text = nlmsg_find_attr(h, (int)skip, NLMSGERR_ATTR_MSG);
        if (text != NULL)
                nla_strlcpy(a->extack, text, sizeof(a->extack));
}

/* A refusal's number as errno. One that the kernel does not give is a broken answer. */
static int errno_of(int error)
{
        return error < 0 && error >= -ERRNO_MAX ? -error : EBADMSG;
}

/* The end of a dump, which may say that it failed. */
static void on_done(pic__route_answer *a, struct nlmsghdr *h)
{
        int error = 0;

        if (nlmsg_datalen(h) >= (int)sizeof(error))
                memcpy(&error, nlmsg_data(h), sizeof(error));
        a->done = 1;
        if (error == 0)
                return;
        a->errnum = errno_of(error);
        read_extack(a, h, sizeof(error));
}

/* A refusal, or (error 0) the acknowledgement. With capped ones the kernel's words stand right behind. */
static void on_error(pic__route_answer *a, struct nlmsghdr *h)
{
        const struct nlmsgerr *e = nlmsg_data(h);
        size_t skip = sizeof(*e);

        a->done = 1;
        if (nlmsg_datalen(h) < (int)sizeof(*e)) {
                a->errnum = EBADMSG;
                return;
        }
        if (e->error == 0)
                return;
        a->errnum = errno_of(e->error);
        if (!(h->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len > (unsigned)NLMSG_HDRLEN)
                skip += e->msg.nlmsg_len - (unsigned)NLMSG_HDRLEN;
        read_extack(a, h, skip);
}

/* Answers left over from a request that was given up are not those of this one. */
static void take_message(pic__route_answer *a, struct nlmsghdr *h)
{
        if (h->nlmsg_seq != a->seq || a->done)
                return;
        if (h->nlmsg_flags & NLM_F_DUMP_INTR)
                a->interrupted = 1;
        switch (h->nlmsg_type) {
        case NLMSG_NOOP: break;
        case NLMSG_DONE: on_done(a, h); break;
        case NLMSG_ERROR: on_error(a, h); break;
        default:
                if (a->want == NULL || a->want(h))
                        keep(a->out, h);
        }
}

void pic__route_nl_take(pic__route_answer *a, void *datagram, size_t len)
{
        struct nlmsghdr *h = datagram;
        int left = (int)len;

        for (; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
                take_message(a, h);
}

/* One datagram. 0, or libnl's error. */
static int receive(pic__route_nl *nl, pic__route_answer *a)
{
        struct sockaddr_nl from = { 0 };
        unsigned char *datagram = NULL;
        int n = nl_recv(nl->sock, &from, &datagram, NULL);

        if (n > 0 && from.nl_pid == 0)
                pic__route_nl_take(a, datagram, (size_t)n);
        if (n > 0)
                free(datagram);
        return n < 0 ? n : 0;
}

static int exchange(pic__route_nl *nl, struct nl_msg *request, pic__route_answer *a, pic_error **err)
{
        int r = nl_send_auto(nl->sock, request);

        a->seq = nlmsg_hdr(request)->nlmsg_seq;
        while (r >= 0 && !a->done)
                r = receive(nl, a);
        if (r < 0)
                return pic__fail(err, r == -NLE_NOMEM ? PIC_NOMEM : PIC_BACKEND, "rtnetlink: %s", nl_geterror(r));
        return 0;
}

static int code_of(int errnum)
{
        switch (errnum) {
        case EPERM:
        case EACCES: return PIC_DENIED;
        case EEXIST: return PIC_CONFLICT;
        case ENODEV:
        case ENOENT:
        case ESRCH:
        case EADDRNOTAVAIL: return PIC_NOTFOUND;
        case EOPNOTSUPP:
        case EAFNOSUPPORT: return PIC_UNSUPPORTED;
        case ENOMEM:
        case ENOBUFS: return PIC_NOMEM;
        default: return PIC_BACKEND;
        }
}

static int refused(const pic__route_answer *a, const char *what, pic_error **err)
{
        int r = pic__fail(err, code_of(a->errnum), "%s: %s%s%s", what, pic__errno_text(a->errnum),
                          a->extack[0] != '\0' ? ": " : "", a->extack);

        pic__detail_int(err, "errno", a->errnum);
        if (a->extack[0] != '\0')
                pic__detail(err, "extack", a->extack);
        if (a->errnum == EPERM)
                pic__hint(err, "this needs root, or CAP_NET_ADMIN in this network namespace");
        else if (a->errnum == EACCES || a->errnum == EAFNOSUPPORT)
                pic__hint(err, "IPv6 may be off in this kernel: look at /proc/sys/net/ipv6/conf/all/disable_ipv6 and "
                               "the boot option ipv6.disable");
        return r;
}

int pic__route_nl_dump(pic__route_nl *nl, struct nl_msg *request, pic__buf *out, pic_error **err)
{
        return pic__route_nl_dump_some(nl, request, NULL, out, err);
}

int pic__route_nl_dump_some(pic__route_nl *nl, struct nl_msg *request, int (*want)(const struct nlmsghdr *h),
                            pic__buf *out, pic_error **err)
{
        int i;

        for (i = 0; i < DUMP_TRIES; i++) {
                pic__route_answer a = { .out = out, .want = want };
                int r;

                pic__buf_clear(out);
                nlmsg_hdr(request)->nlmsg_seq = NL_AUTO_SEQ;
                r = exchange(nl, request, &a, err);
                if (r < 0)
                        return r;
                if (a.errnum != 0)
                        return refused(&a, "cannot read the kernel's tables", err);
                if (out->failed)
                        return pic__nomem(err);
                if (!a.interrupted)
                        return 0;
        }
        return pic__fail(err, PIC_BUSY, "the kernel's tables change faster than they can be read");
}

const struct nlmsghdr *pic__route_nl_next(const pic__buf *dump, const struct nlmsghdr *at)
{
        size_t offset = 0;

        if (at != NULL)
                offset = (size_t)((const char *)at - dump->data) + (size_t)NLMSG_ALIGN(at->nlmsg_len);
        if (offset + NLMSG_HDRLEN > dump->len)
                return NULL;
        return (const struct nlmsghdr *)(const void *)(dump->data + offset);
}

int pic__route_nl_change(pic__route_nl *nl, struct nl_msg *request, const char *what, pic_error **err)
{
        pic__route_answer a = { .out = NULL };
        int r = exchange(nl, request, &a, err);

        if (r < 0)
                return pic__wrap(err, "%s", what);
        return a.errnum != 0 ? refused(&a, what, err) : 0;
}
