/* Owns: civetweb: connections to requests, answers to bytes. One thread a connection, so their number is bounded:
 *
 * - a connection that says nothing does not get a thread at all (TCP_DEFER_ACCEPT: the kernel keeps it, as many as
 *   its backlog holds);
 * - a head must be there within CALM_MS, a body within BODY_MS; between two requests a connection may wait CALM_MS;
 * - where most threads are taken, heads have BUSY_MS only, and connections are closed after their answer.
 *
 * civetweb 1.15 of Debian reads the head with limits of its own (16 KiB, 64 lines) and answers what it cannot read by
 * on_error(). It decodes no paths here ("decode_url no"), so that %2F and %00 are judged by us. */
#include <civetweb.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/notify.h"
#include "http/http.h"

enum {
        THREADS = 256,
        BUSY = THREADS * 3 / 4,
        STACK = 512 << 10,
        BODY_MS = 20000,
        DRAIN_MS = 1000,
        DRAIN_MAX = 16 << 20,
        DEFER_S = 10,
        WRITE_ROOM = 3072,
        READ_BLOCK = 65536,
        LARGE = 65536,
        TIDY_MS = 250,
        END_MS = 1000,
        END_NAP_MS = 10
};
/* Time limits are texts to civetweb, read anew for each head. They are exchanged while others read them: of both, any
 * mixture of digits is a sane limit too. */
#define CALM_MS "5999"
#define BUSY_MS "0099"

static volatile sig_atomic_t stopping;
static unsigned at_work;    /* connections that have a thread */
static unsigned streams;    /* of them, those whose answer has no end by itself */
static uint32_t *limits[2]; /* civetweb's own copies of the two limits */
static pthread_t waiter;    /* the first thread: it waits for signals */
static int garbage;         /* it was told of some */
static int told_to_end;     /* it was told to end by a request */

static const char always[] =
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
        "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"
        "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"
        "Content-Security-Policy: default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'\r\n";

/* --- bytes out ------------------------------------------------------------------------------------------------ */

static const char *reason(int status)
{
        static const struct {
                int status;
                const char *text;
        } reasons[] = {
                { 200, "OK" },
                { 201, "Created" },
                { 204, "No Content" },
                { 304, "Not Modified" },
                { 400, "Bad Request" },
                { 401, "Unauthorized" },
                { 403, "Forbidden" },
                { 404, "Not Found" },
                { 405, "Method Not Allowed" },
                { 406, "Not Acceptable" },
                { 408, "Request Timeout" },
                { 409, "Conflict" },
                { 411, "Length Required" },
                { 412, "Precondition Failed" },
                { 413, "Content Too Large" },
                { 415, "Unsupported Media Type" },
                { 421, "Misdirected Request" },
                { 422, "Unprocessable Content" },
                { 429, "Too Many Requests" },
                { 501, "Not Implemented" },
                { 502, "Bad Gateway" },
                { 503, "Service Unavailable" },
                { 504, "Gateway Timeout" },
        };
        size_t i;

        for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
                if (reasons[i].status == status)
                        return reasons[i].text;
        return "Internal Server Error";
}

/* The head, and how long it is; 0: it has no room. */
static size_t put_head(char *out, size_t size, const struct res *res, int close)
{
        const char *store = res->stored ? "" : "Cache-Control: no-store\r\n";
        const char *type = res->type != NULL ? res->type : "application/json";
        int n = snprintf(out, size, "HTTP/1.1 %d %s\r\nConnection: %s\r\n%s%s%.*s", res->status, reason(res->status),
                         close ? "close" : "keep-alive", always, store, (int)res->head_len, res->head);
        int more;

        if (n < 0 || (size_t)n >= size)
                return 0;
        if (res->stream != NULL)
                more = snprintf(out + n, size - (size_t)n, "Content-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n",
                                type);
        else if (res->status == 204 || res->status == 304)
                more = snprintf(out + n, size - (size_t)n, "\r\n");
        else
                more = snprintf(out + n, size - (size_t)n, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", type,
                                res->len);
        return more < 0 || (size_t)(n + more) >= size ? 0 : (size_t)(n + more);
}

static int write_chunk(void *data, const char *text, size_t len)
{
        return mg_send_chunk(data, text, (unsigned)len) > 0 ? 0 : -1;
}

static int is_over(void *data)
{
        (void)data;
        return stopping != 0;
}

