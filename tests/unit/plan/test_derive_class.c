/* What a class of rights means in elements. The exact texts of a whole household are in
 * tests/golden/plan/household.txt. */
#include "sample.h"

/* The cell and one peer with this access; others may be there before. */
static void with_access(pic__snap *s, const char *access, pic__items *bag)
{
        char fields[400];

        snprintf(fields, sizeof(fields), "name=me address4=10.1.0.200 address6=fd12:3456:789a::200 access=%s", access);
        sample_put(s, PIC__PEER, 500, fields);
        sample_derive(s, bag);
}

/* Whether one of the class's keys of a kind is exactly this, behind the mark. */
static int has(const pic__items *bag, enum pic__item_kind kind, const char *rest)
{
        char key[200];

        snprintf(key, sizeof(key), "%s %s", sample_value(bag, PIC__I_NFT_PEER4, "10.1.0.200"), rest);
        return sample_value(bag, kind, key) != NULL;
}

static void no_access_is_no_element(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        int kind;

        (void)state;
        with_access(s, "", &bag);
        for (kind = PIC__I_NFT_REACH4; kind <= PIC__I_NFT_WIDE6; kind++)
                assert_int_equal(sample_count(&bag, (enum pic__item_kind)kind), 0);
        assert_int_equal(strlen(sample_value(&bag, PIC__I_NFT_PEER4, "10.1.0.200")), 10);
}

static void prefixes_with_protocols_and_ports(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        with_access(s,
                    "172.16.0.0/12,192.168.1.10:tcp/445,192.168.1.11:udp/"
                    "1000-2000,192.168.1.12:icmp,192.168.1.13:tcp,[fd00:1::]/64,[fd00:2::5]:udp/53,[fd00:3::5]:icmp",
                    &bag);
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "172.16.0.0-172.31.255.255 0-255 0-65535"));
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "192.168.1.10-192.168.1.10 6 445-445"));
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "192.168.1.11-192.168.1.11 17 1000-2000"));
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "192.168.1.12-192.168.1.12 1 0-65535"));
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "192.168.1.13-192.168.1.13 6 0-65535"));
        assert_true(has(&bag, PIC__I_NFT_GRANT6, "fd00:1::-fd00:1::ffff:ffff:ffff:ffff 0-255 0-65535"));
        assert_true(has(&bag, PIC__I_NFT_GRANT6, "fd00:2::5-fd00:2::5 17 53-53"));
        assert_true(has(&bag, PIC__I_NFT_GRANT6, "fd00:3::5-fd00:3::5 58 0-65535"));
        assert_int_equal(sample_count(&bag, PIC__I_NFT_GRANT4), 5);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_GRANT6), 3);
}

/* What overlaps is cut: the kernel's interval maps take each point once. */
static void overlapping_grants(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        with_access(
                s,
                "192.168.0.0/16,192.168.1.10:tcp/445,192.168.0.0/16:udp/53,10.0.0.0/8:tcp/80-90,10.0.0.0/8:tcp/85-100",
                &bag);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_GRANT4), 3);
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "192.168.0.0-192.168.255.255 0-255 0-65535"));
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "10.0.0.0-10.255.255.255 6 85-100"));
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "10.0.0.0-10.255.255.255 6 80-84"));
}

/* Not the cell itself, nor the address below it, which for IPv6 is the cell again. */
static void peers_leaves_the_cell_out(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        sample_put(s, PIC__PEER, 20, "name=site address4=10.1.0.2 address6=fd12:3456:789a::2 subnets=192.168.9.0/24");
        with_access(s, "peers", &bag);
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "10.1.0.2-10.1.255.255 0-255 0-65535"));
        assert_true(has(&bag, PIC__I_NFT_GRANT6,
                        "fd12:3456:789a::2-fd12:3456:789a:ffff:ffff:ffff:ffff:ffff 0-255 0-65535"));
        assert_int_equal(sample_count(&bag, PIC__I_NFT_GRANT4), 1); /* and not what is behind the site */
}

static void single_peers_and_groups(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        sample_put(s, PIC__GROUP, 50, "name=office");
        sample_put(s, PIC__PEER, 20,
                   "name=site address4=10.1.0.2 address6=fd12:3456:789a::2 subnets=192.168.9.0/24,fd77::/64");
        sample_put(s, PIC__PEER, 21, "name=desk address4=10.1.0.3 address6=fd12:3456:789a::3 groups=office");
        sample_put(s, PIC__PEER, 22, "name=off address4=10.1.0.4 address6=fd12:3456:789a::4 groups=office enabled=no");
        sample_put(s, PIC__PEER, 23, "name=other address4=10.1.0.5 address6=fd12:3456:789a::5");
        with_access(s, "peer:site,peer:off,peer:nobody,group:office,service:mail", &bag);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_REACH4), 2);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_REACH6), 2);
        assert_true(has(&bag, PIC__I_NFT_REACH4, "10.1.0.2"));
        assert_true(has(&bag, PIC__I_NFT_REACH4, "10.1.0.3"));
        assert_true(has(&bag, PIC__I_NFT_REACH6, "fd12:3456:789a::3"));
        assert_int_equal(sample_count(&bag, PIC__I_NFT_GRANT4), 1);
        assert_true(has(&bag, PIC__I_NFT_GRANT4, "192.168.9.0-192.168.9.255 0-255 0-65535"));
        assert_true(has(&bag, PIC__I_NFT_GRANT6, "fd77::-fd77::ffff:ffff:ffff:ffff 0-255 0-65535"));
}

