/* Owns: the bytes of a question and of its answer; asking. Nothing of an answer is trusted: each offset and length is
 * held against what came. */
#include "sys/dnsmsg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
        A = 1,
        NS = 2,
        CNAME = 5,
        SOA = 6,
        PTR = 12,
        MX = 15,
        TXT = 16,
        AAAA = 28,
        SRV = 33,
        RRSIG = 46,
        OPT = 41,
        EDE = 15
};

static const struct {
        const char *name;
        unsigned type;
} types[] = { { "A", A },         { "NS", NS },     { "CNAME", CNAME }, { "SOA", SOA }, { "PTR", PTR },
              { "MX", MX },       { "TXT", TXT },   { "AAAA", AAAA },   { "SRV", SRV }, { "DS", 43 },
              { "RRSIG", RRSIG }, { "DNSKEY", 48 }, { "SSHFP", 44 },    { "TLSA", 52 }, { "SVCB", 64 },
              { "HTTPS", 65 },    { "CAA", 257 } };

unsigned pic__dnsmsg_type(const char *text)
{
        unsigned long n;
        char *end;
        size_t i;

        for (i = 0; i < PIC__COUNT(types); i++)
                if (strcasecmp(types[i].name, text) == 0)
                        return types[i].type;
        if (strncasecmp(text, "TYPE", 4) != 0 || text[4] < '0' || text[4] > '9')
                return 0;
        n = strtoul(text + 4, &end, 10);
        return *end == '\0' && n <= UINT16_MAX ? (unsigned)n : 0;
}

const char *pic__dnsmsg_type_text(unsigned type, char out[16])
{
        size_t i;

        for (i = 0; i < PIC__COUNT(types); i++)
                if (types[i].type == type)
                        return types[i].name;
        snprintf(out, 16, "TYPE%u", type & UINT16_MAX);
        return out;
}

const char *pic__dnsmsg_code_text(int code, char out[16])
{
        static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };

        if (code >= 0 && code < (int)PIC__COUNT(names))
                return names[code];
        snprintf(out, 16, "RCODE%d", code);
        return out;
}

const char *pic__dnsmsg_why_text(int why, char out[32])
{
        static const struct {
                int why;
                const char *words;
        } all[] = { { 1, "it is signed by an algorithm that is not known here" },
                    { 2, "the zone above vouches by a digest that is not known here" },
                    { 3, "nobody answers; this is old" },
                    { 5, "whether it is signed cannot be told" },
                    { 6, "a signature is wrong" },
                    { 7, "a signature has expired" },
                    { 8, "a signature is not valid yet: is the clock right?" },
                    { 9, "the zone does not have the key that the one above vouches for" },
                    { 10, "signatures are missing" },
                    { 11, "the zone's key is none for zones" },
                    { 12, "it is not proved that the name or type is not there" },
                    { 15, "it is blocked here" },
                    { 18, "who asks may not" },
                    { 22, "none of the zone's servers can be reached" },
                    { 23, "the network failed on the way to the zone's servers" } };
        size_t i;

        for (i = 0; i < PIC__COUNT(all); i++)
                if (all[i].why == why)
                        return all[i].words;
        if (why < 0)
                return NULL;
        snprintf(out, 32, "extended error %d", why);
        return out;
}

/* --- the question --------------------------------------------------------------------------------------------- */

static void put16(uint8_t *out, unsigned n)
{
        out[0] = (uint8_t)(n >> 8);
        out[1] = (uint8_t)n;
}

/* As labels; 0: no name. */
static size_t put_name(const char *name, uint8_t *out)
{
        size_t n = 0;

        if (strcmp(name, ".") == 0)
                name++;
        while (*name != '\0') {
                size_t len = strcspn(name, ".");

                if (len == 0 || len > 63 || n + len + 2 > 255)
                        return 0;
                out[n] = (uint8_t)len;
                memcpy(out + n + 1, name, len);
                n += len + 1;
                name += len;
                name += *name == '.';
        }
        out[n] = 0;
        return n + 1;
}

