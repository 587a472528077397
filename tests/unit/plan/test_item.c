/* Bags of items. */
#include "sample.h"

static const uint8_t one[32] = { 1 }, two[32] = { 2 };

static void adding_copies(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        char key[] = "10.1.0.2", value[] = "0x00010000";
        uint8_t secret[32] = { 7 };

        (void)state;
        assert_int_equal(pic__items_add(&bag, PIC__I_NFT_PEER4, key, value, secret, "peer anna", NULL), 0);
        key[0] = value[0] = 'x';
        secret[0] = 8;
        assert_int_equal(bag.count, 1);
        assert_string_equal(bag.at[0].key, "10.1.0.2");
        assert_string_equal(bag.at[0].value, "0x00010000");
        assert_int_equal(bag.at[0].secret[0], 7);
        assert_string_equal(bag.at[0].why, "peer anna");
}

static void finding(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        char key[16];
        int i;

        (void)state;
        assert_null(pic__items_find(&bag, PIC__I_WG_PEER, "a"));
        for (i = 0; i < 100; i++) {
                snprintf(key, sizeof(key), "%d", i * 7 % 100);
                pic__items_add(&bag, i % 2 != 0 ? PIC__I_WG_PEER : PIC__I_DNS_RECORD, key, key, NULL, NULL, NULL);
        }
        pic__items_sort(&bag);
        for (i = 0; i < 100; i++) {
                snprintf(key, sizeof(key), "%d", i * 7 % 100);
                assert_string_equal(sample_value(&bag, i % 2 != 0 ? PIC__I_WG_PEER : PIC__I_DNS_RECORD, key), key);
                assert_null(pic__items_find(&bag, i % 2 != 0 ? PIC__I_DNS_RECORD : PIC__I_WG_PEER, key));
        }
        assert_null(pic__items_find(&bag, PIC__I_NFT_SHAPE, "1"));
        assert_null(pic__items_find(&bag, PIC__I_DNS_RECORD, "zz"));
}

static void same(void **state)
{
        const pic__item a = { PIC__I_WG_PEER, "k", "v", one, 32, "peer a" },
                        b = { PIC__I_WG_PEER, "k", "v", one, 32, NULL };
        const pic__item c = { PIC__I_WG_PEER, "k", "v", two, 32, NULL },
                        d = { PIC__I_WG_PEER, "k", "v", NULL, 0, NULL };
        const pic__item e = { PIC__I_WG_PEER, "k", "w", one, 32, NULL };

        (void)state;
        assert_true(pic__item_same(&a, &b)); /* where it comes from does not count */
        assert_false(pic__item_same(&a, &c));
        assert_false(pic__item_same(&a, &d));
        assert_false(pic__item_same(&d, &a));
        assert_true(pic__item_same(&d, &d));
        assert_false(pic__item_same(&a, &e));
}

static void sums_tell_items_apart(void **state)
{
        const pic__item items[] = {
                { PIC__I_NFT_PEER4, "10.1.0.2", "0x00010000", NULL, 0, NULL },
                { PIC__I_NFT_PEER4, "10.1.0.3", "0x00010000", NULL, 0, NULL },
                { PIC__I_NFT_PEER4, "10.1.0.2", "0x00020000", NULL, 0, NULL },
                { PIC__I_NFT_PEER6, "10.1.0.2", "0x00010000", NULL, 0, NULL },
                { PIC__I_NFT_PEER4, "10.1.0.3", "0x00020000", NULL, 0, NULL },
        };
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(items); i++)
                for (k = 0; k < PIC__COUNT(items); k++)
                        assert_int_equal(pic__item_sum(&items[i]) == pic__item_sum(&items[k]), i == k);
        assert_true(pic__item_sum(&items[0]) + pic__item_sum(&items[4]) !=
                    pic__item_sum(&items[2]) + pic__item_sum(&items[1])); /* the same marks, exchanged */
}

static void wiping_leaves_an_empty_bag(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        pic__items_wipe(&bag);
        pic__items_add(&bag, PIC__I_WG_PEER, "k", "v", one, NULL, NULL);
        pic__items_wipe(&bag);
        assert_int_equal(bag.count, 0);
        assert_null(bag.at);
        assert_int_equal(pic__items_add(&bag, PIC__I_WG_PEER, "k", "v", NULL, NULL, NULL), 0);
        pic__items_wipe(&bag);
}

static int fill(void *data)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        char key[16];
        int i, r = 0;

        (void)data;
        for (i = 0; i < 2000 && r == 0; i++) {
                snprintf(key, sizeof(key), "%d", i);
                r = pic__items_add(&bag, PIC__I_WG_PEER, key, key, one, NULL, NULL);
        }
        return r;
}

static void without_memory(void **state)
{
        (void)state;
        sample_nomem(fill, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(adding_copies),  cmocka_unit_test(finding),
                cmocka_unit_test(same),           cmocka_unit_test(wiping_leaves_an_empty_bag),
                cmocka_unit_test(without_memory), cmocka_unit_test(sums_tell_items_apart),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