/* The internet and the lan end where the cell's network and the networks behind peers begin, even behind peers that are
 * not active. */
static void wide_has_holes(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items lan = PIC__ITEMS_INIT, net = PIC__ITEMS_INIT, both = PIC__ITEMS_INIT;

        (void)state;
        sample_put(
                s, PIC__PEER, 20,
                "name=site address4=10.1.0.2 address6=fd12:3456:789a::2 subnets=192.168.9.0/24,8.8.8.0/24 enabled=no");
        with_access(s, "lan", &lan);
        assert_true(has(&lan, PIC__I_NFT_WIDE4, "10.0.0.0-10.0.255.255"));
        assert_true(has(&lan, PIC__I_NFT_WIDE4, "10.2.0.0-10.255.255.255"));
        assert_true(has(&lan, PIC__I_NFT_WIDE4, "192.168.0.0-192.168.8.255"));
        assert_true(has(&lan, PIC__I_NFT_WIDE4, "192.168.10.0-192.168.255.255"));
        assert_true(has(&lan, PIC__I_NFT_WIDE6, "fc00::-fd12:3456:7899:ffff:ffff:ffff:ffff:ffff"));
        assert_int_equal(sample_count(&lan, PIC__I_NFT_WIDE4), 5);
        with_access(s, "internet", &net);
        assert_true(has(&net, PIC__I_NFT_WIDE4, "1.0.0.0-8.8.7.255"));
        assert_true(has(&net, PIC__I_NFT_WIDE4, "8.8.9.0-9.255.255.255"));
        assert_false(has(&net, PIC__I_NFT_WIDE4, "10.2.0.0-10.255.255.255"));
        with_access(s, "internet,lan", &both);
        assert_true(has(&both, PIC__I_NFT_WIDE4, "8.8.9.0-10.0.255.255")); /* joined where they touch */
        assert_int_equal(sample_count(&both, PIC__I_NFT_GRANT4), 0);
}

/* Of the same rights there is one set of elements, however many have them. */
static void classes_are_shared(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        sample_put(s, PIC__GROUP, 50, "name=office access=192.168.1.10");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 address6=fd12:3456:789a::2 groups=office");
        sample_put(s, PIC__PEER, 21, "name=b address4=10.1.0.3 address6=fd12:3456:789a::3 access=192.168.1.10");
        with_access(s, "192.168.1.10", &bag);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_GRANT4), 1);
        assert_string_equal(sample_value(&bag, PIC__I_NFT_PEER4, "10.1.0.2"),
                            sample_value(&bag, PIC__I_NFT_PEER4, "10.1.0.3"));
}

/* All that depends on where the machine is, and nothing else, is in what classes mean. */
static void classes_alone(void **state)
{
        static const char *const nets[] = { "", "8.8.8.0/24\n2001:db8:1::/64\n" };
        pic__items all[2] = { PIC__ITEMS_INIT, PIC__ITEMS_INIT }, own[2] = { PIC__ITEMS_INIT, PIC__ITEMS_INIT };
        pic__steps by_all = PIC__STEPS_INIT, by_own = PIC__STEPS_INIT;
        SNAP_AUTO s = sample_snap();
        size_t i;

        (void)state;
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=internet");
        sample_put(s, PIC__PEER, 21, "name=ben address4=10.1.0.3 access=lan,peer:anna,8.8.8.8:tcp/53");
        sample_put(s, PIC__PEER, 22, "name=cleo address4=10.1.0.4 access=internet,lan subnets=192.168.9.0/24");
        for (i = 0; i < 2; i++) {
                sample_attach(s, nets[i]);
                sample_derive(s, &all[i]);
                assert_int_equal(pic__derive_classes(s, &own[i], NULL), 0);
        }
        assert_int_equal(pic__plan_diff(&all[0], &all[1], &by_all, NULL), 0);
        assert_int_equal(pic__plan_diff(&own[0], &own[1], &by_own, NULL), 0);
        assert_int_equal(by_all.count, 8); /* anna's internet: 1 goes, 2 come; ben's lan: 1 comes; both families */
        assert_int_equal(by_own.count, by_all.count);
        for (i = 0; i < by_all.count; i++) {
                const pic__step *a = &by_all.at[i], *b = &by_own.at[i];

                assert_int_equal(a->verb, b->verb);
                assert_string_equal((a->before != NULL ? a->before : a->after)->key,
                                    (b->before != NULL ? b->before : b->after)->key);
        }
        pic__steps_free(&by_all);
        pic__steps_free(&by_own);
        for (i = 0; i < 2; i++) {
                pic__items_wipe(&all[i]);
                pic__items_wipe(&own[i]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_access_is_no_element), cmocka_unit_test(prefixes_with_protocols_and_ports),
                cmocka_unit_test(overlapping_grants),      cmocka_unit_test(peers_leaves_the_cell_out),
                cmocka_unit_test(single_peers_and_groups), cmocka_unit_test(wide_has_holes),
                cmocka_unit_test(classes_are_shared),      cmocka_unit_test(classes_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
