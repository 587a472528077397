/* Shows: what connections mean: closed tables, ways, resolvers, namespaces, where carriers may go; and what facts
 * change of it. */
#include "sample.h"

#include "model/exit.h"

#define KEY "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw="

static pic__snap *house(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__CONNECTION, 1,
                   "name=far type=wireguard slot=1 endpoint=203.0.113.7:51820 addresses=10.64.0.2/32,fd64::2/128 "
                   "peer_key=" KEY
                   " dns=10.64.0.1 private_key=c2VhbGVkIHNlYWxlZCBzZWFsZWQgc2VhbGVkIHNlYWxlZCBzZWFsZWQ=");
        sample_put(s, PIC__CONNECTION, 2, "name=old type=proxy slot=2 protocol=socks5 endpoint=[2001:db8::9]:1080");
        sample_put(s, PIC__CONNECTION, 3, "name=best type=group slot=3 members=far,old");
        sample_put(s, PIC__CONNECTION, 4, "name=never type=block slot=4");
        sample_put(s, PIC__CONNECTION, 5, "name=named type=ssh slot=5 endpoint=ssh.example.org:22 enabled=no");
        sample_put(s, PIC__PEER, 20,
                   "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=internet exit=best");
        sample_put(s, PIC__PEER, 21,
                   "name=bert address4=10.1.0.3 access=internet exit=never subnets=172.31.9.0/24,8.8.8.0/24");
        return s;
}

static void golden(void **state)
{
        SNAP_AUTO s = house();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        (void)state;
        sample_derive(s, &bag);
        sample_print(&bag, &text);
        sample_golden("exits", &text);
}

static void tell(pic__snap *s, int active, int down, const char *remote)
{
        pic__exit_facts facts = { .at = { { 0 } } };

        facts.at[3].judged = 1;
        facts.at[3].active = (uint8_t)active;
        facts.at[3].down = down != 0;
        facts.at[1].remote = pic__strdup(remote);
        assert_int_equal(pic__snap_tell_exits(s, &facts, NULL), 0);
}

/* A group moves by one route a family, one way and one resolver a family; nothing of any device. */
static void moving(void **state)
{
        SNAP_AUTO s = house();
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT, none = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT, to_none = PIC__STEPS_INIT;

        (void)state;
        tell(s, 1, 0, NULL);
        assert_int_equal(pic__derive_exits(s, NULL, &before, NULL), 0);
        tell(s, 2, 0, NULL);
        assert_int_equal(pic__derive_exits(s, NULL, &after, NULL), 0);
        assert_int_equal(pic__plan_diff(&before, &after, &steps, NULL), 0);
        assert_int_equal(steps.count, 6); /* way −1 +1; two routes; two resolvers */
        tell(s, 0, 1, NULL);
        assert_int_equal(pic__derive_exits(s, NULL, &none, NULL), 0);
        assert_int_equal(pic__plan_diff(&after, &none, &to_none, NULL), 0);
        pic__items_sort(&none);
        assert_string_equal(sample_value(&none, PIC__I_NFT_OPEN, "0x00001031"), "open");
        assert_string_equal(sample_value(&none, PIC__I_NFT_RESOLVER4, "0x00001030"), "10.1.0.1 5301");
        assert_null(sample_value(&none, PIC__I_ROUTE_DEFAULT, "1003 4"));
        assert_string_equal(sample_value(&none, PIC__I_ROUTE_FLOOR, "1003 4"), "unreachable");
}

/* The carrier may go where the far end is now, and nowhere else. */
static void remote(void **state)
{
        SNAP_AUTO s = house();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        tell(s, 1, 0, "198.51.100.1:51820,[2001:db8::7]:51820");
        assert_int_equal(pic__derive_exits(s, NULL, &bag, NULL), 0);
        pic__items_sort(&bag);
        assert_non_null(sample_value(&bag, PIC__I_NFT_CARRIER4, "0x00002010 198.51.100.1-198.51.100.1 17 51820-51820"));
        assert_non_null(sample_value(&bag, PIC__I_NFT_CARRIER6, "0x00002010 2001:db8::7-2001:db8::7 17 51820-51820"));
        assert_null(sample_value(&bag, PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820"));
}

/* No connections, no items: a cell without exits is as it was. */
static void none(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        assert_int_equal(pic__derive_exits(s, NULL, &bag, NULL), 0);
        assert_int_equal(bag.count, 0);
}

static int derive_some(void *data)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        return pic__derive_exits(data, NULL, &bag, NULL);
}

static void without_memory(void **state)
{
        SNAP_AUTO s = house();

        (void)state;
        sample_nomem(derive_some, s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(golden), cmocka_unit_test(moving),         cmocka_unit_test(remote),
                cmocka_unit_test(none),   cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
