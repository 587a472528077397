/* Owns: talking netlink. The kernel handles what is sent to netfilter's sockets inside sendmsg(): when that returns,
 * every answer to it is already in our receive queue, so nothing ever waits. A dump continues as we read. */
#include "backend/nft/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "backend/nft/attrs.h"

#define ERRNO_MAX 4095 /* as in the kernel */
#define TX_MIN ((size_t)256 << 10)

static int open_fd(pic_error **err)
{
        struct sockaddr_nl self = { .nl_family = AF_NETLINK };
        struct timeval patience = { 10, 0 };
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), on = 1, r;

        if (fd < 0 && (errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT)) {
                r = pic__fail(err, PIC_UNSUPPORTED, "this kernel has no netfilter");
                pic__hint(err, "load or build the kernel module nfnetlink");
                return r;
        }
        if (fd < 0)
                return pic__fail_errno(err, errno, "netlink socket");
        if (bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0) {
                r = pic__fail_errno(err, errno, "netlink socket");
                close(fd);
                return r;
        }
        /* comforts: their absence changes messages only */
        setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
        setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        return fd;
}

/* A transaction is one message to the kernel, however long: the send buffer has to take it whole. */
static void make_room(int fd, size_t len)
{
        int room = (int)(len * 2 > TX_MIN ? len * 2 : TX_MIN);

        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
                setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static int kernel_send(pic__nft_sock *s, const pic__buf *messages, pic_error **err)
{
        struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
        ssize_t n;

        if (messages->failed)
                return pic__nomem(err);
        make_room(s->fd, messages->len);
        do
                n = sendto(s->fd, messages->data, messages->len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return pic__fail_errno(err, errno, "nftables: sending %zu bytes", messages->len);
        return 0;
}

static ssize_t kernel_receive(pic__nft_sock *s, int wait, pic_error **err)
{
        ssize_t n;

        do
                n = recv(s->fd, s->rx, PIC__NFT_RX, wait ? 0 : MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno == EAGAIN)
                return wait ? pic__fail(err, PIC_TIMEOUT, "nftables: no answer from the kernel") : 0;
        if (n < 0)
                return pic__fail_errno(err, errno, "nftables: reading the kernel's answer");
        return n;
}

int pic__nft_sock_open(pic__nft_sock *s, pic_error **err)
{
        static const pic__nft_door kernel = { kernel_send, kernel_receive };
        struct sockaddr_nl self = { .nl_family = AF_NETLINK };
        socklen_t len = sizeof(self);
        int fd = open_fd(err);

        if (fd < 0)
                return fd;
        s->rx = pic__alloc(PIC__NFT_RX);
        if (s->rx == NULL) {
                close(fd);
                return pic__nomem(err);
        }
        getsockname(fd, (struct sockaddr *)&self, &len);
        s->door = &kernel;
        s->fd = fd;
        s->port = self.nl_pid;
        return 0;
}

void pic__nft_sock_close(pic__nft_sock *s)
{
        if (s->fd >= 0)
                close(s->fd);
        pic__free(s->rx);
        *s = (pic__nft_sock)PIC__NFT_SOCK_INIT;
}

static int refusal_attr(const struct nlattr *attr, void *data)
{
        pic__nft_refusal *r = data;

        if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0) {
                strncpy(r->text, mnl_attr_get_str(attr), sizeof(r->text) - 1);
                r->text[sizeof(r->text) - 1] = '\0';
        } else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0) {
                r->offset = mnl_attr_get_u32(attr);
        }
        return MNL_CB_OK;
}

/* An NLMSG_ERROR, which is also how success is told. The first refusal is kept. */
static void read_error(const struct nlmsghdr *msg, pic__nft_refusal *r)
{
        const struct nlmsgerr *e = mnl_nlmsg_get_payload(msg);
        size_t skip = sizeof(*e);

        if (mnl_nlmsg_get_payload_len(msg) < sizeof(*e) || e->error == 0 || r->error != 0)
                return;
        r->error = e->error < 0 && e->error >= -ERRNO_MAX ? -e->error : EBADMSG;
        r->seq = e->msg.nlmsg_seq;
        if ((msg->nlmsg_flags & NLM_F_CAPPED) == 0)
                skip += (e->msg.nlmsg_len + 3) / 4 * 4 - sizeof(e->msg);
        if ((msg->nlmsg_flags & NLM_F_ACK_TLVS) != 0 && mnl_nlmsg_get_payload_len(msg) >= skip)
                mnl_attr_parse(msg, (unsigned)skip, refusal_attr, r);
}

