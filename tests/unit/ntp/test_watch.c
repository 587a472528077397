/* the bell of the backend: the death of the server is heard, once. */
#include "world.h"

#include <fcntl.h>
#include <poll.h>

static int readable(pic__backend *b, int ms)
{
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

        return poll(&p, 1, ms);
}

static void killed_and_repaired(void **state)
{
        pic__backend *b = backend();
        int i;

        (void)state;
        assert_true(fcntl(b->ops->event_fd(b), F_GETFD) & FD_CLOEXEC);
        must(b, NULL, VALUE);
        assert_int_equal(readable(b, 0), 0);
        for (i = 0; i < 2; i++) {
                int wait, r = PIC_BUSY;

                kill(pid_of(b), SIGKILL);
                assert_int_equal(readable(b, 1000), 1);
                assert_int_equal(b->ops->drain(b), 1);
                assert_int_equal(b->ops->drain(b), 0);
                assert_null(seen(b));
                /* Repaired as the engine does it: when it is told to wait, the descriptor says when. */
                for (wait = 0; wait < 20 && r == PIC_BUSY; wait++) {
                        r = step(b, NULL, VALUE, NULL);
                        if (r == PIC_BUSY) {
                                assert_int_equal(readable(b, 5000), 1);
                                assert_int_equal(b->ops->drain(b), 1);
                        }
                }
                assert_int_equal(r, 0);
                assert_true(tells_time("10.1.0.1", NULL));
        }
        b->ops->free(b);
}

/* One that is stopped is found out: it goes, so that the next look makes another. */
static void hangs(void **state)
{
        pic__backend *b = backend();
        int i;

        (void)state;
        must(b, NULL, VALUE);
        for (i = 0; i < 2 * PIC__NTP_ASK_EVERY; i++)
                b->ops->tick(b);
        assert_int_equal(readable(b, 0), 0);
        kill(pid_of(b), SIGSTOP);
        for (i = 0; i < PIC__NTP_ASK_EVERY; i++)
                b->ops->tick(b);
        assert_int_equal(readable(b, 1000), 1);
        assert_int_equal(b->ops->drain(b), 1);
        assert_null(seen(b));
        must(b, NULL, VALUE);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(killed_and_repaired), TEST(hangs) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
