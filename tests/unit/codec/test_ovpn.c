/* Shows: a profile becomes fields and a normalised text; everything that is wrong with it is reported at once, each
 * with place, reason and hint; no key and no password is ever in a message. */
#include "profile.h"

#define PROGRAM ": a program that comes with a profile is never run"
#define SERVERS ": it is for servers: this is not a profile for a client|ask for the client's profile"
#define FILES ": a profile does not say which files are written"

static void good(void **state)
{
        static const char *const warned[] = {
                "p.ovpn:14:1: route: passed over: all that leaves by the connection goes through the tunnel",
                "p.ovpn:15:1: user: passed over: the carrier has a user, a directory and a namespace of its own",
                "p.ovpn:16:12: nonsense: passed over: unknown, and the profile says that it may be",
                "p.ovpn:18:1: wintun: passed over: unknown, and the profile says that it may be",
        };
        static const char text[] = "\xef\xbb\xbf# Z\xfcrich\r\n"
                                   "--client\r\n"
                                   "dev tun0\r\n"
                                   "proto tcp ; a remark\r\n"
                                   "remote a.example 443\r\n"
                                   "verb 11\r\n"
                                   "keepalive 10 60\r\n"
                                   "float\r\n"
                                   "float\r\n"
                                   "verify-x509-name \"C=XX, CN=a \\\"b\\\"\" subject\r\n"
                                   "redirect-gateway def1\r\n"
                                   "auth-user-pass\r\n"
                                   "setenv opt block-outside-dns\r\n"
                                   "route 10.0.0.0 255.0.0.0\r\n"
                                   "user nobody\r\n"
                                   "setenv opt nonsense 1\r\n"
                                   "ignore-unknown-option wintun\r\n"
                                   "wintun x\r\n" CA;

        (void)state;
        assert_told(text, FIELDS("a.example:443/tcp",
                                 "client\ndev tun\nnobind\nkeepalive 10 60\nfloat\n"
                                 "verify-x509-name \"C=XX, CN=a \\\"b\\\"\" subject\nauth-user-pass\n" CA));
        assert_errors(told.warnings, warned, PIC__COUNT(warned));
        assert_int_equal(told.login, 1);
        assert_told(BASE, FIELDS("a.example:1194/udp", HEAD));
        assert_null(told.warnings);
        /* for all that follow */
        assert_told("setenv FORWARD_COMPATIBLE 1\nfrobnicate\n" BASE, FIELDS("a.example:1194/udp", HEAD));
        assert_int_equal(pic__err_count(told.warnings), 1);
}

