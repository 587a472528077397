/* Sends UDP packets into ready-made paths and measures what one costs: the sender's processor time, in which on a veth
 * the whole way lies (both ends of the wire, forwarding, the ruleset, the sink that drops it).
 *
 *   bench_packets send SLICE_MS ROUNDS NAME NETNS INTERFACE MAC FLOWS [NAME NETNS …]
 *       FLOWS: a file of "source destination source-port destination-port" lines; MAC: of the interface's other end.
 *       Each path gets a slice in turn, forwards in even rounds and backwards in odd ones.
 *       Prints "NAME packets cpu-nanoseconds" for each slice but those of round 0, which warms up.
 *   bench_packets once PAUSE_US NAME NETNS INTERFACE MAC FLOWS    each flow once, so that answers can come
 *   bench_packets echo PORT…                                      answers each packet to these ports until it is killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME 100 /* bytes on the wire */
#define BATCH 64
#define PATHS 16
#define PORTS 64

struct path {
        const char *name;
        int fd;
        uint8_t mine[6], theirs[6];
        uint8_t (*frames)[FRAME];
        size_t count, next;
};

static int die(const char *what)
{
        fprintf(stderr, "bench_packets: %s: %s\n", what, strerror(errno));
        exit(1);
}

static uint64_t cpu_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t add_up(uint32_t sum, const void *data, size_t len)
{
        const uint8_t *p = data;
        size_t i;

        for (i = 0; i + 1 < len; i += 2)
                sum += (uint32_t)(p[i] << 8 | p[i + 1]);
        return sum + (len % 2 != 0 ? (uint32_t)(p[len - 1] << 8) : 0);
}

static uint16_t fold(uint32_t sum)
{
        while (sum >> 16 != 0)
                sum = (sum & 0xffff) + (sum >> 16);
        return htons((uint16_t)~sum);
}

/* An IP header ends with both addresses, which the checksum covers too. */
static void put_udp(uint8_t *udp, size_t addresses, uint16_t from, uint16_t to)
{
        struct udphdr *u = (struct udphdr *)(void *)udp;

        u->source = htons(from);
        u->dest = htons(to);
        u->check = fold(add_up(IPPROTO_UDP + ntohs(u->len), udp - addresses, addresses + ntohs(u->len)));
}

static void put4(uint8_t *ip, const char *source, const char *destination)
{
        struct iphdr *h = (struct iphdr *)(void *)ip;
        size_t len = FRAME - ETH_HLEN;

        h->version = 4;
        h->ihl = 5;
        h->tot_len = htons((uint16_t)len);
        h->ttl = 64;
        h->protocol = IPPROTO_UDP;
        if (inet_pton(AF_INET, source, &h->saddr) != 1 || inet_pton(AF_INET, destination, &h->daddr) != 1)
                die(source);
        h->check = fold(add_up(0, h, sizeof(*h)));
}

static void put6(uint8_t *ip, const char *source, const char *destination)
{
        struct ip6_hdr *h = (struct ip6_hdr *)(void *)ip;

        h->ip6_flow = htonl(6u << 28);
        h->ip6_plen = htons((uint16_t)(FRAME - ETH_HLEN - sizeof(*h)));
        h->ip6_nxt = IPPROTO_UDP;
        h->ip6_hops = 64;
        if (inet_pton(AF_INET6, source, &h->ip6_src) != 1 || inet_pton(AF_INET6, destination, &h->ip6_dst) != 1)
                die(source);
}

