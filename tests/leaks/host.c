/* The whole world's servers in one: echoes on TCP and UDP, says who asked (HTTP "GET", a datagram "who"), and is every
 * name server there is.
 *
 *   leaks_host NAMES LOG
 *
 * NAMES: lines "name address…", read again when it changed; any other name has 198.51.100.200 and 2001:db8:51::c8.
 * LOG: a line each query: "time source name type".
 */
#include "marker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKETS 4096
#define NAMED 128

struct named {
        char name[64];
        struct in_addr v4;
        struct in6_addr v6;
        int has4, has6;
};

struct end {
        int open, listens, datagrams, dns, v6;
        size_t held; /* of a question that has not come whole */
        uint8_t part[1024];
};

static struct end ends[SOCKETS];
static struct named named[NAMED];
static size_t named_count;
static const char *names_file;
static struct timespec names_read;
static FILE *query_log;

static void read_names(void)
{
        struct stat st;
        char line[256];
        FILE *in;

        if (stat(names_file, &st) < 0 ||
            (st.st_mtim.tv_sec == names_read.tv_sec && st.st_mtim.tv_nsec == names_read.tv_nsec))
                return;
        names_read = st.st_mtim;
        in = fopen(names_file, "re");
        named_count = 0;
        while (in && fgets(line, sizeof line, in) && named_count < NAMED) {
                struct named *n = &named[named_count];
                char *word = strtok(line, " \n");

                if (!word)
                        continue;
                memset(n, 0, sizeof *n);
                snprintf(n->name, sizeof n->name, "%s", word);
                while ((word = strtok(NULL, " \n"))) {
                        n->has4 |= inet_pton(AF_INET, word, &n->v4) == 1;
                        n->has6 |= inet_pton(AF_INET6, word, &n->v6) == 1;
                }
                named_count++;
        }
        if (in)
                fclose(in);
}

/* The name of the question as text; answers where it ends, or 0. */
static size_t question(const uint8_t *q, size_t len, char *name, size_t size)
{
        size_t at = 12, out = 0;

        while (at < len && q[at]) {
                size_t label = q[at++];

                if (label > 63 || at + label > len || out + label + 2 > size)
                        return 0;
                memcpy(name + out, q + at, label);
                out += label;
                name[out++] = '.';
                at += label;
        }
        if (out)
                out--;
        name[out] = 0;
        return at + 5 <= len ? at + 5 : 0;
}

static size_t add_record(uint8_t *a, size_t at, unsigned type, const void *data, size_t len)
{
        static const uint8_t head[] = { 0xc0, 12 };

        memcpy(a + at, head, 2);
        memset(a + at + 2, 0, 10);
        a[at + 3] = (uint8_t)type;
        a[at + 5] = 1;
        a[at + 9] = 1; /* one second: nothing is remembered */
        a[at + 11] = (uint8_t)len;
        memcpy(a + at + 12, data, len);
        a[7]++;
        return at + 12 + len;
}

static size_t answer(const uint8_t *q, size_t len, uint8_t *a, const char *from)
{
        static const uint8_t root[] = "\x01"
                                      "a\x0croot-servers\x03net"; /* with its final nought */
        char name[256];
        size_t end = len >= 17 ? question(q, len, name, sizeof name) : 0, at = end, i;
        const struct named *n = NULL;
        struct in_addr v4;
        struct in6_addr v6;
        unsigned type;

        if (!end || q[2] & 0x80)
                return 0;
        type = (unsigned)(q[end - 4] << 8 | q[end - 3]);
        fprintf(query_log, "%.3f %s %s %u\n", now(), from, name, type);
        read_names();
        memcpy(a, q, end);
        a[2] = (uint8_t)(0x84 | (q[2] & 1));
        a[3] = 0x80;
        memset(a + 4, 0, 8);
        a[5] = 1;
        for (i = 0; i < named_count; i++)
                if (strcasecmp(named[i].name, name) == 0)
                        n = &named[i];
        inet_pton(AF_INET, "198.51.100.200", &v4);
        inet_pton(AF_INET6, "2001:db8:51::c8", &v6);
        if (type == 1 && (!n || n->has4))
                at = add_record(a, at, 1, n ? &n->v4 : &v4, 4);
        if (type == 28 && (!n || n->has6))
                at = add_record(a, at, 28, n ? &n->v6 : &v6, 16);
        if (type == 2 && !name[0])
                at = add_record(a, at, 2, root, sizeof root);
        return at;
}

static void print_peer(const struct sockaddr_storage *who, char *to, size_t size)
{
        if (who->ss_family == AF_INET)
                inet_ntop(AF_INET, &((const struct sockaddr_in *)who)->sin_addr, to, (socklen_t)size);
        else
                inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)who)->sin6_addr, to, (socklen_t)size);
}

static void hear_datagram(int fd, const struct end *e)
{
        uint8_t data[8192], out[1024];
        char control[256], from[INET6_ADDRSTRLEN];
        struct sockaddr_storage who;

        for (;;) {
                struct iovec iov = { data, sizeof data };
                struct msghdr m = { .msg_name = &who,
                                    .msg_namelen = sizeof who,
                                    .msg_iov = &iov,
                                    .msg_iovlen = 1,
                                    .msg_control = control,
                                    .msg_controllen = sizeof control };
                ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
                size_t len;

                if (n < 0)
                        return;
                print_peer(&who, from, sizeof from);
                if (e->dns) {
                        len = answer(data, (size_t)n, out, from);
                } else if (n >= 3 && memcmp(data, "who", 3) == 0) {
                        len = (size_t)snprintf((char *)out, sizeof out, "%s", from);
                } else {
                        len = n > 64 ? 64 : (size_t)n;
                        memcpy(out, data, len);
                }
                iov = (struct iovec){ out, len };
                if (len && sendmsg(fd, &m, MSG_DONTWAIT) < 0 && errno == EBADF)
                        return;
        }
}