static void send_stream(struct mg_connection *conn, const struct res *res, int only_head)
{
        struct wire wire = { write_chunk, is_over, conn };

        if (only_head)
                return;
        __atomic_add_fetch(&streams, 1, __ATOMIC_RELAXED);
        if (res->stream(&wire, res->stream_data) == 0)
                mg_send_chunk(conn, "", 0);
        __atomic_sub_fetch(&streams, 1, __ATOMIC_RELAXED);
}

/* Head and a short body in one write: two would be two packets. */
static void send_res(struct mg_connection *conn, const struct res *res, int close, int only_head)
{
        const char *data = res->text != NULL ? res->text : res->fixed;
        char room[WRITE_ROOM];
        size_t n = put_head(room, sizeof(room), res, close);
        size_t len = only_head || res->status == 204 || res->status == 304 || data == NULL ? 0 : res->len;

        if (n == 0)
                return;
        if (len > 0 && len <= sizeof(room) - n) {
                memcpy(room + n, data, len);
                n += len;
                len = 0;
        }
        if (mg_write(conn, room, n) == (int)n && len > 0)
                mg_write(conn, data, len);
        if (res->wiped)
                explicit_bzero(room, sizeof(room));
        if (res->stream != NULL)
                send_stream(conn, res, only_head);
}

/* --- bytes in ------------------------------------------------------------------------------------------------- */

struct incoming {
        struct mg_connection *conn;
        int64_t size; /* of the body */
        int64_t got;
        int taken; /* all of the body was read */
};

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int read_body(void *data, char *into, size_t size)
{
        struct incoming *in = data;
        int64_t end = now_ms() + BODY_MS;
        size_t got = 0;

        if (in->got == 0 && mg_get_header(in->conn, "Expect") != NULL)
                mg_printf(in->conn, "HTTP/1.1 100 Continue\r\n\r\n");
        while (got < size && now_ms() < end) {
                size_t want = size - got < READ_BLOCK ? size - got : READ_BLOCK;
                int n = mg_read(in->conn, into + got, want);

                if (n <= 0)
                        return -1;
                got += (size_t)n;
        }
        in->got += (int64_t)got;
        in->taken = in->got == in->size;
        return got == size ? 0 : -1;
}

/* Who sends a body that is not wanted would lose the answer to it, if the connection were cut meanwhile. Its room is on
 * no other request's stack: what 256 threads have touched once stays theirs. */
__attribute__((noinline)) static void drain(struct incoming *in, int64_t size)
{
        int64_t end = now_ms() + DRAIN_MS, got = 0;
        char room[4096];
        int n = 1;

        while (n > 0 && got < size && now_ms() < end) {
                n = mg_read(in->conn, room, sizeof(room));
                got += n;
        }
}

/* civetweb stops without a word at its 64th header and at a line that begins with a blank, and takes "Name : x" for
 * Name: what stands there could say how long the body is, to another reader of the same bytes. It cuts its copy of the
 * head in place, so that can be seen: behind the last value come the two bytes of its end of line, then the empty line;
 * behind a name comes its value at once. */
static int is_broken(const struct mg_request_info *ri)
{
        const char *at;
        int i;

        for (i = 0; i < ri->num_headers; i++) {
                const char *end = ri->http_headers[i].name + strlen(ri->http_headers[i].name) + 1;

                if (*end == '\0' && ri->http_headers[i].value > end)
                        return 1;
        }
        if (ri->num_headers == 0)
                return 1;
        at = ri->http_headers[i - 1].value;
        at += strlen(at) + 1;
        at += *at == '\0';
        return *at != '\r' && *at != '\n';
}

/* Its headers are pairs as ours are: no copy has to be on the stack. */
_Static_assert(sizeof(struct pair) == sizeof(struct mg_header) &&
                       offsetof(struct pair, value) == offsetof(struct mg_header, value),
               "a pair is a pair");

/* Garbage of a large answer, or of a change, is no memory that has to be kept: see server_run(). */
static void note_garbage(const struct req *req, const struct res *res)
{
        if ((req->body_size > 0 || res->len > LARGE) && __atomic_exchange_n(&garbage, 1, __ATOMIC_RELAXED) == 0)
                (void)pthread_kill(waiter, SIGUSR1);
}

/* The answer is out: whoever waits for the cell need not wait longer than for what is under way. */
static void note_leaving(const struct app *app)
{
        if (app_leaves(app) && __atomic_exchange_n(&told_to_end, 1, __ATOMIC_RELAXED) == 0)
                (void)pthread_kill(waiter, SIGTERM);
}

