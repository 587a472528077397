/* pic-sieve: what stands before a name server while there are block lists; and what makes their table. The agent starts
 * it; README.md of this room says what it is. libc, libseccomp and the room's own files. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "sieve/parse.h"
#include "sieve/program/serve.h"

#ifdef __SANITIZE_ADDRESS__ /* it looks for leaks at the end by means that confine() takes away */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
        return 1;
}
#endif

/* --- serving ---------------------------------------------------------------------------------------------------- */

#define BIND_MS 5000 /* that a name server has to leave its port */

int watch(const struct sieve *s, int op, int fd, uint32_t events, unsigned of, size_t number)
{
        struct epoll_event e = { .events = events, .data.u64 = (uint64_t)of << 32 | number };

        return epoll_ctl(s->epoll, op, fd, &e);
}

const uint8_t *bytes_of(const struct place *p, size_t *ret_size)
{
        int v4 = p->at.any.sa_family == AF_INET;

        *ret_size = v4 ? 4 : 16;
        return v4 ? (const uint8_t *)&p->at.v4.sin_addr : p->at.v6.sin6_addr.s6_addr;
}

uint16_t port_of(const struct place *p)
{
        return p->at.any.sa_family == AF_INET ? p->at.v4.sin_port : p->at.v6.sin6_port;
}

size_t head_of(const struct place *from, const struct place *to, int udp, uint8_t out[PIC__SIEVE_PROXY])
{
        const uint16_t ports[2] = { port_of(from), port_of(to) };
        size_t size;
        const uint8_t *source = bytes_of(from, &size);

        return pic__sieve_proxy(udp, size, source, bytes_of(to, &size), ports, out);
}

/* "[1795719458] sieve: blocked 10.1.0.2 ads.example.com. 28 LIST", to standard output: a file of the agent's that it
 * opened for us. Whole lines: two filters may write to it. */
static void note(const struct sieve *s, const uint8_t *m, const struct place *from, const pic__sieve_question *q,
                 const char *list)
{
        char name[1100], address[INET6_ADDRSTRLEN] = "", line[1400];
        struct timespec now;
        size_t size;
        int n;

        if (!s->notes || !pic__sieve_rules_note(s->rules))
                return;
        clock_gettime(CLOCK_REALTIME, &now);
        (void)inet_ntop(from->at.any.sa_family, bytes_of(from, &size), address, sizeof(address));
        pic__sieve_ask_text(m, q, name, sizeof(name));
        n = snprintf(line, sizeof(line), "[%lld] sieve: blocked %s %s %u %s\n", (long long)now.tv_sec, address, name,
                     q->type, list);
        if (n > 0 && (size_t)n < sizeof(line))
                (void)!write(STDOUT_FILENO, line, (size_t)n);
}

static int blocked(struct sieve *s, uint64_t who, const char **ret_said)
{
        size_t list = (size_t)__builtin_ctzll(who);

        s->counts->blocked++;
        if (s->count_at[list] >= 0)
                s->counts->list[s->count_at[list]].blocked++;
        *ret_said = pic__sieve_rules_name(s->rules, list);
        return PIC__SIEVE_NXDOMAIN;
}

int judge(struct sieve *s, const uint8_t *m, size_t len, const struct place *from, pic__sieve_question *q,
          const char **ret_said)
{
        int code = pic__sieve_ask_read(m, len, q);
        size_t size;
        const uint8_t *source = bytes_of(from, &size);
        uint64_t who;

        if (code != PIC__SIEVE_OK)
                return code;
        s->counts->asked++;
        if (s->rules == NULL) {
                s->counts->failed++;
                return PIC__SIEVE_SERVFAIL;
        }
        who = s->map != NULL ? pic__sieve_rules_of(s->rules, source, size) : 0;
        if (who != 0)
                who &= pic__sieve_table_find(&s->table, &q->name);
        if (who != 0)
                who = pic__sieve_rules_left(s->rules, &q->name, who);
        if (who != 0) {
                code = blocked(s, who, ret_said);
                note(s, m, from, q, *ret_said);
                return code;
        }
        q->hide = pic__sieve_rules_hide(s->rules, source, size, &q->name, q->type);
        return 0;
}

