/* One question on one connection, against a listener of this test's own: pieces, refusals, lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "engine/exits_stream.h"

static const pic__question root = { ".", PIC__QUERY_NS, 1 };

struct ends {
        int listener, far;
        struct sockaddr_in at;
        pic__stream s;
};

static void begin(struct ends *e)
{
        pic__stream_begin(&e->s, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), 0x1234,
                          (struct sockaddr *)&e->at, sizeof(e->at));
        assert_int_equal(pic__stream_turn(&e->s, &root), PIC__STREAM_WAITS);
        e->far = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC);
        assert_true(e->far >= 0 && e->s.sent);
}

static int open_ends(void **state)
{
        static struct ends e;
        socklen_t size = sizeof(e.at);

        e = (struct ends){ .at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } },
                           .s = PIC__STREAM_INIT };
        e.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(e.listener, (struct sockaddr *)&e.at, sizeof(e.at)) < 0 || listen(e.listener, 8) < 0 ||
            getsockname(e.listener, (struct sockaddr *)&e.at, &size) < 0)
                return -1;
        *state = &e;
        return 0;
}

static int close_ends(void **state)
{
        struct ends *e = *state;

        pic__stream_end(&e->s);
        close(e->listener);
        return 0;
}

static void test_answer(void **state)
{
        struct ends *e = *state;
        const uint8_t *answer;
        uint8_t msg[64];
        size_t len;
        ssize_t n, i;

        begin(e);
        n = recv(e->far, msg, sizeof(msg), 0);
        assert_true(n == 19 && msg[0] == 0 && msg[1] == 17 && msg[2] == 0x12 && msg[3] == 0x34);
        for (i = 0; i < n; i++) { /* byte by byte */
                assert_int_equal(pic__stream_turn(&e->s, &root), PIC__STREAM_WAITS);
                assert_int_equal(send(e->far, msg + i, 1, 0), 1);
        }
        assert_int_equal(pic__stream_turn(&e->s, &root), PIC__STREAM_ANSWERED);
        answer = pic__stream_answer(&e->s, &len);
        assert_true(len == 17 && memcmp(answer, msg + 2, len) == 0);
        pic__stream_end(&e->s);
        assert_true(e->s.fd == -1 && e->s.body == NULL);
        pic__stream_end(&e->s);
        close(e->far);
}

static void test_lies(void **state)
{
        static const struct {
                const char *say;
                size_t len;
                int error;
        } cases[] = { { "", 0, ECONNRESET },
                      { "\0", 1, ECONNRESET },
                      { "\0\0", 2, EBADMSG },
                      { "\x10\x01", 2, EBADMSG },
                      { "\0\x0c"
                        "aaaa",
                        6, ECONNRESET } };
        struct ends *e = *state;
        uint8_t msg[64];
        size_t i;

        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                begin(e);
                assert_int_equal(recv(e->far, msg, sizeof(msg), 0), 19);
                assert_int_equal(send(e->far, cases[i].say, cases[i].len, 0), cases[i].len);
                close(e->far);
                assert_int_equal(pic__stream_turn(&e->s, &root), PIC__STREAM_OVER);
                assert_int_equal(e->s.error, cases[i].error);
        }
}

static void test_refused(void **state)
{
        struct ends *e = *state;

        close(e->listener);
        e->listener = -1;
        pic__stream_begin(&e->s, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), 1,
                          (struct sockaddr *)&e->at, sizeof(e->at));
        assert_int_equal(pic__stream_turn(&e->s, &root), PIC__STREAM_OVER);
        assert_int_equal(e->s.error, ECONNREFUSED);
        e->at = (struct sockaddr_in){ .sin_family = AF_UNIX }; /* refused before anything is sent */
        pic__stream_begin(&e->s, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), 1,
                          (struct sockaddr *)&e->at, sizeof(e->at));
        assert_int_equal(pic__stream_turn(&e->s, &root), PIC__STREAM_OVER);
        assert_int_equal(e->s.error, EAFNOSUPPORT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_answer, open_ends, close_ends),
                cmocka_unit_test_setup_teardown(test_lies, open_ends, close_ends),
                cmocka_unit_test_setup_teardown(test_refused, open_ends, close_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
