/* backend/exit/link.c: what a link is, by name. */
#include "world.h"

#include "backend/exit/link.h"

static void some(void **state)
{
        pic__exit_link_info l;

        (void)state;
        assert_int_equal(pic__exit_link_get("lo", &l, NULL), 1);
        assert_true(l.index == 1 && l.up && !l.ours && !l.veth);
        assert_int_equal(pic__exit_link_get("picx1", &l, NULL), 0);
        assert_int_equal(sh("ip link add picx1 type veth peer name b && ip link set picx1 alias picture"), 0);
        assert_int_equal(pic__exit_link_get("picx1", &l, NULL), 1);
        assert_true(l.veth && !l.ours && !l.up && l.peer_nsid == -1);
        assert_int_equal(sh("ip link set picx1 alias pic up"), 0);
        assert_int_equal(pic__exit_link_get("picx1", &l, NULL), 1);
        assert_true(l.ours && l.up);
        assert_true(pic__exit_link_get("much-too-long-a-name-for-this", &l, NULL) <= 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(some) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
