/* What follows from the owner's names: every type, aliases with the data of what they lead to, names of private
 * addresses. */
#include "sample.h"

static void expect(const pic__snap *s, const char *key, const char *value)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__item *item;
        pic_error *err = NULL;

        if (pic__derive_parts(s, PIC__PART(PIC__B_DNS), NULL, &items, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        pic__items_sort(&items);
        item = pic__items_find(&items, PIC__I_DNS_RECORD, key);
        if (value == NULL ? item != NULL : item == NULL || strcmp(item->value, value) != 0)
                fail_msg("%s: %s, not %s", key, item != NULL ? item->value : "nothing",
                         value != NULL ? value : "nothing");
}

static void put_record(pic__snap *s, pic_id id, const char *name, const char *field, const char *value)
{
        OBJ_AUTO o = sample_obj(PIC__RECORD, id, "ttl=60");

        sample_set(o, "name", name);
        sample_set(o, field, value);
        assert_int_equal(pic__snap_put(s, o, NULL), 0);
}

static pic__snap *world(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__CELL, 1, SAMPLE_CELL);
        sample_put(s, PIC__PEER, 2, "name=Anna address4=10.1.0.2 address6=fd12:3456:789a::2");
        return s;
}

static void types(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        sample_put(s, PIC__RECORD, 1, "name=NAS addresses=192.168.1.10,fd00::9,10.9.0.1 ttl=300");
        put_record(s, 2, "mail", "mx", "20 nas,10 Mail.example.org.");
        put_record(s, 3, "_sip._tcp", "srv", "0 5 5060 nas");
        put_record(s, 4, "*.dev", "addresses", "192.168.1.9");
        put_record(s, 5, "@", "txt", "it's a, \"b\" \\\\ \xc3\xa4");
        expect(s, "nas.home.internal. A", "10.9.0.1,192.168.1.10 ttl=300");
        expect(s, "nas.home.internal. AAAA", "fd00::9 ttl=300");
        expect(s, "mail.home.internal. MX", "10 mail.example.org.,20 nas.home.internal.");
        expect(s, "_sip._tcp.home.internal. SRV", "0 5 5060 nas.home.internal.");
        expect(s, "*.dev.home.internal. A", "192.168.1.9");
        expect(s, "home.internal. TXT", "\"it\\039s a\\044 \\\"b\\\" \\\\ \\195\\164\"");
        expect(s, "home.internal. A", "10.1.0.1");
}

/* Of names in somebody's zone: part of the server; what leads back is an item as ever. */
static void outside(void **state)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__item *item;
        SNAP_AUTO s = world();

        (void)state;
        sample_put(s, PIC__RECORD, 1, "name=nas.example.com. addresses=192.168.1.10,fd00::9 ttl=300");
        put_record(s, 2, "pad.example.com.", "cname", "anna");
        put_record(s, 3, "t.example.com.", "txt", "it's, so");
        expect(s, "nas.example.com. A", NULL);
        expect(s, "10.1.168.192.in-addr.arpa. PTR", "nas.example.com.");
        assert_int_equal(pic__derive_parts(s, PIC__PART(PIC__B_DNS), NULL, &items, NULL), 0);
        pic__items_sort(&items);
        item = pic__items_find(&items, PIC__I_DNS_SERVER, "main");
        assert_non_null(item);
        if (strstr(item->value, " own=nas.example.com/300/A:192.168.1.10+AAAA:fd00%3A%3A9,pad.example.com/60/"
                                "CNAME:anna.home.internal.+A:10.1.0.2+AAAA:fd12%3A3456%3A789a%3A%3A2,t.example.com/60/"
                                "TXT:%22it%5C039s%5C044%20so%22") == NULL)
                fail_msg("%s", item->value);
}

static void long_texts(void **state)
{
        SNAP_AUTO s = world();
        char text[301], want[400];

        (void)state;
        memset(text, 'x', 300);
        text[300] = '\0';
        snprintf(want, sizeof(want), "\"%.255s\" \"%.45s\"", text, text);
        put_record(s, 1, "t", "txt", text);
        expect(s, "t.home.internal. TXT", want);
        put_record(s, 1, "t", "txt", "\"b\",\"a\",\"b\"");
        expect(s, "t.home.internal. TXT", "\"a\",\"b\"");
}

static void aliases(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        put_record(s, 1, "phone", "cname", "anna");
        put_record(s, 2, "my", "cname", "phone.home.internal.");
        put_record(s, 3, "door", "cname", "cell");
        put_record(s, 4, "a", "cname", "b");
        put_record(s, 5, "b", "cname", "a");
        put_record(s, 6, "w", "cname", "m");
        put_record(s, 7, "m", "mx", "10 anna");
        expect(s, "phone.home.internal. CNAME", "anna.home.internal.");
        expect(s, "phone.home.internal. A", "10.1.0.2");
        expect(s, "my.home.internal. CNAME", "phone.home.internal.");
        expect(s, "my.home.internal. AAAA", "fd12:3456:789a::2");
        expect(s, "door.home.internal. A", "10.1.0.1");
        expect(s, "a.home.internal. CNAME", "b.home.internal.");
        expect(s, "a.home.internal. A", NULL);
        expect(s, "w.home.internal. MX", "10 anna.home.internal.");
        sample_put(s, PIC__PEER, 2, "name=Anna address4=10.1.0.2 enabled=no");
        expect(s, "my.home.internal. A", NULL);
}

