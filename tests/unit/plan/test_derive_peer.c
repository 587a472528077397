/* What follows from one peer. */
#include "plan/derive_in.h"
#include "sample.h"

static void only_active_peers_are_there(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 enabled=no");
        sample_put(s, PIC__PEER, 21, "name=old address4=10.1.0.3 address6=fd12:3456:789a::3 expires=2020-01-01");
        sample_put(s, PIC__PEER, 22, "name=new address4=10.1.0.4 address6=fd12:3456:789a::4 expires=2100-01-01");
        sample_now(s, SAMPLE_NOW);
        sample_derive(s, &bag);
        assert_int_equal(sample_count(&bag, PIC__I_WG_PEER), 1);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_PEER4), 1);
        assert_non_null(sample_value(&bag, PIC__I_NFT_PEER6, "fd12:3456:789a::4"));
}

static void names_are_lower_case(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        sample_put(s, PIC__PEER, 20, "name=Annas.Phone_2 address4=10.1.0.2 address6=fd12:3456:789a::2");
        sample_derive(s, &bag);
        assert_string_equal(sample_value(&bag, PIC__I_DNS_RECORD, "annas.phone_2.home.internal. A"), "10.1.0.2");
        assert_string_equal(sample_value(&bag, PIC__I_DNS_RECORD, "2.0.1.10.in-addr.arpa. PTR"),
                            "annas.phone_2.home.internal.");
        assert_string_equal(pic__items_find(&bag, PIC__I_NFT_PEER4, "10.1.0.2")->why, "peer Annas.Phone_2");
}

/* By family, address and length, as WireGuard is read back. */
static void allowed_networks_are_in_order(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        char key[PIC__KEY_TEXT];

        (void)state;
        sample_put(s, PIC__PEER, 20,
                   "name=site address4=10.1.0.2 address6=fd12:3456:789a::2 "
                   "subnets=fd77::/64,9.0.0.0/8,192.168.9.0/24,fc00:7::/48");
        sample_put(s, PIC__PEER, 21, "name=four address4=10.1.0.3");
        sample_derive(s, &bag);
        assert_string_equal(
                sample_value(&bag, PIC__I_WG_PEER, sample_key(20, key)),
                "allowed=9.0.0.0/8,10.1.0.2/32,192.168.9.0/24,fc00:7::/48,fd12:3456:789a::2/128,fd77::/64 keepalive=0");
        assert_string_equal(sample_value(&bag, PIC__I_WG_PEER, sample_key(21, key)), "allowed=10.1.0.3/32 keepalive=0");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_ROUTE, "192.168.9.0/24"), "dev=pic0");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_ROUTE, "fc00:7::/48"), "dev=pic0");
        assert_string_equal(sample_value(&bag, PIC__I_NFT_SUBNET6, "fd77::/64"),
                            sample_value(&bag, PIC__I_NFT_PEER4, "10.1.0.2"));
        assert_int_equal(sample_count(&bag, PIC__I_NFT_SUBNET4), 2);
}

/* Without a key nobody can connect, but the name and the place in the firewall are known. */
static void a_peer_without_a_key(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        OBJ_AUTO o = sample_obj(PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2");

        (void)state;
        assert_int_equal(pic__snap_put(s, o, NULL), 0);
        sample_derive(s, &bag);
        assert_int_equal(sample_count(&bag, PIC__I_WG_PEER), 0);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_PEER4), 1);
}

/* Texts that no field would take come from a damaged store: an error, not nonsense in the kernel. */
static void damaged_texts(void **state)
{
        static const char *const fields[] = { "address4", "address6", "subnets" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(fields); i++) {
                SNAP_AUTO s = sample_snap();
                pic__auto_items pic__items bag = PIC__ITEMS_INIT;
                pic__auto_err pic_error *err = NULL;
                OBJ_AUTO o = sample_obj(PIC__PEER, 20,
                                        "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 subnets=192.168.9.0/24 "
                                        "access=internet");
                pic__val *v = &o->vals[pic__field_find(PIC__PEER, fields[i])];

                memset(v->s, 'x', strlen(v->s));
                sample_set(o, "public_key", "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=");
                assert_int_equal(pic__snap_put(s, o, NULL), 0);
                assert_int_equal(pic__derive_all(s, NULL, &bag, &err), PIC_CORRUPT);
                assert_non_null(strstr(pic_error_message(err), "xxx"));
        }
}

static void marks_alone(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        const pic_obj *peer;

        (void)state;
        sample_put(s, PIC__PEER, 20, "name=site address4=10.1.0.2 address6=fd12:3456:789a::2 subnets=192.168.9.0/24");
        sample_put(s, PIC__PEER, 21, "name=off address4=10.1.0.3 address6=fd12:3456:789a::3 enabled=no");
        assert_int_equal(pic__derive_open(&d, s, NULL, &bag, NULL), 0);
        peer = pic__snap_named(s, PIC__PEER, "site");
        assert_int_equal(pic__derive_marks(&d, peer, NULL), 0);
        assert_int_equal(bag.count, 3);
        assert_int_equal(pic__derive_marks(&d, pic__snap_named(s, PIC__PEER, "off"), NULL), 0);
        assert_int_equal(bag.count, 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_active_peers_are_there),
                cmocka_unit_test(names_are_lower_case),
                cmocka_unit_test(allowed_networks_are_in_order),
                cmocka_unit_test(a_peer_without_a_key),
                cmocka_unit_test(damaged_texts),
                cmocka_unit_test(marks_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
