/* backend/exit/watch.c: what is heard, within a second, and what is not told. */
#include "world.h"

#include <poll.h>

static int rung(pic__backend *b, int ms)
{
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

        return poll(&p, 1, ms) > 0;
}

/* Until there is nothing more to be told. */
static void quiet(pic__backend *b)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        int i;

        for (i = 0; i < 20 && rung(b, 100); i++)
                if (b->ops->drain(b) > 0)
                        (void)b->ops->news(b, &items, NULL);
}

static void heard(pic__backend *b, const char *what)
{
        int i;

        quiet(b);
        assert_int_equal(system(what), 0);
        for (i = 0; i < 10; i++)
                if (rung(b, 1000) && b->ops->drain(b) > 0)
                        break;
        if (i == 10)
                fail_msg("not heard: %s", what);
        assert_string_equal(seen(b), "changed");
        must(b, "changed", WG_VALUE, WG_SECRET);
}

static void hands(void **state)
{
        pic__backend *b = backend();
        char command[200];

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        assert_true(((pic__exit *)b)->all);
        heard(b, "ip link delete picx1");
        snprintf(command, sizeof(command), "nsenter --net=%s/exit/1/ns nft flush ruleset", world_dir);
        heard(b, command);
        snprintf(command, sizeof(command), "nsenter --net=%s/exit/1/ns ip route flush table 100", world_dir);
        heard(b, command);
        snprintf(command, sizeof(command), "kill -9 %d", (int)pic__child_pid(((pic__exit *)b)->at[1]->holder));
        heard(b, command);
        b->ops->free(b);
}

/* A look costs nothing while nothing is heard. */
static void nothing_new(void **state)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        int i;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        assert_string_equal(seen(b), WG_VALUE);
        quiet(b);
        for (i = 0; i < 1000; i++)
                assert_int_equal(b->ops->news(b, &items, NULL), 0);
        assert_int_equal(items.count, 0);
        assert_int_equal(sh("ip link add x type veth peer name y && ip link delete x"), 0);
        (void)b->ops->drain(b);
        assert_string_equal(seen(b), WG_VALUE);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(hands), TEST(nothing_new) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
