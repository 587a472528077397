/* "May A reach B?": the words, and the verdict against the items that the kernel would decide by. */
#include "model/exit.h"
#include "plan/boxes.h"
#include "plan/why.h"
#include "sample.h"

static pic__snap *household(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__GROUP, 50, "name=kids access=internet,peer:nas");
        sample_put(s, PIC__GROUP, 51, "name=office access=192.168.1.10:tcp/445,[fd00:1::]/64,group:office");
        sample_put(s, PIC__PEER, 20,
                   "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 groups=kids access=192.168.1.0/24:udp");
        sample_put(s, PIC__PEER, 21,
                   "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3 access=10.1.0.1:tcp/22,lan");
        sample_put(s, PIC__PEER, 22,
                   "name=site address4=10.1.0.4 address6=fd12:3456:789a::4 groups=office "
                   "subnets=192.168.9.0/24,fd77::/64");
        sample_put(s, PIC__PEER, 23, "name=off address4=10.1.0.5 address6=fd12:3456:789a::5 groups=office enabled=no");
        sample_put(s, PIC__PEER, 24, "name=admin address4=10.1.0.6 address6=fd12:3456:789a::6 access=peers");
        sample_put(s, PIC__PEER, 25, "name=four address4=10.1.0.7 access=internet");
        sample_put(s, PIC__PEER, 26, "name=old address4=10.1.0.8 address6=fd12:3456:789a::8 expires=2020-01-01");
        return s;
}

static void ask(const pic__snap *s, const char *from, const char *to, int family, pic__why *why)
{
        pic_error *err = NULL;

        if (pic__plan_why(s, from, to, family, why, &err) < 0)
                fail_msg("why %s %s: %s", from, to, pic_error_message(err));
}

static void expect(const pic__snap *s, const char *from, const char *to, int allowed, const char *rule,
                   const char *through)
{
        pic__why why;

        ask(s, from, to, 0, &why);
        if (why.allowed != allowed || strcmp(why.rule, rule) != 0 || strcmp(why.through, through) != 0)
                fail_msg("why %s %s: %d by '%s' through '%s': %s", from, to, why.allowed, why.rule, why.through,
                         why.reason);
        assert_true(strlen(why.reason) > 10);
}

static void a_household(void **state)
{
        SNAP_AUTO s = household();
        const char *drop = "default: drop";

        (void)state;
        sample_now(s, SAMPLE_NOW);
        expect(s, "anna", "nas", 1, "peer:nas", "group kids");
        expect(s, "ANNA", "nas:445", 1, "peer:nas", "group kids");
        expect(s, "anna", "nas.home.internal:tcp/445", 1, "peer:nas", "group kids");
        expect(s, "anna", "site", 0, drop, "");
        expect(s, "anna", "internet", 1, "internet", "group kids");
        expect(s, "anna", "8.8.8.8:53", 1, "internet", "group kids");
        expect(s, "anna", "[2001:db8::1]:udp/53", 1, "internet", "group kids");
        expect(s, "anna", "192.168.1.10:445", 0, drop, "");
        expect(s, "anna", "192.168.1.10:udp/445", 1, "192.168.1.0/24:udp", "peer anna");
        expect(s, "anna", "192.168.1.10:udp", 1, "192.168.1.0/24:udp", "peer anna");
        expect(s, "anna", "192.168.2.10:udp/1", 0, drop, "");
        expect(s, "nas", "192.168.2.10", 1, "lan", "peer nas");
        expect(s, "nas", "192.168.9.10", 0, drop, "");
        expect(s, "nas", "internet", 0, drop, "");
        expect(s, "site", "192.168.1.10:445", 1, "192.168.1.10:tcp/445", "group office");
        expect(s, "site", "192.168.1.10:446", 0, drop, "");
        expect(s, "site", "fd00:1::77", 1, "[fd00:1::]/64", "group office");
        expect(s, "site", "192.168.9.7:80", 1, "group:office", "group office");
        expect(s, "site", "off", 0, drop, ""); /* it is not active, so nothing reaches it */
        expect(s, "admin", "off", 1, "peers", "peer admin");
        expect(s, "admin", "fd12:3456:789a::99", 1, "peers", "peer admin");
        expect(s, "admin", "192.168.9.7", 0, drop, "");
        expect(s, "off", "nas", 0, drop, "");
        expect(s, "old", "nas", 0, drop, "");
        expect(s, "four", "[2001:db8::1]:80", 1, "internet", "peer four");
}