static void all_errors(void **state)
{
        static const char text[] = "client\n"                                                  /* 1 */
                                   "script-security 2\n"                                       /* 2 */
                                   "up /tmp/SECRET\n"                                          /* 3 */
                                   "down-pre\n"                                                /* 4 */
                                   "plugin x.so\n"                                             /* 5 */
                                   "management 127.0.0.1 7505\n"                               /* 6 */
                                   "log-append /var/log/x\n"                                   /* 7 */
                                   "http-proxy 192.0.2.1 8080 SECRET\n"                        /* 8 */
                                   "config other.conf\n"                                       /* 9 */
                                   "server 10.0.0.0 255.0.0.0\n"                               /* 10 */
                                   "--genkey secret SECRET\n"                                  /* 11 */
                                   "remotw 192.0.2.1\n"                                        /* 12 */
                                   "keepalive 10\n"                                            /* 13 */
                                   "tun-mtu many\n"                                            /* 14 */
                                   "6acef03f62675b4bSECRET\n"                                  /* 15 */
                                   "-----BEGIN PRIVATE KEY-----\n"                             /* 16 */
                                   "SECRET\n"                                                  /* 17 */
                                   "-----END PRIVATE KEY-----\n"                               /* 18 */
                                   "verify-x509-name 'open\n"                                  /* 19 */
                                   "ca C:\\certs\\ca.crt\n"                                    /* 20 */
                                   "cipher NONE\n"                                             /* 21 */
                                   "setenv LD_PRELOAD x.so\n"                                  /* 22 */
                                   "dev tap\n"                                                 /* 23 */
                                   "<keepalive>\nSECRET\n</keepalive>\n"                       /* 24 */
                                   "<http-proxy-user-pass>\nSECRET\n</http-proxy-user-pass>\n" /* 27 */
                                   "<cert>\n"                                                  /* 30 */
                                   "SECRET\n"                                                  /* 31 */
                                   "<key>\n"                                                   /* 32 */
                                   "SECRET\n";                                                 /* 33 */
        static const char *const want[] = {
                "p.ovpn:2:1: script-security: no script is ever run|take the line out: the connection works without it",
                "p.ovpn:3:1: up" PROGRAM,
                "p.ovpn:5:1: plugin" PROGRAM,
                "p.ovpn:6:1: management: the carrier is led by the cell alone",
                "p.ovpn:7:1: log-append" FILES,
                "p.ovpn:8:1: http-proxy: it would be another way out|make a connection of type proxy for that",
                "p.ovpn:9:1: config: another file's lines cannot be taken in|put its lines into this file",
                "p.ovpn:10:1: server" SERVERS,
                "p.ovpn:11:1: genkey: it is a command of the program, and belongs into no profile",
                "p.ovpn:12:1: openvpn has no directive 'remotw'|did you mean 'remote'?",
                "p.ovpn:13:1: keepalive: it must be 'keepalive NUMBER NUMBER'",
                "p.ovpn:14:1: tun-mtu: it must be 'tun-mtu NUMBER [ NUMBER ]'",
                "p.ovpn:15:1: the line does not begin with a directive",
                "p.ovpn:16:1: a PEM block outside of <…> and </…>|put the tags around it: <ca>, <cert>, <key>, "
                "<tls-auth> or <tls-crypt>",
                "p.ovpn:19:23: a quotation mark has no other end",
                "p.ovpn:20:7: a backslash must have a backslash, a quotation mark or a blank behind it|is it a path of "
                "Windows? A file is given by its name, beside the profile",
                "p.ovpn:21:1: cipher: 'none' is no cipher: nothing would be encrypted|ask the provider for a profile "
                "that encrypts",
                "p.ovpn:22:1: setenv: the environment of the carrier is the cell's|take the line out",
                "p.ovpn:24:1: keepalive: it cannot be a block",
                "p.ovpn:27:1: http-proxy-user-pass: it would be another way out",
                "p.ovpn:30:1: the block is not closed: its end </cert> is missing",
                "p.ovpn:32:1: the block is not closed: its end </key> is missing",
                "p.ovpn:23:1: dev: tap carries a whole network; only tun can be a way out|ask the provider for a "
                "profile with 'dev tun'",
                "p.ovpn: the profile has no <ca>: the far end could be anybody|ask the provider for its certificate",
                "p.ovpn: the profile does not say who we are|the provider gives user and password (auth-user-pass), or "
                "a cert and a key",
                "p.ovpn: the profile has no remote|ask the provider where the server is",
        };
        pic_error *err = NULL;

        (void)state;
        assert_wrong(text, NULL, want, PIC__COUNT(want));
        assert_string_equal(pic__buf_str(&taken), "type=openvpn;"); /* half a profile is none */
        assert_int_equal(load(text, &err), PIC_UNSUPPORTED);
        assert_string_equal(pic_error_detail(err, "field"), "script-security");
        assert_string_equal(pic_error_detail(err, "line"), "2");
        pic_error_free(err);
}

