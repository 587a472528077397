/* backend/front/held.c */
#include "world.h"

static void holds(void **state)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__item blog = { CERT, "blog", "serial=1", (const uint8_t *)"key", 3, NULL },
                        host = { HOST, "blog", "page", NULL, 0, NULL },
                        later = { CERT, "blog", "serial=2", (const uint8_t *)"other", 5, NULL };
        pic__front b = { .known = 0 };

        (void)state;
        assert_null(pic__front_held_find(&b, CERT, "blog"));
        assert_int_equal(pic__front_hold(&b, &blog, NULL), 0);
        assert_int_equal(pic__front_hold(&b, &host, NULL), 0);
        assert_int_equal(pic__front_hold(&b, &later, NULL), 0);
        assert_int_equal(b.held.count, 2);
        assert_string_equal(pic__front_held_find(&b, CERT, "blog")->value, "serial=2");
        assert_int_equal(pic__front_held_find(&b, CERT, "blog")->secret_len, 5);
        assert_int_equal(pic__front_held_tell(&b, &items, NULL), 0);
        assert_int_equal(items.count, 2);
        assert_memory_equal(items.at[0].secret, "other", 5);
        pic__front_let_go(&b, CERT, "nobody");
        pic__front_let_go(&b, CERT, "blog");
        assert_null(pic__front_held_find(&b, CERT, "blog"));
        assert_non_null(pic__front_held_find(&b, HOST, "blog"));
        pic__front_let_all_go(&b);
        assert_int_equal(b.held.count, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(holds) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
