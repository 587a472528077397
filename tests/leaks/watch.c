/* Looks at every packet that arrives at the far side of a wire and says what it is.
 *
 *   leaks_watch CONFIG INTERFACE…       rows to stdout, tab-separated, at most 100 ms late:
 *       first last interface class device kind family where packets bytes
 *
 * CONFIG, a line each:
 *   role wan|web
 *   cell ADDRESS                        the cell's own addresses on this wire; any other source is class `source`
 *   carrier NAME PROTO ADDRESS PORT sealed|plain     where a carrier goes
 *   own PROTO ADDRESS PORT              where the cell itself may go
 *   target DEVICE ADDRESS               only this device sends there
 *
 * Classes on the wan:
 *   carrier  to an exit's endpoint        own     of the cell itself, to where it may go
 *   link     ARP, neighbours, groups      answer  the cell's host refuses a stray packet (RST or ICMP error of its own,
 * TTL 64) clear    a device's marker            name    a device's marker in a name target   no marker, but to where
 * only one device sends (a SYN, say) naked    a marker inside a carrier that should be sealed source   not from an
 * address of the cell strange  nothing of these             dropped the kernel dropped packets before they were looked
 * at On the web's wire there is only `seen`, where = who it comes from.
 */
#include "marker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTED 256
#define ROWS 4096
#define WIRES 8
#define SLICE 0.1

struct address {
        int v6;
        uint8_t bytes[16];
};

struct place {
        char name[32];
        int proto, port, sealed, device;
        struct address address;
};

struct list {
        struct place at[LISTED];
        size_t count;
};

struct packet {
        const uint8_t *data;
        size_t len;
        int v6, proto, ttl, later, sport, dport, type, reset; /* later: a fragment without ports */
        struct address from, to;
        const uint8_t *marker; /* the one that is looked at, in `decoded` */
        uint8_t decoded[MARKER];
        int in_name;
};

struct row {
        double first, last;
        int wire, device, kind, v6;
        const char *class;
        char where[96];
        uint64_t packets, bytes;
};

static struct list cells, carriers, owns, targets;
static int web;
static struct row rows[ROWS];
static size_t row_count;
static const char *wires[WIRES];

static int same(const struct address *a, const struct address *b)
{
        return a->v6 == b->v6 && memcmp(a->bytes, b->bytes, a->v6 ? 16 : 4) == 0;
}

static void die(const char *what)
{
        fprintf(stderr, "leaks_watch: %s: %s\n", what, strerror(errno));
        exit(1);
}

static int protocol(const char *name)
{
        return strcmp(name, "tcp") == 0 ? IPPROTO_TCP : strcmp(name, "udp") == 0 ? IPPROTO_UDP : atoi(name);
}

static void add(struct list *l, const char *name, const char *proto, const char *address, const char *port)
{
        struct place *p = &l->at[l->count++];

        if (l->count >= LISTED)
                die("list full");
        snprintf(p->name, sizeof p->name, "%s", name);
        p->proto = protocol(proto);
        p->port = atoi(port);
        p->device = atoi(name);
        p->address.v6 = strchr(address, ':') != NULL;
        if (!inet_pton(p->address.v6 ? AF_INET6 : AF_INET, address, p->address.bytes))
                die(address);
}

static void configure(const char *file)
{
        FILE *in = fopen(file, "re");
        char line[256], w[6][64];

        if (!in)
                die(file);
        while (fgets(line, sizeof line, in)) {
                memset(w, 0, sizeof w);
                if (sscanf(line, "%63s %63s %63s %63s %63s %63s", w[0], w[1], w[2], w[3], w[4], w[5]) < 2)
                        continue;
                if (strcmp(w[0], "role") == 0)
                        web = strcmp(w[1], "web") == 0;
                else if (strcmp(w[0], "cell") == 0)
                        add(&cells, "cell", "0", w[1], "0");
                else if (strcmp(w[0], "own") == 0)
                        add(&owns, "own", w[1], w[2], w[3]);
                else if (strcmp(w[0], "target") == 0)
                        add(&targets, w[1], "0", w[2], "0");
                else if (strcmp(w[0], "carrier") == 0) {
                        add(&carriers, w[1], w[2], w[3], w[4]);
                        carriers.at[carriers.count - 1].sealed = strcmp(w[5], "sealed") == 0;
                } else
                        die(line);
        }
        fclose(in);
}