static void the_cell_itself(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        expect(s, "site", "cell:53", 1, "always: dns", "");
        expect(s, "site", "cell:udp/53", 1, "always: dns", "");
        expect(s, "site", "home.internal:udp/123", 1, "always: time", "");
        expect(s, "site", "cell.home.internal:80", 1, "always: portal", "");
        expect(s, "site", "10.1.0.1:443", 1, "always: portal", "");
        expect(s, "site", "fd12:3456:789a::1", 0, "default: drop", "");
        expect(s, "site", "cell:icmp", 1, "always: ping", "");
        expect(s, "site", "cell:22", 0, "default: drop", "");
        expect(s, "nas", "cell:22", 1, "10.1.0.1:tcp/22", "peer nas"); /* IPv4 says yes */
        expect(s, "admin", "cell:22", 0, "default: drop", "");
        expect(s, "off", "cell:53", 0, "default: drop", "");
}

static void what_the_answer_says(void **state)
{
        SNAP_AUTO s = household();
        pic__why why;

        (void)state;
        ask(s, "nas", "cell:22", 6, &why);
        assert_int_equal(why.allowed, 0);
        assert_string_equal(why.source, "fd12:3456:789a::3");
        assert_string_equal(why.destination, "fd12:3456:789a::1");
        ask(s, "anna", "nas:445", 0, &why);
        assert_string_equal(why.source, "10.1.0.2");
        assert_string_equal(why.destination, "10.1.0.3");
        assert_int_equal(why.proto, PIC__PROTO_TCP);
        assert_int_equal(why.port, 445);
        assert_int_not_equal(why.class_number, 0);
        assert_string_equal(why.reason, "anna may, by peer:nas of group kids");
        ask(s, "anna", "internet", 4, &why);
        assert_string_equal(why.destination, "internet");
        ask(s, "site", "192.168.1.10", 0, &why);
        assert_int_equal(why.allowed, 0);
        assert_string_equal(why.reason, "site may reach a part only: 192.168.1.10:tcp/445");
        ask(s, "admin", "off", 0, &why);
        assert_non_null(strstr(why.reason, "off is not active"));
        ask(s, "admin", "10.1.9.9", 0, &why);
        assert_non_null(strstr(why.reason, "no device has that address"));
        ask(s, "off", "nas", 0, &why);
        assert_int_equal(why.class_number, 0);
        assert_string_equal(why.reason, "off is disabled");
}

/* The machine's own networks are lan, and the answer says so. */
static void attached_networks(void **state)
{
        SNAP_AUTO s = household();
        pic__why why;

        (void)state;
        sample_now(s, SAMPLE_NOW);
        sample_attach(s, "2001:db8:1::/64\n198.51.100.0/24\n192.168.1.0/24\n10.0.0.0/15\n");
        ask(s, "anna", "[2001:db8:1::7]:443", 0, &why);
        assert_int_equal(why.allowed, 0);
        assert_string_equal(why.reason, "2001:db8:1::/64 is a network of this machine: it belongs to lan, not to "
                                        "internet; anna has no lan");
        expect(s, "anna", "[2001:db8:2::7]:443", 1, "internet", "group kids");
        expect(s, "anna", "198.51.100.7", 0, "default: drop", "");
        expect(s, "anna", "198.51.101.7", 1, "internet", "group kids");
        ask(s, "nas", "198.51.100.7:udp/53", 0, &why);
        assert_int_equal(why.allowed, 1);
        assert_string_equal(why.rule, "lan");
        assert_string_equal(why.reason, "nas may, by lan of peer nas; 198.51.100.0/24 is a network of this machine: it "
                                        "belongs to lan");
        ask(s, "nas", "192.168.1.7", 0, &why);
        assert_string_equal(why.reason, "nas may, by lan of peer nas"); /* that it is anyway */
        expect(s, "nas", "10.1.0.5", 0, "default: drop", "");           /* the cell's stay the cell's */
        expect(s, "nas", "198.51.101.7", 0, "default: drop", "");
        sample_put(s, PIC__PEER, 30, "name=both address4=10.1.0.40 access=internet,lan");
        sample_put(s, PIC__PEER, 31, "name=port address4=10.1.0.41 access=internet,198.51.100.7:tcp/443");
        expect(s, "both", "198.51.100.7", 1, "lan", "peer both");
        expect(s, "both", "198.51.101.7", 1, "internet", "peer both");
        expect(s, "port", "198.51.100.7:443", 1, "198.51.100.7:tcp/443", "peer port");
        expect(s, "port", "198.51.100.7:444", 0, "default: drop", "");
}

