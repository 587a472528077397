/* Shows: a daemon is found again by who comes later, and forgotten when it died; its stamp says what it was started as;
 * when it may be started again, with the reason; what it wrote, the end of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/daemon.h"
#include "sys/file.h"

struct backend {
        int first;
        PIC__DAEMON(d);
        int last;
};

static char dir[64];

static int begin(void **state)
{
        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-daemon-XXXXXX");
        return mkdtemp(dir) == NULL;
}

static int end(void **state)
{
        char command[128];

        (void)state;
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        return system(command);
}

static void open_it(struct backend *b)
{
        const pic__daemon_opts o = { .program = "sleep", .area = "test", .name = "it", .run_dir = dir, .log_dir = dir };

        memset(b, 0, sizeof(*b));
        assert_int_equal(pic__daemon_open(&b->d, &o, NULL), 0);
        assert_ptr_equal(&b->child, &b->d.child);
}

static void life(void **state)
{
        const char *const argv[] = { "sleep", "60", NULL };
        struct backend b, next;
        pic__buf stamp = PIC__BUF_INIT;
        struct pollfd f;
        int died = 0;

        (void)state;
        open_it(&b);
        assert_int_equal(pic__daemon_found(&b.d, NULL), 0);
        assert_int_equal(pic__daemon_prepare(&b.d, NULL), 0);
        assert_int_equal(pic__child_start(b.child, argv, NULL, NULL), 0);
        assert_int_equal(pic__daemon_settle(&b.d, "this", NULL, NULL), 0);
        assert_int_equal(pic__file_read(b.stamp, 100, &stamp, NULL), 0);
        assert_string_equal(pic__buf_str(&stamp), "this");
        pic__daemon_close(&b.d);
        open_it(&next); /* it went on */
        assert_int_equal(pic__daemon_found(&next.d, NULL), 1);
        assert_int_equal(pic__daemon_is(&next.d, "this", NULL), 0);
        assert_int_equal(pic__daemon_died(&next.d), 0);
        assert_int_equal(pic__daemon_rung(&next.d, &died), 0);
        pic__daemon_kill(&next.d);
        f = (struct pollfd){ .fd = next.bell.epoll, .events = POLLIN };
        assert_int_equal(poll(&f, 1, 5000), 1);
        assert_true(pic__daemon_rung(&next.d, &died) && pic__daemon_died(&next.d));
        pic__daemon_forget(&next.d);
        assert_null(next.value);
        assert_int_equal(pic__daemon_found(&next.d, NULL), 0);
        pic__daemon_close(&next.d);
        pic__buf_free(&stamp);
}

static void again(void **state)
{
        pic_error *bad = NULL, *err = NULL;
        struct backend b;

        (void)state;
        open_it(&b);
        assert_int_equal(pic__daemon_too_soon(&b.d, NULL), 0);
        (void)pic__fail(&bad, PIC_CONFLICT, "a port is taken");
        pic__daemon_trouble(&b.d, bad);
        pic__child_failed(b.child); /* the first may be an accident */
        pic__child_failed(b.child);
        assert_int_equal(pic__daemon_too_soon(&b.d, &err), PIC_BUSY);
        assert_string_equal(pic_error_message(err), "a port is taken");
        assert_non_null(strstr(pic_error_message(pic_error_cause(err)), "sleep died"));
        pic__daemon_trouble(&b.d, NULL);
        assert_null(b.trouble);
        pic_error_free(bad);
        pic_error_free(err);
        pic__daemon_close(&b.d);
}

static void wrote(void **state)
{
        char text[8], lines[] = "one\ntwo\n\n", none[] = "\n";
        struct backend b;
        off_t from;

        (void)state;
        open_it(&b);
        assert_int_equal(pic__daemon_log_size(&b.d), 0);
        assert_int_equal(pic__file_write(b.log_file, "0123456789", 10, 0600, NULL), 0);
        from = pic__daemon_log_size(&b.d);
        assert_int_equal(from, 10);
        pic__daemon_log_since(&b.d, 8, text, sizeof(text));
        assert_string_equal(text, "89");
        pic__daemon_log_since(&b.d, 0, text, sizeof(text));
        assert_string_equal(text, "3456789"); /* the end of it */
        assert_string_equal(pic__daemon_last_line(lines), "two");
        assert_null(pic__daemon_last_line(none));
        pic__daemon_close(&b.d);
}

static void refused(void **state)
{
        const pic__daemon_opts o = {
                .program = "sleep", .area = "test", .name = "it", .run_dir = "here", .log_dir = dir
        };
        pic_error *err = NULL;
        struct backend b;

        (void)state;
        assert_int_equal(pic__daemon_open(&b.d, &o, &err), PIC_INVALID);
        pic_error_free(err);
        pic__daemon_close(&b.d);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(life), cmocka_unit_test(again), cmocka_unit_test(wrote),
                                            cmocka_unit_test(refused) };

        return cmocka_run_group_tests(tests, begin, end);
}