static int refused(const pic__nft_refusal *r)
{
        return r->error != 0 ? PIC_BACKEND : 0;
}

/* One message of a dump: 1 at its end. */
static int dump_one(const struct nlmsghdr *msg, pic__nft_msg_fn fn, void *data, pic__nft_refusal *r, pic_error **err)
{
        int code;

        if ((msg->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
                return pic__fail(err, PIC_STALE, "nftables: somebody changed the ruleset while it was read");
        if (msg->nlmsg_type == NLMSG_DONE)
                return 1;
        if (msg->nlmsg_type == NLMSG_ERROR) {
                read_error(msg, r);
                return r->error != 0 ? PIC_BACKEND : 1;
        }
        code = fn(msg, data, err);
        if (code < 0)
                return code;
        return (msg->nlmsg_flags & NLM_F_MULTI) == 0 ? 1 : 0;
}

static int is_ours(const pic__nft_sock *s, const struct nlmsghdr *msg)
{
        return msg->nlmsg_seq == s->seq;
}

static int ask(pic__nft_sock *s, const pic__buf *messages, pic_error **err)
{
        if (s->door == NULL)
                return pic__fail(err, PIC_BADSTATE, "nftables: the netlink socket is not open");
        return s->door->send(s, messages, err);
}

/* What is left in the queue after a stop half-way must not be taken for the next answer. */
static void flush(pic__nft_sock *s)
{
        while (s->door->receive(s, 0, NULL) > 0)
                ;
}

int pic__nft_sock_dump(pic__nft_sock *s, const pic__buf *request, pic__nft_msg_fn fn, void *data,
                       pic__nft_refusal *ret_refusal, pic_error **err)
{
        int code = ask(s, request, err);

        *ret_refusal = (pic__nft_refusal){ .error = 0 };
        while (code == 0) {
                ssize_t n = s->door->receive(s, 1, err);
                const struct nlmsghdr *msg;

                if (n < 0)
                        return (int)n;
                pic__nft_each_msg(msg, s->rx, n)
                {
                        if (code == 0 && is_ours(s, msg))
                                code = dump_one(msg, fn, data, ret_refusal, err);
                }
        }
        if (code < 0 && s->door != NULL)
                flush(s);
        return code < 0 ? code : 0;
}

int pic__nft_sock_send(pic__nft_sock *s, const pic__buf *messages, pic__nft_refusal *ret_refusal, pic_error **err)
{
        int code = ask(s, messages, err), answered = 0;

        *ret_refusal = (pic__nft_refusal){ .error = 0 };
        while (code == 0) {
                ssize_t n = s->door->receive(s, 0, err);
                const struct nlmsghdr *msg;

                if (n <= 0) {
                        code = (int)n;
                        break;
                }
                pic__nft_each_msg(msg, s->rx, n)
                {
                        answered |= is_ours(s, msg);
                        if (msg->nlmsg_type == NLMSG_ERROR)
                                read_error(msg, ret_refusal);
                }
        }
        if (code < 0)
                return code;
        if (ret_refusal->error == 0 && !answered)
                return pic__fail(err, PIC_BACKEND, "nftables: the kernel did not answer");
        return refused(ret_refusal);
}

int pic__nft_refused(const pic__nft_refusal *refusal, const char *what, pic_error **err)
{
        int code = PIC_BACKEND;

        if (refusal->error == EPERM || refusal->error == EACCES)
                code = PIC_DENIED;
        else if (refusal->error == ENOMEM)
                return pic__nomem(err);
        else if (refusal->error == EEXIST)
                code = PIC_CONFLICT;
        if (refusal->text[0] != '\0')
                pic__fail(err, code, "%s: %s (%s)", what, refusal->text, pic__errno_text(refusal->error));
        else
                pic__fail(err, code, "%s: %s", what, pic__errno_text(refusal->error));
        pic__detail_int(err, "errno", refusal->error);
        if (refusal->text[0] != '\0')
                pic__detail(err, "extack", refusal->text);
        if (code == PIC_DENIED)
                pic__hint(err, "run it as root, or give it the capability CAP_NET_ADMIN");
        return code;
}
