/* Who is told which names: places of devices, and what their classes reach. */
#include "sample.h"

static const char *view(const pic__items *bag, const char *key)
{
        return sample_value(bag, PIC__I_DNS_VIEW, key);
}

static int told(const pic__items *bag, const char *mark, const char *where)
{
        char key[200];

        snprintf(key, sizeof(key), "%s %s", mark, where);
        return view(bag, key) != NULL && strcmp(view(bag, key), "told") == 0;
}

static void household(pic__snap *s, const char *shown)
{
        char cell[600];

        snprintf(cell, sizeof(cell), "%s names_shown=%s", SAMPLE_CELL, shown);
        sample_put(s, PIC__CELL, 1, cell);
        sample_put(s, PIC__PEER, 20,
                   "name=site address4=10.1.0.2 address6=fd12:3456:789a::2 subnets=192.168.9.0/24 access=peers");
        sample_put(s, PIC__PEER, 21,
                   "name=desk address4=10.1.0.3 address6=fd12:3456:789a::3 access=peer:site,192.168.1.10:tcp/445");
        sample_put(s, PIC__PEER, 22, "name=off address4=10.1.0.4 address6=fd12:3456:789a::4 enabled=no");
}

static void all_is_nothing(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        household(s, "all");
        sample_derive(s, &bag);
        assert_int_equal(sample_count(&bag, PIC__I_DNS_VIEW), 0);
        assert_null(strstr(sample_value(&bag, PIC__I_DNS_SERVER, "main"), "views"));
}

static void by_class(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        char value[100];
        const char *mark;

        (void)state;
        household(s, "granted");
        sample_derive(s, &bag);
        assert_non_null(strstr(sample_value(&bag, PIC__I_DNS_SERVER, "main"), " sieve=yes views=yes"));
        mark = sample_value(&bag, PIC__I_NFT_PEER4, "10.1.0.3");
        snprintf(value, sizeof(value), "%s 10.1.0.3,fd12:3456:789a::3", mark);
        assert_string_equal(view(&bag, "10.1.0.3"), value);
        assert_string_equal(view(&bag, "fd12:3456:789a::3"), value);
        assert_true(told(&bag, mark, "10.1.0.2"));
        assert_true(told(&bag, mark, "fd12:3456:789a::2"));
        assert_true(told(&bag, mark, "192.168.9.0-192.168.9.255")); /* behind it */
        assert_true(told(&bag, mark, "192.168.1.10-192.168.1.10")); /* by whatever protocol */
        assert_false(told(&bag, mark, "10.1.0.4"));
        mark = sample_value(&bag, PIC__I_NFT_PEER4, "10.1.0.2");
        snprintf(value, sizeof(value), "%s 10.1.0.2,fd12:3456:789a::2", mark);
        assert_string_equal(view(&bag, "192.168.9.0/24"), value);
        assert_true(told(&bag, mark, "10.1.0.2-10.1.255.255"));
        assert_null(view(&bag, "10.1.0.4"));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(all_is_nothing), cmocka_unit_test(by_class) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