static int on_request(struct mg_connection *conn)
{
        struct app *app = mg_get_user_data(mg_get_context(conn));
        const struct mg_request_info *ri = mg_get_request_info(conn);
        struct incoming in = { .conn = conn };
        struct req req = { .method = ri->request_method, .query = ri->query_string };
        struct res res = { .status = 500 };
        int close;

        req.headers = (const void *)ri->http_headers;
        req.header_count = (size_t)ri->num_headers;
        req.target = ri->local_uri_raw != NULL ? ri->local_uri_raw : "";
        req.address = ri->remote_addr;
        req.body_size = ri->content_length > 0 ? ri->content_length : 0;
        in.size = req.body_size;
        req.broken = is_broken(ri);
        req.read = read_body;
        req.data = &in;
        app_handle(app, &req, &res);
        /* A body that was not read would be taken for the next request. */
        close = (req.body_size > 0 && !in.taken) || res.cut || res.stream != NULL || stopping || app_leaves(app) ||
                __atomic_load_n(&at_work, __ATOMIC_RELAXED) > BUSY;
        if (close)
                mg_disable_connection_keep_alive(conn);
        send_res(conn, &res, close, strcmp(ri->request_method, "HEAD") == 0);
        if (req.body_size > 0 && req.body_size <= DRAIN_MAX && !in.taken)
                drain(&in, req.body_size);
        note_garbage(&req, &res);
        note_leaving(app);
        res_free(&res);
        return res.status > 0 ? res.status : 500;
}

/* --- civetweb's own refusals -------------------------------------------------------------------------------------- */

static int on_error(struct mg_connection *conn, int status, const char *message)
{
        struct res res = { .status = status };
        char text[256];

        (void)message; /* may hold what was sent to us */
        snprintf(text, sizeof(text),
                 "{\"error\":\"the request cannot be read\",\"code\":\"SYNTAX\",\"hint\":null,\"fields\":[],"
                 "\"users\":[],\"timestamp\":\"\",\"service\":\"pic\"}");
        res.fixed = text;
        res.len = strlen(text);
        mg_disable_connection_keep_alive(conn);
        send_res(conn, &res, 1, 0);
        return 0;
}

static int on_message(const struct mg_connection *conn, const char *message)
{
        (void)conn;
        fprintf(stderr, "pic-http: %s\n", message);
        return 1;
}

static void set_limits(const char *text)
{
        uint32_t digits;
        size_t i;

        memcpy(&digits, text, sizeof(digits));
        for (i = 0; i < 2; i++)
                if (limits[i] != NULL)
                        __atomic_store_n(limits[i], digits, __ATOMIC_RELAXED);
}

static int on_connection(const struct mg_connection *conn, void **data)
{
        (void)conn;
        (void)data;
        if (__atomic_add_fetch(&at_work, 1, __ATOMIC_RELAXED) == BUSY)
                set_limits(BUSY_MS);
        return 0;
}

/* The thread waits now, perhaps for long: what requests have touched of its stack below here goes back, with all that
 * they left there. Two pages are for the calls of this moment. */
static void give_back_stack(void)
{
        static __thread char *lowest;
        size_t page = (size_t)sysconf(_SC_PAGESIZE), size;
        char *here = (char *)(((uintptr_t)__builtin_frame_address(0) & ~(page - 1)) - 2 * page);
        pthread_attr_t attr;
        void *begin;

        if (lowest == NULL && pthread_getattr_np(pthread_self(), &attr) == 0) {
                if (pthread_attr_getstack(&attr, &begin, &size) == 0)
                        lowest = begin;
                pthread_attr_destroy(&attr);
        }
        if (lowest != NULL && lowest < here)
                (void)madvise(lowest, (size_t)(here - lowest), MADV_DONTNEED);
}

static void on_closed(const struct mg_connection *conn)
{
        (void)conn;
        give_back_stack();
        if (__atomic_sub_fetch(&at_work, 1, __ATOMIC_RELAXED) == BUSY - 1)
                set_limits(CALM_MS);
}

/* --- the run -------------------------------------------------------------------------------------------------- */

/* civetweb does not tell its listening socket: it is the one that listens on our port. */
static void defer_accept(unsigned port)
{
        int fd, seconds = DEFER_S;

        for (fd = 3; fd < 256; fd++) {
                struct sockaddr_in at = { .sin_family = AF_UNSPEC };
                socklen_t len = sizeof(at), size = sizeof(int);
                int listens = 0;

                if (getsockname(fd, (struct sockaddr *)&at, &len) < 0 || at.sin_family != AF_INET ||
                    ntohs(at.sin_port) != port || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
                    !listens)
                        continue;
                (void)setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
        }
}