static void shut(int fd)
{
        ends[fd].open = 0;
        close(fd);
}

static void peer_of(int fd, char from[INET6_ADDRSTRLEN])
{
        struct sockaddr_storage who;
        socklen_t len = sizeof who;

        from[0] = 0;
        if (getpeername(fd, (struct sockaddr *)&who, &len) == 0)
                print_peer(&who, from, INET6_ADDRSTRLEN);
}

/* Resolvers put question behind question on one connection (RFC 7766, 6.2.1): who answers the first alone is a dead
 * server to them. */
static void hear_questions(int fd, struct end *e)
{
        uint8_t out[1024];
        char from[INET6_ADDRSTRLEN];
        ssize_t n = recv(fd, e->part + e->held, sizeof e->part - e->held, MSG_DONTWAIT);
        size_t at = 0;

        if (n <= 0) {
                if (n == 0 || errno != EAGAIN)
                        shut(fd);
                return;
        }
        peer_of(fd, from);
        e->held += (size_t)n;
        while (e->held - at >= 2) {
                size_t asked = (size_t)e->part[at] << 8 | e->part[at + 1], len;

                if (asked > sizeof e->part - 2) {
                        shut(fd);
                        return;
                }
                if (e->held - at - 2 < asked)
                        break;
                len = answer(e->part + at + 2, asked, out + 2, from);
                out[0] = (uint8_t)(len >> 8);
                out[1] = (uint8_t)len;
                if (!len || send(fd, out, len + 2, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
                        shut(fd);
                        return;
                }
                at += asked + 2;
        }
        memmove(e->part, e->part + at, e->held - at);
        e->held -= at;
}

static void hear_stream(int fd)
{
        uint8_t data[4096], out[1024];
        char from[INET6_ADDRSTRLEN];
        ssize_t n = recv(fd, data, sizeof data, MSG_DONTWAIT);
        int get = n > 4 && memcmp(data, "GET ", 4) == 0;
        size_t len;

        if (n <= 0) {
                if (n == 0 || errno != EAGAIN)
                        shut(fd);
                return;
        }
        peer_of(fd, from);
        if (get) {
                len = (size_t)snprintf((char *)out, sizeof out,
                                       "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
                                       "%zu\r\nConnection: close\r\n\r\n%s\n",
                                       strlen(from) + 1, from);
        } else {
                len = n > 64 ? 64 : (size_t)n;
                memcpy(out, data, len);
        }
        if (send(fd, out, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 || get)
                shut(fd);
}

/* A stream that was accepted: as who listens, but for that. */
static void keep(int epoll, int fd, const struct end *as, int listens)
{
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

        if (fd < 0)
                return;
        if (fd >= SOCKETS) {
                close(fd);
                return;
        }
        ends[fd].open = 1;
        ends[fd].listens = listens;
        ends[fd].datagrams = as->datagrams;
        ends[fd].dns = as->dns;
        ends[fd].v6 = as->v6;
        ends[fd].held = 0;
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void serve(int epoll, int v6, int stream, int port)
{
        struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
        int fd = socket(v6 ? AF_INET6 : AF_INET, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
            yes = 1, idle = 5, bad;

        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (v6) {
                setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
                setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
                setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &yes,
                           sizeof yes); /* answers come from where the question went */
                bad = bind(fd, (struct sockaddr *)&in6, sizeof in6);
        } else {
                setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
                setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &yes, sizeof yes);
                bad = bind(fd, (struct sockaddr *)&in4, sizeof in4);
        }
        if (stream) { /* who vanished is forgotten */
                setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
                setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
                setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &yes, sizeof yes);
                setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &idle, sizeof idle);
        }
        if (bad || (stream && listen(fd, 512) < 0)) {
                perror("leaks_host: bind");
                exit(1);
        }
        keep(epoll, fd, &(struct end){ .datagrams = !stream, .dns = port == 53, .v6 = v6 }, stream);
}

int main(int argc, char **argv)
{
        static const int streams[] = { 53, 80, 443, 853, 5000, 8443 }, datagrams[] = { 53, 123, 443, 5000, 5001 };
        int epoll = epoll_create1(EPOLL_CLOEXEC), v6, i, n;
        struct epoll_event got[64];
        size_t s;

        if (argc != 3 || !(query_log = fopen(argv[2], "ae"))) {
                fprintf(stderr, "usage: leaks_host NAMES LOG\n");
                return 2;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setvbuf(query_log, NULL, _IOLBF, 0);
        names_file = argv[1];
        for (v6 = 0; v6 < 2; v6++) {
                for (s = 0; s < sizeof streams / sizeof *streams; s++)
                        serve(epoll, v6, 1, streams[s]);
                for (s = 0; s < sizeof datagrams / sizeof *datagrams; s++)
                        serve(epoll, v6, 0, datagrams[s]);
        }
        printf("ready\n");
        fflush(stdout);
        for (;;) {
                n = epoll_wait(epoll, got, 64, -1);
                for (i = 0; i < n; i++) {
                        int fd = got[i].data.fd;
                        struct end *e = &ends[fd];

                        if (!e->open)
                                continue;
                        if (e->listens)
                                keep(epoll, accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), e, 0);
                        else if (e->datagrams)
                                hear_datagram(fd, e);
                        else if (e->dns)
                                hear_questions(fd, e);
                        else
                                hear_stream(fd);
                }
        }
}