static void refusals(void **state)
{
        SNAP_AUTO s = household();
        SNAP_AUTO empty = NULL;
        pic__auto_err pic_error *err = NULL;
        pic__auto_err pic_error *other = NULL;
        pic__auto_err pic_error *third = NULL;
        pic__why why;

        (void)state;
        assert_int_equal(pic__plan_why(s, "ana", "nas", 0, &why, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_hint(err), "anna"));
        assert_int_equal(pic__plan_why(s, "anna", "four", 6, &why, &other), PIC_VALUE);
        assert_int_equal(pic__snap_new(&empty, NULL), 0);
        assert_int_equal(pic__plan_why(empty, "anna", "nas", 0, &why, &third), PIC_BADSTATE);
        assert_int_equal(pic__plan_why(s, "anna", "nobody", 0, &why, NULL), PIC_NOTFOUND);
}

/* Below: the items as the kernel would use them. */

static int in_range(const char *text, pic__u128 n)
{
        char first[PIC__ADDR_TEXT], last[PIC__ADDR_TEXT];
        pic__addr a, b;

        assert_int_equal(sscanf(text, "%47[^-]-%47[^ ]", first, last), 2);
        assert_int_equal(pic__addr_parse(first, &a), 0);
        assert_int_equal(pic__addr_parse(last, &b), 0);
        return n >= pic__addr_number(&a) && n <= pic__addr_number(&b);
}

/* "6 445-445" or "0-255 0-65535" */
static int in_service(const char *text, unsigned proto, unsigned port)
{
        unsigned lo, hi, first, last;

        if (sscanf(text, "%u-%u %u-%u", &lo, &hi, &first, &last) != 4) {
                assert_int_equal(sscanf(text, "%u %u-%u", &lo, &first, &last), 3);
                hi = lo;
        }
        return proto >= lo && proto <= hi && port >= first && port <= last;
}

static int kernel_says(const pic__items *bag, const char *mark, const char *self, const pic__addr *to, unsigned proto,
                       unsigned port)
{
        int v6 = to->family == 6, own;
        char text[PIC__ADDR_TEXT], key[80];
        size_t i;

        own = strcmp(pic__addr_print(to, text), self) == 0;
        if (own && ((port == 53 && proto != 1) || (proto == 17 && port == 123) ||
                    (proto == 6 && (port == 80 || port == 443)) || proto == 1))
                return 1;
        snprintf(key, sizeof(key), "%s %s", mark, text);
        if (proto == 6 && (port == 80 || port == 443) &&
            pic__items_find(bag, v6 ? PIC__I_NFT_SERVED6 : PIC__I_NFT_SERVED4, key) != NULL)
                return 1;
        if (!own && pic__items_find(bag, v6 ? PIC__I_NFT_REACH6 : PIC__I_NFT_REACH4, key) != NULL)
                return 1;
        for (i = 0; i < bag->count; i++) {
                const pic__item *item = &bag->at[i];
                const char *rest = item->key + strlen(mark) + 1;

                if (strncmp(item->key, mark, strlen(mark)) != 0)
                        continue;
                if (item->kind == (v6 ? PIC__I_NFT_GRANT6 : PIC__I_NFT_GRANT4) &&
                    in_range(rest, pic__addr_number(to)) &&
                    in_service(strchr(rest, ' ') + 1, proto == 1 && v6 ? 58 : proto, port))
                        return 1;
                if (!own && item->kind == (v6 ? PIC__I_NFT_WIDE6 : PIC__I_NFT_WIDE4) &&
                    in_range(rest, pic__addr_number(to)))
                        return 1;
        }
        return 0;
}

