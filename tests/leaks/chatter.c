/* A device that never stops talking: every kind of packet in both families, each with a marker of its own.
 *
 *   leaks_chatter STATS DEVICE PERIOD_MS TARGET4 TARGET6 RESOLVER4 RESOLVER6
 *
 * Every flow sends once in a period (one that makes a new TCP connection each time: in four), all of them evenly over
 * it. STATS is a file of counters that is mapped and read while this runs: sent[kind][family], refused[kind][family]
 * (the kernel would not send), answered[kind][family]. Ends when its parent does, or by a signal.
 */
#include "marker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLOWS (KIND_COUNT * 2)
#define CALLS 40     /* TCP connections of a flow that are under way */
#define PATIENCE 2.0 /* seconds until one is given up */
#define SLOW 4       /* a connection is ten packets */
#define FRESH 8      /* packets after which a flow takes a new source port; QUIC, fragments and ICMP keep theirs */
#define FRAGMENTED 3000

struct call {
        int fd;
        int said;
        double since;
        uint8_t marker[MARKER];
};

struct flow {
        enum kind kind;
        int v6;
        double due;
        int fd; /* datagrams and the long connection */
        int sent;
        struct call calls[CALLS];
};

struct counters {
        uint64_t sent[KIND_COUNT][2], refused[KIND_COUNT][2], answered[KIND_COUNT][2];
};

static struct counters *counters;
static struct flow flows[FLOWS];
static unsigned device;
static struct in_addr target4, resolver4;
static struct in6_addr target6, resolver6;
static uint64_t sequence;

static int is_tcp(enum kind kind)
{
        return kind <= K_DOT || kind == K_DNS_CELL_TCP || kind == K_DNS_PUBLIC_TCP;
}

static int is_dns(enum kind kind)
{
        return kind >= K_DNS_CELL;
}

static socklen_t where(const struct flow *f, struct sockaddr_storage *to)
{
        static const uint16_t ports[KIND_COUNT] = { 80, 443, 8443, 853, 5000, 443, 123, 5001, 0, 53, 53, 53, 53 };
        int cell = f->kind == K_DNS_CELL || f->kind == K_DNS_CELL_TCP;

        memset(to, 0, sizeof *to);
        if (f->v6) {
                struct sockaddr_in6 *in = (struct sockaddr_in6 *)to;

                in->sin6_family = AF_INET6;
                in->sin6_port = htons(ports[f->kind]);
                in->sin6_addr = cell ? resolver6 : target6;
                return sizeof *in;
        } else {
                struct sockaddr_in *in = (struct sockaddr_in *)to;

                in->sin_family = AF_INET;
                in->sin_port = htons(ports[f->kind]);
                in->sin_addr = cell ? resolver4 : target4;
                return sizeof *in;
        }
}

static int new_socket(const struct flow *f)
{
        int type = is_tcp(f->kind) ? SOCK_STREAM : f->kind == K_ICMP ? SOCK_RAW : SOCK_DGRAM;
        int proto = f->kind != K_ICMP ? 0 : f->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
        int fd = socket(f->v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);

        return fd; /* -1 where a program may not (ICMP without the right): counted as refused */
}

static size_t dns_query(const uint8_t *marker, uint8_t *to)
{
        static const uint8_t tail[] = "\x04leak\x07"
                                      "example\x00\x00\x01\x00\x01";
        char hex[2 * MARKER + 1];

        marker_hex(marker, hex);
        memset(to, 0, 12);
        memcpy(to, marker + MARKER - 2, 2);
        to[2] = 1; /* recursion desired */
        to[5] = 1; /* one question */
        to[12] = 2 * MARKER;
        memcpy(to + 13, hex, 2 * MARKER);
        memcpy(to + 13 + 2 * MARKER, tail, sizeof tail - 1);
        return 13 + 2 * MARKER + sizeof tail - 1;
}

