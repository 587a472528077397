/* Owns: talking to rtnetlink: a socket that is close-on-exec, dumps that are whole, changes that are acknowledged.
 * libnl 3.7 drops the kernel's extended acknowledgement, so the error callback here reads it itself. */
#include "backend/route/nl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

#define DUMP_TRIES 8

/* What became of one request. */
struct answer {
        pic__buf *out;
        uint32_t seq;
        int errnum; /* positive, 0: none */
        int done;
        int interrupted;
        char extack[256];
};

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

static int on_message(struct nl_msg *msg, void *data)
{
        static const char zero[NLMSG_ALIGNTO];
        const struct nlmsghdr *h = nlmsg_hdr(msg);
        struct answer *a = data;

        if (h->nlmsg_flags & NLM_F_DUMP_INTR)
                a->interrupted = 1;
        if (a->out != NULL) {
                pic__buf_put(a->out, h, h->nlmsg_len);
                pic__buf_put(a->out, zero, (size_t)NLMSG_ALIGN(h->nlmsg_len) - h->nlmsg_len);
        }
        return NL_OK;
}

/* Answers left over from a request that was given up are not those of this one. */
static int on_sequence(struct nl_msg *msg, void *data)
{
        const struct answer *a = data;

        return nlmsg_hdr(msg)->nlmsg_seq == a->seq ? NL_OK : NL_SKIP;
}

/* The kernel's sentence among the attributes `skip` bytes into a message. */
static void read_extack(struct answer *a, struct nlmsghdr *h, size_t skip)
{
        struct nlattr *text = NULL;

        if ((h->nlmsg_flags & NLM_F_ACK_TLVS) && h->nlmsg_len > (size_t)NLMSG_HDRLEN + skip)
                text = nlmsg_find_attr(h, (int)skip, NLMSGERR_ATTR_MSG);
        if (text != NULL)
                nla_strlcpy(a->extack, text, sizeof(a->extack));
}

/* The end of a dump, or an acknowledgement. A dump that fails says so at its end, which libnl does not look at. */
static int on_done(struct nl_msg *msg, void *data)
{
        struct nlmsghdr *h = nlmsg_hdr(msg);
        struct answer *a = data;
        int error = 0;

        if (h->nlmsg_flags & NLM_F_DUMP_INTR)
                a->interrupted = 1;
        if (h->nlmsg_type == NLMSG_DONE && nlmsg_datalen(h) >= (int)sizeof(error))
                memcpy(&error, nlmsg_data(h), sizeof(error));
        if (error < 0) {
                a->errnum = -error;
                read_extack(a, h, sizeof(error));
        }
        a->done = 1;
        return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *data)
{
        /* The header stands right before its payload. */
        struct nlmsghdr *h = (struct nlmsghdr *)(void *)((char *)e - NLMSG_HDRLEN);
        struct answer *a = data;
        size_t skip = sizeof(*e);

        (void)from;
        a->errnum = e->error < 0 ? -e->error : EIO;
        if (!(h->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len > (unsigned)NLMSG_HDRLEN)
                skip += e->msg.nlmsg_len - (unsigned)NLMSG_HDRLEN;
        read_extack(a, h, skip);
        return NL_STOP;
}

static int exchange(pic__route_nl *nl, struct nl_msg *request, struct answer *a, pic_error **err)
{
        struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
        int r;

        if (cb == NULL)
                return pic__nomem(err);
        nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_message, a);
        nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_done, a);
        nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_done, a);
        nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, a);
        nl_cb_err(cb, NL_CB_CUSTOM, on_error, a);
        r = nl_send_auto(nl->sock, request);
        a->seq = nlmsg_hdr(request)->nlmsg_seq;
        while (r >= 0 && !a->done && a->errnum == 0) {
                r = nl_recvmsgs(nl->sock, cb);
                if (r == -NLE_DUMP_INTR) {
                        a->interrupted = 1;
                        r = 0;
                }
        }
        nl_cb_put(cb);
        if (r < 0 && a->errnum == 0)
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
        case ESRCH:
        case EADDRNOTAVAIL: return PIC_NOTFOUND;
        case EOPNOTSUPP:
        case EAFNOSUPPORT: return PIC_UNSUPPORTED;
        case ENOMEM:
        case ENOBUFS: return PIC_NOMEM;
        default: return PIC_BACKEND;
        }
}

static int refused(const struct answer *a, const char *what, pic_error **err)
{
        int r = pic__fail(err, code_of(a->errnum), "%s: %s%s%s", what, strerrordesc_np(a->errnum),
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
        int i;

        for (i = 0; i < DUMP_TRIES; i++) {
                struct answer a = { .out = out };
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
        struct answer a = { .out = NULL };
        int r = exchange(nl, request, &a, err);

        if (r < 0)
                return pic__wrap(err, "%s", what);
        return a.errnum != 0 ? refused(&a, what, err) : 0;
}