static void compare(const pic__snap *s, const pic__items *bag, const char *from, const char *to, unsigned proto,
                    unsigned port)
{
        static const char *const names[] = { [1] = "icmp", [6] = "tcp", [17] = "udp" };
        const char *self = strchr(to, ':') != NULL ? "fd12:3456:789a::1" : "10.1.0.1";
        const char *mark =
                sample_value(bag, PIC__I_NFT_PEER4, pic__obj_text(pic__snap_named(s, PIC__PEER, from), "address4"));
        char question[100], service[20] = "";
        pic__addr a;
        pic__why why;
        int want;

        assert_int_equal(pic__addr_parse(to, &a), 0);
        if (proto != 1)
                snprintf(service, sizeof(service), "/%u", port);
        snprintf(question, sizeof(question), a.family == 6 ? "[%s]:%s%s" : "%s:%s%s", to, names[proto], service);
        ask(s, from, question, 0, &why);
        want = mark != NULL && kernel_says(bag, mark, self, &a, proto, port);
        if (why.allowed != want)
                fail_msg("why %s %s: %d, but the kernel says %d (%s: %s)", from, question, why.allowed, want, why.rule,
                         why.reason);
}

static const char *const grants[] = {
        "internet",
        "lan",
        "peers",
        "peer:p0",
        "peer:p1",
        "group:g0",
        "group:g1",
        "192.168.1.0/24",
        "192.168.0.0/16:tcp/80-90",
        "10.1.0.1",
        "192.168.1.10:tcp/85-445",
        "10.1.0.0/16:udp/53",
        "[fd00:1::]/64:icmp",
        "[fd12:3456:789a::]/48:tcp/80-90",
        "8.0.0.0/8:udp",
        "[2001:db8::]/32:tcp",
        "service:s0",
        "service:s1",
};
static const char *const targets[] = {
        "10.1.0.0",
        "10.1.0.1",
        "10.1.0.10",
        "10.1.0.11",
        "10.1.0.12",
        "10.1.0.99",
        "10.1.0.30",
        "10.1.0.31",
        "fd12:3456:789a::1e",
        "192.168.1.9",
        "192.168.1.10",
        "192.168.9.5",
        "192.168.77.1",
        "8.8.8.8",
        "9.9.9.9",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "fd12:3456:789a::",
        "fd12:3456:789a::1",
        "fd12:3456:789a::a",
        "fd12:3456:789a::b",
        "fd12:3456:789a::c",
        "fd12:3456:789a:1::1",
        "fd00:1::5",
        "fd00:2::5",
        "fd77::5",
        "2001:db8::1",
        "2600::1",
        "fe80::1",
        "::1",
        "ff02::1",
};
static const unsigned ports[] = { 22, 53, 79, 80, 85, 90, 91, 123, 443, 445, 446, 65535 };

static const char *const attached[] = {
        "",
        "8.8.8.0/24\n2001:db8::/64\n",
        "9.9.9.8/29\n9.9.9.9/32\n2600::/48\n",
        "100.64.0.0/16\n192.0.0.0/8\n2001:db8::/32\n2000::/3\n", /* around the device's network; too wide */
        "10.0.0.0/8\n8.0.0.0/8\n169.254.0.0/16\n224.0.0.0/8\nfe80::/64\n",
};

static void random_verdicts(void **state)
{
        uint64_t seed = 99;
        unsigned round, i, k;

        (void)state;
        for (round = 0; round < 60; round++) {
                SNAP_AUTO s = sample_snap();
                pic__auto_items pic__items bag = PIC__ITEMS_INIT;
                char fields[700];

                for (i = 0; i < 2; i++) {
                        snprintf(fields, sizeof(fields), "name=g%u access=%s,%s", i,
                                 grants[sample_random(&seed) % PIC__COUNT(grants)],
                                 grants[sample_random(&seed) % PIC__COUNT(grants)]);
                        sample_put(s, PIC__GROUP, 50 + i, fields);
                }
                for (i = 0; i < 4; i++) {
                        snprintf(fields, sizeof(fields),
                                 "name=p%u address4=10.1.0.%u address6=fd12:3456:789a::%x access=%s,%s groups=%s "
                                 "enabled=%s subnets=%s",
                                 i, 10 + i, 10 + i, grants[sample_random(&seed) % PIC__COUNT(grants)],
                                 grants[sample_random(&seed) % PIC__COUNT(grants)],
                                 sample_random(&seed) % 2 == 0 ? "g0" : "g0,g1",
                                 sample_random(&seed) % 5 == 0 ? "no" : "yes",
                                 i == 1 ? "192.168.9.0/24,fd77::/64" : "");
                        sample_put(s, PIC__PEER, 100 + i, fields);
                }
                if (round % 3 != 0)
                        sample_put(s, PIC__CELL, 1, SAMPLE_CELL " ca_certificate=x");
                sample_put(s, PIC__SERVICE, 200,
                           "name=s0 target=http://192.168.1.9 address4=10.1.0.30 address6=fd12:3456:789a::1e door=1");
                snprintf(fields, sizeof(fields), "name=s1 target=http://p0 address4=10.1.0.31 enabled=%s",
                         round % 2 == 0 ? "no" : "yes");
                sample_put(s, PIC__SERVICE, 201, fields);
                sample_attach(s, attached[round % PIC__COUNT(attached)]);
                sample_derive(s, &bag);
                for (i = 0; i < 4; i++) {
                        static const char *const names[] = { "p0", "p1", "p2", "p3" };

                        for (k = 0; k < PIC__COUNT(targets); k++) {
                                unsigned port = ports[sample_random(&seed) % PIC__COUNT(ports)];

                                compare(s, &bag, names[i], targets[k], 6, port);
                                compare(s, &bag, names[i], targets[k], 17, port);
                                compare(s, &bag, names[i], targets[k], 1, 0);
                        }
                }
        }
}

