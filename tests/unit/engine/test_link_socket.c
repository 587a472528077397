/* The way over the socket: nobody there, refused, too slow, gone half way. The other end is a thread of this test; it
 * asserts nothing, since cmocka ends the program, silently, when a thread other than its own does. */
#include "fixture.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "engine/link.h"
#include "engine/sockname.h"
#include "engine/wire.h"

enum how { HOW_ANSWER, HOW_BIG, HOW_HANG_UP, HOW_SILENT, HOW_NONSENSE, HOW_NO_READ };

static char dir[64];
static int listener = -1;
static enum how how;
static int sent; /* what the far end got for sending */

static void *serve(void *data)
{
        pic__buf got = PIC__BUF_INIT, big = PIC__BUF_INIT;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), r = -EAGAIN, i;
        struct pollfd p = { .fd = fd, .events = POLLIN };

        (void)data;
        while (how != HOW_NO_READ && r == -EAGAIN) {
                poll(&p, 1, -1);
                r = pic__wire_recv(fd, 100000, 1, &got);
        }
        switch (how) {
        case HOW_ANSWER: sent = pic__wire_send(fd, PIC__WIRE_OK "3}", strlen(PIC__WIRE_OK "3}")); break;
        case HOW_BIG:
                pic__buf_puts(&big, PIC__WIRE_OK "\"");
                for (i = 0; i < 300000; i++)
                        pic__buf_putc(&big, 'y');
                pic__buf_puts(&big, "\"}");
                sent = pic__wire_send(fd, big.data, big.len);
                break;
        case HOW_NONSENSE: sent = pic__wire_send(fd, "hello", 5); break;
        case HOW_SILENT: usleep(200000); break;
        case HOW_NO_READ: /* refused before it was asked */
                pic__wire_failure(NULL, &big);
                (void)pic__wire_send(fd, big.data, big.len);
                break;
        case HOW_HANG_UP: break;
        }
        close(fd);
        pic__buf_free(&got);
        pic__buf_free(&big);
        return NULL;
}

static int call(enum how what, pic__buf *out)
{
        PIC__AUTO(pic__link_unref_p) pic__link *l = NULL;
        pic_error *err = NULL;
        pthread_t thread;
        int r;

        how = what;
        sent = 0;
        pic__buf_clear(out);
        assert_int_equal(pic__link_socket(dir, &l, NULL), 0);
        pthread_create(&thread, NULL, serve, NULL);
        r = pic__link_call(l, "ping", NULL, what == HOW_SILENT ? 100 : 10000, out, &err);
        pthread_join(thread, NULL);
        assert_int_equal(sent, 0);
        assert_true((r == 0) == (err == NULL));
        pic_error_free(err);
        return r;
}

static void test_answers(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        (void)state;
        assert_int_equal(call(HOW_ANSWER, &out), 0);
        assert_string_equal(pic__buf_str(&out), "3");
        assert_int_equal(call(HOW_BIG, &out), 0);
        assert_int_equal(out.len, 300002);
        assert_int_equal(call(HOW_HANG_UP, &out), PIC_NOAGENT);
        assert_int_equal(call(HOW_SILENT, &out), PIC_TIMEOUT);
        assert_int_equal(call(HOW_NONSENSE, &out), PIC_BACKEND);
        assert_true(call(HOW_NO_READ, &out) < 0);
}

static int ask_at(const char *where, pic_error **err)
{
        PIC__AUTO(pic__link_unref_p) pic__link *l = NULL;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        assert_int_equal(pic__link_socket(where, &l, NULL), 0);
        return pic__link_call(l, "ping", NULL, 100, &out, err);
}

static void test_nobody(void **state)
{
        pic_error *err = NULL;
        char path[128];

        (void)state;
        assert_int_equal(ask_at("/nowhere/run", &err), PIC_NOAGENT);
        assert_non_null(pic_error_hint(err));
        pic_error_free(err);
        close(listener);
        listener = -1;
        assert_int_equal(ask_at(dir, NULL), PIC_NOAGENT); /* a stale socket */
        snprintf(path, sizeof(path), "%s/agent.sock", dir);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(ask_at(dir, NULL), PIC_NOAGENT); /* none at all */
}

static void test_no_memory(void **state)
{
        pic__link *l = NULL;

        (void)state;
        pic__mem_fail_at(1);
        assert_int_equal(pic__link_socket(dir, &l, NULL), PIC_NOMEM);
        pic__mem_fail_at(2);
        assert_int_equal(pic__link_socket(dir, &l, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
}

static int set_up(void **state)
{
        struct sockaddr_un name;
        int at;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        assert_int_equal(pic__sockname(dir, &name, &at, NULL), 0);
        listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
        assert_int_equal(listen(listener, 4), 0);
        close(at);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        if (listener >= 0)
                close(listener);
        fixture_drop(dir);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers), cmocka_unit_test(test_nobody),
                                            cmocka_unit_test(test_no_memory) };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
