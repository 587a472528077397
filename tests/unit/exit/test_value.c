/* backend/exit/value.c: items as plain values, and what is refused. */
#include "sample.h"

static void wireguard(void **state)
{
        char text[PIC__ADDR_TEXT];
        pic__exit_conf c;

        (void)state;
        parse(&c, WG_VALUE, WG_SECRET);
        assert_int_equal(c.slot, 1);
        assert_string_equal(c.name, "vpn");
        assert_string_equal(c.type, "wireguard");
        assert_string_equal(c.dev, "picx1");
        assert_string_equal(pic__addr_print(&c.cell4, text), "169.254.96.5");
        assert_string_equal(pic__addr_print(&c.exit6, text), "fd70:6963:78::1:2");
        assert_true(c.v4 && c.v6);
        assert_int_equal(c.zones.count, 3);
        assert_string_equal(c.zones.at[1], "1.10.in-addr.arpa");
        assert_int_equal(c.remote.count, 1);
        assert_int_equal(c.remote.at[0].port, 51820);
        assert_int_equal(c.remote.at[0].proto, 0);
        assert_string_equal(c.endpoint, "vpn.example.net:51820");
        assert_int_equal(c.addresses.count, 2);
        assert_int_equal(c.addresses.at[1].len, 128);
        assert_int_equal(c.allowed.count, 2);
        assert_int_equal(c.keepalive, 25);
        assert_int_equal(c.mtu, 0);
        assert_int_equal(c.dns.count, 2);
        assert_int_equal(c.dns.at[1].port, 5353);
        assert_string_equal(c.dns.at[1].tls, "");
        assert_int_equal(c.probe.addr.family, 4);
        assert_string_equal(c.private_key, "mA2BYKDz1Pk0Bmv5HTZe7sgLve2XQ70GOHGdqe9R6HI=");
        assert_string_equal(c.password, "");
        pic__exit_conf_free(&c);
        pic__exit_conf_free(&c);
        assert_string_equal(c.name, "");
}

static void far_ends(void **state)
{
        pic__exit_conf c;

        (void)state;
        parse(&c,
              "name=o type=openvpn " LINKS1 " families=4 remote=192.0.2.1:1194/udp,[2001:db8::1]:443/tcp "
              "remotes=a.example:1194/udp,b.example:443/tcp "
              "dns=9.9.9.9@853#dns.quad9.net,1.1.1.1#one.example",
              NULL);
        assert_true(c.v4 && !c.v6);
        assert_int_equal(c.remote.at[0].proto, 17);
        assert_int_equal(c.remote.at[1].proto, 6);
        assert_int_equal(c.remote.at[1].addr.family, 6);
        assert_string_equal(c.dns.at[0].tls, "dns.quad9.net");
        assert_int_equal(c.dns.at[1].port, 0);
        assert_string_equal(c.dns.at[1].tls, "one.example");
        pic__exit_conf_free(&c);
}

/* A private key has lines; a blank in a name is a blank. */
static void escapes(void **state)
{
        pic__exit_conf c;

        (void)state;
        parse(&c, "name=my%20ssh type=ssh " LINKS1 " user=a%25b%3d", "key=-----BEGIN%20X-----%0aabc%0a password=p%20w");
        assert_string_equal(c.name, "my ssh");
        assert_string_equal(c.user, "a%b=");
        assert_string_equal(c.key, "-----BEGIN X-----\nabc\n");
        assert_string_equal(c.password, "p w");
        pic__exit_conf_free(&c);
}

static void refused(void **state)
{
        static const char *const bad[] = {
                "",
                "name=a",
                "name=a type=ssh",
                "name=a type=ssh dev=picx1",
                "name=a type=ssh dev=picx2 link4=169.254.96.5,169.254.96.6 link6=fd70::1,fd70::2",
                "name= type=ssh " LINKS1,
                "name=a type= " LINKS1,
                "name=a name=b type=ssh " LINKS1,
                "name=a type=ssh colour=red " LINKS1,
                "name=a%0ab type=ssh " LINKS1,
                "name=a%ff type=ssh " LINKS1,
                "name=a type=ssh families=64 " LINKS1,
                "name=a type=ssh families=47 " LINKS1,
                "name=a type=ssh remote=192.0.2.1 remote " LINKS1,
                "name=a type=ssh remote=host.example:22 " LINKS1,
                "name=a type=ssh remote=192.0.2.1:22/sctp " LINKS1,
                "name=a type=ssh remote=192.0.2.1:22, " LINKS1 " x",
                "name=a type=ssh remote=192.0.2.1:22,,192.0.2.1:23 " LINKS1,
                "name=a type=ssh dns=9.9.9.9@0 " LINKS1,
                "name=a type=ssh dns=9.9.9.9#%22 " LINKS1,
                "name=a type=ssh zones=a..b " LINKS1,
                "name=a type=ssh mtu=70000 " LINKS1,
                "name=a type=ssh keepalive=-1 " LINKS1,
                "name=a type=ssh addresses=10.0.0.1/33 " LINKS1,
                "name=a type=ssh dev=picx1 link4=169.254.96.5 link6=fd70::1,fd70::2",
                "name=a type=ssh dev=picx1 link4=169.254.96.5,169.254.96.6,169.254.96.7 link6=fd70::1,fd70::2",
                "name=a type=ssh dev=picx1 link4=fd70::1,fd70::2 link6=fd70::1,fd70::2",
        };
        static const char *const keys[] = { "0", "256", "01", "a", "", "2" };
        pic_error *err = NULL;
        pic__exit_conf c;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                if (pic__exit_parse("1", bad[i], NULL, 0, &c, &err) != PIC_VALUE)
                        fail_msg("taken: %s", bad[i]);
                assert_non_null(pic_error_message(err));
                pic_error_free(err);
                err = NULL;
        }
        for (i = 0; i < PIC__COUNT(keys); i++)
                assert_int_equal(pic__exit_parse(keys[i], WG_VALUE, NULL, 0, &c, NULL), PIC_VALUE);
        assert_int_equal(pic__exit_parse("1", WG_VALUE, "private_key=a%01b", 17, &c, &err), PIC_VALUE);
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__exit_parse("1", WG_VALUE, "colour=red", 10, &c, &err), PIC_VALUE);
        pic_error_free(err);
}

static void bounds(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__exit_conf c;
        int i;

        (void)state;
        pic__buf_puts(&text, "name=a type=wireguard " LINKS1 " allowed=10.0.0.0/32");
        for (i = 1; i < PIC__EXIT_NETS_MAX; i++)
                pic__buf_putf(&text, ",10.0.0.%d/32", i);
        parse(&c, pic__buf_str(&text), NULL);
        assert_int_equal(c.allowed.count, PIC__EXIT_NETS_MAX);
        pic__exit_conf_free(&c);
        pic__buf_puts(&text, ",10.0.1.0/32");
        assert_int_equal(pic__exit_parse("1", pic__buf_str(&text), NULL, 0, &c, NULL), PIC_VALUE);
}

static void without_memory(void **state)
{
        pic__exit_conf c;
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        for (n = 1; r == PIC_NOMEM; n++) {
                pic__mem_fail_at(n);
                r = pic__exit_parse("1", WG_VALUE, WG_SECRET, strlen(WG_SECRET), &c, NULL);
                pic__mem_fail_at(0);
        }
        assert_int_equal(r, 0);
        assert_true(n > 3);
        pic__exit_conf_free(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(wireguard), cmocka_unit_test(far_ends),
                                            cmocka_unit_test(escapes),   cmocka_unit_test(refused),
                                            cmocka_unit_test(bounds),    cmocka_unit_test(without_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