static int ask_once(void *data)
{
        pic__why why;

        return pic__plan_why(data, "site", "192.168.1.10:445", 0, &why, NULL);
}

static void without_memory(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        sample_nomem(ask_once, s);
}

/* By what it leaves, and whether that carries it: not for what is near. */
static void by_an_exit(void **state)
{
        static const struct {
                const char *from, *to, *way, *says;
                int closed;
        } cases[] = {
                { "a", "9.9.9.9", "far", "it leaves by far", 0 },
                { "a", "internet", "far", "it leaves by far", 0 },
                { "a", "[2001:db8::1]:tcp/443", "far", "carries no IPv6: it goes nowhere", 1 },
                { "a", "192.168.1.1", "", "lan", 0 },
                { "a", "b", "", "peers", 0 },
                { "b", "9.9.9.9", "never", "carries nothing now", 1 },
                { "c", "9.9.9.9", "", "may, by internet", 0 },
        };
        SNAP_AUTO s = sample_snap();
        pic__exit_facts facts = { .at = { { 0 } } };
        pic__why w;
        size_t i;

        (void)state;
        sample_put(s, PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32");
        sample_put(s, PIC__CONNECTION, 2, "name=never type=block slot=2");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 access=internet,lan,peers exit=far");
        sample_put(s, PIC__PEER, 21, "name=b address4=10.1.0.3 access=internet exit=never");
        sample_put(s, PIC__PEER, 22, "name=c address4=10.1.0.4 access=internet failopen=yes");
        for (i = 0; i < PIC__COUNT(cases); i++) {
                assert_int_equal(pic__plan_why(s, cases[i].from, cases[i].to, 0, &w, NULL), 0);
                assert_true(w.allowed);
                assert_string_equal(w.way, cases[i].way);
                assert_int_equal(w.closed, cases[i].closed);
                assert_non_null(strstr(w.reason, cases[i].says));
        }
        sample_put(s, PIC__GROUP, 5, "name=kids access=internet exit=far");
        sample_put(s, PIC__PEER, 22, "name=c address4=10.1.0.4 groups=kids failopen=yes");
        assert_int_equal(pic__plan_why(s, "c", "9.9.9.9", 0, &w, NULL), 0);
        assert_non_null(strstr(w.reason, "it leaves by far (as group kids says), and directly while that is down"));
        assert_string_equal(w.way, "far");
        assert_false(w.closed);
        facts.at[1].down = 1;
        assert_int_equal(pic__snap_tell_exits(s, &facts, NULL), 0);
        assert_int_equal(pic__plan_why(s, "a", "9.9.9.9", 0, &w, NULL), 0);
        assert_true(w.closed);
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 access=internet exit=far failopen=yes");
        assert_int_equal(pic__plan_why(s, "a", "9.9.9.9", 0, &w, NULL), 0);
        assert_false(w.closed);
        assert_non_null(strstr(w.reason, "goes directly, as was chosen"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(by_an_exit),        cmocka_unit_test(a_household),
                cmocka_unit_test(the_cell_itself),   cmocka_unit_test(what_the_answer_says),
                cmocka_unit_test(attached_networks), cmocka_unit_test(refusals),
                cmocka_unit_test(random_verdicts),   cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
