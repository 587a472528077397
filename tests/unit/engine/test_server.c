/* The listening end, turned by hand with a clock of the test's: answers, limits, silent and slow clients, refused
 * callers. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "engine/link.h"
#include "engine/server.h"
#include "engine/sockname.h"
#include "engine/wire.h"

static char dir[64];
static pic_time now;
static pic__clock clock_fake;
static pic__server *s;
static int asked, strangers;
static size_t big;
static int not_yet; /* so many questions are not answered */
static int file;    /* that came along with the last one */

static void answer(const char *request, size_t len, const char *actor, pic__buf *out, void *data)
{
        size_t i;

        (void)data;
        asked++;
        file = pic__server_file(s);
        if (not_yet > 0) {
                not_yet--;
                return;
        }
        pic__buf_puts(out, PIC__WIRE_OK "\"");
        for (i = 0; i < big; i++)
                pic__buf_putc(out, 'z');
        pic__buf_putf(out, "%s:%.*s\"}", actor, (int)(len < 20 ? len : 20), request);
}

static void refused(const char *actor, void *data)
{
        (void)data;
        assert_string_equal(actor, "uid 65534");
        strangers++;
}

static int open_at(const char *where, pic_error **err)
{
        const pic__server_opts opts = {
                .run_dir = where, .owner = geteuid(), .clock = &clock_fake, .answer = answer, .refused = refused
        };

        return pic__server_open(&opts, &s, err);
}

static int set_up(void **state)
{
        (void)state;
        fixture_dir(dir, sizeof(dir));
        now = NOW;
        clock_fake = pic__clock_fake(&now);
        asked = 0;
        big = 0;
        return open_at(dir, NULL);
}

static int tear_down(void **state)
{
        (void)state;
        s = pic__server_unref(s);
        fixture_drop(dir);
        return 0;
}

