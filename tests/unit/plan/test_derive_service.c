/* What follows from a service: its names, what the front is told of it; who has the grant reaches its 80 and 443, and
 * no other right means its address. */
#include "plan/derive_in.h"
#include "sample.h"

#define CELL SAMPLE_CELL " ca_certificate=x"
#define NAS "name=nas target=http://192.168.1.10:8080 address4=10.1.0.9 address6=fd12:3456:789a::9 door=1 "

static pic__snap *world(const char *nas)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__CELL, 1, CELL);
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=service:nas");
        sample_put(s, PIC__PEER, 21,
                   "name=bert address4=10.1.0.3 address6=fd12:3456:789a::3 "
                   "access=peers,10.1.0.0/16,10.1.0.9:tcp/443,[fd12:3456:789a::]/48,lan,internet");
        sample_put(s, PIC__RECORD, 1, "name=disk addresses=192.168.1.11");
        sample_put(s, PIC__SERVICE, 30, nas);
        return s;
}

static void expect(const pic__items *bag, enum pic__item_kind kind, const char *key, const char *want)
{
        const char *value = sample_value(bag, kind, key);

        if (want == NULL ? value != NULL : value == NULL || strcmp(value, want) != 0)
                fail_msg("%s: %s, not %s", key, value != NULL ? value : "nothing", want != NULL ? want : "nothing");
}

static void all_of_it(void **state)
{
        SNAP_AUTO s = world(NAS);
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        sample_derive(s, &bag);
        expect(&bag, PIC__I_DNS_RECORD, "nas.home.internal. A", "10.1.0.9");
        expect(&bag, PIC__I_DNS_RECORD, "nas.home.internal. AAAA", "fd12:3456:789a::9");
        expect(&bag, PIC__I_DNS_RECORD, "9.0.1.10.in-addr.arpa. PTR", "nas.home.internal.");
        expect(&bag, PIC__I_FRONT_SERVICE, "nas", "http/192.168.1.10/8080");
        expect(&bag, PIC__I_FRONT_NAME, "nas.home.internal", "nas");
        expect(&bag, PIC__I_FRONT_PLACE, "10.1.0.9", "nas");
        expect(&bag, PIC__I_FRONT_DOOR, "5500", "nas");
        expect(&bag, PIC__I_NFT_DOOR6, "fd12:3456:789a::9", "5500");
        assert_int_equal(
                strncmp(sample_value(&bag, PIC__I_FRONT_CERT, "_nas"), "own names=nas.home.internal root=", 33), 0);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_SERVED4), 1);
        assert_int_equal(sample_count(&bag, PIC__I_NFT_SERVED6), 1);
}

static int in_grants(const pic__items *bag, enum pic__item_kind kind, const char *address)
{
        char first[PIC__ADDR_TEXT], last[PIC__ADDR_TEXT];
        pic__addr a, lo, hi;
        size_t i;

        assert_int_equal(pic__addr_parse(address, &a), 0);
        for (i = 0; i < bag->count; i++) {
                if (bag->at[i].kind != kind || sscanf(bag->at[i].key, "%*s %47[^-]-%47[^ ]", first, last) != 2)
                        continue;
                assert_true(pic__addr_parse(first, &lo) == 0 && pic__addr_parse(last, &hi) == 0);
                if (pic__addr_cmp(&a, &lo) >= 0 && pic__addr_cmp(&a, &hi) <= 0)
                        return 1;
        }
        return 0;
}

/* Also while it is turned off: nobody shall get used to what is there by mistake. */
static void no_other_right(void **state)
{
        static const char *const all[] = { NAS, NAS "enabled=no" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                SNAP_AUTO s = world(all[i]);
                pic__auto_items pic__items bag = PIC__ITEMS_INIT;

                sample_derive(s, &bag);
                assert_true(in_grants(&bag, PIC__I_NFT_GRANT4, "10.1.0.8") &&
                            in_grants(&bag, PIC__I_NFT_GRANT4, "10.1.0.10"));
                assert_true(in_grants(&bag, PIC__I_NFT_GRANT6, "fd12:3456:789a::8"));
                assert_false(in_grants(&bag, PIC__I_NFT_GRANT4, "10.1.0.9") ||
                             in_grants(&bag, PIC__I_NFT_GRANT6, "fd12:3456:789a::9") ||
                             in_grants(&bag, PIC__I_NFT_WIDE4, "10.1.0.9"));
        }
}

static void nothing(void **state)
{
        static const char *const cells[] = { CELL, CELL " front=no", SAMPLE_CELL };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cells); i++) {
                SNAP_AUTO s = world(i == 0 ? NAS "enabled=no" : NAS);
                pic__auto_items pic__items bag = PIC__ITEMS_INIT;

                sample_put(s, PIC__CELL, 1, cells[i]);
                sample_derive(s, &bag);
                expect(&bag, PIC__I_DNS_RECORD, "nas.home.internal. A", NULL);
                expect(&bag, PIC__I_FRONT_SERVICE, "nas", NULL);
                assert_int_equal(sample_count(&bag, PIC__I_NFT_SERVED4) + sample_count(&bag, PIC__I_NFT_DOOR6), 0);
        }
}

