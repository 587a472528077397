/* The connection to wireguard-go, against a server of the test's own that can also misbehave. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "backend/wg/uapi.h"
#include "world.h"

/* One connection: takes requests to their empty line and gives each the next answer; "" closes instead. */
static struct server {
        pthread_t thread;
        int listener;
        const char *answers[8];
        pic__buf got;
} server;

static char path[108];
static char name[16];

static int take_request(int fd)
{
        size_t from = server.got.len;
        char part[1000];

        do {
                ssize_t n = recv(fd, part, sizeof(part), 0);

                if (n <= 0)
                        return -1;
                pic__buf_put(&server.got, part, (size_t)n);
        } while (server.got.len - from < 2 || memcmp(server.got.data + server.got.len - 2, "\n\n", 2) != 0);
        return 0;
}

static void *serve(void *data)
{
        int fd = accept(server.listener, NULL, NULL);
        size_t i;

        (void)data;
        for (i = 0; server.answers[i] != NULL && take_request(fd) == 0 && server.answers[i][0] != '\0'; i++)
                if (send(fd, server.answers[i], strlen(server.answers[i]), MSG_NOSIGNAL) < 0)
                        break;
        close(fd);
        return NULL;
}

static void begin(const char *first, const char *second)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };

        unlink(path);
        memcpy(at.sun_path, path, sizeof(at.sun_path));
        server.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(server.listener, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(server.listener, 1), 0);
        server.answers[0] = first;
        server.answers[1] = second;
        server.answers[2] = NULL;
        pic__buf_clear(&server.got);
        assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

static const char *end(pic__uapi *u)
{
        pic__uapi_close(u);
        pthread_join(server.thread, NULL);
        close(server.listener);
        return pic__buf_str(&server.got);
}

static pic__uapi fresh(void)
{
        pic__uapi u;

        assert_int_equal(pic__uapi_new(&u, NULL), 0);
        assert_int_equal(pic__uapi_name(&u, name, NULL), 0);
        return u;
}

static void nobody_serves(void **state)
{
        pic__uapi u = fresh();
        pic__auto_err pic_error *err = NULL;
        pic__wg_device device = { .port = 1 };
        pid_t owner = 0;

        (void)state;
        unlink(path);
        assert_int_equal(pic__uapi_connect(&u, NULL, NULL), 0);
        begin(NULL, NULL);
        assert_int_equal(pic__uapi_connect(&u, &owner, NULL), 1);
        assert_int_equal(owner, getpid());
        end(&u);
        assert_int_equal(pic__uapi_connect(&u, NULL, NULL), 0); /* stale */
        assert_int_equal(pic__uapi_set_device(&u, &device, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "does not run"));
        assert_int_equal(pic__uapi_name(&u,
                                        "a-name-that-is-far-too-long-for-a-device-and-does-not-fit-into-the-path-of-a-"
                                        "socket-either-since-that-is-short",
                                        NULL),
                         PIC_INVALID);
        pic__uapi_free(&u);
}

static void what_is_sent(void **state)
{
        pic__uapi u = fresh();
        pic__wg_device device = { .private_key = { 1 }, .port = 7 };
        pic__auto_wg_peer pic__wg_peer peer = { .key = { 2 }, .psk = { 3 }, .keepalive = 25 };
        uint8_t gone[32] = { 4 };
        char expected[2000], zero[63];

        (void)state;
        memset(zero, '0', 62);
        zero[62] = '\0';
        pic__vec_push(&peer.allowed, (pic__prefix){ { 4, { 10, 1, 0, 2 } }, 32 });
        pic__vec_push(&peer.allowed, (pic__prefix){ { 6, { 0xfd } }, 64 });
        begin("errno=0\n\n", "errno=0\n\n");
        assert_int_equal(pic__uapi_set_device(&u, &device, NULL), 0);
        assert_int_equal(pic__uapi_flush(&u, NULL), 0); /* nothing waits */
        assert_int_equal(pic__uapi_set_peer(&u, &peer, 1, NULL), 0);
        pic__wg_peer_clear(&peer);
        peer.key[0] = 5;
        assert_int_equal(pic__uapi_set_peer(&u, &peer, 0, NULL), 0);
        assert_int_equal(pic__uapi_remove_peer(&u, gone, NULL), 0);
        assert_int_equal(pic__uapi_flush(&u, NULL), 0);
        snprintf(expected, sizeof(expected),
                 "set=1\nprivate_key=01%s\nlisten_port=7\n\n"
                 "set=1\npublic_key=02%s\npreshared_key=03%s\npersistent_keepalive_interval=25\nreplace_allowed_ips="
                 "true\n"
                 "allowed_ip=10.1.0.2/32\nallowed_ip=fd00::/64\n"
                 "public_key=05%s\npreshared_key=00%s\npersistent_keepalive_interval=0\n"
                 "public_key=04%s\nremove=true\n\n",
                 zero, zero, zero, zero, zero, zero);
        assert_string_equal(end(&u), expected);
        pic__uapi_free(&u);
}

