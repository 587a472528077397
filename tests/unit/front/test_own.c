/* backend/front/own.c: certificates that are issued when they are asked for: the page's, and those of services beside
 * it; renewed each by its own time, known again by another agent. */
#include "world.h"

#define NAS "own names=nas.home.internal root=0011"

static void beside_each_other(void **state)
{
        pic__backend *b = backend();
        pic__front_fact fact;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, CERT, "front", NULL, OWN_VALUE);
        world_now += 10 * 86400 * PIC__SECOND;
        must(b, CERT, "_nas", NULL, NAS);
        assert_string_equal(seen(b), "main=" VALUE ";_nas=" NAS ";front=" OWN_VALUE);
        assert_int_equal(world_issued, 2);
        world_now += 11 * 86400 * PIC__SECOND;
        b->ops->tick(b);
        assert_int_equal(world_issued, 3); /* the page's alone is due */
        world_now += 10 * 86400 * PIC__SECOND;
        b->ops->free(b);
        b = backend();
        assert_string_equal(seen(b), "main=" VALUE ";_nas=" NAS ";front=" OWN_VALUE);
        b->ops->tick(b);
        assert_int_equal(world_issued, 4); /* and then the other */
        b->ops->front(b, &fact);
        assert_int_equal(fact.until, world_now + 20 * 86400 * PIC__SECOND);
        must(b, CERT, "_nas", NAS, NAS "22");
        assert_string_equal(seen(b), "main=" VALUE ";_nas=" NAS "22;front=" OWN_VALUE);
        must(b, CERT, "_nas", NAS "22", NULL);
        assert_string_equal(seen(b), "main=" VALUE ";front=" OWN_VALUE);
        b->ops->free(b);
}

/* All that it has goes with it to other addresses. */
static void moves(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, CERT, "_nas", NULL, NAS);
        must(b, PIC__I_FRONT_SERVICE, "nas", NULL, "http/192.0.2.10/8080");
        must(b, PIC__I_FRONT_PLACE, "10.1.0.9", NULL, "nas");
        must(b, PIC__I_FRONT_DOOR, "5500", NULL, "nas");
        must(b, PIC__I_FRONT_NAME, "nas.home.internal", NULL, "nas");
        must(b, SERVER, "main", VALUE, MOVED);
        assert_string_equal(seen(b), "main=" MOVED ";_nas=" NAS ";nas=http/192.0.2.10/8080;10.1.0.9=nas;5500=nas;"
                                     "nas.home.internal=nas");
        b->ops->free(b);
}

static void refuses(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        assert_int_equal(step_of(b, CERT, "nas", NULL, NAS, NULL), PIC_INVALID);
        assert_int_equal(step_of(b, CERT, "_a b", NULL, NAS, NULL), PIC_INVALID);
        assert_int_equal(step_of(b, CERT, "_nas", NULL, "own root=1", NULL), PIC_INVALID);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(beside_each_other), TEST(moves), TEST(refuses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
