/* Who answers a name, for whom, and where that is asked. */
#include "plan/answerer.h"

#include "model/exit.h"
#include "sample.h"

static pic__snap *world(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__CELL, 1, SAMPLE_CELL);
        sample_put(s, PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32");
        sample_put(s, PIC__CONNECTION, 2, "name=never type=block slot=2");
        sample_put(s, PIC__PEER, 2, "name=Anna address4=10.1.0.2 address6=fd12:3456:789a::2");
        sample_put(s, PIC__PEER, 3, "name=bob address4=10.1.0.3 exit=far");
        sample_put(s, PIC__PEER, 4, "name=carl address4=10.1.0.4 exit=never");
        sample_put(s, PIC__PEER, 5, "name=off address4=10.1.0.5 enabled=no");
        sample_put(s, PIC__RECORD, 1, "name=NAS addresses=192.168.1.10");
        sample_put(s, PIC__RECORD, 2, "name=*.dev addresses=192.168.1.11");
        sample_put(s, PIC__FORWARD, 1, "name=corp.example servers=192.168.1.1");
        sample_put(s, PIC__FORWARD, 2, "name=lab.corp.example servers=192.168.1.2");
        sample_put(s, PIC__FORWARD, 3, "name=old.corp.example servers=192.168.1.3 enabled=no");
        sample_put(s, PIC__DOMAIN, 1, "name=home.example.org mode=http01");
        return s;
}

static void says(const pic__snap *s, const char *name, const char *peer, const char *wanted)
{
        pic__auto_buf pic__buf whole = PIC__BUF_INIT, text = PIC__BUF_INIT;
        char addr[PIC__ADDR_TEXT] = "-";
        pic__answerer a;

        assert_int_equal(pic__answerer_name(s, name, &whole, NULL), 0);
        assert_int_equal(pic__answerer_of(s, pic__buf_str(&whole),
                                          peer != NULL ? pic__snap_named(s, PIC__PEER, peer) : NULL, &a, NULL),
                         0);
        if (a.at.family != 0)
                pic__addr_print(&a.at, addr);
        pic__buf_putf(&text, "%s %s %s ", pic__buf_str(&whole), addr, pic__answerer_kinds[a.kind]);
        pic__answerer_text(s, &a, &text);
        assert_string_equal(pic__buf_str(&text), wanted);
}

static void held(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        says(s, "home.internal", NULL, "home.internal. 10.1.0.1 cell the cell's own name");
        says(s, "cell", "bob", "cell.home.internal. 10.1.0.1 cell the cell's own name");
        says(s, "anna", "bob", "anna.home.internal. 10.1.0.1 device the device Anna");
        says(s, "Nas", NULL, "Nas.home.internal. 10.1.0.1 record the owner's record nas");
        says(s, "a.b.dev.home.internal", NULL, "a.b.dev.home.internal. 10.1.0.1 record the owner's record *.dev");
        says(s, "off", NULL, "off.home.internal. 10.1.0.1 nothing the cell's own zone, where nobody has that name");
        says(s, "10.1.0.2", NULL, "2.0.1.10.in-addr.arpa. 10.1.0.1 device the device Anna");
        says(s, "fd12:3456:789a::2", NULL,
             "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa. 10.1.0.1 device the device "
             "Anna");
        says(s, "192.168.1.10", NULL, "10.1.168.192.in-addr.arpa. 10.1.0.1 record the owner's record nas");
        says(s, "10.1.0.1", NULL, "1.0.1.10.in-addr.arpa. 10.1.0.1 cell the cell's own name");
        says(s, "10.1.0.99", NULL,
             "99.0.1.10.in-addr.arpa. 10.1.0.1 nothing the cell's own zone, where nobody has that name");
        says(s, "www.corp.example", "bob",
             "www.corp.example. 10.1.0.1 forward the zone of others corp.example: "
             "192.168.1.1");
        says(s, "a.lab.corp.example", NULL,
             "a.lab.corp.example. 10.1.0.1 forward the zone of others lab.corp.example: "
             "192.168.1.2");
        says(s, "old.corp.example", NULL,
             "old.corp.example. 10.1.0.1 forward the zone of others corp.example: "
             "192.168.1.1");
}

static void public_name(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        says(s, "home.example.org", "carl",
             "home.example.org. 10.1.0.1 domain the cell's public name home.example.org, "
             "as it is inside");
        says(s, "xhome.example.org", NULL, "xhome.example.org. 10.1.0.1 root the internet, asked from the root on");
}

static void not_held(void **state)
{
        SNAP_AUTO s = world();

        (void)state;
        says(s, "www.example.org", NULL, "www.example.org. 10.1.0.1 root the internet, asked from the root on");
        says(s, "xhome.internal", "anna", "xhome.internal. 10.1.0.1 root the internet, asked from the root on");
        says(s, "8.8.8.8", NULL, "8.8.8.8.in-addr.arpa. 10.1.0.1 root the internet, asked from the root on");
        says(s, "1.x.in-addr.arpa", NULL, "1.x.in-addr.arpa. 10.1.0.1 root the internet, asked from the root on");
        says(s, "www.example.org", "bob", "www.example.org. 169.254.96.6 exit the resolver of its exit far");
        says(s, "www.example.org", "carl", "www.example.org. - closed nobody: nothing carries its exit never");
        sample_put(s, PIC__CELL, 1, SAMPLE_CELL " upstreams=9.9.9.9");
        says(s, ".", NULL, ". 10.1.0.1 upstream the cell's upstreams: 9.9.9.9");
}

static void no_names(void **state)
{
        static const char *const bad[] = { "", "a..b", "a b", ".a", "a\"", "\xc3\xa4" };
        SNAP_AUTO s = world();
        char text[300];
        size_t i;

        (void)state;
        memset(text, 'x', sizeof(text));
        text[64] = '\0';
        for (i = 0; i <= PIC__COUNT(bad); i++) {
                pic__auto_buf pic__buf out = PIC__BUF_INIT;
                const char *name = i < PIC__COUNT(bad) ? bad[i] : text;

                if (strcmp(name, "a\"") != 0)
                        assert_int_equal(pic__answerer_name(s, name, &out, NULL), PIC_VALUE);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(held), cmocka_unit_test(public_name),
                                            cmocka_unit_test(not_held), cmocka_unit_test(no_names) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
