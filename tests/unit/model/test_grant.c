/* Shows: grants as text and back, what is refused and why, and that their order is total. */
#include "help.h"

#include "model/grant.h"

static void round_trip(void **state)
{
        static const struct {
                const char *in, *out;
        } good[] = {
                { "internet", "internet" },
                { "LAN", "lan" },
                { "peers", "peers" },
                { "peer:Anna", "peer:anna" },
                { "group:kids.2", "group:kids.2" },
                { "service:calendar", "service:calendar" },
                { "10.0.0.0/8", "10.0.0.0/8" },
                { "10.0.0.1", "10.0.0.1" },
                { "10.0.0.1/32", "10.0.0.1" },
                { "0.0.0.0/0", "0.0.0.0/0" },
                { "::/0", "[::]/0" },
                { "fd00::/64", "[fd00::]/64" },
                { "[FD00::]/64", "[fd00::]/64" },
                { "fd00::5", "[fd00::5]" },
                { "[fd00::5]", "[fd00::5]" },
                { "[fd00::5]/128", "[fd00::5]" },
                { "192.168.1.10:tcp/445", "192.168.1.10:tcp/445" },
                { "192.168.1.0/24:UDP/1000-2000", "192.168.1.0/24:udp/1000-2000" },
                { "10.0.0.1:tcp", "10.0.0.1:tcp" },
                { "10.0.0.1:icmp", "10.0.0.1:icmp" },
                { "10.0.0.1:tcp/7-7", "10.0.0.1:tcp/7" },
                { "10.0.0.1:tcp/1-65535", "10.0.0.1:tcp/1-65535" },
                { "[fd00::5]:udp/53", "[fd00::5]:udp/53" },
                { "[fd00::]/64:tcp/80", "[fd00::]/64:tcp/80" },
                { "[fd00::]/64:icmp", "[fd00::]/64:icmp" },
                { "::ffff:1.2.3.4", "[::ffff:1.2.3.4]" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++) {
                pic__auto_buf pic__buf b = PIC__BUF_INIT;
                const char *rule = "";
                pic__grant g, again;

                if (pic__grant_parse(good[i].in, &g, &rule) < 0)
                        fail_msg("%s: %s", good[i].in, rule);
                pic__grant_print(&g, &b);
                assert_string_equal(pic__buf_str(&b), good[i].out);
                assert_int_equal(pic__grant_parse(good[i].out, &again, &rule), 0);
                assert_int_equal(pic__grant_cmp(&g, &again), 0);
        }
}

static void refusals(void **state)
{
        static const struct {
                const char *in, *rule;
        } bad[] = {
                { "", "must be internet" },
                { "wan", "must be internet" },
                { "internets", "must be internet" },
                { "peer", "must be internet" },
                { "peer:", "empty" },
                { "peer:a b", "letters" },
                { "group:-x", "begin and end" },
                { "service:", "empty" },
                { "10.0.0.1/8", "host bits" },
                { "[fd00::1]/64", "host bits" },
                { "10.0.0.0/33", "must be internet" },
                { "10.0.0.1:", "unknown protocol" },
                { "10.0.0.1:sctp/1", "unknown protocol" },
                { "10.0.0.1:80", "unknown protocol" },
                { "10.0.0.1:tcp/", "bad port" },
                { "10.0.0.1:tcp/0", "bad port" },
                { "10.0.0.1:tcp/65536", "bad port" },
                { "10.0.0.1:tcp/1-", "bad port" },
                { "10.0.0.1:tcp/2-1", "ends before" },
                { "10.0.0.1:tcp/1-2-3", "bad port" },
                { "10.0.0.1:icmp/1", "icmp has none" },
                { "fd00::/64:tcp/1", "needs brackets" },
                { "[10.0.0.1]", "needs brackets" },
                { "[fd00::5", "must be internet" },
                { "[fd00::5]x", "must be internet" },
                { "[]", "must be internet" },
                { "[fd00::5]/", "must be internet" },
                { "[fd00::/64]", "must be internet" },
                { "/8", "must be internet" },
                { "10.0.0.0/8/8", "must be internet" },
                { "10.0.0.1/8:tcp/x", "" },
                { "10.0.0.1 ", "must be internet" },
        };
        char big[400];
        const char *rule;
        pic__grant g;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                if (pic__grant_parse(bad[i].in, &g, &rule) == 0)
                        fail_msg("'%s' was taken", bad[i].in);
                if (strstr(rule, bad[i].rule) == NULL)
                        fail_msg("'%s': %s", bad[i].in, rule);
        }
        memset(big, '1', sizeof(big));
        big[399] = '\0';
        assert_int_equal(pic__grant_parse(big, &g, &rule), -1);
        assert_string_equal(rule, "is too long");
        big[150] = '\0';
        assert_int_equal(pic__grant_parse(big, &g, &rule), -1);
        big[100] = '.';
        big[120] = '/';
        assert_int_equal(pic__grant_parse(big, &g, &rule), -1);
        /* host bits: what it would be without them is handed back */
        assert_int_equal(pic__grant_parse("10.1.2.3/16:tcp/5", &g, &rule), -1);
        assert_int_equal(g.prefix.addr.bytes[2], 0);
        assert_int_equal(g.port_lo, 5);
}

static pic__grant random_grant(void)
{
        static const uint8_t protos[] = { PIC__PROTO_ANY, PIC__PROTO_ICMP, PIC__PROTO_TCP, PIC__PROTO_UDP };
        pic__grant g;

        memset(&g, 0, sizeof(g));
        g.to = (enum pic__grant_to)(rnd() % 7);
        if (g.to >= PIC__TO_PEER && g.to <= PIC__TO_SERVICE)
                snprintf(g.name, sizeof(g.name), "n%u", rnd() % 3);
        if (g.to != PIC__TO_PREFIX)
                return g;
        g.port_hi = 65535;
        g.prefix.addr.family = rnd() % 2 ? 4 : 6;
        g.prefix.addr.bytes[0] = (uint8_t)(10 + rnd() % 2);
        g.prefix.len = (uint8_t)(rnd() % 2 ? 8 : g.prefix.addr.family == 4 ? 32 : 128);
        g.proto = protos[rnd() % 4];
        if (g.proto > PIC__PROTO_ICMP && rnd() % 2) {
                g.port_lo = (uint16_t)(1 + rnd() % 3);
                g.port_hi = (uint16_t)(g.port_lo + rnd() % 3);
        }
        return g;
}

static void order_is_total(void **state)
{
        int i;

        (void)state;
        for (i = 0; i < 30000; i++) {
                pic__grant a = random_grant(), b = random_grant(), c = random_grant();
                pic__auto_buf pic__buf ta = PIC__BUF_INIT, tb = PIC__BUF_INIT;
                int ab = pic__grant_cmp(&a, &b), ba = pic__grant_cmp(&b, &a);

                pic__grant_print(&a, &ta);
                pic__grant_print(&b, &tb);
                assert_int_equal(ab == 0, strcmp(pic__buf_str(&ta), pic__buf_str(&tb)) == 0);
                assert_int_equal(ab<0, ba> 0);
                if (ab <= 0 && pic__grant_cmp(&b, &c) <= 0)
                        assert_true(pic__grant_cmp(&a, &c) <= 0);
        }
}

RUN(T(round_trip), T(refusals), T(order_is_total))
