/* Owns: connections that ask only whether somebody takes them. */
#include "engine/exits_knock.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Starts one; -1: it cannot even be tried. What is refused at once is heard by who looks. */
static int ask(const pic__far_end *to)
{
        static const struct linger at_once = { 1, 0 };
        struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons(to->port) };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(to->port) };
        int four = to->addr.family == 4;
        int fd = socket(four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (fd < 0)
                return -1;
        memcpy(&in4.sin_addr, to->addr.bytes, 4);
        memcpy(&in6.sin6_addr, to->addr.bytes, 16);
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        (void)connect(fd, four ? (const struct sockaddr *)&in4 : (const struct sockaddr *)&in6,
                      four ? sizeof(in4) : sizeof(in6));
        return fd;
}

void pic__knock_start(pic__knock *k, const pic__far_end *ends, size_t count)
{
        size_t i, j;

        pic__knock_end(k);
        k->count = count < PIC__FAR_ENDS ? count : PIC__FAR_ENDS;
        for (i = 0; i < k->count; i++)
                for (j = 0; j < PIC__KNOCK_EACH; j++)
                        k->fd[i][j] = ask(&ends[i]);
}

/* One that failed can be written to as well, so its error is asked. */
static int stands(int fd)
{
        struct pollfd p = { fd, POLLOUT, 0 };
        int error = 0;
        socklen_t size = sizeof(error);

        return fd >= 0 && poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP)) == 0 &&
               getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

int pic__knock_heard(const pic__knock *k)
{
        size_t i, j;

        for (i = 0; i < k->count; i++) {
                for (j = 0; j < PIC__KNOCK_EACH && !stands(k->fd[i][j]);)
                        j++;
                if (j == PIC__KNOCK_EACH)
                        return 0;
        }
        return k->count > 0;
}

void pic__knock_end(pic__knock *k)
{
        size_t i, j;

        for (i = 0; i < k->count; i++)
                for (j = 0; j < PIC__KNOCK_EACH; j++)
                        if (k->fd[i][j] >= 0)
                                close(k->fd[i][j]);
        k->count = 0;
}
