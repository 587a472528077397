/* What follows from the cell alone. */
#include "sample.h"

static void derive_cell(const char *fields, pic__items *bag)
{
        SNAP_AUTO s = NULL;

        assert_int_equal(pic__snap_new(&s, NULL), 0);
        sample_put(s, PIC__CELL, 1, fields);
        sample_derive(s, bag);
}

static void an_empty_cell(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        derive_cell(SAMPLE_CELL, &bag);
        assert_int_equal(bag.count, 17);
        assert_string_equal(sample_value(&bag, PIC__I_NFT_SHAPE, "table"),
                            "dev=pic0 net4=10.1.0.0/16 net6=fd12:3456:789a::/48 port=51820");
        assert_string_equal(sample_value(&bag, PIC__I_WG_DEVICE, "pic0"),
                            "port=51820 key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_LINK, "pic0"), "up mtu=1420");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_ADDR, "pic0 10.1.0.1/16"), "");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_ADDR, "pic0 fd12:3456:789a::1/48"), "");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_SYSCTL, "net.ipv4.ip_forward"), "1");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_SYSCTL, "net.ipv6.conf.all.forwarding"), "1");
        assert_string_equal(sample_value(&bag, PIC__I_DNS_RECORD, "home.internal. A"), "10.1.0.1");
        assert_string_equal(sample_value(&bag, PIC__I_DNS_RECORD, "cell.home.internal. AAAA"), "fd12:3456:789a::1");
        assert_string_equal(sample_value(&bag, PIC__I_DNS_RECORD, "1.0.1.10.in-addr.arpa. PTR"), "home.internal.");
}

static void every_field_has_its_place(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        derive_cell("name=Shed domain=example.net net4=192.168.40.0/22 net6=fd00::/62 listen_port=443 mtu=1280 "
                    "device=wgcell "
                    "upstreams=9.9.9.9@853#dns.quad9.net,1.1.1.1 query_log=yes "
                    "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
                    &bag);
        assert_string_equal(sample_value(&bag, PIC__I_NFT_SHAPE, "table"),
                            "dev=wgcell net4=192.168.40.0/22 net6=fd00::/62 port=443");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_ADDR, "wgcell 192.168.40.1/22"), "");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_ADDR, "wgcell fd00::1/62"), "");
        assert_string_equal(sample_value(&bag, PIC__I_ROUTE_LINK, "wgcell"), "up mtu=1280");
        assert_string_equal(sample_value(&bag, PIC__I_DNS_SERVER, "main"),
                            "listen=192.168.40.1,fd00::1 zone=shed.example.net "
                            "reverse=40.168.192.in-addr.arpa,41.168.192.in-addr.arpa,42.168.192.in-addr.arpa,43.168."
                            "192.in-addr.arpa,"
                            "0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa,1.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa,"
                            "2.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa,3.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa "
                            "upstream=9.9.9.9@853#dns.quad9.net,1.1.1.1 allow=192.168.40.0/22,fd00::/62 log=yes");
        assert_null(pic__items_find(&bag, PIC__I_WG_DEVICE, "wgcell")->secret); /* none was there */
}

static void time_as_wished(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT, off = PIC__ITEMS_INIT;

        (void)state;
        derive_cell("name=home net4=10.1.0.0/16 net6=fd12:3456:789a::/48 ntp_servers=time.example.org,192.0.2.7 "
                    "ntp_clock=yes public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
                    &bag);
        assert_string_equal(sample_value(&bag, PIC__I_NTP_SERVER, "main"),
                            "listen=10.1.0.1,fd12:3456:789a::1 allow=10.1.0.0/16,fd12:3456:789a::/48 "
                            "servers=time.example.org,192.0.2.7 clock=yes");
        assert_string_equal(sample_value(&bag, PIC__I_DNS_RECORD, "ntp.home.internal. AAAA"), "fd12:3456:789a::1");
        derive_cell("name=home net4=10.1.0.0/16 net6=fd12:3456:789a::/48 ntp=no "
                    "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
                    &off);
        assert_null(pic__items_find(&off, PIC__I_NTP_SERVER, "main"));
        assert_null(pic__items_find(&off, PIC__I_DNS_RECORD, "ntp.home.internal. A"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_empty_cell),
                cmocka_unit_test(every_field_has_its_place),
                cmocka_unit_test(time_as_wished),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
