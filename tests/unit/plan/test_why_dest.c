/* What a person may ask about. */
#include "plan/why_in.h"
#include "sample.h"

static pic__snap *small(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__PEER, 20, "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3");
        sample_put(s, PIC__PEER, 21, "name=my.phone address4=10.1.0.4");
        return s;
}

/* "4=10.1.0.3 6=fd12:3456:789a::3 proto=6 port=445" */
static void expect(const pic__snap *s, const char *to, int family, const char *want)
{
        pic_error *err = NULL;
        pic__why_dest d;
        char text[200], a4[PIC__ADDR_TEXT], a6[PIC__ADDR_TEXT];

        if (pic__why_parse(s, to, family, &d, &err) < 0)
                fail_msg("%s: %s", to, pic_error_message(err));
        snprintf(text, sizeof(text), "%s4=%s 6=%s proto=%u port=%u", d.internet ? "internet " : "",
                 pic__addr_print(&d.addr[0], a4), pic__addr_print(&d.addr[1], a6), d.proto, d.port);
        assert_string_equal(text, want);
}

static void good_ones(void **state)
{
        SNAP_AUTO s = small();

        (void)state;
        expect(s, "nas", 0, "4=10.1.0.3 6=fd12:3456:789a::3 proto=0 port=0");
        expect(s, "NAS", 4, "4=10.1.0.3 6= proto=0 port=0");
        expect(s, "nas", 6, "4= 6=fd12:3456:789a::3 proto=0 port=0");
        expect(s, "nas:445", 0, "4=10.1.0.3 6=fd12:3456:789a::3 proto=6 port=445");
        expect(s, "nas.home.internal:udp/53", 0, "4=10.1.0.3 6=fd12:3456:789a::3 proto=17 port=53");
        expect(s, "nas:icmp", 0, "4=10.1.0.3 6=fd12:3456:789a::3 proto=1 port=0");
        expect(s, "nas:tcp", 0, "4=10.1.0.3 6=fd12:3456:789a::3 proto=6 port=0");
        expect(s, "my.phone", 0, "4=10.1.0.4 6= proto=0 port=0");
        expect(s, "my.phone.home.internal", 0, "4=10.1.0.4 6= proto=0 port=0");
        expect(s, "192.168.1.10:tcp/445", 0, "4=192.168.1.10 6= proto=6 port=445");
        expect(s, "192.168.1.10:65535", 0, "4=192.168.1.10 6= proto=6 port=65535");
        expect(s, "fd00::5", 0, "4= 6=fd00::5 proto=0 port=0");
        expect(s, "[fd00::5]", 0, "4= 6=fd00::5 proto=0 port=0");
        expect(s, "[fd00::5]:udp/53", 0, "4= 6=fd00::5 proto=17 port=53");
        expect(s, "[fd00::5]:80", 0, "4= 6=fd00::5 proto=6 port=80");
        expect(s, "internet", 0, "internet 4= 6= proto=0 port=0");
        expect(s, "Internet:443", 4, "internet 4= 6= proto=6 port=443");
        expect(s, "cell", 0, "4=10.1.0.1 6=fd12:3456:789a::1 proto=0 port=0");
        expect(s, "home.internal:53", 4, "4=10.1.0.1 6= proto=6 port=53");
        expect(s, "cell.home.internal", 6, "4= 6=fd12:3456:789a::1 proto=0 port=0");
}

static void bad_ones(void **state)
{
        static const struct {
                const char *to;
                int family, code;
        } bad[] = {
                { "", 0, PIC_VALUE },
                { ":445", 0, PIC_VALUE },
                { "nas:", 0, PIC_VALUE },
                { "nas:0", 0, PIC_VALUE },
                { "nas:65536", 0, PIC_VALUE },
                { "nas:tcp/x", 0, PIC_VALUE },
                { "nas:sctp/1", 0, PIC_VALUE },
                { "nas:icmp/1", 0, PIC_VALUE },
                { "nas:tcp/", 0, PIC_VALUE },
                { "[fd00::5", 0, PIC_VALUE },
                { "[fd00::5]x", 0, PIC_VALUE },
                { "[nas]:1", 0, PIC_VALUE },
                { "my.phone", 6, PIC_VALUE },
                { "10.0.0.1", 6, PIC_VALUE },
                { "fd00::5", 4, PIC_VALUE },
                { "nobody", 0, PIC_NOTFOUND },
                { "nas.example.org", 0, PIC_NOTFOUND },
                { ".home.internal", 0, PIC_NOTFOUND },
                { "nas:+445", 0, PIC_VALUE },
        };
        SNAP_AUTO s = small();
        char long_name[400];
        pic__why_dest d;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic_error *err = NULL;
                int r = pic__why_parse(s, bad[i].to, bad[i].family, &d, &err);

                if (r != bad[i].code || pic_error_code(err) != r)
                        fail_msg("'%s' gives %d: %s", bad[i].to, r, pic_error_message(err));
                pic_error_free(err);
        }
        memset(long_name, 'a', sizeof(long_name) - 1);
        long_name[sizeof(long_name) - 1] = '\0';
        assert_int_equal(pic__why_parse(s, long_name, 0, &d, NULL), PIC_VALUE);
        assert_null(pic__why_peer(s, long_name));
}

/* Asking needs no memory: a cell that has none left can still say why. */
static void without_memory(void **state)
{
        SNAP_AUTO s = small();
        pic__why_dest d;

        (void)state;
        (void)pic__mem_fail_at(0);
        assert_int_equal(pic__why_parse(s, "nas.home.internal:445", 0, &d, NULL), 0);
        assert_int_equal(pic__why_parse(s, "cell.home.internal", 0, &d, NULL), 0);
        assert_int_equal(pic__mem_fail_at(0), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good_ones),
                cmocka_unit_test(bad_ones),
                cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
