/* plan/derive_block.c: lists by their numbers, and for devices of groups which hold beside those for all; nothing where
 * nothing blocks. */
#include "sample.h"

static void expect(const pic__snap *s, enum pic__item_kind kind, const char *key, const char *value)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__item *item;

        assert_int_equal(pic__derive_all(s, NULL, &items, NULL), 0);
        pic__items_sort(&items);
        item = pic__items_find(&items, kind, key);
        if (value == NULL ? item != NULL : item == NULL || strcmp(item->value, value) != 0)
                fail_msg("%s: %s, not %s", key, item != NULL ? item->value : "nothing",
                         value != NULL ? value : "nothing");
}

static int says(const pic__snap *s, enum pic__item_kind kind, const char *key, const char *word)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__item *item;

        assert_int_equal(pic__derive_all(s, NULL, &items, NULL), 0);
        pic__items_sort(&items);
        item = pic__items_find(&items, kind, key);
        assert_non_null(item);
        return strstr(item->value, word) != NULL;
}

static pic__snap *world(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__CELL, 1, SAMPLE_CELL);
        sample_put(s, PIC__GROUP, 1, "name=kids");
        sample_put(s, PIC__PEER, 2, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2");
        sample_put(s, PIC__PEER, 3,
                   "name=bob address4=10.1.0.3 address6=fd12:3456:789a::3 groups=kids subnets=192.168.9.0/24");
        return s;
}

static void none(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        assert_false(says(s, PIC__I_DNS_SERVER, "main", "sieve="));
        sample_put(s, PIC__BLOCKLIST, 1, "name=ads source=/a enabled=no groups=kids");
        assert_false(says(s, PIC__I_DNS_SERVER, "main", "sieve="));
        expect(s, PIC__I_DNS_LIST, "1", NULL);
        expect(s, PIC__I_DNS_BARRED, "10.1.0.3", NULL);
}

static void some(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        sample_put(s, PIC__BLOCKLIST, 3, "name=ads source=/a allow=a.example,b.example");
        assert_true(says(s, PIC__I_DNS_SERVER, "main", " sieve=yes"));
        expect(s, PIC__I_DNS_LIST, "3", "ads all allow=a.example,b.example");
        expect(s, PIC__I_DNS_BARRED, "10.1.0.3", NULL);
        sample_put(s, PIC__BLOCKLIST, 4, "name=games source=/b groups=kids");
        sample_put(s, PIC__BLOCKLIST, 5, "name=chat source=/b groups=kids");
        expect(s, PIC__I_DNS_LIST, "4", "games");
        expect(s, PIC__I_DNS_BARRED, "10.1.0.3", "4,5");
        expect(s, PIC__I_DNS_BARRED, "fd12:3456:789a::3", "4,5");
        expect(s, PIC__I_DNS_BARRED, "192.168.9.0/24", "4,5");
        expect(s, PIC__I_DNS_BARRED, "10.1.0.2", NULL);
}

static void by_exits(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        sample_put(s, PIC__CONNECTION, 1, "name=far type=proxy slot=1 protocol=socks5 endpoint=192.0.2.9:1080");
        assert_false(says(s, PIC__I_EXIT_SPACE, "1", "sieve="));
        assert_true(says(s, PIC__I_NFT_RESOLVER4, "0x00001010", " 53"));
        sample_put(s, PIC__BLOCKLIST, 3, "name=ads source=/a");
        assert_true(says(s, PIC__I_EXIT_SPACE, "1", "sieve=yes"));
        assert_true(says(s, PIC__I_NFT_RESOLVER4, "0x00001010", " 5303"));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(none), cmocka_unit_test(some),
                                            cmocka_unit_test(by_exits) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
