/* Shows: only the one file is answered, on the machine's outer addresses and the socket, never on the cell's; slow and
 * loud callers keep nobody out; a taken port is told. In a network namespace of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/acme_answer.h"

static const char *say(const char *request, pic__buf *out)
{
        pic__buf_clear(out);
        if (!pic__acme_answer_to(request, strlen(request), "tok-1", "tok-1.thumb", out))
                return "";
        return pic__buf_str(out);
}

static void words(void **state)
{
        static char much[PIC__ACME_REQUEST + 1];
        pic__buf out = PIC__BUF_INIT;

        (void)state;
        assert_string_equal(say("", &out), "");
        assert_string_equal(say("GET " PIC__ACME_PATH "tok-1 HTTP/1.1\r\nHost: x\r\n", &out), "");
        assert_non_null(
                strstr(say("GET " PIC__ACME_PATH "tok-1 HTTP/1.1\r\nHost: x\r\n\r\n", &out), "\r\n\r\ntok-1.thumb"));
        assert_ptr_equal(strstr(pic__buf_str(&out), "HTTP/1.1 200 OK\r\n"), pic__buf_str(&out));
        assert_non_null(strstr(say("GET " PIC__ACME_PATH "tok-1 HTTP/1.0\n\n", &out), " 200 "));
        say("HEAD " PIC__ACME_PATH "tok-1 HTTP/1.1\r\n\r\n", &out);
        assert_non_null(strstr(pic__buf_str(&out), " 200 "));
        assert_null(strstr(pic__buf_str(&out), "thumb"));
        assert_non_null(strstr(say("GET " PIC__ACME_PATH "tok-2 HTTP/1.1\r\n\r\n", &out), " 404 "));
        assert_non_null(strstr(say("GET " PIC__ACME_PATH "tok-1/ HTTP/1.1\r\n\r\n", &out), " 404 "));
        assert_non_null(strstr(say("GET /a/../" PIC__ACME_PATH "tok-1 HTTP/1.1\r\n\r\n", &out), " 404 "));
        assert_non_null(strstr(say("POST " PIC__ACME_PATH "tok-1 HTTP/1.1\r\n\r\n", &out), " 405 "));
        assert_non_null(strstr(say("GET\r\n\r\n", &out), " 40"));
        assert_non_null(strstr(say("\n\n", &out), " 40"));
        assert_non_null(strstr(say("GET " PIC__ACME_PATH "tok-1\r\n\r\n", &out), " 400 "));
        memset(much, 'a', PIC__ACME_REQUEST);
        assert_non_null(strstr(say(much, &out), " 431 "));
        pic__buf_free(&out);
        assert_true(pic__acme_token_ok("aA0-_"));
        assert_false(pic__acme_token_ok("") || pic__acme_token_ok("a/b") || pic__acme_token_ok("a.b") ||
                     pic__acme_token_ok(much));
}

static int call_at(const char *address)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(80) };
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        inet_pton(AF_INET, address, &at.sin_addr);
        if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
                return fd;
        close(fd);
        return -1;
}

static void turn(pic__acme_answer *a, int fd, char *out, size_t size)
{
        size_t len = 0;
        int i;

        for (i = 0; i < 200; i++) {
                struct pollfd p = { .fd = pic__acme_answer_fd(a), .events = POLLIN };
                ssize_t n;

                if (poll(&p, 1, 10) > 0)
                        pic__acme_answer_go_on(a);
                n = fd >= 0 ? recv(fd, out + len, size - 1 - len, MSG_DONTWAIT) : -1;
                if (n == 0)
                        break;
                len += n > 0 ? (size_t)n : 0;
                if (fd < 0 && i > 5)
                        break;
        }
        out[len] = '\0';
}

#define REQUEST "GET " PIC__ACME_PATH "tok-1 HTTP/1.1\r\nHost: x\r\n\r\n"

static void fetch(pic__acme_answer *a, int fd, const char *want)
{
        char text[1024];

        assert_true(fd >= 0);
        assert_int_equal(send(fd, REQUEST, strlen(REQUEST), 0), strlen(REQUEST));
        turn(a, fd, text, sizeof(text));
        if (strstr(text, want) == NULL)
                fail_msg("'%s' in: %s", want, text);
        close(fd);
}

static void listener(void **state)
{
        char dir[] = "/tmp/pic-acme-XXXXXX", text[64];
        struct sockaddr_un un = { .sun_family = AF_UNIX };
        struct sockaddr_in taken = { .sin_family = AF_INET, .sin_port = htons(80) };
        pic__acme_answer_opts o = { .token = "tok-1", .auth = "tok-1.thumb", .run_dir = dir };
        pic__prefix inner;
        pic__acme_answer *a = NULL;
        pic_error *err = NULL;
        int slow[20], i, fd;

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0 ||
            system("ip link set lo up && ip link add out0 type veth peer name out1 && ip addr add 198.51.100.1/24 dev "
                   "out0 && ip link set out0 up && ip link set out1 up && ip link add in0 type veth peer name in1 && "
                   "ip "
                   "addr add 10.77.0.1/24 dev in0 && ip link set in0 up && ip link set in1 up") != 0)
                skip();
        assert_non_null(mkdtemp(dir));
        assert_int_equal(pic__prefix_parse("10.77.0.0/24", &inner), 0);
        o.skip = &inner;
        o.skip_count = 1;
        assert_int_equal(pic__acme_answer_open(&o, &a, &err), 0);
        assert_int_equal(pic__acme_answer_places(a), 1);
        assert_int_equal(call_at("10.77.0.1"), -1);
        assert_int_equal(call_at("127.0.0.1"), -1);
        for (i = 0; i < 20; i++) { /* they say nothing */
                slow[i] = call_at("198.51.100.1");
                turn(a, -1, text, sizeof(text));
        }
        fetch(a, call_at("198.51.100.1"), "tok-1.thumb");
        snprintf(un.sun_path, sizeof(un.sun_path), "%.80s/" PIC__ACME_SOCKET, dir);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
        fetch(a, fd, "tok-1.thumb");
        assert_int_equal(pic__acme_answer_asked(a), 2);
        for (i = 0; i < 20; i++)
                close(slow[i]);
        turn(a, -1, text, sizeof(text));
        pic__acme_answer_unref(a);
        assert_int_equal(call_at("198.51.100.1"), -1);
        assert_int_equal(access(un.sun_path, F_OK), -1);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        inet_pton(AF_INET, "198.51.100.1", &taken.sin_addr);
        i = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &i, sizeof(i));
        assert_true(bind(fd, (struct sockaddr *)&taken, sizeof(taken)) == 0 && listen(fd, 1) == 0);
        assert_int_equal(pic__acme_answer_open(&o, &a, &err), 0); /* the socket is left */
        assert_int_equal(pic__acme_answer_places(a), 0);
        pic__acme_answer_unref(a);
        o.run_dir = "/nowhere";
        assert_int_equal(pic__acme_answer_open(&o, &a, &err), PIC_CONFLICT);
        pic_error_free(pic__take(err));
        o.token = "../x";
        assert_int_equal(pic__acme_answer_open(&o, &a, &err), PIC_VALUE);
        pic_error_free(err);
        close(fd);
        rmdir(dir);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(listener) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