size_t pic__dnsmsg_write(const char *name, unsigned type, unsigned flags, uint16_t id, uint8_t out[PIC__DNSMSG_ASK])
{
        size_t n = put_name(name, out + 12);

        if (n == 0)
                return 0;
        memset(out, 0, 12);
        put16(out, id);
        out[2] = 1; /* recursion */
        out[3] = (flags & PIC__DNSMSG_UNCHECKED) != 0 ? 0x30 : 0x20;
        out[5] = 1;
        out[11] = 1; /* beside it: EDNS */
        n += 12;
        put16(out + n, type);
        put16(out + n + 2, 1);
        n += 4;
        memset(out + n, 0, 11);
        put16(out + n + 1, OPT);
        put16(out + n + 3, PIC__DNSMSG_MAX);
        if ((flags & PIC__DNSMSG_UNCHECKED) != 0)
                out[n + 7] = 0x80; /* with signatures */
        return n + 11;
}

/* --- the answer ----------------------------------------------------------------------------------------------- */

struct message {
        const uint8_t *m;
        size_t len, at;
};

static int get16(struct message *g)
{
        if (g->len - g->at < 2)
                return -1;
        g->at += 2;
        return g->m[g->at - 2] << 8 | g->m[g->at - 1];
}

static int get32(struct message *g, uint32_t *ret)
{
        int high = get16(g), low = high < 0 ? -1 : get16(g);

        *ret = low < 0 ? 0 : (uint32_t)high << 16 | (uint32_t)low;
        return low < 0 ? -1 : 0;
}

static void put_label(const uint8_t *label, size_t len, pic__buf *out)
{
        size_t i;

        for (i = 0; i < len; i++) {
                if (label[i] <= ' ' || label[i] > '~')
                        pic__buf_putf(out, "\\%03u", label[i]);
                else if (label[i] == '.' || label[i] == '\\' || label[i] == '"')
                        pic__buf_putf(out, "\\%c", label[i]);
                else
                        pic__buf_putc(out, (char)label[i]);
        }
        pic__buf_putc(out, '.');
}

/* A name may go on elsewhere, but only nearer to the beginning: that ends. */
static int get_name(struct message *g, pic__buf *out)
{
        size_t at = g->at, limit = g->at, begin = out->len, whole = 0;
        int jumped = 0;

        for (;;) {
                size_t len;

                if (at >= g->len)
                        return -1;
                len = g->m[at];
                if (len >= 0xc0) {
                        if (at + 1 >= g->len)
                                return -1;
                        if (!jumped)
                                g->at = at + 2;
                        jumped = 1;
                        at = (len & 0x3f) << 8 | g->m[at + 1];
                        if (at >= limit)
                                return -1;
                        limit = at;
                        continue;
                }
                whole += len + 1;
                if (len > 63 || g->len - at - 1 < len || whole > 255)
                        return -1;
                if (len == 0)
                        break;
                put_label(g->m + at + 1, len, out);
                at += len + 1;
        }
        if (!jumped)
                g->at = at + 1;
        if (out->len == begin)
                pic__buf_putc(out, '.');
        return out->failed ? -1 : 0;
}

static int put_address(struct message *g, size_t end, int family, pic__buf *out)
{
        char text[INET6_ADDRSTRLEN];

        if (end - g->at != (family == AF_INET ? 4 : 16))
                return -1;
        pic__buf_puts(out, inet_ntop(family, g->m + g->at, text, sizeof(text)));
        return 0;
}

static int put_numbers(struct message *g, int count, pic__buf *out)
{
        for (; count > 0; count--) {
                int n = get16(g);

                if (n < 0)
                        return -1;
                pic__buf_putf(out, "%d ", n);
        }
        return get_name(g, out);
}

