/* sys/bell.c: what rings, and how often it is heard. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/bell.h"

static int readable(const pic__bell *b, int ms)
{
        struct pollfd p = { .fd = b->epoll, .events = POLLIN };

        return poll(&p, 1, ms);
}

static void rings(void **state)
{
        pic__bell b = PIC__BELL_INIT;

        (void)state;
        pic__bell_close(&b);
        assert_int_equal(pic__bell_open(&b, "test", NULL), 0);
        assert_int_equal(readable(&b, 0), 0);
        assert_int_equal(pic__bell_rung(&b), 0);
        pic__bell_ring(&b);
        pic__bell_ring(&b);
        assert_int_equal(readable(&b, 0), 1);
        assert_int_equal(pic__bell_rung(&b), 1);
        assert_int_equal(pic__bell_rung(&b), 0);
        pic__bell_ring_in(&b, 0);
        assert_int_equal(pic__bell_rung(&b), 1);
        pic__bell_ring_in(&b, 30);
        assert_int_equal(readable(&b, 0), 0);
        assert_int_equal(readable(&b, 5000), 1);
        assert_int_equal(pic__bell_rung(&b), 1);
        assert_int_equal(readable(&b, 0), 0);
        pic__bell_close(&b);
        assert_int_equal(b.epoll, -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(rings) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
