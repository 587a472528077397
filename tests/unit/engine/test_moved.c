/* Shows: what stands in the way of a cell on another machine is asked, and an answer settles it. */
#include "engine/moved.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

static size_t ask(pic__store *st, const pic__moved_opts *o, pic__buf *text)
{
        pic__auto_err pic_error *first = NULL;
        pic__json j = PIC__JSON(text);
        size_t needed = 0;

        pic__buf_clear(text);
        assert_int_equal(pic__moved_ask(st, o, &j, &needed, &first, NULL), 0);
        assert_int_equal(needed > 0, first != NULL);
        return needed;
}

static void asked(void **state)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        const char *answers[] = { "listen_port", NULL, "endpoint", "b.example:5", "device", "pictest9", NULL };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        socklen_t size = sizeof(at);
        pic__moved_opts o;
        pic__store *st = NULL;
        pic_obj *obj = NULL;
        char port[8];
        cell c;

        (void)state;
        cell_make(&c);
        assert_int_equal(bind(fd, (const struct sockaddr *)&at, size), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
        snprintf(port, sizeof(port), "%u", (unsigned)ntohs(at.sin_port));
        answers[1] = port;
        assert_int_equal(pic__store_open(c.dir, 1000, &c.clock, &st, NULL), 0);
        o = (pic__moved_opts){ .clock = &c.clock, .actor = "me", .way = "cli", .answers = answers };
        assert_int_equal(pic__moved_answer(st, &o, NULL), 0);
        assert_int_equal(pic__store_get(st, PIC__CELL, NULL, &obj, NULL), 0);
        assert_int_equal(pic__obj_int(obj, "listen_port"), ntohs(at.sin_port));
        assert_int_equal(ask(st, &o, &text), 0); /* it was said to be so */
        assert_string_equal(pic__buf_str(&text), "[]");
        o.answers = NULL;
        assert_int_equal(ask(st, &o, &text), 1);
        assert_non_null(strstr(pic__buf_str(&text), "\"listen_port\""));
        assert_non_null(strstr(pic__buf_str(&text), "b.example:5"));
        o.here = obj; /* the cell is here already */
        assert_true(pic__moved_is_here(obj, &o));
        assert_int_equal(ask(st, &o, &text), 0);
        o.here = NULL;
        o.fake = 1;
        assert_int_equal(ask(st, &o, &text), 0);
        o.fake = 0;
        answers[0] = "nothing";
        o.answers = answers;
        assert_int_equal(pic__moved_answer(st, &o, NULL), PIC_NOTFOUND);
        pic__obj_unref(obj);
        pic__store_unref(st);
        close(fd);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(asked) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
