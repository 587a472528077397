/* What follows from public names: the name server and each exit's resolver are told where they lead inside. */
#include "sample.h"

static const char *value_of(pic__items *items, enum pic__item_kind kind, const char *key)
{
        const pic__item *item;

        pic__items_sort(items);
        item = pic__items_find(items, kind, key);
        assert_non_null(item);
        return item->value;
}

static void expect(const pic__snap *s, const char *want)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const char *server, *exit;

        sample_derive(s, &items);
        server = value_of(&items, PIC__I_DNS_SERVER, "main");
        exit = value_of(&items, PIC__I_EXIT_SPACE, "1");
        if (want == NULL ? strstr(server, "public=") != NULL || strstr(exit, "public=") != NULL
                         : strstr(server, want) == NULL || strstr(exit, want) == NULL)
                fail_msg("%s\n%s", server, exit);
}

static void where_they_lead(void **state)
{
        SNAP_AUTO s = sample_snap();

        (void)state;
        sample_put(s, PIC__CELL, 1, SAMPLE_CELL);
        sample_put(s, PIC__CONNECTION, 1, "name=tor type=tor slot=1");
        expect(s, NULL);
        sample_put(s, PIC__DOMAIN, 1, "name=home.example.org mode=duckdns");
        sample_put(s, PIC__DOMAIN, 2, "name=plain.example.org mode=http01");
        sample_put(s, PIC__DOMAIN, 3, "name=off.example.org mode=http01 enabled=no");
        sample_put(s, PIC__DOMAIN, 4, "name=home.internal mode=http01"); /* the cell's zone: it leads there already */
        expect(s, " public=home.example.org/10.1.0.1+fd12:3456:789a::1/wild,"
                  "plain.example.org/10.1.0.1+fd12:3456:789a::1");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(where_they_lead) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