/* What every dangerous directive is told, also in the disguises that openvpn takes. */
static void dangerous(void **state)
{
        static const char *const lines[] = {
                "script-security 3",
                "up x",
                "--up x",
                "  \"up\" x",
                "u\\\\p x",
                "setenv opt up x",
                "down x",
                "route-up x",
                "route-pre-down x",
                "ipchange x",
                "iproute x",
                "tls-verify x",
                "auth-user-pass-verify x via-env",
                "client-connect x",
                "client-disconnect x",
                "learn-address x",
                "tls-crypt-v2-verify x",
                "plugin x",
                "engine x",
                "providers /tmp/x.so",
                "setenv PATH /tmp",
                "setenv OPENSSL_CONF x",
                "management x unix",
                "management-query-passwords",
                "log x",
                "log-append x",
                "writepid x",
                "status x 1",
                "config x",
                "cd /",
                "dev-node x",
                "lladdr 00:11:22:33:44:55",
                "socks-proxy 192.0.2.1",
                "http-proxy 192.0.2.1 80 x",
                "askpass x",
                "static-challenge x 1",
                "secret x",
                "capath /etc/ssl",
                "pkcs11-providers x",
                "cryptoapicert x",
                "mode server",
                "tls-server",
                "push x",
                "tls-export-cert /tmp",
                "memstats x",
                "no-replay",
                "scramble obfuscate x",
                "data-ciphers AES-256-GCM:none",
                "<connection>\nup x\n</connection>",
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(lines); i++) {
                pic__buf text = PIC__BUF_INIT;
                pic_error *err = NULL;

                pic__buf_putf(&text, "%s%s\n", BASE, lines[i]);
                if (load(pic__buf_str(&text), &err) == 0)
                        fail_msg("taken: %s", lines[i]);
                assert_null(strstr(pic__buf_str(&taken), "profile="));
                pic_error_free(err);
                pic__buf_free(&text);
        }
}

