/* backend/dns/value.c: items as plain values. */
#include "world.h"

static void server(void **state)
{
        pic__dns_server s = { 0 };

        (void)state;
        assert_int_equal(
                pic__dns_server_parse(
                        "listen=10.1.0.1,fd00::1@5301 zone=home.internal. reverse=1.10.in-addr.arpa,d.f.ip6.arpa. "
                        "upstream=9.9.9.9@853#dns.quad9.net,fd00::53 allow=10.1.0.0/16 dnssec=no",
                        &s, NULL),
                0);
        assert_int_equal(s.listen.count, 2);
        assert_string_equal(s.listen.at[1], "fd00::1@5301");
        assert_string_equal(s.zone.at[0], "home.internal");
        assert_string_equal(s.reverse.at[1], "d.f.ip6.arpa");
        assert_int_equal(s.upstream.count, 2);
        assert_string_equal(s.allow.at[0], "10.1.0.0/16");
        assert_int_equal(s.dnssec.count, 1);
        pic__dns_server_free(&s);
        pic__dns_server_free(&s);
        assert_int_equal(
                pic__dns_server_parse("listen=10.1.0.1 zone=home.internal reverse= upstream= allow=", &s, NULL), 0);
        assert_int_equal(s.upstream.count, 0);
        pic__dns_server_free(&s);
}

/* Behind which zones a file lies. */
static void backed(void **state)
{
        pic__dns_server s = { 0 };

        (void)state;
        assert_int_equal(
                pic__dns_server_parse(
                        "listen=10.1.0.1 zone=home.internal reverse=1.10.in-addr.arpa,2.10.in-addr.arpa "
                        "forward=9.2.10.in-addr.arpa/10.9.9.9,10.in-addr.arpa/10.9.9.8,lab.home.internal/10.9.9.7",
                        &s, NULL),
                0);
        assert_string_equal(pic__dns_server_zone_at(&s, 0), "home.internal");
        assert_string_equal(pic__dns_server_zone_at(&s, 2), "2.10.in-addr.arpa");
        assert_null(pic__dns_server_zone_at(&s, 3));
        assert_true(pic__dns_server_backed(&s, 0));
        assert_true(pic__dns_server_backed(&s, 1));
        assert_false(pic__dns_server_backed(&s, 2)); /* it would answer for the zone of others in it */
        assert_false(pic__dns_server_backed(&s, 3));
        pic__dns_server_free(&s);
}

static void bad_servers(void **state)
{
        static const char *const bad[] = {
                "",
                "main",
                "zone=home.internal",
                "listen=10.1.0.1",
                "listen=10.1.0.1 zone=",
                "listen=10.1.0.256 zone=home.internal",
                "listen=10.1.0.1#x zone=home.internal",
                "listen=10.1.0.1 zone=a,b",
                "listen=10.1.0.1 zone=home..internal",
                "listen=10.1.0.1 zone=home\"internal",
                "listen=10.1.0.1 zone=home\ninternal",
                "listen=10.1.0.1 zone=. reverse=",
                "listen=10.1.0.1 zone=home.internal upstream=example.org",
                "listen=10.1.0.1 zone=home.internal upstream=1.1.1.1@0",
                "listen=10.1.0.1 zone=home.internal upstream=1.1.1.1@65536",
                "listen=10.1.0.1 zone=home.internal upstream=1.1.1.1@53x",
                "listen=10.1.0.1 zone=home.internal upstream=1.1.1.1#",
                "listen=10.1.0.1 zone=home.internal upstream=1.1.1.1@123456789#a",
                "listen=10.1.0.1 zone=home.internal upstream=1.1.1.1@853#a_\"",
                "listen=10.1.0.1 zone=home.internal allow=10.1.0.1/16",
                "listen=10.1.0.1 zone=home.internal dnssec=maybe",
                "listen=10.1.0.1 zone=home.internal color=red",
                "listen=10.1.0.1 zone=home.internal upstream=11111111111111111111111111111111111111111111111111111111"
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__dns_server s = { 0 };
                pic__auto_err pic_error *err = NULL;

                if (pic__dns_server_parse(bad[i], &s, &err) != PIC_INVALID)
                        fail_msg("taken: %s", bad[i]);
                assert_null(s.text);
        }
}