static const uint8_t *find(const uint8_t *data, size_t from, size_t len, const char *what, size_t what_len,
                           size_t whole)
{
        const uint8_t *at = from < len ? memmem(data + from, len - from, what, what_len) : NULL;

        return at && (size_t)(data + len - at) >= whole ? at : NULL;
}

static void lower_hex(const struct packet *p, uint8_t *lower)
{
        size_t i;

        for (i = 0; i < p->len; i++)
                lower[i] = p->data[i] >= 'A' && p->data[i] <= 'F' ? (uint8_t)(p->data[i] | 32) : p->data[i];
}

/* The next marker at `*from` or behind it, of bytes or in a name; another than the one before. A packet may have some:
 * questions of several devices behind each other on one connection, of which the first one alone would hide the rest.
 */
static int next_marker(struct packet *p, const uint8_t *lower, size_t *from)
{
        uint8_t before[MARKER] = { 0 };

        memcpy(before, p->decoded, MARKER);
        do {
                const uint8_t *raw = find(p->data, *from, p->len, MAGIC, MAGIC_LEN, MARKER),
                              *hex = find(lower, *from, p->len, MAGIC_HEX, 2 * MAGIC_LEN, (size_t)2 * MARKER);
                size_t i;

                if (!raw && !hex)
                        return 0;
                p->in_name = !raw || (hex && hex - lower < raw - p->data);
                if (!p->in_name)
                        memcpy(p->decoded, raw, MARKER);
                for (i = 0; p->in_name && i < MARKER; i++) {
                        char two[3] = { (char)hex[2 * i], (char)hex[2 * i + 1], 0 };

                        p->decoded[i] = (uint8_t)strtoul(two, NULL, 16);
                }
                *from = p->in_name ? (size_t)(hex - lower) + (size_t)2 * MARKER : (size_t)(raw - p->data) + MARKER;
        } while (memcmp(before, p->decoded, MARKER) == 0);
        p->marker = p->decoded;
        return 1;
}

static int parse_upper(struct packet *p, size_t at)
{
        const uint8_t *d = p->data;

        if (p->later)
                return 1;
        if ((p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP) && p->len >= at + 8) {
                p->sport = d[at] << 8 | d[at + 1];
                p->dport = d[at + 2] << 8 | d[at + 3];
                p->reset = p->proto == IPPROTO_TCP && p->len > at + 13 && (d[at + 13] & 4) != 0;
        } else if (p->len > at) {
                p->type = d[at];
        }
        return 1;
}

static int parse4(struct packet *p)
{
        const uint8_t *d = p->data;

        if (p->len < 20)
                return 0;
        p->ttl = d[8];
        p->proto = d[9];
        p->later = ((d[6] & 31) << 8 | d[7]) != 0;
        memcpy(p->from.bytes, d + 12, 4);
        memcpy(p->to.bytes, d + 16, 4);
        return parse_upper(p, (size_t)(d[0] & 15) * 4);
}

static int parse6(struct packet *p)
{
        const uint8_t *d = p->data;
        size_t at = 40;
        int next;

        if (p->len < 40)
                return 0;
        p->v6 = p->from.v6 = p->to.v6 = 1;
        p->ttl = d[7];
        memcpy(p->from.bytes, d + 8, 16);
        memcpy(p->to.bytes, d + 24, 16);
        next = d[6];
        while ((next == 0 || next == 43 || next == 44 || next == 60) && !p->later && p->len >= at + 8) {
                size_t size = next == 44 ? 8 : (size_t)(d[at + 1] + 1) * 8;

                if (next == 44)
                        p->later = ((d[at + 2] << 8 | d[at + 3]) & 0xfff8) != 0;
                next = d[at];
                at += size;
        }
        p->proto = next;
        return parse_upper(p, at);
}

static const struct place *match(const struct list *l, const struct packet *p)
{
        size_t i;

        for (i = 0; i < l->count; i++) {
                const struct place *c = &l->at[i];

                if (same(&c->address, &p->to) && (!c->proto || c->proto == p->proto) &&
                    (!c->port || p->later || c->port == p->dport))
                        return c;
        }
        return NULL;
}

