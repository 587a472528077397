/* backend/exit/record.c: what is written down is what is taken up; half of it is taken for nothing. */
#include "world.h"

static void again(void **state)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__backend *b = backend();

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        b->ops->free(b);
        b = backend();
        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        assert_int_equal(items.count, 1);
        assert_string_equal(items.at[0].value, WG_VALUE);
        assert_int_equal(items.at[0].secret_len, strlen(WG_SECRET));
        assert_memory_equal(items.at[0].secret, WG_SECRET, strlen(WG_SECRET));
        assert_int_equal(((pic__exit *)b)->at[1]->processes, by_kernel() ? 1 : 2);
        b->ops->free(b);
        assert_string_equal(said("stat -c '%%a %%u' %s/exit/1/secret", world_dir), "600 0\n");
        /* Killed in the middle of a change. */
        assert_int_equal(sh("rm %s/exit/1/stamp", world_dir), 0);
        b = backend();
        assert_string_equal(seen(b), "changed");
        must(b, "changed", WG_VALUE, WG_SECRET);
        assert_string_equal(seen(b), WG_VALUE);
        b->ops->free(b);
        assert_int_equal(sh("echo rubbish >%s/exit/1/stamp", world_dir), 0);
        b = backend();
        assert_string_equal(seen(b), "changed");
        must(b, "changed", NULL, NULL);
        assert_null(seen(b));
        b->ops->free(b);
}

/* Made by one who was killed at once: only a directory. */
static void hardly_begun(void **state)
{
        pic__backend *b;

        (void)state;
        assert_int_equal(sh("mkdir -p %s/exit/1 %s/exit/nonsense %s/exit/999", world_dir, world_dir, world_dir), 0);
        b = backend();
        assert_string_equal(seen(b), "changed");
        must(b, "changed", WG_VALUE, WG_SECRET);
        assert_string_equal(seen(b), WG_VALUE);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(again), TEST(hardly_begun) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
