/* backend/exit/rules.c: every text of tests/golden/exit is taken by nft; somebody else's hand changes the picture. */
#include "world.h"

static void taken_by_nft(void **state)
{
        (void)state;
        assert_int_equal(sh("set -e; for f in " PIC_TEST_DATA "/golden/exit/*.nft; do nft -f $f; nft -f $f; done"), 0);
}

static void pictures(void **state)
{
        pic__backend *b = backend();
        pic__exit_space *s;
        char now[65];

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        s = ((pic__exit *)b)->at[1];
        assert_int_equal(pic__rules_picture(s, PIC__OF_RULES, now, NULL), 0);
        assert_string_equal(now, s->rules);
        assert_int_equal(pic__rules_picture(s, PIC__OF_ROUTES, now, NULL), 0);
        assert_string_equal(now, s->routes);
        assert_int_equal(sh("nsenter --net=%s/exit/1/ns nft add rule inet exit output accept", world_dir), 0);
        assert_int_equal(pic__rules_picture(s, PIC__OF_RULES, now, NULL), 0);
        assert_string_not_equal(now, s->rules);
        assert_int_equal(pic__rules_load(s, &s->conf, s->carrier, NULL), 0);
        assert_string_equal(said("nsenter --net=%s/exit/1/ns nft list ruleset | grep -c 'policy drop'", world_dir),
                            "3\n");
        assert_int_equal(sh("nsenter --net=%s/exit/1/ns ip route add 192.0.2.0/24 dev cell0", world_dir), 0);
        assert_int_equal(pic__rules_picture(s, PIC__OF_ROUTES, now, NULL), 0);
        assert_string_not_equal(now, s->routes);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(taken_by_nft), TEST(pictures) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
