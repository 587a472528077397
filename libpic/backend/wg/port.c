/* Owns: the question whether a UDP port is free, by taking it for a moment. */
#include "backend/wg/port.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* 1: somebody else has it. Any other trouble is left for WireGuard itself to meet. */
static int taken(int family, uint16_t port)
{
        struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
        struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, r;

        if (fd < 0)
                return 0;
        if (family == AF_INET6) {
                (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
                r = bind(fd, (struct sockaddr *)&six, sizeof(six));
        } else {
                r = bind(fd, (struct sockaddr *)&four, sizeof(four));
        }
        r = r < 0 && errno == EADDRINUSE;
        close(fd);
        return r;
}

int pic__wg_port_taken(uint16_t port, pic_error **err)
{
        pic__fail(err, PIC_CONFLICT, "UDP port %u is taken by another program", (unsigned)port);
        pic__hint(err, "see who listens: ss -ulpn 'sport = :%u'; or choose another: pic cell set --listen-port PORT",
                  (unsigned)port);
        pic__detail_int(err, "errno", EADDRINUSE);
        return PIC_CONFLICT;
}

int pic__wg_port_check(uint16_t port, pic_error **err)
{
        if (port != 0 && (taken(AF_INET, port) || taken(AF_INET6, port)))
                return pic__wg_port_taken(port, err);
        return 0;
}