static uint16_t checksum(const uint8_t *p, size_t len)
{
        uint32_t sum = 0;
        size_t i;

        for (i = 0; i + 1 < len; i += 2)
                sum += (uint32_t)p[i] << 8 | p[i + 1];
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

/* What a packet of this kind looks like; all of a long one is markers, so that each fragment has a whole one. */
static size_t body(const struct flow *f, const uint8_t *marker, uint8_t *to)
{
        size_t len = f->kind == K_FRAGMENTS ? FRAGMENTED : f->kind == K_QUIC ? 1200 : 48, at;

        if (is_dns(f->kind))
                return dns_query(marker, to);
        for (at = 0; at < len; at += MARKER)
                memcpy(to + at, marker, len - at < MARKER ? len - at : MARKER);
        if (f->kind == K_QUIC)
                memcpy(to, "\xc3\x00\x00\x00\x01\x08", 6); /* a long header, version 1 */
        if (f->kind == K_NTP)
                to[0] = 0x23;
        if (f->kind == K_ICMP) {
                uint16_t sum;

                memset(to, 0, 8);
                to[0] = f->v6 ? 128 : 8;
                to[4] = (uint8_t)device;
                to[5] = (uint8_t)f->kind;
                memcpy(to + 6, marker + MARKER - 2, 2);
                memcpy(to + 8, marker, MARKER);
                sum = checksum(to, len); /* the kernel makes ICMPv6's */
                to[2] = f->v6 ? 0 : (uint8_t)(sum >> 8);
                to[3] = f->v6 ? 0 : (uint8_t)sum;
        }
        return len;
}

static void hang_up(struct call *c)
{
        close(c->fd);
        c->fd = -1;
}

static void count(const struct flow *f, ssize_t sent)
{
        if (sent >= 0)
                counters->sent[f->kind][f->v6]++;
        else
                counters->refused[f->kind][f->v6]++;
}

static void dial(struct flow *f)
{
        struct sockaddr_storage to;
        socklen_t len = where(f, &to);
        struct call *c = NULL;
        int i;

        for (i = 0; i < CALLS && !c; i++)
                if (f->calls[i].fd < 0)
                        c = &f->calls[i];
        if (!c)
                return;
        c->fd = new_socket(f);
        c->said = 0;
        c->since = now();
        marker_make(c->marker, device, f->kind, f->v6, ++sequence);
        if (c->fd < 0 || (connect(c->fd, (struct sockaddr *)&to, len) < 0 && errno != EINPROGRESS)) {
                count(f, -1);
                if (c->fd >= 0)
                        hang_up(c);
        } else {
                count(f, 0);
        }
}

/* One connection that stays, and on which something is said in each period; dialled again when it broke. */
static void say_more(struct flow *f)
{
        struct call *c = &f->calls[0];
        uint8_t marker[MARKER];

        if (c->fd < 0) {
                dial(f);
                return;
        }
        if (!c->said)
                return;
        marker_make(marker, device, f->kind, f->v6, ++sequence);
        count(f, send(c->fd, marker, MARKER, MSG_NOSIGNAL));
        if (now() - c->since > PATIENCE)
                hang_up(c); /* nothing came back for so long */
}

static void send_one(struct flow *f)
{
        uint8_t marker[MARKER], data[FRAGMENTED];
        struct sockaddr_storage to;
        socklen_t len = where(f, &to);

        if (f->kind == K_TCP_LONG) {
                say_more(f);
                return;
        }
        if (is_tcp(f->kind)) {
                dial(f);
                return;
        }
        if (f->kind == K_ICMP && f->v6)
                ((struct sockaddr_in6 *)&to)->sin6_port = 0;
        if (f->kind != K_ICMP && f->kind != K_QUIC && f->kind != K_FRAGMENTS && f->sent++ % FRESH == 0 && f->fd >= 0) {
                close(f->fd);
                f->fd = -1;
        }
        if (f->fd < 0)
                f->fd = new_socket(f);
        marker_make(marker, device, f->kind, f->v6, ++sequence);
        count(f, f->fd < 0 ? -1 : sendto(f->fd, data, body(f, marker, data), 0, (struct sockaddr *)&to, len));
}

static void hear_datagrams(struct flow *f)
{
        uint8_t data[4096];
        ssize_t n;

        while ((n = recv(f->fd, data, sizeof data, 0)) >= 0)
                if (f->kind != K_ICMP || (f->v6 ? data[0] == 129 : n > 20 && data[20] == 0))
                        counters->answered[f->kind][f->v6]++;
}

static void hear_call(struct flow *f, struct call *c)
{
        uint8_t data[4096];
        ssize_t n;

        if (!c->said) {
                size_t len = MARKER;

                memcpy(data, c->marker, MARKER);
                if (is_dns(f->kind)) {
                        len = dns_query(c->marker, data + 2);
                        data[0] = 0;
                        data[1] = (uint8_t)len;
                        len += 2;
                }
                c->said = 1;
                if (send(c->fd, data, len, MSG_NOSIGNAL) < 0)
                        hang_up(c);
                return;
        }
        n = recv(c->fd, data, sizeof data, 0);
        if (n < 0 && errno == EAGAIN)
                return;
        if (n > 0)
                counters->answered[f->kind][f->v6]++;
        if (n > 0 && f->kind == K_TCP_LONG)
                c->since = now();
        else
                hang_up(c);
}

static size_t gather(struct pollfd *p, struct flow **flow, struct call **call)
{
        double t = now();
        size_t n = 0;
        int i, j;

        for (i = 0; i < FLOWS; i++) {
                struct flow *f = &flows[i];

                if (f->fd >= 0) {
                        p[n] = (struct pollfd){ f->fd, POLLIN, 0 };
                        flow[n] = f;
                        call[n++] = NULL;
                }
                for (j = 0; j < CALLS; j++) {
                        struct call *c = &f->calls[j];

                        if (c->fd >= 0 && t - c->since > PATIENCE)
                                hang_up(c);
                        if (c->fd < 0)
                                continue;
                        p[n] = (struct pollfd){ c->fd, c->said ? POLLIN : POLLOUT, 0 };
                        flow[n] = f;
                        call[n++] = c;
                }
        }
        return n;
}

static void run(double period)
{
        static struct pollfd p[FLOWS * (CALLS + 1)];
        static struct flow *flow[FLOWS * (CALLS + 1)];
        static struct call *call[FLOWS * (CALLS + 1)];

        for (;;) {
                double t = now(), next = t + period;
                size_t n, i;

                for (i = 0; i < FLOWS; i++) {
                        struct flow *f = &flows[i];
                        double own = period * (is_tcp(f->kind) && f->kind != K_TCP_LONG ? SLOW : 1);

                        if (t >= f->due) {
                                send_one(f);
                                f->due = t > f->due + own ? t + own : f->due + own;
                        }
                        if (f->due < next)
                                next = f->due;
                }
                n = gather(p, flow, call);
                t = (next - now()) * 1000 + 1;
                if (poll(p, n, t < 1 ? 1 : (int)t) <= 0)
                        continue;
                for (i = 0; i < n; i++) {
                        if (p[i].revents && call[i] && call[i]->fd == p[i].fd)
                                hear_call(flow[i], call[i]);
                        else if (p[i].revents && !call[i])
                                hear_datagrams(flow[i]);
                }
        }
}

int main(int argc, char **argv)
{
        double period;
        int fd, i, j;

        if (argc != 8 || !inet_pton(AF_INET, argv[4], &target4) || !inet_pton(AF_INET6, argv[5], &target6) ||
            !inet_pton(AF_INET, argv[6], &resolver4) || !inet_pton(AF_INET6, argv[7], &resolver6)) {
                fprintf(stderr, "usage: leaks_chatter STATS DEVICE PERIOD_MS TARGET4 TARGET6 RESOLVER4 RESOLVER6\n");
                return 2;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        device = (unsigned)strtoul(argv[2], NULL, 10);
        period = strtod(argv[3], NULL) / 1000;
        fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || ftruncate(fd, sizeof *counters) < 0)
                return 1;
        counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (counters == MAP_FAILED)
                return 1;
        sequence = (uint64_t)(now() * 1000) << 20; /* unique over restarts */
        for (i = 0; i < FLOWS; i++) {
                flows[i] = (struct flow){ .kind = (enum kind)(i / 2), .v6 = i % 2, .fd = -1 };
                flows[i].due = now() + period * i / FLOWS;
                for (j = 0; j < CALLS; j++)
                        flows[i].calls[j].fd = -1;
        }
        run(period);
        return 0;
}