static void single_errors(void **state)
{
        static const struct {
                const char *text;
                const char *want;
        } cases[] = {
                { "remote a.example\nauth-user-pass\nremote-cert-tls server\n" CA,
                  "p.ovpn: the profile is not for a client|a profile for a client has the line 'client'" },
                { BASE "dev ovpn\n", "p.ovpn:10:1: dev: it does not say whether it is tun or tap|make it 'dev tun'" },
                { BASE "dev tun\ndev-type tap\n",
                  "p.ovpn:11:1: dev: tap carries a whole network; only tun can be a way out" },
                { BASE "<cert>\n" PEM "</cert>\n", "p.ovpn: the profile has a cert and no key|both belong together" },
                { BASE "<key>\n" KEY "</key>\n", "p.ovpn: the profile has a key and no cert" },
                { BASE "<pkcs12>\nMIIB\n</pkcs12>\n<key>\n" KEY "</key>\n",
                  "p.ovpn: the profile has pkcs12, and a cert or key beside it" },
                { BASE "</ca>\n", "p.ovpn:10:1: the end of a block that did not begin" },
                { BASE "<up>\n", "p.ovpn:10:1: the block is not closed: its end </up> is missing" },
                { BASE "<connection>\nremote b.example\n",
                  "p.ovpn:10:1: the block is not closed: its end </connection> is missing" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++)
                assert_wrong(cases[i].text, NULL, &cases[i].want, 1);
        assert_told(BASE "dev ovpn\ndev-type tun\n", FIELDS("a.example:1194/udp", HEAD));
}

static void warns_about_anybody(void **state)
{
        static const char *const want =
                "p.ovpn: nothing says that the far end must have the certificate of a server: "
                "another customer of the provider could pass for it|add 'remote-cert-tls server'";

        (void)state;
        assert_int_equal(load("client\nremote a.example\nauth-user-pass\n" CA, NULL), 0);
        assert_errors(told.warnings, &want, 1);
}

static void bounds(void **state)
{
        static const char *const line = "p.ovpn:10:1: the line is longer than 2048 bytes";
        static const char *const out =
                "p.ovpn:10:1: tls-cipher: the line is longer than the 254 bytes that openvpn takes";
        static const char *const file = "p.ovpn: the file is longer than 256 KiB";
        static const char *const nul = "p.ovpn:10:2: a NUL byte|save it as UTF-8 text";
        static const char *const many = "p.ovpn:2005:1: more than 2000 directives";
        static char big[1 << 20];
        size_t len = strlen(BASE), i;
        pic_error *err = NULL;

        (void)state;
        memcpy(big, BASE, len);
        memset(big + len, 'x', sizeof(big) - len - 1);
        assert_true(load_with(big, len + 2049, NULL, &err) < 0);
        assert_errors(err, &line, 1);
        pic_error_free(pic__take(err));
        assert_true(load_with(big, sizeof(big) - 1, NULL, &err) < 0);
        assert_errors(err, &file, 1);
        pic_error_free(pic__take(err));
        memcpy(big + len, "tls-cipher ", 11);
        assert_true(load_with(big, len + 11 + 244, NULL, &err) < 0);
        assert_errors(err, &out, 1);
        pic_error_free(pic__take(err));
        assert_int_equal(load_with(big, len + 11 + 243, NULL, NULL), 0);
        assert_true(load_with(BASE "x\0y", len + 3, NULL, &err) < 0);
        assert_errors(err, &nul, 1);
        pic_error_free(pic__take(err));
        memset(big + len, '#', sizeof(big) - len);
        assert_int_equal(load_with(big, len + 2048, NULL, NULL), 0);
        for (i = len; i + 6 < 250000; i += 6)
                memcpy(big + i, "float\n", 6);
        assert_true(load_with(big, i, NULL, &err) < 0);
        assert_errors(err, &many, 1);
        pic_error_free(pic__take(err));
        for (i = len; i + 2 < 250000; i += 2)
                memcpy(big + i, "x\n", 2);
        assert_true(load_with(big, i, NULL, &err) < 0);
        assert_int_equal(pic__err_count(err), PIC__IMPORT_ERRORS);
        pic_error_free(err);
}

/* Files of 128 KiB fit, three of them do not. */
static void too_long_with_files(void **state)
{
        static const char *const want = "p.ovpn: with its files the profile is longer than 256 KiB";
        static char pem[120000];
        const struct beside files[] = { { "a", pem, 0 }, { NULL, NULL, 0 } };
        size_t len = strlen("-----BEGIN CERTIFICATE-----\n");

        (void)state;
        memset(pem, 'M', sizeof(pem) - 1);
        memcpy(pem, "-----BEGIN CERTIFICATE-----\n", len);
        strcpy(pem + len + 119600, "\n-----END CERTIFICATE-----\n");
        assert_int_equal(load_with("client\nremote a.example\nauth-user-pass\nremote-cert-tls server\nca a\n",
                                   strlen("client\nremote a.example\nauth-user-pass\nremote-cert-tls server\nca a\n"),
                                   files, NULL),
                         0);
        assert_wrong("client\nremote a.example\nremote-cert-tls server\nca a\nextra-certs a\ncert a\n"
                     "<key>\n" KEY "</key>\n",
                     files, &want, 1);
}

static void no_memory(void **state)
{
        static const char text[] =
                BASE "dhcp-option DNS 10.0.0.1\nroute x\nsetenv opt x\nfloat\n"
                     "<connection>\nremote c\n</connection>\n<cert>\n" PEM "</cert>\n<key>\n" KEY "</key>\n";
        unsigned long n, all;

        (void)state;
        (void)pic__mem_fail_at(0);
        assert_int_equal(load(text, NULL), 0);
        all = pic__mem_fail_at(0);
        for (n = 1; n <= all; n++) {
                pic_error *err = NULL;
                int r;

                (void)pic__mem_fail_at(n);
                r = load(text, &err);
                (void)pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic_error_free(err);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good),
                cmocka_unit_test(all_errors),
                cmocka_unit_test(dangerous),
                cmocka_unit_test(single_errors),
                cmocka_unit_test(warns_about_anybody),
                cmocka_unit_test(bounds),
                cmocka_unit_test(too_long_with_files),
                cmocka_unit_test(no_memory),
        };

        return run_all(tests, PIC__COUNT(tests));
}