static int from_cell(const struct packet *p)
{
        size_t i;

        for (i = 0; i < cells.count; i++)
                if (same(&cells.at[i].address, &p->from))
                        return 1;
        return 0;
}

static int link_local(const uint8_t *a)
{
        return a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
}

/* The router asks (solicitation, unicast) for an address that the cell has given up, and the cell's host says to it
 * that there is nobody: unreachable, between link-local addresses of this wire, with the question quoted. */
static int is_given_up(const struct packet *p)
{
        const uint8_t *quoted = p->data + 48;

        return p->data[6] == IPPROTO_ICMPV6 && p->type == 1 && p->len >= 48 + 41 && link_local(p->from.bytes) &&
               link_local(p->to.bytes) && quoted[6] == IPPROTO_ICMPV6 && quoted[40] == 135 &&
               memcmp(quoted + 8, p->to.bytes, 16) == 0;
}

static int is_link(const struct packet *p, int ethertype)
{
        if (ethertype == ETH_P_ARP)
                return 1;
        if (p->v6 && is_given_up(p))
                return 1;
        if (p->v6)
                return p->proto == IPPROTO_ICMPV6 &&
                       ((p->type >= 133 && p->type <= 137) || p->type == 143 || (p->type >= 130 && p->type <= 132));
        return p->proto == IPPROTO_IGMP;
}

/* The host's own refusal, not something forwarded: that would have one hop less. */
static int is_answer(const struct packet *p)
{
        int icmp = p->v6 ? p->proto == IPPROTO_ICMPV6 && p->type < 128
                         : p->proto == IPPROTO_ICMP && (p->type == 3 || p->type == 11);

        return p->ttl == 64 && (icmp || p->reset);
}

static const char *classify(const struct packet *p, int *device, const char **name)
{
        const struct place *carrier = match(&carriers, p), *target = match(&targets, p);

        *name = carrier ? carrier->name : NULL;
        if (p->marker)
                *device = p->marker[6];
        else if (target)
                *device = target->device;
        if (!from_cell(p))
                return "source";
        if (carrier)
                return p->marker && carrier->sealed ? "naked" : "carrier";
        if (is_answer(p))
                return "answer";
        if (p->marker)
                return p->in_name ? "name" : "clear";
        if (target)
                return "target";
        return match(&owns, p) ? "own" : "strange";
}

static void print_address(const struct address *a, char *to, size_t size)
{
        inet_ntop(a->v6 ? AF_INET6 : AF_INET, a->bytes, to, (socklen_t)size);
}

static void note(const struct row *r)
{
        size_t i;

        for (i = 0; i < row_count; i++) {
                struct row *o = &rows[i];

                if (o->wire == r->wire && o->class == r->class && o->device == r->device && o->kind == r->kind &&
                    o->v6 == r->v6 && strcmp(o->where, r->where) == 0) {
                        o->last = r->last;
                        o->packets += r->packets;
                        o->bytes += r->bytes;
                        return;
                }
        }
        if (row_count < ROWS)
                rows[row_count++] = *r;
}

static void flush(void)
{
        size_t i;

        for (i = 0; i < row_count; i++) {
                struct row *r = &rows[i];

                printf("%.6f\t%.6f\t%s\t%s\t%d\t%s\t%d\t%s\t%llu\t%llu\n", r->first, r->last, wires[r->wire], r->class,
                       r->device, r->kind < 0 || r->kind >= KIND_COUNT ? "-" : kind_names[r->kind], r->v6 ? 6 : 4,
                       r->where, (unsigned long long)r->packets, (unsigned long long)r->bytes);
        }
        row_count = 0;
        fflush(stdout);
}

static void note_packet(struct packet *p, struct row r, const char *from, const char *to)
{
        const char *name = NULL;

        if (p->marker) {
                r.kind = p->marker[7] >> 1;
                r.v6 = p->marker[7] & 1; /* as the device sent it: a question may change family on its way */
        }
        if (web) {
                if (!p->marker)
                        return;
                r.device = p->marker[6];
                r.class = "seen";
                snprintf(r.where, sizeof r.where, "%s", from);
        } else {
                r.class = classify(p, &r.device, &name);
                if (strcmp(r.class, "carrier") == 0) {
                        if (!r.bytes)
                                return; /* one packet, however much a plain one has in it */
                        r.device = r.kind = -1;
                        r.v6 = p->v6;
                        snprintf(r.where, sizeof r.where, "%s", name);
                } else {
                        snprintf(r.where, sizeof r.where, "%s %d %s %d", from, p->proto, to,
                                 p->type < 0 ? p->dport : p->type);
                }
        }
        note(&r);
}

