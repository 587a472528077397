/* sys/http.c against openssl's server over TLS, and a plain one of our own on loopback that keeps what it was asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/http.h"

static char dir[64], ca[128];
static pid_t server;

static void page(const char *name, const char *text)
{
        char path[128];
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        f = fopen(path, "w");
        assert_non_null(f);
        fputs(text, f);
        fclose(f);
}

/* A namespace of its own, so that ports are free; a certificate for 127.0.0.1 that its own root signed. */
static int begin(void **state)
{
        char command[1200], text[32] = "";
        FILE *p;

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0 ||
            system("ip link set lo up && command -v openssl >/dev/null") != 0) {
                printf("SKIP: needs root, openssl and the right to make a network namespace\n");
                exit(77);
        }
        snprintf(dir, sizeof(dir), "/tmp/pic-http-XXXXXX");
        assert_non_null(mkdtemp(dir));
        snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
        page("good", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello");
        page("near", "HTTP/1.0 302 Found\r\nLocation: /good\r\n\r\n");
        page("round", "HTTP/1.0 302 Found\r\nLocation: /round\r\n\r\n");
        page("away", "HTTP/1.0 302 Found\r\nLocation: https://localhost:4433/good\r\n\r\n");
        page("lower", "HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:4433/good\r\n\r\n");
        page("missing", "HTTP/1.0 404 Not Found\r\n\r\nno");
        snprintf(command, sizeof(command),
                 "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out "
                 "ca.pem -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 2>/dev/null && head -c 70000 "
                 "/dev/zero | tr '\\0' x > x && (printf 'HTTP/1.0 200 OK\\r\\n\\r\\n'; cat x) > large && "
                 "{ openssl s_server -accept 4433 -cert ca.pem -key key.pem -HTTP -quiet </dev/null >/dev/null 2>&1 & "
                 "echo $!; }",
                 dir);
        p = popen(command, "r");
        assert_non_null(p);
        assert_non_null(fgets(text, sizeof(text), p));
        pclose(p);
        server = (pid_t)strtol(text, NULL, 10);
        while (system("ss -Hltn sport = :4433 | grep -q .") != 0)
                usleep(20000);
        return 0;
}

static int end(void **state)
{
        char command[128];

        (void)state;
        kill(server, SIGKILL);
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        return system(command);
}

static int ask(const char *url, const pic__http_opts *o, pic__buf *body, int *status, pic_error **err)
{
        PIC__AUTO(pic__http_unref_p) pic__http *h = NULL;
        int r = pic__http_start(url, o, &h, err);

        if (r == 0)
                r = pic__http_wait(h, status, err);
        if (r == 0 && body != NULL)
                pic__buf_puts(body, pic__buf_str(pic__http_body(h)));
        return r;
}

static void over_tls(void **state)
{
        const pic__http_opts o = { .ca_file = ca };
        pic__auto_buf pic__buf body = PIC__BUF_INIT;
        int status = 0;

        (void)state;
        assert_int_equal(ask("https://127.0.0.1:4433/good", &o, &body, &status, NULL), 0);
        assert_int_equal(status, 200);
        assert_string_equal(pic__buf_str(&body), "hello");
        pic__buf_clear(&body);
        assert_int_equal(ask("https://127.0.0.1:4433/near", &o, &body, &status, NULL), 0);
        assert_int_equal(status, 200);
        assert_string_equal(pic__buf_str(&body), "hello");
        assert_int_equal(ask("https://127.0.0.1:4433/missing", &o, NULL, &status, NULL), 0);
        assert_int_equal(status, 404);
}

static int nowhere(int family, const uint8_t *bytes, void *data)
{
        assert_true(family == 4 && bytes[0] == 127);
        ++*(int *)data;
        return 0;
}

static void refused(const char *url, const pic__http_opts *o, int code, const char *part)
{
        pic__auto_err pic_error *err = NULL;
        int status = 0;

        assert_int_equal(ask(url, o, NULL, &status, &err), code);
        if (strstr(pic_error_message(err), part) == NULL)
                fail_msg("%s: %s", url, pic_error_message(err));
        assert_null(strstr(pic_error_message(err), "secret"));
}

static void what_is_refused(void **state)
{
        int asked = 0;
        const pic__http_opts o = { .ca_file = ca }, small = { .ca_file = ca, .max = 70100 },
                             v6 = { .ca_file = ca, .family = 6 },
                             no = { .ca_file = ca, .may = nowhere, .data = &asked },
                             from = { .ca_file = ca, .source = "192.0.2.9" };

        (void)state;
        refused("http://example.org/secret", NULL, PIC_VALUE, "only https");
        refused("ftp://127.0.0.1/secret", NULL, PIC_VALUE, "only https");
        refused("file:///etc/secret", NULL, PIC_VALUE, "no address");
        refused("https://me:secret@example.org/", NULL, PIC_VALUE, "a user has no place");
        refused("nonsense", NULL, PIC_VALUE, "no address");
        refused("https://127.0.0.1:4433/good?secret", NULL, PIC_BACKEND, "nobody vouches");
        refused("https://localhost:4433/good", &o, PIC_BACKEND, "nobody vouches"); /* another name */
        refused("https://127.0.0.1:4433/large", &o, PIC_VALUE, "larger than 65536");
        assert_int_equal(ask("https://127.0.0.1:4433/large", &small, NULL, &asked, NULL), 0);
        refused("https://127.0.0.1:4433/away", &o, PIC_VALUE, "another server");
        refused("https://127.0.0.1:4433/lower", &o, PIC_VALUE, "another server");
        refused("https://127.0.0.1:4433/round", &o, PIC_VALUE, "on and on");
        refused("https://127.0.0.1:9/secret", &o, PIC_BACKEND, "nobody answers");
        refused("https://nowhere.invalid/secret", &o, PIC_BACKEND, "leads nowhere");
        refused("https://127.0.0.1:4433/good", &v6, PIC_BACKEND, "");
        refused("https://127.0.0.1:4433/good", &from, PIC_BACKEND, "not this machine's");
        asked = 0;
        refused("https://127.0.0.1:4433/good", &no, PIC_DENIED, "may not have");
        assert_int_equal(asked, 1);
}