static int dial(void)
{
        struct sockaddr_un name;
        int at, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

        assert_int_equal(pic__sockname(dir, &name, &at, NULL), 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
        close(at);
        return fd;
}

static int is_closed(int fd)
{
        pic__buf got = PIC__BUF_INIT;
        int r = pic__wire_recv(fd, PIC__BUF_MAX, 1, &got);

        pic__buf_free(&got);
        return r == 0 || r == -ECONNRESET;
}

/* What came, or "" for nothing. */
static const char *heard(int fd, char *text, size_t size)
{
        pic__buf got = PIC__BUF_INIT;

        (void)pic__wire_recv(fd, PIC__BUF_MAX, 1, &got);
        snprintf(text, size, "%s", pic__buf_str(&got));
        pic__buf_free(&got);
        return text;
}

static void test_answers(void **state)
{
        char path[128], text[256];
        struct stat st;
        int a = dial(), b = dial();

        (void)state;
        snprintf(path, sizeof(path), "%s/agent.sock", dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0660);
        assert_int_equal(pic__server_due(s), 0);
        pic__server_turn(s);
        assert_int_equal(pic__server_clients(s), 2);
        assert_true(pic__server_due(s) == NOW + PIC__SERVER_IDLE_MS * 1000);
        assert_int_equal(pic__wire_send(a, "one", 3), 0);
        assert_int_equal(pic__wire_send(b, "two", 3), 0);
        assert_true(poll(&(struct pollfd){ pic__server_fd(s), POLLIN, 0 }, 1, 1000) == 1);
        pic__server_turn(s);
        assert_non_null(strstr(heard(a, text, sizeof(text)), ":one"));
        assert_non_null(strstr(heard(b, text, sizeof(text)), ":two"));
        assert_int_equal(pic__wire_send(a, "more", 4), 0); /* a connection may ask again */
        pic__server_turn(s);
        assert_non_null(strstr(heard(a, text, sizeof(text)), ":more"));
        close(a);
        pic__server_turn(s);
        assert_int_equal(pic__server_clients(s), 1);
        big = 500000;
        assert_int_equal(pic__wire_send(b, "big", 3), 0);
        pic__server_turn(s);
        assert_non_null(strstr(heard(b, text, sizeof(text)), "zzzz"));
        close(b);
}

/* An answer that takes its time: the client waits, others do not, and who goes is forgotten. */
static void test_later(void **state)
{
        char text[256];
        int a = dial(), b = dial();

        (void)state;
        pic__server_turn(s);
        pic__server_again(s); /* nobody waits */
        not_yet = 2;
        assert_int_equal(pic__wire_send(a, "slow", 4), 0);
        pic__server_turn(s);
        assert_int_equal(asked, 1);
        pic__server_again(s);
        assert_int_equal(asked, 2);
        assert_string_equal(heard(a, text, sizeof(text)), "");
        assert_int_equal(pic__wire_send(b, "quick", 5), 0);
        pic__server_turn(s);
        assert_non_null(strstr(heard(b, text, sizeof(text)), ":quick"));
        pic__server_again(s);
        assert_non_null(strstr(heard(a, text, sizeof(text)), ":slow"));
        pic__server_again(s);
        assert_int_equal(asked, 4);
        not_yet = 9;
        assert_int_equal(pic__wire_send(a, "slow", 4), 0);
        assert_int_equal(pic__wire_send(b, "slow", 4), 0);
        pic__server_turn(s);
        close(a);                                          /* goes */
        assert_int_equal(pic__wire_send(b, "more", 4), 0); /* asks for more than one answer at a time */
        pic__server_turn(s);
        assert_int_equal(pic__server_clients(s), 0);
        pic__server_again(s);
        assert_int_equal(asked, 6);
        assert_true(is_closed(b));
        close(b);
        a = dial();
        pic__server_turn(s);
        assert_int_equal(pic__wire_send(a, "slow", 4), 0);
        pic__server_turn(s);
        now += PIC__SERVER_IDLE_MS * 1000; /* nobody is waited for for ever */
        pic__server_turn(s);
        assert_int_equal(pic__server_clients(s), 0);
        close(a);
        a = dial();
        pic__server_turn(s);
        assert_int_equal(pic__wire_send(a, "slow", 4), 0);
        pic__server_turn(s);
        close(a); /* and the end comes while one waits */
        not_yet = 0;
}

/* A file stays with its question, by the same number, and is closed with the answer or with who asked. */
static void test_file(void **state)
{
        char text[256];
        int a = dial(), own = memfd_create("f", MFD_CLOEXEC), first;

        (void)state;
        pic__server_turn(s);
        not_yet = 1;
        assert_int_equal(pic__wire_send_along(a, "file", 4, own), 0);
        pic__server_turn(s);
        first = file;
        assert_true(first >= 0 && fcntl(first, F_GETFD) >= 0);
        assert_int_equal(pic__server_file(s), -1);
        pic__server_again(s);
        assert_int_equal(file, first);
        assert_non_null(strstr(heard(a, text, sizeof(text)), ":file"));
        assert_int_equal(fcntl(first, F_GETFD), -1);
        assert_int_equal(pic__wire_send(a, "none", 4), 0);
        pic__server_turn(s);
        assert_int_equal(file, -1);
        (void)heard(a, text, sizeof(text));
        not_yet = 9;
        assert_int_equal(pic__wire_send_along(a, "file", 4, own), 0);
        pic__server_turn(s);
        first = file;
        close(a);
        pic__server_turn(s);
        assert_int_equal(pic__server_clients(s), 0);
        assert_int_equal(fcntl(first, F_GETFD), -1);
        not_yet = 0;
        close(own);
}

static void test_silent(void **state)
{
        int a, b;

        (void)state;
        a = dial();
        pic__server_turn(s);
        now += 6 * PIC__SECOND;
        b = dial();
        pic__server_turn(s);
        now += 5 * PIC__SECOND;
        pic__server_turn(s);
        assert_int_equal(pic__server_clients(s), 1);
        assert_true(is_closed(a));
        assert_false(is_closed(b));
        close(a);
        close(b);
}

/* Asks and never reads: dropped as soon as an answer does not fit, and others are served meanwhile. */
static void test_slow(void **state)
{
        char text[256];
        int a = dial(), b = dial(), i;

        (void)state;
        big = 50000;
        for (i = 0; i < 200 && pic__server_clients(s) != 1; i++) {
                (void)pic__wire_send(a, "again", 5);
                pic__server_turn(s);
                if (i == 0)
                        assert_int_equal(pic__server_clients(s), 2);
        }
        assert_int_equal(pic__server_clients(s), 1);
        assert_int_equal(pic__wire_send(b, "me", 2), 0);
        pic__server_turn(s);
        assert_non_null(strstr(heard(b, text, sizeof(text)), "zzz"));
        close(a);
        close(b);
}

static void test_gone(void **state)
{
        int a = dial();

        (void)state;
        pic__server_turn(s);
        assert_int_equal(pic__wire_send(a, "bye", 3), 0);
        close(a); /* before it was answered */
        pic__server_turn(s);
        pic__server_turn(s);
        assert_int_equal(asked, 1);
        assert_int_equal(pic__server_clients(s), 0);
}

static void test_too_big(void **state)
{
        pic__buf data = PIC__BUF_INIT;
        char text[256];
        int a = dial(), more = 4 << 20;

        (void)state;
        pic__server_turn(s);
        (void)setsockopt(a, SOL_SOCKET, SO_SNDBUF, &more, sizeof(more));
        memset(pic__buf_room(&data, PIC__WIRE_REQUEST_MAX + 1), 'x', PIC__WIRE_REQUEST_MAX + 1);
        pic__buf_added(&data, PIC__WIRE_REQUEST_MAX + 1);
        assert_int_equal(pic__wire_send(a, data.data, data.len), 0); /* as a memfd: too long */
        pic__server_turn(s);
        assert_int_equal(asked, 0);
        assert_non_null(strstr(heard(a, text, sizeof(text)), "INVALID"));
        assert_true(is_closed(a));
        close(a);
        a = dial();
        pic__server_turn(s);
        assert_int_equal(pic__wire_send(a, data.data, PIC__WIRE_REQUEST_MAX), 0); /* as long as it may be */
        pic__server_turn(s);
        assert_int_equal(asked, 1);
        close(a);
        pic__buf_free(&data);
}

static void test_crowd(void **state)
{
        int fds[PIC__SERVER_CLIENTS + 1], i;
        char text[256];

        (void)state;
        for (i = 0; i <= PIC__SERVER_CLIENTS; i++) {
                fds[i] = dial();
                pic__server_turn(s);
        }
        assert_int_equal(pic__server_clients(s), PIC__SERVER_CLIENTS);
        assert_non_null(strstr(heard(fds[PIC__SERVER_CLIENTS], text, sizeof(text)), "BUSY"));
        assert_true(is_closed(fds[PIC__SERVER_CLIENTS]));
        for (i = 0; i <= PIC__SERVER_CLIENTS; i++)
                close(fds[i]);
        pic__server_turn(s);
        assert_int_equal(pic__server_clients(s), 0);
}

/* Another user who got at the socket is told no, whatever the file's mode says. */
static void test_denied(void **state)
{
        char path[128], text[256];
        pid_t child;
        int status;

        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: needs root to become another user\n");
                skip();
        }
        snprintf(path, sizeof(path), "%s/agent.sock", dir);
        assert_int_equal(chmod(dir, 0755), 0);
        child = fork();
        if (child == 0) { /* the file's mode alone keeps strangers out */
                PIC__AUTO(pic__link_unref_p) pic__link *l = NULL;
                pic__buf out = PIC__BUF_INIT;

                if (setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0 ||
                    pic__link_socket(dir, &l, NULL) < 0)
                        _exit(9);
                _exit(pic__link_call(l, "ping", NULL, 100, &out, NULL) == PIC_DENIED ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(chmod(path, 0666), 0);
        child = fork();
        if (child == 0) {
                int fd;

                if (setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0)
                        _exit(9);
                fd = dial();
                (void)poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 5000);
                if (strstr(heard(fd, text, sizeof(text)), "DENIED") == NULL)
                        _exit(1);
                (void)poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 5000); /* it closes after it has answered */
                _exit(is_closed(fd) ? 0 : 1);
        }
        while (waitpid(child, &status, WNOHANG) == 0) {
                (void)poll(&(struct pollfd){ pic__server_fd(s), POLLIN, 0 }, 1, 50);
                pic__server_turn(s);
        }
        assert_int_equal(status, 0);
        assert_int_equal(asked, 0);
        assert_int_equal(strangers, 1);
        assert_int_equal(pic__server_clients(s), 0);
}