static void told(struct sieve *s, const struct epoll_event *e)
{
        size_t number = (uint32_t)e->data.u64;

        switch (e->data.u64 >> 32) {
        case OF_NOTIFY: load_heard(s); break;
        case OF_UP: udp_answered(s, number); break;
        case OF_UDP: udp_asked(s, number); break;
        case OF_TCP: tcp_comes(s, number); break;
        case OF_CLIENT: tcp_goes_on(s, number, 0); break;
        default: tcp_goes_on(s, number, 1); break;
        }
}

static int loop(struct sieve *s)
{
        struct epoll_event events[32];

        for (;;) {
                int n = epoll_wait(s->epoll, events, 32, tcp_sweep(s)), i;

                if (n < 0 && errno != EINTR)
                        return 1;
                for (i = 0; i < n; i++)
                        told(s, &events[i]);
        }
}

/* "10.1.0.1@5300" */
static int read_place(char *text, struct place *p)
{
        char *at = strchr(text, '@');
        unsigned long port = at != NULL ? strtoul(at + 1, NULL, 10) : 0;

        memset(p, 0, sizeof(*p));
        if (port == 0 || port > 65535)
                return -1;
        *at = '\0';
        if (inet_pton(AF_INET, text, &p->at.v4.sin_addr) == 1) {
                p->at.v4.sin_family = AF_INET;
                p->at.v4.sin_port = htons((uint16_t)port);
                p->len = sizeof(p->at.v4);
        } else if (inet_pton(AF_INET6, text, &p->at.v6.sin6_addr) == 1) {
                p->at.v6.sin6_family = AF_INET6;
                p->at.v6.sin6_port = htons((uint16_t)port);
                p->len = sizeof(p->at.v6);
        } else {
                return -1;
        }
        return 0;
}

static void close_all(struct sieve *s)
{
        size_t i;

        for (i = 0; i < s->listens; i++) {
                close(s->udp[i]);
                close(s->tcp[i]);
        }
        for (i = 0; i < s->ups; i++)
                close(s->up_fd[i]);
        memset(s->udp, -1, sizeof(s->udp));
        memset(s->tcp, -1, sizeof(s->tcp));
        memset(s->up_fd, -1, sizeof(s->up_fd));
}

/* Who had the ports may be just going. */
static int open_ports(struct sieve *s)
{
        static const struct timespec pause = { 0, 20000000 };
        int left;

        for (left = BIND_MS; left > 0; left -= 20) {
                if (udp_open(s) == 0 && tcp_open(s) == 0)
                        return 0;
                if (errno != EADDRINUSE)
                        break;
                close_all(s);
                nanosleep(&pause, NULL);
        }
        perror("pic-sieve: ports");
        return -1;
}

/* SERVER@PORT PLACE@PORT… [then SERVER@PORT PLACE@PORT…] */
static int read_places(struct sieve *s, int argc, char **argv)
{
        int i, server = 1;

        for (i = 0; i < argc; i++) {
                if (strcmp(argv[i], "then") == 0) {
                        server = 1;
                } else if (server) {
                        if (s->ups == UPS_MAX || read_place(argv[i], &s->up[s->ups++]) < 0)
                                return -1;
                        server = 0;
                } else {
                        if (s->listens == PLACES_MAX || read_place(argv[i], &s->listen[s->listens]) < 0)
                                return -1;
                        s->up_of[s->listens++] = s->ups - 1;
                }
        }
        return s->listens > 0 ? 0 : -1;
}

/* An exit's filter has the same rules, and its output in a log that others may read. */
static int is_private(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0;
}

static int serve(int argc, char **argv)
{
        static struct sieve s;

        memset(s.up_fd, -1, sizeof(s.up_fd));
        memset(s.udp, -1, sizeof(s.udp));
        memset(s.tcp, -1, sizeof(s.tcp));
        if (argc < 5 || read_places(&s, argc - 3, argv + 3) < 0)
                return 2;
        s.notes = is_private(STDOUT_FILENO);
        s.dir = argv[2];
        s.epoll = epoll_create1(EPOLL_CLOEXEC);
        if (load_open(&s) < 0 || open_ports(&s) < 0)
                return 1;
        load(&s);
        if (confine(1) < 0) {
                fputs("pic-sieve: cannot give up what it may do\n", stderr);
                return 1;
        }
        return loop(&s);
}

/* --- making the table ------------------------------------------------------------------------------------------- */

typedef PIC__VEC(uint64_t) numbers;