static int put_texts(struct message *g, size_t end, pic__buf *out)
{
        size_t i, first = 1;

        while (g->at < end) {
                size_t len = g->m[g->at++];

                if (end - g->at < len)
                        return -1;
                pic__buf_puts(out, first ? "\"" : " \"");
                for (i = 0; i < len; i++) {
                        uint8_t c = g->m[g->at + i];

                        if (c < ' ' || c > '~')
                                pic__buf_putf(out, "\\%03u", c);
                        else if (c == '"' || c == '\\')
                                pic__buf_putf(out, "\\%c", c);
                        else
                                pic__buf_putc(out, (char)c);
                }
                pic__buf_putc(out, '"');
                g->at += len;
                first = 0;
        }
        return 0;
}

static int put_soa(struct message *g, pic__buf *out)
{
        uint32_t n;
        int i;

        if (get_name(g, out) < 0)
                return -1;
        pic__buf_putc(out, ' ');
        if (get_name(g, out) < 0)
                return -1;
        for (i = 0; i < 5; i++) {
                if (get32(g, &n) < 0)
                        return -1;
                pic__buf_putf(out, " %u", n);
        }
        return 0;
}

/* RFC 3597 */
static int put_unknown(struct message *g, size_t end, pic__buf *out)
{
        pic__buf_putf(out, "\\# %zu%s", end - g->at, end > g->at ? " " : "");
        for (; g->at < end; g->at++)
                pic__buf_putf(out, "%02x", g->m[g->at]);
        return 0;
}

static int put_rdata(struct message *g, int type, size_t end, pic__buf *out)
{
        switch (type) {
        case A: return put_address(g, end, AF_INET, out);
        case AAAA: return put_address(g, end, AF_INET6, out);
        case NS:
        case CNAME:
        case PTR: return get_name(g, out);
        case MX: return put_numbers(g, 1, out);
        case SRV: return put_numbers(g, 3, out);
        case TXT: return put_texts(g, end, out);
        case SOA: return put_soa(g, out);
        default: return put_unknown(g, end, out);
        }
}

typedef void record_fn(const char *name, const char *type, uint32_t ttl, const char *rdata, void *data);

static int get_record(struct message *g, record_fn *fn, void *data)
{
        pic__auto_buf pic__buf name = PIC__BUF_INIT, rdata = PIC__BUF_INIT;
        int type, class_, len;
        char text[16];
        uint32_t ttl;
        size_t end;

        if (get_name(g, &name) < 0)
                return -1;
        type = get16(g);
        class_ = get16(g);
        if (class_ < 0 || get32(g, &ttl) < 0)
                return -1;
        len = get16(g);
        if (len < 0 || g->len - g->at < (size_t)len)
                return -1;
        end = g->at + (size_t)len;
        if (class_ == 1 && type != RRSIG) {
                struct message part = { g->m, end, g->at };

                if (put_rdata(&part, type, end, &rdata) < 0 || rdata.failed)
                        return -1;
                if (fn != NULL)
                        fn(pic__buf_str(&name), pic__dnsmsg_type_text((unsigned)type, text), ttl, pic__buf_str(&rdata),
                           data);
        }
        g->at = end;
        return class_ == 1 && type != RRSIG;
}

/* Options of EDNS: number, length, bytes. */
static void find_why(const uint8_t *m, size_t at, size_t end, pic__dnsmsg *ret)
{
        struct message g = { m, end, at };

        while (g.at < end) {
                int number = get16(&g), len = get16(&g);

                if (len < 0 || end - g.at < (size_t)len)
                        return;
                if (number == EDE && len >= 2)
                        ret->why = m[g.at] << 8 | m[g.at + 1];
                g.at += (size_t)len;
        }
}

/* What stands behind the answer is told as far as it can be read. */
static void read_rest(struct message *g, pic__dnsmsg *ret)
{
        while (g->at < g->len) {
                pic__auto_buf pic__buf name = PIC__BUF_INIT;
                int type, len;
                uint32_t ttl;

                if (get_name(g, &name) < 0)
                        return;
                type = get16(g);
                if (get16(g) < 0 || get32(g, &ttl) < 0)
                        return;
                len = get16(g);
                if (len < 0 || g->len - g->at < (size_t)len)
                        return;
                if (type == OPT)
                        find_why(g->m, g->at, g->at + (size_t)len, ret);
                g->at += (size_t)len;
        }
}

