/* backend/dns/conf.c against tests/golden/dns (PIC_TEST_REGENERATE=1 writes them), and unbound-checkconf's opinion of
 * each. */
#include "world.h"

#include "sys/file.h"

static const struct sample {
        const char *file;
        const char *value;
        const char *root_key;
} samples[] = {
        { "plain", "listen=10.1.0.1,fd12:3456:789a::1 " ZONES " upstream= allow=10.1.0.0/16,fd12:3456:789a::/48",
          NULL },
        { "validating", "listen=10.1.0.1,fd12:3456:789a::1 " ZONES " upstream= allow=10.1.0.0/16,fd12:3456:789a::/48",
          "/usr/share/dns/root.key" },
        { "not-validating", "listen=10.1.0.1 zone=home.internal upstream=192.0.2.1 dnssec=no",
          "/usr/share/dns/root.key" },
        { "tls",
          "listen=10.1.0.1@5301 zone=home.internal reverse= "
          "upstream=9.9.9.9@853#dns.quad9.net,2620:fe::fe#dns.quad9.net",
          NULL },
        { "loopback", "listen=10.1.0.1 zone=home.internal upstream=127.0.0.53,192.0.2.1@5353#half.example", NULL },
        { "forwards",
          "listen=10.1.0.1 " ZONES " upstream=9.9.9.9@853#dns.quad9.net allow=10.1.0.0/16 "
          "forward=corp.example/192.168.1.1+fd00::1@5353/insecure,168.192.in-addr.arpa/127.0.0.1@5399,"
          "lab.example/192.168.1.9#dns.lab.example",
          NULL },
        { "public",
          "listen=10.1.0.1 " ZONES " allow=10.1.0.0/16 forward=corp.example/192.168.1.1/insecure "
          "public=home.example.org/10.1.0.1+fd12:3456:789a::1/wild,plain.example.org/10.1.0.1",
          NULL },
        { "filtered", "listen=10.1.0.1,fd12:3456:789a::1 " ZONES " allow=10.1.0.0/16 sieve=yes", NULL },
        { "own",
          "listen=10.1.0.1 " ZONES " allow=10.1.0.0/16 forward=corp.example/192.168.1.1/insecure "
          "own=nas.example.com/300/A:192.168.1.10+AAAA:fd00%3A%3A1+TXT:%22it%20is%22,_sip._tcp.example.com/60/"
          "SRV:0%205%205060%20nas.home.internal.",
          NULL },
        { "written", "listen=10.1.0.1 zone=home.internal log=yes", NULL },
        { "two-networks", "listen=10.1.0.1 zone=home.internal allow=10.0.0.0/8,192.168.0.0/16,fd00::/8", NULL },
};

static void render(const struct sample *s, pic__buf *out)
{
        pic__dns_conf c = { "/run/pic/dns",
                            "/run/pic/dns/control.sock",
                            "/run/pic/dns/records.conf",
                            s->root_key,
                            "/etc/ssl/certs/ca-certificates.crt",
                            "/var/log/pic/queries.log",
                            "/run/pic/dns/asked.conf",
                            0 };
        pic__dns_server server = { 0 };

        assert_int_equal(pic__dns_server_parse(s->value, &server, NULL), 0);
        pic__dns_conf_put(out, &server, &c);
        assert_false(out->failed);
        pic__dns_server_free(&server);
}

static void golden(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(samples); i++) {
                pic__auto_buf pic__buf got = PIC__BUF_INIT, want = PIC__BUF_INIT;
                char path[512];

                render(&samples[i], &got);
                snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/dns/%s.conf", samples[i].file);
                if (getenv("PIC_TEST_REGENERATE") != NULL)
                        assert_int_equal(pic__file_write(path, got.data, got.len, 0644, NULL), 0);
                assert_int_equal(pic__file_read(path, 1 << 20, &want, NULL), 0);
                assert_string_equal(got.data, want.data);
        }
}