static int keep(uint64_t key, void *data)
{
        numbers *n = data;

        if (n->count == PIC__SIEVE_NAMES_MAX / 2)
                return 1;
        return pic__vec_push(n, key) < 0 ? 2 : 0;
}

static int write_all(int fd, const void *data, size_t len)
{
        const char *at = data;

        while (len > 0) {
                ssize_t n = write(fd, at, len);

                if (n <= 0)
                        return -1;
                at += n;
                len -= (size_t)n;
        }
        return 0;
}

static int write_keys(int out, numbers *n)
{
        uint8_t head[PIC__SIEVE_KEYS_HEAD];
        size_t count = pic__sieve_keys_sort(n->at, n->count);

        pic__sieve_keys_head(count, head);
        if (write_all(out, head, sizeof(head)) < 0 || write_all(out, n->at, count * sizeof(n->at[0])) < 0) {
                perror("pic-sieve: numbers");
                return 1;
        }
        printf("names %zu\n", count);
        return 0;
}

/* "names N", "lines N", "skipped N", "line N WHAT" */
static int compile_to(int in, int out, enum pic__sieve_format format)
{
        numbers n = PIC__VEC_INIT;
        static pic__sieve_parse p;
        static char text[1 << 16];
        ssize_t got;
        size_t i;

        p.format = format;
        p.found = keep;
        p.data = &n;
        while ((got = read(in, text, sizeof(text))) > 0)
                pic__sieve_parse_feed(&p, text, (size_t)got);
        pic__sieve_parse_end(&p);
        if (got < 0 || p.ended != 0) {
                fputs(p.ended == 1 ? "too many names\n" : "unreadable\n", stderr);
                return 1;
        }
        printf("lines %llu\nskipped %llu\n", (unsigned long long)p.lines, (unsigned long long)p.skipped);
        for (i = 0; i < p.faults; i++)
                printf("line %llu %s\n", (unsigned long long)p.fault[i].line, p.fault[i].what);
        return write_keys(out, &n);
}

static int compile(int argc, char **argv)
{
        size_t f = 0;
        int in, out;

        while (argc == 5 && f < PIC__SIEVE_FORMATS && strcmp(argv[2], pic__sieve_formats[f]) != 0)
                f++;
        if (argc != 5 || f == PIC__SIEVE_FORMATS)
                return 2;
        in = open(argv[3], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        out = open(argv[4], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (in < 0 || out < 0) {
                perror(in < 0 ? argv[3] : argv[4]);
                return 1;
        }
        return confine(0) == 0 ? compile_to(in, out, (enum pic__sieve_format)f) : 1;
}

static int open_keys(char *arg, pic__sieve_keys *ret)
{
        char *eq = strchr(arg, '=');
        int fd = eq != NULL ? open(eq + 1, O_RDONLY | O_CLOEXEC) : -1;
        struct stat st = { .st_size = 0 };
        void *map = MAP_FAILED;

        if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
                map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        ret->id = (uint32_t)strtoul(arg, NULL, 10);
        return map != MAP_FAILED ? pic__sieve_keys_read(map, (size_t)st.st_size, ret) : -1;
}

/* pic-sieve build OUT ID=FILE… */
static int build(int argc, char **argv)
{
        pic__sieve_keys lists[PIC__SIEVE_LISTS];
        pic__buf table = PIC__BUF_INIT;
        int i, out;

        if (argc < 3 || argc > 3 + PIC__SIEVE_LISTS)
                return 2;
        for (i = 3; i < argc; i++)
                if (open_keys(argv[i], &lists[i - 3]) < 0) {
                        fprintf(stderr, "%s: no list\n", argv[i]);
                        return 1;
                }
        out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (out < 0) {
                perror(argv[2]);
                return 1;
        }
        if (confine(0) < 0 || pic__sieve_table_make(lists, (size_t)argc - 3, &table) < 0 ||
            write_all(out, table.data, table.len) < 0) {
                fputs("the table cannot be made\n", stderr);
                return 1;
        }
        return 0;
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                int (*run)(int argc, char **argv);
        } verbs[] = { { "serve", serve }, { "compile", compile }, { "build", build } };
        size_t i;
        int r = 2;

        for (i = 0; argc > 1 && i < PIC__COUNT(verbs); i++)
                if (strcmp(argv[1], verbs[i].name) == 0)
                        r = verbs[i].run(argc, argv);
        if (r == 2)
                fputs("pic-sieve: run by picd\n", stderr);
        return r;
}
