/* backend/exit/leftover.c: what no file names is found by its environment, and only that. */
#include "world.h"

static void killed(void **state)
{
        pic__exit_space s = { .slot = 1, .dir = world_dir, .dev = "picx1" };
        int ours, other;

        (void)state;
        assert_int_equal(
                sh("cd %s && { PIC_EXIT=%s sleep 60 & echo $! >ours; PIC_EXIT=%s/2 sleep 60 & echo $! >other; }; "
                   "sleep 0.1",
                   world_dir, world_dir, world_dir),
                0);
        ours = atoi(said("cat %s/ours", world_dir));
        other = atoi(said("cat %s/other", world_dir));
        assert_true(ours > 1 && other > 1);
        assert_int_equal(kill(ours, 0), 0);
        pic__leftover_kill(&s);
        assert_int_not_equal(sh("grep -q '^State:.[^Z]' /proc/%d/status 2>/dev/null", ours), 0);
        assert_int_equal(kill(other, 0), 0);
        kill(other, SIGKILL);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(killed) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