/* They were copied with malloc(), so that they are aligned. */
static void find_limits(const struct mg_context *server)
{
        static const char *const names[] = { "request_timeout_ms", "keep_alive_timeout_ms" };
        size_t i;

        for (i = 0; i < 2; i++) {
                const char *text = mg_get_option(server, names[i]);

                if (text != NULL && strlen(text) == sizeof(uint32_t) && (uintptr_t)text % sizeof(uint32_t) == 0)
                        limits[i] = (uint32_t *)(uintptr_t)text;
        }
}

/* Many threads that each do little: small stacks, one arena; what is large is given back at once. */
static void small_threads(void)
{
        pthread_attr_t attr;

        mallopt(M_ARENA_MAX, 1);
        mallopt(M_MMAP_THRESHOLD, LARGE * 2); /* otherwise it grows with the largest that was ever freed */
        if (pthread_attr_init(&attr) != 0)
                return;
        if (pthread_attr_setstacksize(&attr, STACK) == 0)
                (void)pthread_setattr_default_np(&attr);
        pthread_attr_destroy(&attr);
}

static struct mg_context *start(struct app *app)
{
        /* No access log: addresses and paths are nobody's business. civetweb would make its line for a callback, too.
         */
        struct mg_callbacks callbacks = { .begin_request = on_request,
                                          .http_error = on_error,
                                          .log_message = on_message,
                                          .init_connection = on_connection,
                                          .connection_closed = on_closed };
        char address[32], threads[8];
        const char *const options[] = { "listening_ports",
                                        address,
                                        "num_threads",
                                        threads,
                                        "request_timeout_ms",
                                        CALM_MS,
                                        "enable_keep_alive",
                                        "yes",
                                        "keep_alive_timeout_ms",
                                        CALM_MS,
                                        "tcp_nodelay",
                                        "1",
                                        "decode_url",
                                        "no",
                                        "decode_query_string",
                                        "no",
                                        "max_request_size",
                                        "16384",
                                        "listen_backlog",
                                        "4096",
                                        "linger_timeout_ms",
                                        "1000",
                                        NULL };

        snprintf(address, sizeof(address), "127.0.0.1:%u", app_options(app)->port);
        snprintf(threads, sizeof(threads), "%d", THREADS);
        mg_init_library(MG_FEATURES_DEFAULT);
        return mg_start(&callbacks, app, (const char **)(uintptr_t)options);
}

/* Until it is to end. Meanwhile memory that only garbage held goes back, soon after whatever made the garbage. */
static void wait_for_end(const sigset_t *heard)
{
        struct timespec soon = { .tv_nsec = TIDY_MS * 1000000 };
        int signal;

        do {
                signal = sigtimedwait(heard, NULL, __atomic_load_n(&garbage, __ATOMIC_RELAXED) ? &soon : NULL);
                if (signal < 0 && errno == EAGAIN) {
                        __atomic_store_n(&garbage, 0, __ATOMIC_RELAXED);
                        (void)malloc_trim(0);
                }
        } while (signal < 0 || signal == SIGUSR1);
}

/* civetweb sends nothing more once it was told to stop: streams that see that the end has come say so before. */
static void end_streams(void)
{
        const struct timespec nap = { .tv_nsec = END_NAP_MS * 1000000 };
        int left = END_MS / END_NAP_MS;

        stopping = 1;
        while (__atomic_load_n(&streams, __ATOMIC_RELAXED) > 0 && left-- > 0)
                (void)nanosleep(&nap, NULL);
}

int server_run(struct app *app)
{
        struct mg_context *server;
        sigset_t heard;

        small_threads();
        waiter = pthread_self();
        sigemptyset(&heard);
        sigaddset(&heard, SIGTERM);
        sigaddset(&heard, SIGINT);
        sigaddset(&heard, SIGHUP);
        sigaddset(&heard, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &heard, NULL); /* of all threads: this one waits for them */
        server = start(app);
        if (server == NULL) {
                fprintf(stderr, "pic-http: cannot listen on 127.0.0.1:%u\n", app_options(app)->port);
                return 1;
        }
        find_limits(server);
        defer_accept(app_options(app)->port);
        notify_host("READY=1");
        wait_for_end(&heard);
        notify_host("STOPPING=1");
        end_streams();
        limits[0] = limits[1] = NULL;
        mg_stop(server);
        mg_exit_library();
        return 0;
}