/* Data in words, by each type, as unbound's configuration takes them; and the zone of wildcards. */
static void records_of_all_types(pic__buf *out, const pic__dns_server *server)
{
        pic__dns_names names = PIC__DNS_NAMES_INIT;
        pic__auto_buf pic__buf wild = PIC__BUF_INIT;

        pic__dns_names_set(&names, "t.home.internal.", 16, PIC__DNS_TXT, "\"it\\039s\\044 so\" \"\\\"\",\"b\" ttl=300");
        pic__dns_names_set(&names, "*.dev.home.internal.", 20, PIC__DNS_A, "10.1.0.9,10.1.0.10");
        pic__dns_names_set(&names, "*.dev.home.internal.", 20, PIC__DNS_CNAME, "nas.home.internal.");
        pic__dns_names_set(&names, "10.1.168.192.in-addr.arpa.", 26, PIC__DNS_PTR, "nas.home.internal.");
        pic__buf_clear(out);
        pic__dns_conf_put_records(out, server, &names);
        assert_non_null(strstr(out->data, "local-data: 't.home.internal. 300 TXT \"it\\039s\\044 so\" \"\\\"\"'\n"
                                          "local-data: 't.home.internal. 300 TXT \"b\"'\n"));
        assert_non_null(strstr(out->data, "local-data: \"*.dev.home.internal. 60 A 10.1.0.10\"\n"));
        assert_non_null(strstr(out->data, "local-data: \"10.1.168.192.in-addr.arpa. 60 PTR nas.home.internal.\"\n"));
        pic__dns_conf_put_behind(&wild, server, 0, &names, NULL);
        assert_string_equal(wild.data,
                            "home.internal. 10 SOA cell.home.internal. nobody.invalid. 1 3600 600 604800 10\n"
                            "home.internal. 10 NS cell.home.internal.\n"
                            "*.dev.home.internal. 60 A 10.1.0.9\n*.dev.home.internal. 60 A 10.1.0.10\n");
        pic__dns_names_free(&names);
}

/* The file that names those of several servers that are asked. */
static void asked_of(pic__buf *out, const pic__dns_server *server)
{
        pic__dns_group g;
        size_t i;

        pic__dns_conf_put_patience(out, 1200);
        for (i = 0; pic__dns_group_of(server, i, &g); i++)
                if (g.count > 1)
                        pic__dns_conf_put_asked(out, &g, (const size_t[]){ 1 }, 1);
}

static void checked_by_unbound(void **state)
{
        char *tool = pic__cmd_find("unbound-checkconf"), *dir = strdup("/tmp/pic-conf-XXXXXX");
        const pic__dns_names none = PIC__DNS_NAMES_INIT;
        char remove_all[64];
        size_t i;

        (void)state;
        if (tool == NULL) {
                free(dir);
                skip();
        }
        pic__free(tool);
        assert_non_null(mkdtemp(dir));
        for (i = 0; i < PIC__COUNT(samples); i++) {
                pic__dns_server server = { 0 };
                pic__dns_names names = PIC__DNS_NAMES_INIT;
                pic__auto_buf pic__buf text = PIC__BUF_INIT, records = PIC__BUF_INIT;
                char asked[64], conf[64], sock[64], rec[64], wild[64], command[256];
                pic__dns_conf c = { dir,   sock, rec, NULL, "/etc/ssl/certs/ca-certificates.crt", "/tmp/queries.log",
                                    asked, 1 };
                size_t n;

                snprintf(conf, sizeof(conf), "%s/c", dir);
                snprintf(sock, sizeof(sock), "%s/s", dir);
                snprintf(rec, sizeof(rec), "%s/r", dir);
                snprintf(asked, sizeof(asked), "%s/a", dir);
                assert_int_equal(pic__dns_server_parse(samples[i].value, &server, NULL), 0);
                pic__dns_names_set(&names, "anna.home.internal.", 19, PIC__DNS_A, "10.1.0.2");
                pic__dns_names_set(&names, "anna.elsewhere.", 15, PIC__DNS_A, "10.1.0.2");
                pic__dns_conf_put(&text, &server, &c);
                pic__dns_conf_put_records(&records, &server, &names);
                assert_string_equal(records.data, "server:\nlocal-data: \"anna.home.internal. 60 A 10.1.0.2\"\n");
                pic__buf_clear(&records);
                asked_of(&records, &server);
                assert_int_equal(pic__file_write(asked, records.data, records.len, 0600, NULL), 0);
                records_of_all_types(&records, &server);
                for (n = 0; pic__dns_server_zone_at(&server, n) != NULL; n++) {
                        pic__auto_buf pic__buf behind = PIC__BUF_INIT;

                        snprintf(wild, sizeof(wild), PIC__DNS_BEHIND, dir, n);
                        pic__dns_conf_put_behind(&behind, &server, n, &none, NULL);
                        assert_int_equal(pic__file_write(wild, behind.data, behind.len, 0600, NULL), 0);
                }
                assert_int_equal(pic__file_write(conf, text.data, text.len, 0600, NULL), 0);
                assert_int_equal(pic__file_write(rec, records.data, records.len, 0600, NULL), 0);
                snprintf(command, sizeof(command), "unbound-checkconf %s >/dev/null", conf);
                if (sh(command) != 0)
                        fail_msg("unbound does not like %s", samples[i].file);
                pic__dns_names_free(&names);
                pic__dns_server_free(&server);
        }
        snprintf(remove_all, sizeof(remove_all), "rm -rf %s", dir);
        (void)sh(remove_all);
        free(dir);
}