int pic__dnsmsg_read(const uint8_t *m, size_t len, uint16_t id, pic__dnsmsg *ret, record_fn *fn, void *data)
{
        struct message g = { m, len, 4 };
        int questions, answers, i, r;

        memset(ret, 0, sizeof(*ret));
        ret->why = -1;
        if (len < 12 || m[0] != (uint8_t)(id >> 8) || m[1] != (uint8_t)id || (m[2] & 0x80) == 0)
                return -1;
        ret->code = m[3] & 0x0f;
        ret->validated = (m[3] & 0x20) != 0;
        ret->cut = (m[2] & 0x02) != 0;
        questions = get16(&g);
        answers = get16(&g);
        g.at = 12;
        for (i = 0; i < questions; i++) {
                pic__auto_buf pic__buf name = PIC__BUF_INIT;

                if (get_name(&g, &name) < 0 || get16(&g) < 0 || get16(&g) < 0)
                        return -1;
        }
        for (i = 0; i < answers; i++) {
                r = get_record(&g, fn, data);
                if (r < 0)
                        return ret->cut ? 0 : -1;
                ret->answers += (size_t)r;
        }
        read_rest(&g, ret);
        return 0;
}

/* --- asking --------------------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int dial(const char *addr, unsigned port, pic_error **err)
{
        struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
        struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        int is4 = inet_pton(AF_INET, addr, &four.sin_addr) == 1, fd;

        if (!is4 && inet_pton(AF_INET6, addr, &six.sin6_addr) != 1)
                return pic__fail(err, PIC_VALUE, "'%s' is no address", addr);
        fd = socket(is4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && connect(fd, is4 ? (struct sockaddr *)&four : (struct sockaddr *)&six,
                               is4 ? sizeof(four) : sizeof(six)) == 0)
                return fd;
        pic__fail(err, PIC_BACKEND, "the name server at %s cannot be reached from here", addr);
        if (fd >= 0)
                close(fd);
        return PIC_BACKEND;
}

/* The length of an answer with that id, or a code. */
static int hear(int fd, uint16_t id, int64_t until, uint8_t *answer, pic_error **err)
{
        for (;;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                int64_t left = until - now_ms();
                ssize_t n;

                if (left <= 0 || poll(&p, 1, (int)left) == 0)
                        return pic__fail(err, PIC_TIMEOUT, "the name server does not answer in time");
                n = recv(fd, answer, PIC__DNSMSG_MAX, 0);
                if (n < 0 && errno != EINTR && errno != EAGAIN)
                        return pic__fail(err, PIC_BACKEND, "no name server is there");
                if (n >= 12 && answer[0] == (uint8_t)(id >> 8) && answer[1] == (uint8_t)id)
                        return (int)n;
        }
}

int pic__dnsmsg_ask(const char *addr, unsigned port, const char *name, unsigned type, unsigned flags,
                    unsigned timeout_ms, uint8_t *answer, uint16_t *ret_id, pic_error **err)
{
        uint8_t question[PIC__DNSMSG_ASK];
        size_t len;
        int fd, r;

        if (getrandom(ret_id, sizeof(*ret_id), 0) != (ssize_t)sizeof(*ret_id))
                return pic__fail_errno(err, errno, "no random bytes");
        len = pic__dnsmsg_write(name, type, flags, *ret_id, question);
        if (len == 0)
                return pic__fail(err, PIC_VALUE, "'%s' is no name", name);
        fd = dial(addr, port, err);
        if (fd < 0)
                return fd;
        if (send(fd, question, len, MSG_NOSIGNAL) == (ssize_t)len)
                r = hear(fd, *ret_id, now_ms() + timeout_ms, answer, err);
        else
                r = pic__fail(err, PIC_BACKEND, "nothing can be sent to the name server");
        close(fd);
        return r;
}
