/* Asks at a steady pace, as people do, and not as fast as it can: what a request then waits is the server's, not the
 * queue's that the client made itself.
 *
 *   bench_paced PORT PATH COOKIE CONNECTIONS RATE SECONDS
 *
 * prints the number of requests, then in microseconds their median, 99th and 99.9th percentile, and the 99th of how
 * late this program was itself with requests that nothing else held up: so much of a wait is not the server's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 256, ROOM = 65536 };

struct conn {
        int fd;
        double due;  /* when its next request goes */
        double sent; /* 0: it waits for nothing */
        double free; /* since when */
        size_t got;  /* bytes of the answer */
        size_t want; /* its size, once that is known */
        int last;    /* the server closes after it */
};

struct times {
        double *at;
        size_t count, room;
};

static struct conn conns[CONNECTIONS];
static struct times took, late;
static int port;

static void note(struct times *t, double us)
{
        if (t->count < t->room)
                t->at[t->count++] = us;
}

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int dial(void)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
                return -1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return fd;
}

/* The whole size of an answer that begins so; 0: not known yet. */
static size_t size_of(const char *text)
{
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");

        if (end == NULL || length == NULL || strncmp(text, "HTTP/1.1 200", 12) != 0)
                return 0;
        return (size_t)(end + 4 - text) + (size_t)strtoul(length + 16, NULL, 10);
}

static int take(struct conn *c)
{
        static char text[ROOM];
        ssize_t n = recv(c->fd, text, sizeof(text) - 1, 0);

        if (n <= 0)
                return -1;
        text[n] = '\0';
        if (c->got == 0) {
                c->want = size_of(text);
                c->last = strstr(text, "Connection: close\r\n") != NULL;
        }
        c->got += (size_t)n;
        if (c->want == 0)
                return -1; /* a head that comes in parts, or no 200: not expected here */
        if (c->got < c->want)
                return 0;
        c->free = now_us();
        note(&took, c->free - c->sent);
        c->sent = 0;
        if (c->last) {
                close(c->fd);
                c->fd = -1;
        }
        return 0;
}

static int ask(struct conn *c, const char *request, size_t len, double every)
{
        if (c->free <= c->due)
                note(&late, now_us() - c->due);
        if (c->fd < 0)
                c->fd = dial();
        c->sent = c->due; /* a request that is late because the one before was slow has waited since then */
        c->due += every;
        c->got = c->want = 0;
        return send(c->fd, request, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

/* Until something comes, or is due. Who never sleeps is a hog to the scheduler, and has to wait for all others in turn:
 * that wait would be told of the server. */
static int await(struct pollfd *polls, int connections)
{
        double next = now_us() + 1e6, left;
        struct timespec wait;
        int i;

        for (i = 0; i < connections; i++) {
                polls[i] = (struct pollfd){ .fd = conns[i].fd, .events = POLLIN };
                if (conns[i].sent == 0 && conns[i].due < next)
                        next = conns[i].due;
        }
        left = next - now_us();
        wait = (struct timespec){ .tv_sec = left > 0 ? (time_t)(left / 1e6) : 0 };
        if (left > 0)
                wait.tv_nsec = (long)((left - (double)wait.tv_sec * 1e6) * 1e3);
        return ppoll(polls, (nfds_t)connections, &wait, NULL);
}

static int run(int connections, const char *request, double every, double until)
{
        struct pollfd polls[CONNECTIONS];
        int i, r = 0;

        while (r == 0 && now_us() < until) {
                for (i = 0; i < connections && r == 0; i++)
                        if (conns[i].sent == 0 && conns[i].due <= now_us())
                                r = ask(&conns[i], request, strlen(request), every);
                if (await(polls, connections) <= 0)
                        continue;
                for (i = 0; i < connections && r == 0; i++)
                        if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                                r = take(&conns[i]);
        }
        return r;
}

static int compare(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static double percentile(struct times *t, double part)
{
        return t->count > 0 ? t->at[(size_t)((double)(t->count - 1) * part)] : 0;
}

int main(int argc, char **argv)
{
        int connections = argc == 7 ? atoi(argv[4]) : 0, i;
        double rate = argc == 7 ? strtod(argv[5], NULL) : 0, began = now_us(),
               seconds = argc == 7 ? strtod(argv[6], NULL) : 0;
        char request[4096];

        port = argc == 7 ? atoi(argv[1]) : 0;
        if (connections < 1 || connections > CONNECTIONS || rate <= 0)
                return 2;
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s\r\n", argv[2], port, argv[3],
                 argv[3][0] != '\0' ? "\r\n" : "");
        (void)prctl(PR_SET_TIMERSLACK, 1);
        took.room = late.room = (size_t)(rate * seconds) + 1;
        took.at = calloc(took.room, sizeof(double));
        late.at = calloc(late.room, sizeof(double));
        for (i = 0; i < connections; i++) {
                conns[i] = (struct conn){ .fd = dial(), .due = began + 1e6 / rate * i };
                if (conns[i].fd < 0 || took.at == NULL || late.at == NULL)
                        return 1;
        }
        if (run(connections, request, 1e6 * connections / rate, began + seconds * 1e6) < 0 || took.count == 0) {
                fprintf(stderr, "bench_paced: a request failed\n");
                return 1;
        }
        qsort(took.at, took.count, sizeof(double), compare);
        qsort(late.at, late.count, sizeof(double), compare);
        printf("%zu %.1f %.1f %.1f %.1f\n", took.count, percentile(&took, 0.5), percentile(&took, 0.99),
               percentile(&took, 0.999), percentile(&late, 0.99));
        return 0;
}
