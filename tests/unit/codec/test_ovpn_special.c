/* Shows: DNS servers, devices, ciphers, the environment and the rest that needs more than a look at words. */
#include "profile.h"

/* What a line adds to the normalised text ("" nothing), what it tells beside it, what it warns of. */
static void lines(void **state)
{
        static const struct {
                const char *line;
                const char *kept;
                const char *dns;
                const char *warning;
        } cases[] = {
                { "pull\ntls-client\n", "", NULL, NULL },
                { "mode p2p\n", "", NULL, NULL },
                { "dev tun\n", "", NULL, NULL },
                { "dev-type tun\ndev x\n", "", NULL, NULL },
                { "cipher AES-256-GCM\n", "cipher AES-256-GCM\n", NULL, NULL },
                { "cipher BF-CBC 128\n", "cipher BF-CBC\n", NULL, NULL },
                { "data-ciphers A:B\nncp-ciphers C\n", "data-ciphers A:B\nncp-ciphers C\n", NULL, NULL },
                { "providers legacy default\n", "providers legacy default\n", NULL, NULL },
                { "pull-filter ignore \"route \"\n", "pull-filter ignore \"route \"\n", NULL, NULL },
                { "allow-compression no\n", "allow-compression no\n", NULL, NULL },
                { "allow-compression yes\n", "allow-compression asym\n", NULL,
                  "p.ovpn:10:1: allow-compression: nothing is compressed on the way out; what comes in may be" },
                { "key-direction 1\n", "", NULL, NULL }, /* there is no tls-auth */
                { "key-direction bidirectional\n", "", NULL, NULL },
                { "setenv UV_ID \"a b\"\n", "setenv UV_ID \"a b\"\n", NULL, NULL },
                { "setenv CLIENT_CERT 0\n", "", NULL,
                  "p.ovpn:10:1: setenv: passed over: no script is run that could read it" },
                { "dhcp-option DNS 10.0.0.1\ndhcp-option DNS 10.0.0.1\ndhcp-option DNS6 fd00::0:1\n", "",
                  "10.0.0.1,fd00::1", NULL },
                { "dhcp-option DOMAIN example.net\n", "", NULL,
                  "p.ovpn:10:1: dhcp-option: passed over: of these options only the addresses of DNS servers are "
                  "used" },
                { "dns server 0 address 10.0.0.1 [fd00::1]:5353 10.0.0.2:53\n", "", "10.0.0.1,fd00::1@5353,10.0.0.2",
                  NULL },
                { "dns search-domains example.net\n", "", NULL,
                  "p.ovpn:10:1: dns: passed over: only the addresses of DNS servers are used" },
                { "redirect-gateway def1 ipv6\nroute-nopull\n", "", NULL, NULL },
                { "allow-pull-fqdn\n", "", NULL,
                  "p.ovpn:10:1: allow-pull-fqdn: passed over: what is pushed is read, and names in it are not "
                  "resolved" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__buf text = PIC__BUF_INIT, want = PIC__BUF_INIT;

                pic__buf_putf(&text, BASE "%s", cases[i].line);
                pic__buf_puts(&want, "type=openvpn;remotes=a.example:1194/udp;");
                if (cases[i].dns != NULL)
                        pic__buf_putf(&want, "dns=%s;", cases[i].dns);
                pic__buf_putf(&want, "profile=*" HEAD "%s;", cases[i].kept);
                assert_told(pic__buf_str(&text), pic__buf_str(&want));
                assert_errors(told.warnings, &cases[i].warning, cases[i].warning != NULL);
                pic__buf_free(&text);
                pic__buf_free(&want);
        }
}

static void wrong(void **state)
{
        static const struct {
                const char *line;
                const char *want;
        } cases[] = {
                { "mode\n", "p.ovpn:10:1: mode: it needs 1 word" },
                { "mode server\n", "p.ovpn:10:1: mode: it is for servers: this is not a profile for a client" },
                { "dev\n", "p.ovpn:10:1: dev: it needs 1 word" },
                { "dev-type\n", "p.ovpn:10:1: dev-type: it needs 1 word" },
                { "dev null\n", "p.ovpn:10:1: dev: it does not say whether it is tun or tap" },
                { "key-direction 2\n", "p.ovpn:10:15: key-direction: '2' must be 0 or 1" },
                { "data-ciphers a:None:b\n",
                  "p.ovpn:10:1: data-ciphers: 'none' is no cipher: nothing would be encrypted" },
                { "cipher\n", "p.ovpn:10:1: cipher: it needs 1 word" },
                { "providers default ./x\n",
                  "p.ovpn:10:19: providers: it would load a library of the profile's choice|'default' and 'legacy' can "
                  "be used" },
                { "pull-filter drop x\n", "p.ovpn:10:13: pull-filter: 'drop' must be accept, ignore or reject" },
                { "pull-filter accept\n", "p.ovpn:10:1: pull-filter: it needs 2 words" },
                { "allow-compression maybe\n", "p.ovpn:10:19: allow-compression: 'maybe' must be no, asym or yes" },
                { "dhcp-option DNS a.example\n", "p.ovpn:10:1: dhcp-option: DNS needs an address" },
                { "dhcp-option DNS\n", "p.ovpn:10:1: dhcp-option: DNS needs an address" },
                { "dns server 0 address a.example\n",
                  "p.ovpn:10:22: dns: 'a.example' must be ADDRESS or ADDRESS:PORT" },
                { "setenv\n", "p.ovpn:10:1: setenv: it needs 1 word" },
                { "setenv TMPDIR /x\n", "p.ovpn:10:1: setenv: the environment of the carrier is the cell's" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__buf text = PIC__BUF_INIT;

                pic__buf_putf(&text, BASE "%s", cases[i].line);
                assert_wrong(pic__buf_str(&text), NULL, &cases[i].want, 1);
                pic__buf_free(&text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(wrong) };

        return run_all(tests, PIC__COUNT(tests));
}