static void too_many(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__dns_server s = { 0 };
        int i;

        (void)state;
        pic__buf_puts(&text, "listen=10.1.0.1 zone=home.internal reverse=");
        for (i = 0; i < PIC__DNS_LIST_MAX + 1; i++)
                pic__buf_putf(&text, "%d.10.in-addr.arpa,", i);
        assert_int_equal(pic__dns_server_parse(pic__buf_str(&text), &s, NULL), PIC_INVALID);
}

static void differences(void **state)
{
        pic__dns_server a = { 0 }, b = { 0 }, c = { 0 };

        (void)state;
        assert_int_equal(pic__dns_server_parse("listen=10.1.0.1 zone=a reverse=b upstream=1.1.1.1", &a, NULL), 0);
        assert_int_equal(pic__dns_server_parse("listen=10.1.0.1 zone=a reverse=b upstream=", &b, NULL), 0);
        assert_int_equal(pic__dns_server_parse("listen=10.1.0.2 zone=a reverse=c", &c, NULL), 0);
        assert_true(pic__dns_server_same_listen(&a, &b));
        assert_true(pic__dns_server_same_zones(&a, &b));
        assert_false(pic__dns_server_same_listen(&a, &c));
        assert_false(pic__dns_server_same_zones(&a, &c));
        pic__dns_server_free(&a);
        pic__dns_server_free(&b);
        pic__dns_server_free(&c);
}

static void zones(void **state)
{
        static const struct {
                const char *name;
                const char *zone;
        } at[] = { { "anna.home.internal.", "home.internal" },
                   { "home.internal.", "home.internal" },
                   { "ANNA.Home.internal.", "home.internal" },
                   { "a.kids.home.internal.", "kids.home.internal" },
                   { "myhome.internal.", NULL },
                   { "internal.", NULL },
                   { "2.0.1.10.in-addr.arpa.", "1.10.in-addr.arpa" },
                   { "2.0.11.10.in-addr.arpa.", NULL },
                   { ".", NULL } };
        pic__dns_server s = { 0 };
        size_t i;

        (void)state;
        assert_int_equal(
                pic__dns_server_parse("listen=10.1.0.1 zone=home.internal reverse=1.10.in-addr.arpa,kids.home.internal",
                                      &s, NULL),
                0);
        for (i = 0; i < PIC__COUNT(at); i++) {
                const char *zone = pic__dns_server_zone_of(&s, at[i].name, strlen(at[i].name));

                if (at[i].zone == NULL)
                        assert_null(zone);
                else
                        assert_string_equal(zone, at[i].zone);
        }
        pic__dns_server_free(&s);
}

static void forwards(void **state)
{
        static const char *const bad[] = { "a.example",          "a.example/",
                                           "/1.2.3.4",           "a.example/x",
                                           "a.example/1.2.3.4/", "a.example/1.2.3.4/x",
                                           "a b/1.2.3.4",        "a.example/1.2.3.4+/insecure",
                                           "a\"b/1.2.3.4" };
        char server[64];
        pic__dns_forward f;
        const char *at;
        size_t i;

        (void)state;
        assert_int_equal(pic__dns_forward_parse("a.example/1.2.3.4@53+fd00::1#b.example/insecure", &f), 0);
        assert_string_equal(f.zone, "a.example");
        assert_true(f.insecure && f.tls);
        at = f.servers;
        assert_int_equal(pic__dns_forward_next(&at, server, sizeof(server)), 1);
        assert_string_equal(server, "1.2.3.4@53");
        assert_int_equal(pic__dns_forward_next(&at, server, sizeof(server)), 1);
        assert_string_equal(server, "fd00::1#b.example");
        assert_int_equal(pic__dns_forward_next(&at, server, sizeof(server)), 0);
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (pic__dns_forward_parse(bad[i], &f) == 0)
                        fail_msg("taken: %s", bad[i]);
}

