/* backend/exit/refuse.c: what a carrier refuses fails no change; it is built, closed, told, and tried again. */
#include "world.h"

static pic__exit_space *space(pic__backend *b)
{
        return ((pic__exit *)b)->at[1];
}

static int runs(const char *name)
{
        return sh("kill -0 $(cut -d\" \" -f1 %s/exit/1/exit1-%s.pid) 2>/dev/null", world_dir, name) == 0;
}

static void says(pic__backend *b, int code, const char *words)
{
        pic__auto_err pic_error *err = NULL;

        assert_int_equal(b->ops->refusal(b, "1", &err), code);
        if (code != 0 && strstr(pic_error_message(err), words) == NULL)
                fail_msg("%s", pic_error_message(err));
}

static void own_fault(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, NULL, WG_VALUE, NULL);
        assert_string_equal(seen(b), WG_VALUE);
        says(b, PIC_VALUE, "no private key");
        assert_true(runs("names"));
        assert_false(runs("wireguard"));
        assert_int_equal(sh("ip link show picx1 >/dev/null && nsenter --net=%s/exit/1/ns nft list chain inet exit "
                            "forward | grep -q 'policy drop'",
                            world_dir),
                         0);
        must(b, WG_VALUE, WG_VALUE, WG_SECRET);
        says(b, 0, "");
        assert_true(by_kernel() || runs("wireguard"));
        must(b, WG_VALUE, WG_VALUE, NULL); /* it is taken away from one that runs */
        says(b, PIC_VALUE, "no private key");
        assert_false(runs("wireguard"));
        assert_true(runs("names"));
        must(b, WG_VALUE, NULL, NULL);
        assert_null(seen(b));
        b->ops->free(b);
}

/* Its program comes back: nobody has to say anything. */
static void again(void **state)
{
        pic__backend *b = backend();
        int i;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        space(b)->conf.private_key = "";
        assert_int_equal(pic__exit_try((pic__exit *)b, space(b), &space(b)->conf, NULL), 0);
        assert_true(space(b)->refused);
        b->ops->tick(b);
        assert_true(space(b)->refused); /* not yet */
        space(b)->conf.private_key = "mA2BYKDz1Pk0Bmv5HTZe7sgLve2XQ70GOHGdqe9R6HI=";
        space(b)->again = 0;
        for (i = 0; i < 200 && !space(b)->settled; i++) {
                (void)sh("sleep 0.02");
                b->ops->tick(b);
        }
        assert_true(space(b)->settled);
        says(b, 0, "");
        b->ops->free(b);
}

/* The next of us does not believe that it stands. */
static void next_life(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, NULL, WG_VALUE, NULL);
        b->ops->free(b);
        b = backend();
        assert_string_equal(seen(b), "changed");
        must(b, "changed", WG_VALUE, NULL);
        says(b, PIC_VALUE, "no private key");
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(own_fault), TEST(again), TEST(next_life) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