/* To a service: at the service's address, which only who has its grant reaches; while it is on. */
static void alias_of_service(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        sample_put(s, PIC__CELL, 1, SAMPLE_CELL " ca_certificate=x");
        sample_put(s, PIC__SERVICE, 30,
                   "name=album target=http://192.168.1.10 address4=10.1.0.9 address6=fd12:3456:789a::9 door=1");
        put_record(s, 1, "photos", "cname", "album");
        put_record(s, 2, "pics", "cname", "photos.home.internal.");
        put_record(s, 3, "photos.example.com.", "cname", "album");
        put_record(s, 4, "*", "addresses", "192.168.1.8");
        expect(s, "photos.home.internal. CNAME", "album.home.internal.");
        expect(s, "photos.home.internal. A", "10.1.0.9");
        expect(s, "pics.home.internal. AAAA", "fd12:3456:789a::9");
        sample_put(s, PIC__SERVICE, 30, "name=album target=http://192.168.1.10 address4=10.1.0.9 door=1 enabled=no");
        expect(s, "photos.home.internal. CNAME", "album.home.internal.");
        expect(s, "photos.home.internal. A", NULL);
}

/* To a name that only a wildcard has: the nearest one's data. */
static void alias_of_wildcard(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        put_record(s, 1, "wl", "cname", "x.dev.home.internal.");
        put_record(s, 2, "over", "cname", "wl");
        expect(s, "wl.home.internal. A", NULL);
        put_record(s, 3, "*", "addresses", "192.168.1.8");
        expect(s, "wl.home.internal. A", "192.168.1.8");
        put_record(s, 4, "*.dev", "addresses", "192.168.1.9");
        expect(s, "wl.home.internal. CNAME", "x.dev.home.internal.");
        expect(s, "wl.home.internal. A", "192.168.1.9");
        expect(s, "over.home.internal. A", "192.168.1.9");
        put_record(s, 5, "x.dev", "addresses", "192.168.1.10");
        expect(s, "wl.home.internal. A", "192.168.1.10");
        expect(s, "over.home.internal. A", "192.168.1.10");
}

/* Zones of others are the server's, and each exit's own resolver asks the cell for them. */
static void forwards(void **state)
{
        SNAP_AUTO s = world();
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__item *item;

        (void)state;
        sample_put(s, PIC__CONNECTION, 30, "name=x slot=1 type=proxy endpoint=203.0.113.8:1080");
        sample_put(s, PIC__FORWARD, 2, "name=corp.example servers=192.168.1.1,192.168.1.2@5353");
        sample_put(s, PIC__FORWARD, 3, "name=off.example servers=192.168.1.1 enabled=no");
        sample_put(s, PIC__FORWARD, 4, "name=lab.example servers=192.168.1.9#dns.lab.example dnssec=yes");
        assert_int_equal(pic__derive_all(s, NULL, &items, NULL), 0);
        pic__items_sort(&items);
        item = pic__items_find(&items, PIC__I_DNS_SERVER, "main");
        assert_non_null(strstr(item->value, " forward=corp.example/192.168.1.1+192.168.1.2@5353/insecure,"
                                            "lab.example/192.168.1.9#dns.lab.example"));
        assert_null(strstr(item->value, "off.example"));
        item = pic__items_find(&items, PIC__I_EXIT_SPACE, "1");
        assert_non_null(strstr(item->value, ",corp.example,lab.example"));
}

static void backwards(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        put_record(s, 1, "*.x", "addresses", "192.168.1.10");
        put_record(s, 3, "second", "addresses", "192.168.1.10");
        put_record(s, 2, "first", "addresses", "192.168.1.10,203.0.113.1,10.1.0.2,fd00::1");
        expect(s, "10.1.168.192.in-addr.arpa. PTR", "first.home.internal.");
        expect(s, "1.113.0.203.in-addr.arpa. PTR", NULL);
        expect(s, "2.0.1.10.in-addr.arpa. PTR", "anna.home.internal.");
        expect(s, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. PTR",
               "first.home.internal.");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(types),     cmocka_unit_test(outside),          cmocka_unit_test(long_texts),
                cmocka_unit_test(aliases),   cmocka_unit_test(alias_of_service), cmocka_unit_test(alias_of_wildcard),
                cmocka_unit_test(backwards), cmocka_unit_test(forwards)
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