static void records(void **state)
{
        static const char *const bad[][2] = { { "anna", "10.1.0.2" },
                                              { "anna A", "10.1.0.2" },
                                              { "anna. MX", "10.1.0.2" },
                                              { "anna. A", "fd00::1" },
                                              { "anna. AAAA", "10.1.0.2" },
                                              { "anna. A", "" },
                                              { "anna. PTR", "x" },
                                              { "anna. PTR", "x y." },
                                              { "an na. A", "10.1.0.2" },
                                              { "anna\n. A", "10.1.0.2" },
                                              { ". A", "10.1.0.2" },
                                              { "anna. A ", "10.1.0.2" },
                                              { "anna. PTR", "x.\ny." },
                                              { "anna. PTR", "\"." },
                                              { "a. TXT", "x" },
                                              { "a. TXT", "\"x" },
                                              { "a. TXT", "\"x\" y" },
                                              { "a. TXT", "\"it's\"" },
                                              { "a. TXT", "\"\n\"" },
                                              { "a. TXT", "\"a\\\"" },
                                              { "a. SRV", "0 5 sip." },
                                              { "a. SRV", "0 5 5060 sip" },
                                              { "a. MX", "123456 a." },
                                              { "a. CNAME", "." },
                                              { "a. A", "10.1.0.2,x" },
                                              { "a. A", "10.1.0.2 ttl=99999" },
                                              { "*a. A", "10.1.0.2" },
                                              { "a.*.b. A", "10.1.0.2" } };
        static const char *const good[][2] = { { "*.home.internal. A", "10.1.0.2" },
                                               { "a_b.c. A", "10.1.0.2,10.1.0.3 ttl=300" },
                                               { "_sip._tcp.a. SRV", "0 5 5060 sip.a.,0 0 0 ." },
                                               { "a. MX", "0 ." },
                                               { "a. TXT", "\"x\" \"\\\"y ttl=1\",\"\\044\" ttl=5" },
                                               { "a. CNAME", "_b.c." } };
        enum pic__dns_type type;
        size_t len, i;

        (void)state;
        assert_int_equal(pic__dns_record_parse("anna.home.internal. AAAA", "fd00::2", &len, &type, NULL), 0);
        assert_int_equal(len, 19);
        assert_int_equal(type, PIC__DNS_AAAA);
        assert_int_equal(pic__dns_record_parse(PTR6, "anna.home.internal.", &len, &type, NULL), 0);
        assert_int_equal(pic__dns_record_parse(PTR4, NULL, &len, &type, NULL), 0);
        /* Somebody else's can be removed, but not made. */
        assert_int_equal(pic__dns_record_parse("x y.home.internal. A", "10.1.0.2", &len, &type, NULL), PIC_INVALID);
        assert_int_equal(pic__dns_record_parse("\\.home.internal. A", NULL, &len, &type, NULL), 0);
        assert_int_equal(pic__dns_record_parse("\\.home.internal. A", "10.1.0.2", &len, &type, NULL), PIC_INVALID);
        for (i = 0; i < PIC__COUNT(good); i++)
                if (pic__dns_record_parse(good[i][0], good[i][1], &len, &type, NULL) != 0)
                        fail_msg("not taken: %s %s", good[i][0], good[i][1]);
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (pic__dns_record_parse(bad[i][0], bad[i][1], &len, &type, NULL) != PIC_INVALID)
                        fail_msg("taken: %s %s", bad[i][0], bad[i][1]);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(server),      cmocka_unit_test(backed),
                                            cmocka_unit_test(bad_servers), cmocka_unit_test(too_many),
                                            cmocka_unit_test(differences), cmocka_unit_test(zones),
                                            cmocka_unit_test(records),     cmocka_unit_test(forwards) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