struct plain {
        int listener;
        int silent;
        char heard[2048];
};

static void *serve(void *data)
{
        static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        struct plain *s = data;
        int fd = accept(s->listener, NULL, NULL);
        size_t n = 0;
        ssize_t got;

        while (fd >= 0 && (got = read(fd, s->heard + n, sizeof(s->heard) - 1 - n)) > 0) {
                n += (size_t)got;
                s->heard[n] = '\0';
                if (!s->silent && strstr(s->heard, "\r\n\r\n") != NULL &&
                    (strncmp(s->heard, "GET", 3) == 0 || strstr(s->heard, "ip=1") != NULL)) {
                        assert_int_equal(write(fd, answer, sizeof(answer) - 1), sizeof(answer) - 1);
                        break;
                }
        }
        close(fd);
        return NULL;
}

static pthread_t listen_at(struct plain *s, uint16_t port)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
        int on = 1;
        pthread_t t;

        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        s->listener = socket(AF_INET, SOCK_STREAM, 0);
        (void)setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(s->listener, 1), 0);
        assert_int_equal(pthread_create(&t, NULL, serve, s), 0);
        return t;
}

static void what_is_sent(void **state)
{
        static const char *const headers[] = { "Authorization: Bearer secret", NULL };
        const pic__http_opts get = { .user = "me", .password = "secret", .source = "127.0.0.5" },
                             put = { .method = "PUT", .headers = headers, .body = "ip=1", .body_len = 4 };
        struct plain s = { .silent = 0 };
        pthread_t t;
        int status = 0;

        (void)state;
        assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0); /* is not asked */
        t = listen_at(&s, 8080);
        assert_int_equal(ask("http://127.0.0.1:8080/a?b=c", &get, NULL, &status, NULL), 0);
        pthread_join(t, NULL);
        close(s.listener);
        assert_memory_equal(s.heard, "GET /a?b=c HTTP/1.1\r\n", 21);
        assert_non_null(strstr(s.heard, "Authorization: Basic bWU6c2VjcmV0\r\n"));
        assert_non_null(strstr(s.heard, "User-Agent: pic\r\n"));
        assert_null(strstr(s.heard, "Cookie"));
        memset(&s, 0, sizeof(s));
        t = listen_at(&s, 8080);
        assert_int_equal(ask("http://localhost:8080/", &put, NULL, &status, NULL), 0);
        pthread_join(t, NULL);
        close(s.listener);
        assert_memory_equal(s.heard, "PUT / HTTP/1.1\r\n", 16);
        assert_non_null(strstr(s.heard, "Authorization: Bearer secret\r\n"));
        assert_int_equal(status, 200);
}

static void nobody_waits_for_ever(void **state)
{
        const pic__http_opts o = { .timeout_ms = 300 };
        struct plain s = { .silent = 1 };
        PIC__AUTO(pic__http_unref_p) pic__http *h = NULL;
        pthread_t t;

        (void)state;
        t = listen_at(&s, 8081);
        refused("http://127.0.0.1:8081/secret", &o, PIC_TIMEOUT, "no answer in time");
        pthread_join(t, NULL);
        close(s.listener);
        assert_int_equal(pic__http_start("http://127.0.0.1:8081/", NULL, &h, NULL), 0); /* and given up */
        assert_true(pic__http_fd(h) >= 0);
}

static double seconds(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In a child, whose resolv.conf is another. */
static int ask_the_dead(void)
{
        static const pic__http_opts opts = { .timeout_ms = 500 };
        pic__auto_err pic_error *err = NULL;
        pic__http *h = NULL;
        double from = seconds();
        int status, r = 1;

        if (pic__http_start("https://x.example/", &opts, &h, &err) == 0)
                r = pic__http_wait(h, &status, &err);
        pic__http_unref(h);
        h = NULL;
        if (pic__http_start("https://y.example/", &opts, &h, NULL) == 0)
                pic__http_unref(h); /* and one that nobody wants any more */
        printf("%s, after %.1f s\n", pic_error_message(err), seconds() - from);
        return r == PIC_TIMEOUT && seconds() - from < 4 ? 0 : 1;
}

/* Three name servers that say nothing hold nobody for longer than he wants to wait. */
static void dead_name_servers(void **state)
{
        char command[800];
        int status;
        pid_t pid;

        (void)state;
        page("resolv.conf", "nameserver 10.9.9.1\nnameserver 10.9.9.2\nnameserver 10.9.9.3\n");
        snprintf(command, sizeof(command),
                 "mount --make-rprivate / && mount --bind %s/resolv.conf /etc/resolv.conf && ip link add d0 type veth "
                 "peer "
                 "name d1 && ip addr add 10.9.9.9/24 dev d0 && ip link set d0 up && ip link set d1 up && for i in 1 2 "
                 "3; "
                 "do ip neigh add 10.9.9.$i lladdr 02:00:00:00:00:0$i dev d0; done",
                 dir);
        pid = fork();
        if (pid == 0) {
                if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || system(command) != 0)
                        _exit(2);
                _exit(ask_the_dead());
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(over_tls), cmocka_unit_test(what_is_refused),
                                            cmocka_unit_test(what_is_sent), cmocka_unit_test(nobody_waits_for_ever),
                                            cmocka_unit_test(dead_name_servers) };

        return cmocka_run_group_tests(tests, begin, end);
}
