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
        pic__item items[] = { { .kind = SERVER, .key = "main", .value = VALUE },
                              { .kind = RECORD, .key = "anna.home.internal. A", .value = "10.1.0.2" } };
        pic__step steps[] = { { PIC__ADD, SERVER, NULL, &items[0] }, { PIC__ADD, RECORD, NULL, &items[1] } };
        pic__auto_items pic__items none = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        int fd = b->ops->event_fd(b), i;
        size_t done = 0;

        (void)state;
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(b->ops->apply(b, steps, 2, &done, NULL), 0);
        assert_int_equal(done, 2);
        assert_int_equal(readable(b, 0), 0);
        assert_int_equal(b->ops->drain(b), 0);
        for (i = 0; i < 3; i++) {
                int wait, r = PIC_BUSY;

                kill(pic__child_pid(((pic__dns *)b)->child), SIGKILL);
                assert_int_equal(readable(b, 1000), 1);
                assert_int_equal(b->ops->drain(b), 1);
                assert_int_equal(readable(b, 0), 0);
                assert_int_equal(b->ops->drain(b), 0);
                assert_int_equal(b->ops->observe(b, &none, NULL), 0);
                assert_int_equal(none.count, 0);
                /* Repaired as the engine does it: when it is told to wait, the descriptor says when. */
                for (wait = 0; wait < 20 && r == PIC_BUSY; wait++) {
                        r = b->ops->apply(b, steps, 2, &done, NULL);
                        if (r == PIC_BUSY) {
                                assert_int_equal(done, 0);
                                assert_int_equal(readable(b, 5000), 1);
                                assert_int_equal(b->ops->drain(b), 1);
                        }
                }
                assert_int_equal(r, 0);
                assert_int_equal(fd, b->ops->event_fd(b));
                assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        }
        b->ops->free(b);
}

/* Also when only the tick notices. */
static void tick_notices(void **state)
{
        pic__backend *b = backend();

        (void)state;
        b->ops->tick(b);
        assert_int_equal(readable(b, 0), 0);
        must(b, SERVER, "main", NULL, VALUE);
        b->ops->tick(b);
        kill(pic__child_pid(((pic__dns *)b)->child), SIGKILL);
        usleep(100000);
        b->ops->tick(b);
        assert_int_equal(readable(b, 0), 1);
        assert_int_equal(b->ops->drain(b), 1);
        assert_null(seen(b, SERVER, "main"));
        b->ops->free(b);
}

/* A look at all that is there: no news when nothing changed. */
static void looks(void **state)
{
        pic__backend *b = backend();
        int i;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        for (i = 0; i < 2 * PIC__DNS_LOOK_EVERY; i++)
                b->ops->tick(b);
        assert_int_equal(readable(b, 0), 0);
        b->ops->free(b);
}

/* A server that is stopped, and holds what it should, is found out all the same: it goes, so that the next look makes
 * another. */
static void hangs(void **state)
{
        pic__backend *b = backend();
        pic__child *child;
        int i;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        child = ((pic__dns *)b)->child;
        kill(pic__child_pid(child), SIGSTOP);
        for (i = 0; i < PIC__DNS_ASK_EVERY; i++)
                b->ops->tick(b);
        assert_int_equal(readable(b, 1000), 1);
        assert_int_equal(b->ops->drain(b), 1);
        assert_false(pic__child_alive(child));
        assert_null(seen(b, SERVER, "main"));
        must(b, SERVER, "main", NULL, VALUE);
        b->ops->free(b);
}

static void rings(void **state)
{
        pic__backend *b = backend();

        (void)state;
        pic__bell_ring_in(&((pic__dns *)b)->bell, 0);
        assert_int_equal(readable(b, 0), 1);
        assert_int_equal(b->ops->drain(b), 1);
        pic__bell_ring_in(&((pic__dns *)b)->bell, 30);
        assert_int_equal(b->ops->drain(b), 0);
        assert_int_equal(readable(b, 1000), 1);
        assert_int_equal(b->ops->drain(b), 1);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(killed_and_repaired), TEST(tick_notices), TEST(looks), TEST(hangs),
                                            TEST(rings) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
