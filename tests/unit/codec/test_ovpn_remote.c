/* Shows: far ends with what `port` and `proto` say about them, inside <connection> and outside. */
#include "profile.h"

#define REST "client\nauth-user-pass\nremote-cert-tls server\n" CA

static void remotes(void **state)
{
        static const struct {
                const char *text;
                const char *want;
        } cases[] = {
                { "remote a\n", "a:1194/udp" },
                { "remote a 443\nremote b 444 tcp\n", "a:443/udp,b:444/tcp" },
                { "remote a\nport 53\nproto tcp-client\n", "a:53/tcp" },
                { "remote a\nrport 53\nlport 54\n", "a:53/udp" },
                { "proto udp4\nremote a\nremote b 1 tcp6-client\n", "a:1194/udp4,b:1/tcp6" },
                { "remote 192.0.2.1\nremote 2001:DB8:0::5 443\n", "192.0.2.1:1194/udp,[2001:db8::5]:443/udp" },
                { "remote a\nremote a\n", "a:1194/udp" },
                { "<connection>\nremote a\n</connection>\n", "a:1194/udp" },
                { "proto tcp\n<connection>\nremote a 1\nproto udp\n</connection>\n<connection>\nport 2\nremote b\n"
                  "</connection>\nremote c 3\n",
                  "a:1/udp,b:2/tcp,c:3/tcp" },
                /* what comes behind a block is not for it */
                { "<connection>\nremote a\n</connection>\nproto tcp\nremote b\n", "a:1194/udp,b:1194/tcp" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__buf text = PIC__BUF_INIT, want = PIC__BUF_INIT;

                pic__buf_putf(&text, "%s%s", cases[i].text, REST);
                pic__buf_putf(&want, "type=openvpn;remotes=%s;profile=*%s;", cases[i].want, HEAD);
                assert_told(pic__buf_str(&text), pic__buf_str(&want));
                pic__buf_free(&text);
                pic__buf_free(&want);
        }
}

static void wrong(void **state)
{
        static const struct {
                const char *text;
                const char *want;
        } cases[] = {
                { "remote\n", "p.ovpn:10:1: remote: it takes 1 to 3 words" },
                { "remote a_b\n", "p.ovpn:10:8: remote: 'a_b' must be a name or an address" },
                { "remote a 0\n", "p.ovpn:10:10: remote: '0' must be a port: a number from 1 to 65535" },
                { "remote a openvpn\n", "p.ovpn:10:10: remote: 'openvpn' must be a port: a number from 1 to 65535" },
                { "remote a 1 tcp-server\n",
                  "p.ovpn:10:12: remote: 'tcp-server' must be udp or tcp, with 4 or 6 behind it for one family alone" },
                { "proto sctp\n",
                  "p.ovpn:10:7: proto: 'sctp' must be udp or tcp, with 4 or 6 behind it for one family alone" },
                { "port\n", "p.ovpn:10:1: port: it takes 1 to 1 words" },
                { "<connection>\nremote a\nremote b\n</connection>\n",
                  "p.ovpn:12:1: remote: a second one in one <connection>" },
                { "<connection>\nproto udp\n</connection>\n", "p.ovpn:12:1: a <connection> without a remote" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__buf text = PIC__BUF_INIT;

                pic__buf_putf(&text, BASE "%s", cases[i].text);
                assert_wrong(pic__buf_str(&text), NULL, &cases[i].want, 1);
                pic__buf_free(&text);
        }
}

static void too_many(void **state)
{
        static const char *const want = "p.ovpn:73:1: remote: more than 64 of them|make a profile for each place";
        pic__buf text = PIC__BUF_INIT;
        int i;

        (void)state;
        pic__buf_puts(&text, BASE "remote b\n");
        for (i = 0; i < PIC__OVPN_REMOTES; i++)
                pic__buf_putf(&text, "remote a%d\n", i);
        assert_int_equal(load(pic__buf_str(&text), NULL), PIC_UNSUPPORTED);
        text.len = (size_t)(strstr(text.data, "remote a63") - text.data);
        text.data[text.len] = '\0';
        assert_wrong(pic__buf_str(&text), NULL, &want, 1);
        text.len = (size_t)(strstr(text.data, "remote a62") - text.data);
        text.data[text.len] = '\0';
        assert_int_equal(load(pic__buf_str(&text), NULL), 0);
        pic__buf_free(&text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(remotes),
                cmocka_unit_test(wrong),
                cmocka_unit_test(too_many),
        };

        return run_all(tests, PIC__COUNT(tests));
}