static void make_frame(const struct path *p, const char *source, const char *destination, uint16_t from, uint16_t to,
                       uint8_t frame[FRAME])
{
        int six = strchr(source, ':') != NULL;
        size_t head = six ? sizeof(struct ip6_hdr) : sizeof(struct iphdr), addresses = six ? 32 : 8;
        uint8_t *ip = frame + ETH_HLEN, *udp = ip + head;
        struct ether_header *eth = (struct ether_header *)(void *)frame;

        memset(frame, 0, FRAME);
        memcpy(eth->ether_dhost, p->theirs, 6);
        memcpy(eth->ether_shost, p->mine, 6);
        eth->ether_type = htons(six ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
        if (six)
                put6(ip, source, destination);
        else
                put4(ip, source, destination);
        ((struct udphdr *)(void *)udp)->len = htons((uint16_t)(FRAME - ETH_HLEN - head));
        put_udp(udp, addresses, from, to);
}

static void read_flows(struct path *p, const char *file)
{
        char source[64], destination[64];
        FILE *f = fopen(file, "re");
        unsigned from, to;
        size_t room = 0;

        if (f == NULL)
                die(file);
        while (fscanf(f, "%63s %63s %u %u", source, destination, &from, &to) == 4) {
                if (p->count == room) {
                        room = room * 2 + 1024;
                        p->frames = realloc(p->frames, room * sizeof(*p->frames));
                        if (p->frames == NULL)
                                die("memory");
                }
                make_frame(p, source, destination, (uint16_t)from, (uint16_t)to, p->frames[p->count++]);
        }
        fclose(f);
}

static void open_path(struct path *p, char **arg)
{
        struct sockaddr_ll at = { .sll_family = AF_PACKET };
        char space[256];
        struct ifreq r;
        int fd, on = 1;

        *p = (struct path){ .name = arg[0] };
        snprintf(space, sizeof(space), "/run/netns/%s", arg[1]);
        fd = open(space, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
                die(space);
        close(fd);
        p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0: receives nothing */
        at.sll_ifindex = (int)if_nametoindex(arg[2]);
        if (p->fd < 0 || at.sll_ifindex == 0 || bind(p->fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
            setsockopt(p->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0)
                die(arg[2]);
        snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", arg[2]);
        if (ioctl(p->fd, SIOCGIFHWADDR, &r) < 0)
                die(arg[2]);
        memcpy(p->mine, r.ifr_hwaddr.sa_data, 6);
        if (sscanf(arg[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &p->theirs[0], &p->theirs[1], &p->theirs[2], &p->theirs[3],
                   &p->theirs[4], &p->theirs[5]) != 6)
                die(arg[3]);
        read_flows(p, arg[4]);
        if (p->count == 0)
                die(arg[4]);
}

/* The next `want` frames, from the first again after the last. */
static size_t send_some(struct path *p, size_t want)
{
        struct mmsghdr messages[BATCH];
        struct iovec parts[BATCH];
        size_t i;
        int n;

        memset(messages, 0, sizeof(messages));
        for (i = 0; i < want; i++) {
                parts[i] = (struct iovec){ p->frames[(p->next + i) % p->count], FRAME };
                messages[i].msg_hdr.msg_iov = &parts[i];
                messages[i].msg_hdr.msg_iovlen = 1;
        }
        n = sendmmsg(p->fd, messages, (unsigned)want, 0);
        if (n <= 0)
                die("sendmmsg");
        p->next = (p->next + (size_t)n) % p->count;
        return (size_t)n;
}

static void slice(struct path *p, uint64_t length, int shown)
{
        uint64_t began = cpu_ns(), now = began;
        size_t sent = 0;

        while (now - began < length) {
                sent += send_some(p, BATCH);
                now = cpu_ns();
        }
        printf("%s %zu %llu%s\n", p->name, sent, (unsigned long long)(now - began), shown ? "" : " warm");
}

static int send_all(char **arg, int args)
{
        uint64_t length = strtoull(arg[0], NULL, 10) * 1000000u;
        long rounds = strtol(arg[1], NULL, 10), round;
        struct path paths[PATHS];
        int count = 0, i;

        for (arg += 2, args -= 2; args >= 5 && count < PATHS; arg += 5, args -= 5)
                open_path(&paths[count++], arg);
        for (round = 0; round < rounds; round++)
                for (i = 0; i < count; i++)
                        slice(&paths[round % 2 == 0 ? i : count - 1 - i], length, round > 0);
        return 0;
}

static int send_once(char **arg)
{
        struct timespec pause = { 0, strtol(arg[0], NULL, 10) * 1000 };
        struct path p;
        size_t at;

        open_path(&p, arg + 1);
        for (at = 0; at < p.count;) {
                at += send_some(&p, p.count - at < BATCH / 4 ? p.count - at : BATCH / 4);
                nanosleep(&pause, NULL);
        }
        return 0;
}

static int listen_to(uint16_t port)
{
        struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), room = 32 << 20, on = 1;

        if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
                die("echo");
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) < 0)
                die("echo");
        return fd;
}

/* From the very address that was asked: connection tracking takes nothing else for an answer. */
static void answer(int fd)
{
        _Alignas(struct cmsghdr) char control[256];
        struct sockaddr_in6 from;
        char text[FRAME];
        struct iovec part = { text, sizeof(text) };
        struct msghdr m = { &from, sizeof(from), &part, 1, control, sizeof(control), 0 };
        ssize_t n = recvmsg(fd, &m, 0);

        if (n < 0)
                return;
        part.iov_len = (size_t)n;
        (void)sendmsg(fd, &m, 0);
}

static int echo(char **arg, int args)
{
        struct pollfd fds[PORTS];
        int i;

        for (i = 0; i < args && i < PORTS; i++)
                fds[i] = (struct pollfd){ .fd = listen_to((uint16_t)atoi(arg[i])), .events = POLLIN };
        puts("ready");
        fflush(stdout);
        for (;;) {
                if (poll(fds, (nfds_t)args, -1) < 0)
                        return 1;
                for (i = 0; i < args; i++)
                        if (fds[i].revents != 0)
                                answer(fds[i].fd);
        }
}

int main(int argc, char **argv)
{
        if (argc >= 9 && strcmp(argv[1], "send") == 0)
                return send_all(argv + 2, argc - 2);
        if (argc == 8 && strcmp(argv[1], "once") == 0)
                return send_once(argv + 2);
        if (argc >= 3 && strcmp(argv[1], "echo") == 0)
                return echo(argv + 2, argc - 2);
        return 2;
}
