/* Owns: one message over a SOCK_SEQPACKET socket. A packet cannot be larger than the socket's send buffer, so larger
 * messages travel as a memfd that is sealed: the reader knows that it cannot shrink under its hands. */
#include "engine/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEHIND "+" /* the text of a packet whose message is in the memfd that comes along */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void close_p(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
}

/* A memfd with the data, or -errno. */
static int make_memfd(const char *data, size_t len)
{
        PIC__AUTO(close_p) int fd = memfd_create("pic-answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int done;

        if (fd < 0)
                return -errno;
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0)
                        return -errno;
                data += n;
                len -= (size_t)n;
        }
        if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
                return -errno;
        done = fd;
        fd = -1;
        return done;
}

static int send_packet(int fd, const void *data, size_t len, int memfd)
{
        union {
                struct cmsghdr align;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = { .bytes = { 0 } };
        struct iovec part = { .iov_len = len };
        struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
        ssize_t n;

        memcpy(&part.iov_base, &data, sizeof(data)); /* sendmsg does not write; iovec has no const */
        if (memfd >= 0) {
                struct cmsghdr *c;

                m.msg_control = control.bytes;
                m.msg_controllen = sizeof(control.bytes);
                c = CMSG_FIRSTHDR(&m);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(sizeof(int));
                memcpy(CMSG_DATA(c), &memfd, sizeof(int));
        }
        do
                n = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : 0;
}

int pic__wire_send(int fd, const void *data, size_t len)
{
        PIC__AUTO(close_p) int memfd = -1;

        if (len <= PIC__WIRE_INLINE)
                return send_packet(fd, data, len, -1);
        memfd = make_memfd(data, len);
        if (memfd < 0)
                return memfd;
        return send_packet(fd, BEHIND, 1, memfd);
}

int pic__wire_send_along(int fd, const void *data, size_t len, int along)
{
        return len <= PIC__WIRE_INLINE ? send_packet(fd, data, len, along) : -EMSGSIZE;
}

/* The first descriptor that came along; the others are closed. */
static int first_fd(struct msghdr *m)
{
        int got = -1;
        struct cmsghdr *c;

        for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
                size_t i, n;

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                for (i = 0; i < n; i++) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
                        if (got < 0)
                                got = fd;
                        else
                                (void)close(fd);
                }
        }
        return got;
}

static int read_memfd(int fd, size_t max, pic__buf *out)
{
        struct stat st;
        int seals = fcntl(fd, F_GET_SEALS);
        size_t left;
        off_t at = 0;
        char *to;

        if (seals < 0 || (seals & (F_SEAL_SHRINK | F_SEAL_WRITE)) != (F_SEAL_SHRINK | F_SEAL_WRITE) ||
            fstat(fd, &st) < 0)
                return -EBADMSG;
        if ((uint64_t)st.st_size > max)
                return -EMSGSIZE;
        left = (size_t)st.st_size;
        to = pic__buf_room(out, left);
        if (to == NULL)
                return -ENOMEM;
        while (left > 0) {
                ssize_t n = pread(fd, to + at, left, at);

                if (n <= 0)
                        return -EIO;
                at += n;
                left -= (size_t)n;
        }
        pic__buf_added(out, (size_t)at);
        return 1;
}

/* Length of the packet that waits; 0 none will come any more; -errno. */
static ssize_t peek(int fd)
{
        char one;
        ssize_t n;

        do
                n = recv(fd, &one, 1, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

/* One packet; *ret_along: what came with it. */
static int recv_packet(int fd, size_t max, pic__buf *out, int *ret_along)
{
        union {
                struct cmsghdr align;
                char bytes[CMSG_SPACE(4 * sizeof(int))];
        } control;
        struct iovec part;
        struct msghdr m = {
                .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control)
        };
        ssize_t n = peek(fd);

        if (n <= 0)
                return (int)n;
        if ((size_t)n > max)
                return -EMSGSIZE;
        part.iov_len = (size_t)n;
        part.iov_base = pic__buf_room(out, part.iov_len);
        if (part.iov_base == NULL)
                return -ENOMEM;
        n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n <= 0)
                return n < 0 ? -errno : 0;
        *ret_along = first_fd(&m);
        return (int)n;
}

int pic__wire_recv(int fd, size_t max, int memfd, pic__buf *out)
{
        PIC__AUTO(close_p) int along = -1;
        int n = recv_packet(fd, max, out, &along);

        if (n <= 0)
                return n;
        if (along >= 0 && memfd)
                return read_memfd(along, max, out);
        pic__buf_added(out, (size_t)n);
        return 1;
}

int pic__wire_recv_along(int fd, size_t max, pic__buf *out, int *ret_along)
{
        PIC__AUTO(close_p) int along = -1;
        size_t before = out->len;
        int n = recv_packet(fd, max, out, &along);

        if (n <= 0)
                return n;
        pic__buf_added(out, (size_t)n);
        if (along >= 0 && n == 1 && strcmp(pic__buf_str(out) + before, BEHIND) == 0) {
                pic__buf_clear(out);
                return read_memfd(along, max, out);
        }
        *ret_along = along;
        along = -1;
        return 1;
}