/* A path longer than a socket's name can be, and a stale socket in the place. */
static void test_long_path(void **state)
{
        char where[400], path[420], text[256];
        pic__link *l = NULL;
        pic__buf out = PIC__BUF_INIT;
        struct sockaddr_un name;
        int at, fd;

        (void)state;
        s = pic__server_unref(s);
        snprintf(where, sizeof(where), "%s/%0120d/%0120d", dir, 1, 2);
        assert_int_equal(pic__dir_make(where, 0755, NULL), 0);
        assert_int_equal(open_at(where, NULL), 0);
        snprintf(path, sizeof(path), "%s/agent.sock", where);
        assert_true(pic__file_exists(path));
        assert_int_equal(pic__sockname(where, &name, &at, NULL), 0);
        assert_non_null(strstr(name.sun_path, "/proc/self/fd/"));
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
        close(at);
        assert_int_equal(pic__wire_send(fd, "hi", 2), 0);
        pic__server_turn(s);
        pic__server_turn(s);
        assert_non_null(strstr(heard(fd, text, sizeof(text)), ":hi"));
        close(fd);
        s = pic__server_unref(s);
        assert_false(pic__file_exists(path));
        assert_int_equal(pic__link_socket(where, &l, NULL), 0);
        assert_int_equal(pic__link_call(l, "ping", NULL, 50, &out, NULL), PIC_NOAGENT);
        pic__link_unref(l);
        assert_int_equal(pic__file_write(path, "stale", 5, 0600, NULL), 0);
        assert_int_equal(open_at(where, NULL), 0);
}

static void test_cannot(void **state)
{
        char path[128];

        (void)state;
        s = pic__server_unref(s);
        assert_true(open_at("/nowhere/at/all", NULL) < 0);
        snprintf(path, sizeof(path), "%s/agent.sock", dir);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_true(open_at(dir, NULL) < 0);
        assert_null(s);
        pic__mem_fail_at(1);
        assert_int_equal(open_at(dir, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_answers),   TEST(test_later), TEST(test_file),
                                            TEST(test_silent),    TEST(test_slow),  TEST(test_gone),
                                            TEST(test_too_big),   TEST(test_crowd), TEST(test_denied),
                                            TEST(test_long_path), TEST(test_cannot) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