/* More than the room holds, in one peer and in many. */
static void long_requests(void **state)
{
        pic__uapi u = fresh();
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        unsigned i, lines = 0;
        const char *at;

        (void)state;
        for (i = 0; i < 9000; i++)
                pic__vec_push(&peer.allowed, (pic__prefix){ { 4, { 10, (uint8_t)(i >> 8), (uint8_t)i } }, 24 });
        begin("errno=0\n\n", "errno=0\n\n");
        peer.key[0] = 1;
        assert_int_equal(pic__uapi_set_peer(&u, &peer, 1, NULL), 0);
        peer.key[0] = 2;
        peer.allowed.count = 2;
        assert_int_equal(pic__uapi_set_peer(&u, &peer, 1, NULL), 0); /* a second operation */
        assert_int_equal(pic__uapi_flush(&u, NULL), 0);
        for (at = end(&u); (at = strstr(at, "allowed_ip=")) != NULL; at++)
                lines++;
        assert_int_equal(lines, 9002);
        pic__uapi_free(&u);
}

static int nothing(pic__wg_peer *peer, void *data, pic_error **err)
{
        (void)peer;
        (void)err;
        ++*(int *)data;
        return 0;
}

static void refusals(void **state)
{
        pic__uapi u = fresh();
        pic__auto_err pic_error *err = NULL;
        pic__wg_device device = { .port = 7 };
        pic__wg_peer peer = { .keepalive = 0 };
        int peers = 0;
        pic__wg_reader reader = { NULL, nothing, &peers };

        (void)state;
        begin("errno=-98\n\n", NULL); /* EADDRINUSE: wireguard-go gives errors as negative numbers */
        assert_int_equal(pic__uapi_set_device(&u, &device, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "port 7"));
        end(&u);
        begin("errno=-22\n\n", NULL);
        assert_int_equal(pic__uapi_set_peer(&u, &peer, 1, &err), 0);
        assert_int_equal(pic__uapi_flush(&u, &err), PIC_BACKEND);
        assert_int_equal(atoi(pic_error_detail(err, "errno")), EINVAL);
        assert_int_equal(u.fd, -1); /* not to be used again */
        end(&u);
        begin("errno=-5\n\n", NULL);
        assert_int_equal(pic__uapi_set_device(&u, &device, NULL), PIC_BACKEND);
        end(&u);
        begin("listen_port=1\nerrno=-5\n\n", NULL);
        assert_int_equal(pic__uapi_read(&u, &reader, NULL), PIC_BACKEND);
        end(&u);
        begin("public_key=12\n", NULL);
        assert_int_equal(pic__uapi_read(&u, &reader, NULL), PIC_BACKEND);
        end(&u);
        assert_int_equal(peers, 0);
        pic__uapi_free(&u);
}

static void broken_connections(void **state)
{
        pic__uapi u = fresh();
        pic__auto_err pic_error *err = NULL;
        pic__wg_device device = { .port = 7 };
        pic__wg_peer peer = { .keepalive = 0 };
        int peers = 0, i, r = 0;
        pic__wg_reader reader = { NULL, nothing, &peers };

        (void)state;
        begin("", NULL);
        assert_int_equal(pic__uapi_set_device(&u, &device, &err), PIC_IO);
        assert_non_null(strstr(pic_error_message(err), "broke"));
        assert_int_equal(u.fd, -1);
        end(&u);
        begin("listen_port=1\nerr", NULL); /* dies in the middle of an answer */
        assert_int_equal(pic__uapi_read(&u, &reader, NULL), PIC_IO);
        end(&u);
        begin(NULL, NULL); /* dies while we write */
        for (i = 0; i < 100000 && r == 0; i++)
                r = pic__uapi_set_peer(&u, &peer, 1, NULL);
        assert_int_equal(r, PIC_IO);
        end(&u);
        begin("errno=0\n\n", NULL); /* and all is well with the next one */
        assert_int_equal(pic__uapi_set_device(&u, &device, NULL), 0);
        end(&u);
        pic__uapi_free(&u);
}

static void a_line_without_end(void **state)
{
        static char line[PIC__UAPI_ROOM + 100];
        pic__uapi u = fresh();
        pic__auto_err pic_error *err = NULL;
        int peers = 0;
        pic__wg_reader reader = { NULL, nothing, &peers };

        (void)state;
        memset(line, 'x', sizeof(line) - 1);
        begin(line, NULL);
        assert_int_equal(pic__uapi_read(&u, &reader, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "too long"));
        end(&u);
        pic__uapi_free(&u);
}

static void out_of_memory(void **state)
{
        pic__uapi u;

        (void)state;
        pic__mem_fail_at(1);
        assert_int_equal(pic__uapi_new(&u, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        pic__uapi_free(&u);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nobody_serves),      cmocka_unit_test(what_is_sent),
                cmocka_unit_test(long_requests),      cmocka_unit_test(refusals),
                cmocka_unit_test(broken_connections), cmocka_unit_test(a_line_without_end),
                cmocka_unit_test(out_of_memory),
        };
        int r;

        if (geteuid() != 0) {
                fprintf(stderr, "SKIPPED: needs root to make a socket in %s\n", PIC__UAPI_DIR);
                return 77;
        }
        mkdir(PIC__UAPI_DIR, 0755);
        snprintf(name, sizeof(name), "pcu%d", (int)getpid());
        snprintf(path, sizeof(path), PIC__UAPI_DIR "/%s.sock", name);
        r = cmocka_run_group_tests(tests, NULL, NULL);
        unlink(path);
        pic__buf_free(&server.got);
        return r;
}