static void look(int wire, int ethertype, const uint8_t *data, size_t len, double t)
{
        static uint8_t lower[65536];
        struct packet p = { .data = data, .len = len, .type = -1 };
        struct row r = { .first = t, .last = t, .wire = wire, .device = -1, .kind = -1, .packets = 1, .bytes = len };
        char from[INET6_ADDRSTRLEN] = "", to[INET6_ADDRSTRLEN] = "";
        size_t at = 0;

        if ((ethertype == ETH_P_IP && !parse4(&p)) || (ethertype == ETH_P_IPV6 && !parse6(&p)))
                return;
        r.v6 = p.v6;
        if (is_link(&p, ethertype)) {
                r.class = "link";
                note(&r);
                return;
        }
        if (ethertype != ETH_P_IP && ethertype != ETH_P_IPV6) {
                r.class = "strange";
                snprintf(r.where, sizeof r.where, "ethertype 0x%04x", (unsigned)ethertype);
                note(&r);
                return;
        }
        print_address(&p.from, from, sizeof from);
        print_address(&p.to, to, sizeof to);
        lower_hex(&p, lower);
        next_marker(&p, lower, &at);
        note_packet(&p, r, from, to);
        for (r.bytes = 0; next_marker(&p, lower, &at);) /* its bytes are counted with the first */
                note_packet(&p, r, from, to);
}

static int open_wire(const char *name)
{
        struct sockaddr_ll at = { .sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = (int)if_nametoindex(name) };
        int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), size = 64 << 20, yes = 1;

        if (fd < 0 || !at.sll_ifindex || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) < 0 ||
            bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
                die(name);
        return fd;
}

static void drain(int fd, int wire)
{
        static uint8_t data[65536];
        struct sockaddr_ll from;
        char control[256];
        struct iovec iov = { data, sizeof data };

        for (;;) {
                struct msghdr m = { .msg_name = &from,
                                    .msg_namelen = sizeof from,
                                    .msg_iov = &iov,
                                    .msg_iovlen = 1,
                                    .msg_control = control,
                                    .msg_controllen = sizeof control };
                ssize_t n = recvmsg(fd, &m, 0);
                struct cmsghdr *c;
                double t = now();

                if (n < 0)
                        return;
                if (from.sll_pkttype == PACKET_OUTGOING || from.sll_pkttype == PACKET_OTHERHOST)
                        continue;
                for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
                        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
                                struct timespec s;

                                memcpy(&s, CMSG_DATA(c), sizeof s);
                                t = (double)s.tv_sec + (double)s.tv_nsec / 1e9;
                        }
                look(wire, ntohs(from.sll_protocol), data, (size_t)n, t);
        }
}

static void tell_drops(int fd, int wire)
{
        struct tpacket_stats stats;
        socklen_t len = sizeof stats;
        struct row r = { .first = now(), .last = now(), .wire = wire, .device = -1, .kind = -1, .class = "dropped" };

        if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) < 0 || !stats.tp_drops)
                return;
        r.packets = stats.tp_drops;
        note(&r);
}

int main(int argc, char **argv)
{
        struct pollfd p[WIRES];
        double next;
        int i, n = argc - 2;

        if (n < 1 || n > WIRES) {
                fprintf(stderr, "usage: leaks_watch CONFIG INTERFACE…\n");
                return 2;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        configure(argv[1]);
        for (i = 0; i < n; i++) {
                wires[i] = argv[2 + i];
                p[i] = (struct pollfd){ open_wire(wires[i]), POLLIN, 0 };
        }
        printf("ready\n");
        fflush(stdout);
        for (next = now() + SLICE;;) {
                double left = (next - now()) * 1000;

                poll(p, (nfds_t)n, left < 0 ? 0 : (int)left + 1);
                for (i = 0; i < n; i++)
                        if (p[i].revents)
                                drain(p[i].fd, i);
                if (now() < next)
                        continue;
                for (i = 0; i < n; i++)
                        tell_drops(p[i].fd, i);
                flush();
                next = now() + SLICE;
        }
}