static void targets(void **state)
{
        static const char *const all[][2] = {
                { "target=https://192.168.1.10", "https/192.168.1.10/443" },
                { "target=https://disk:8443", "https/192.168.1.11/8443/disk" },
                { "target=https://disk:8443 verify=yes", "verified/192.168.1.11/8443/disk" },
                { "target=http://anna verify=yes", "http/10.1.0.2/80" },
                { "target=http://[fd00::7]:81", "http/fd00::7/81" },
                { "target=http://gone", "nowhere" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__auto_items pic__items bag = PIC__ITEMS_INIT;
                char fields[200];

                snprintf(fields, sizeof(fields), "name=nas address4=10.1.0.9 %s", all[i][0]);
                {
                        SNAP_AUTO s = world(fields);

                        sample_derive(s, &bag);
                }
                expect(&bag, PIC__I_FRONT_SERVICE, "nas", all[i][1]);
        }
}

#define SHOWN PIC__I_FRONT_SHOWN
#define WIDE "name=wide issuer=acme chain=QUJD key=QUJD serial=01 subjects=*.home.example.org"

/* Below each domain, for devices, with a certificate that a public CA gave, and not before there is one. */
static void public_names(void **state)
{
        SNAP_AUTO s = world(NAS);
        pic__auto_items pic__items bag = PIC__ITEMS_INIT, more = PIC__ITEMS_INIT;
        const char *value;

        (void)state;
        sample_put(s, PIC__DOMAIN, 40, "name=home.example.org mode=duckdns token=QUJD");
        sample_put(s, PIC__DOMAIN, 41, "name=one.example.net mode=http01");
        sample_put(s, PIC__DOMAIN, 42, "name=off.example.net mode=http01 enabled=no");
        sample_put(s, PIC__SERVICE, 31, "name=tv target=http://1.2.3.4 address4=10.1.0.10 enabled=no");
        sample_derive(s, &bag);
        value = strstr(sample_value(&bag, PIC__I_DNS_SERVER, "main"), " public=");
        assert_non_null(value);
        assert_string_equal(value, " public=home.example.org/10.1.0.1+fd12:3456:789a::1/wild,"
                                   "nas.home.example.org/10.1.0.9+fd12:3456:789a::9,"
                                   "one.example.net/10.1.0.1+fd12:3456:789a::1,"
                                   "nas.one.example.net/10.1.0.9+fd12:3456:789a::9");
        expect(&bag, PIC__I_FRONT_NAME, "nas.home.example.org", NULL);
        expect(&bag, SHOWN, "nas.home.example.org", NULL);

        sample_put(s, PIC__CERTIFICATE, 50,
                   "name=wide issuer=acme chain=QUJD key=QUJD serial=01 subjects=home.example.org,*.home.example.org");
        sample_put(s, PIC__CERTIFICATE, 51,
                   "name=own issuer=own chain=QUJD key=QUJD serial=02 subjects=nas.one.example.net");
        sample_derive(s, &more);
        expect(&more, PIC__I_FRONT_NAME, "nas.home.example.org", "nas");
        expect(&more, SHOWN, "nas.home.example.org", "wide");
        expect(&more, SHOWN, "tv.home.example.org", NULL);
        expect(&more, SHOWN, "nas.one.example.net", NULL);
        expect(&more, SHOWN, "nas.home.internal", NULL);
        assert_non_null(sample_value(&more, PIC__I_FRONT_CERT, "_nas"));
}

/* Where the cell's own zone is a public name nothing is told twice, and the public certificate is the better one. */
static void public_zone(void **state)
{
        SNAP_AUTO s = world(NAS);
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        sample_put(s, PIC__DOMAIN, 40, "name=home.internal mode=duckdns token=QUJD");
        sample_put(s, PIC__CERTIFICATE, 50,
                   "name=wide issuer=acme chain=QUJD key=QUJD serial=01 subjects=*.home.internal");
        sample_derive(s, &bag);
        assert_null(strstr(sample_value(&bag, PIC__I_DNS_SERVER, "main"), " public="));
        expect(&bag, PIC__I_FRONT_NAME, "nas.home.internal", "nas");
        expect(&bag, SHOWN, "nas.home.internal", "wide");
        expect(&bag, PIC__I_FRONT_CERT, "_nas", NULL);
}

/* For everybody only where it is said, under public names alone. */
static void open_to_all(void **state)
{
        static const char *const all[] = { NAS, NAS "public=yes enabled=no", NAS "public=yes" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                SNAP_AUTO s = world(all[i]);
                pic__auto_items pic__items none = PIC__ITEMS_INIT, bag = PIC__ITEMS_INIT;
                int is = i == 2;

                sample_derive(s, &none); /* without a domain it is for nobody */
                assert_null(strstr(sample_value(&none, PIC__I_FRONT_SERVER, "main"), " outside="));
                sample_put(s, PIC__DOMAIN, 40, "name=home.example.org mode=duckdns token=QUJD");
                sample_put(s, PIC__CERTIFICATE, 50, WIDE);
                sample_derive(s, &bag);
                assert_int_equal(strstr(sample_value(&bag, PIC__I_FRONT_SERVER, "main"), " outside=yes") != NULL, is);
                expect(&bag, PIC__I_FRONT_OUTNAME, "nas.home.example.org", is ? "nas" : NULL);
                expect(&bag, SHOWN, "outside/nas.home.example.org", is ? "wide" : NULL);
                assert_int_equal(sample_count(&bag, PIC__I_FRONT_OUTNAME), is);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(all_of_it),    cmocka_unit_test(no_other_right),
                                            cmocka_unit_test(nothing),      cmocka_unit_test(targets),
                                            cmocka_unit_test(public_names), cmocka_unit_test(public_zone),
                                            cmocka_unit_test(open_to_all) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