struct cover {
        pic__prefix at[300];
        size_t count;
};

static void collect(const char *prefix, void *data)
{
        struct cover *c = data;

        assert_int_equal(pic__prefix_parse(prefix, &c->at[c->count]), 0);
        c->count++;
}

/* The others and the allowed are all there is, and nothing twice. */
static void others(void **state)
{
        static const char *const in[] = { "10.1.0.0",         "10.1.255.255",
                                          "169.254.96.0",     "169.254.99.255",
                                          "fd70:6963:78::",   "fd70:6963:78:ffff::1",
                                          "fd12:3456:789a::", "fd12:3456:789a:ffff:ffff:ffff:ffff:ffff" };
        static const char *const out[] = {
                "169.254.95.255",        "169.254.100.0",    "fd70:6963:77::",
                "fd70:6963:79::",        "0.0.0.0",          "255.255.255.255",
                "10.0.255.255",          "10.2.0.0",         "::",
                "fd12:3456:7899:ffff::", "fd12:3456:789b::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
        };
        pic__dns_list allow = { { "10.1.0.0/16", "fd12:3456:789a::/48" }, 2 }, none = { { NULL }, 0 },
                      all = { { "0.0.0.0/0" }, 1 };
        struct cover c = { .count = 0 };
        pic__addr a;
        size_t i, k, hits;

        (void)state;
        assert_int_equal(pic__dns_conf_others(&allow, 4, collect, &c), 0);
        assert_int_equal(c.count, 16 + 20);
        assert_int_equal(pic__dns_conf_others(&allow, 6, collect, &c), 0);
        assert_int_equal(c.count, 16 + 20 + 48 + 37);
        for (i = 0; i < PIC__COUNT(in); i++) {
                assert_int_equal(pic__addr_parse(in[i], &a), 0);
                for (k = 0; k < c.count; k++)
                        assert_false(pic__prefix_has(&c.at[k], &a));
        }
        for (i = 0; i < PIC__COUNT(out); i++) {
                assert_int_equal(pic__addr_parse(out[i], &a), 0);
                for (k = 0, hits = 0; k < c.count; k++)
                        hits += pic__prefix_has(&c.at[k], &a) != 0;
                assert_int_equal(hits, 1);
        }
        c.count = 0;
        assert_int_equal(pic__dns_conf_others(&none, 4, collect, &c), 0);
        assert_int_equal(c.count, 22); /* what is beside the exits' */
        assert_int_equal(pic__dns_conf_others(&all, 4, collect, &c), 0);
        assert_int_equal(c.count, 22);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(golden), cmocka_unit_test(checked_by_unbound),
                                            cmocka_unit_test(others) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
