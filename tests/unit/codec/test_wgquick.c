/* Shows: a provider's wg-quick file becomes the fields of a connection; everything that it cannot carry is reported at
 * once, each with place, reason and hint; no key is ever in a message. */
#include "take.h"

#include "codec/wgquick.h"

#define PRIVATE "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
#define PUBLIC "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define SHARED "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
#define LOW "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define ZERO "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

#define IFACE "[Interface]\nPrivateKey=" PRIVATE "\nAddress=10.2.0.2\n"
#define PEER "[Peer]\nPublicKey=" PUBLIC "\nEndpoint=vpn.example.net:51820\nAllowedIPs=0.0.0.0/0\n"
#define FIELDS                                                     \
        "type=wireguard;private_key=*" PRIVATE ";peer_key=" PUBLIC \
        ";endpoint=vpn.example.net:51820;addresses=10.2.0.2/32;allowed=0.0.0.0/0;"

static pic_error *warnings;

static int load_bytes(const char *text, size_t len, pic_error **err)
{
        const pic__import in = { .text = text, .len = len, .name = "w.conf", .field = take_field };
        pic__imported told;
        int r;

        pic__buf_clear(&taken);
        pic_error_free(warnings);
        r = pic__wgquick_read(&in, &told, err);
        warnings = told.warnings;
        assert_int_equal(told.login, 0);
        assert_int_equal(r, err != NULL ? pic_error_code(*err) : r);
        return r;
}

static int load(const char *text, pic_error **err)
{
        return load_bytes(text, strlen(text), err);
}

static void good(void **state)
{
        static const char all[] = "\xef\xbb\xbf# Berlin \xff \r\n"
                                  "[interface]\r\n"
                                  "  privatekey =  " PRIVATE "  # ours\r\n"
                                  "ADDRESS = 10.64.3.7/10, fd00::7\r\n"
                                  "Address = 10.64.3.7/32\r\n"
                                  "DNS = 10.64.0.1, fd00:0::1\r\n"
                                  "DNS =\r\n"
                                  "MTU = 1280\r\n"
                                  "Table = Off\r\n"
                                  "FwMark = 0x0\r\n"
                                  "SaveConfig = false\r\n"
                                  "\r\n"
                                  "[PEER]\r\n"
                                  "PublicKey = " PUBLIC "\r\n"
                                  "PresharedKey=" SHARED "\r\n"
                                  "Endpoint = [2001:db8::5]:443\r\n"
                                  "AllowedIPs = 0.0.0.0/0,::0/0\r\n"
                                  "AllowedIPs = 10.1.2.3/8\r\n"
                                  "PersistentKeepalive = off";

        (void)state;
        assert_int_equal(load(all, NULL), 0);
        assert_string_equal(pic__buf_str(&taken), "type=wireguard;private_key=*" PRIVATE ";mtu=1280;peer_key=" PUBLIC
                                                  ";preshared_key=*" SHARED ";endpoint=[2001:db8::5]:443;keepalive=0;"
                                                  "addresses=10.64.3.7/32,fd00::7/128;dns=10.64.0.1,fd00::1;"
                                                  "allowed=0.0.0.0/0,::/0,10.0.0.0/8;");
        assert_null(warnings);
        assert_int_equal(load(IFACE PEER, NULL), 0);
        assert_string_equal(pic__buf_str(&taken), FIELDS);
        assert_int_equal(load(PEER "PersistentKeepalive=25\n" IFACE, NULL), 0); /* the other way round */
        assert_non_null(strstr(pic__buf_str(&taken), "keepalive=25;"));
}

static void warned(void **state)
{
        static const char *const want[] = {
                "w.conf:4:1: ListenPort: passed over: the carrier takes any port that is free",
                "w.conf:5:17: DNS: the search domain 'example.net' is passed over",
                ("w.conf:9:12: AllowedIPs: there is no default route among them: only these destinations can be "
                 "reached through it"),
        };

        (void)state;
        assert_int_equal(load(IFACE "ListenPort = 51820\nDNS = 10.2.0.1, example.net\n"
                                    "[Peer]\nPublicKey=" PUBLIC "\nEndpoint=192.0.2.1:1\n"
                                    "AllowedIPs=10.0.0.0/8,fd00::/8\n",
                              NULL),
                         0);
        assert_errors(warnings, want, PIC__COUNT(want));
        assert_non_null(strstr(pic__buf_str(&taken), "dns=10.2.0.1;allowed=10.0.0.0/8,fd00::/8;"));
}

#define COMMAND                                                                                                 \
        ": a command that comes with a profile is never run|take the line out; what leaves, and by which way, " \
        "the cell decides itself"

/* One file that is wrong in every line. */
static void all_errors(void **state)
{
        static const char text[] = "MTU = 1400\n"                         /* 1 */
                                   "[Interface]\n"                        /* 2 */
                                   "PrivateKey = <insert it here>\n"      /* 3 */
                                   "Address = 10.0.0.300/24, , fd00::1\n" /* 4 */
                                   "MTU = 0x500\n"                        /* 5 */
                                   "DNS = 1.2.3.4, bad domain\n"          /* 6 */
                                   "Table = 123\n"                        /* 7 */
                                   "FwMark = 51820\n"                     /* 8 */
                                   "SaveConfig = true\n"                  /* 9 */
                                   "PreUp = curl -u me:s3cret x\n"        /* 10 */
                                   "PostUp = curl -u me:s3cret x\n"       /* 11 */
                                   "PreDown = curl -u me:s3cret x\n"      /* 12 */
                                   "PostDown =\n"                         /* 13 */
                                   "Jc = 4\n"                             /* 14 */
                                   "H3 = 4\n"                             /* 15 */
                                   "Endpoimt = 192.0.2.1:1\n"             /* 16 */
                                   "Endpoint = 192.0.2.1:1\n"             /* 17 */
                                   "Addresz = 10.0.0.1\n"                 /* 18 */
                PRIVATE "\n"                                              /* 19 */
                                   "PrivateKey " PRIVATE "\n"             /* 20 */
                                   "yAnz5TF\n"                            /* 21 */
                                   "= x\n"                                /* 22 */
                                   "[Peer]\n"                             /* 23 */
                                   "PublicKey = " LOW "\n"                /* 24 */
                                   "PresharedKey =\n"                     /* 25 */
                                   "Endpoint = 192.0.2.1\n"               /* 26 */
                                   "AllowedIPs = +0.0.0.0/0\n"            /* 27 */
                                   "PersistentKeepalive = 70000\n"        /* 28 */
                                   "MTU = 1400\n"                         /* 29 */
                                   "[Peer]\n"                             /* 30 */
                                   "PublicKey = nothing\n"                /* 31 */
                                   "[Mesh]\n"                             /* 32 */
                                   "x\n";                                 /* 33 */
        static const char *const want[] = {
                "w.conf:1:1: MTU: it is in no section|the file begins with [Interface]",
                "w.conf:3:14: PrivateKey: it must be a key: 44 characters of base64, of which the last is '='|a "
                "provider that does not know the key leaves a placeholder: put the key there",
                "w.conf:4:11: Address: '10.0.0.300/24' must be ADDRESS/LENGTH",
                "w.conf:4:25: Address: an item of the list is empty",
                "w.conf:5:1: MTU: it is there already, in line 1",
                "w.conf:6:16: DNS: 'bad domain' must be an address of a DNS server, or a search domain",
                "w.conf:7:9: Table: a connection has a routing table of its own|take the line out, or make it 'Table "
                "= off'",
                "w.conf:8:10: FwMark: a connection has a mark of its own|take the line out",
                "w.conf:9:14: SaveConfig: the file is read once and never written|take the line out",
                "w.conf:10:1: PreUp" COMMAND,
                "w.conf:11:1: PostUp" COMMAND,
                "w.conf:12:1: PreDown" COMMAND,
                "w.conf:13:1: PostDown" COMMAND,
                "w.conf:14:1: Jc: it belongs to AmneziaWG, which plain WireGuard cannot speak with|ask the provider "
                "for a file for WireGuard",
                "w.conf:15:1: H3: it belongs to AmneziaWG, which plain WireGuard cannot speak with",
                "w.conf:16:1: wg-quick has no key 'Endpoimt'|did you mean 'Endpoint'?",
                "w.conf:17:1: Endpoint: it belongs into the section [Peer]",
                "w.conf:18:1: wg-quick has no key 'Addresz'|did you mean 'Address'?",
                "w.conf:19:1: what is before the '=' is no key of wg-quick",
                "w.conf:20:1: what is before the '=' is no key of wg-quick",
                "w.conf:21:1: a line must be [SECTION], KEY = VALUE or a comment",
                "w.conf:22:1: what is before the '=' is no key of wg-quick",
                "w.conf:24:13: PublicKey: it must not be a point of low order: with that key there is no secret",
                "w.conf:25:1: PresharedKey: it has no value",
                "w.conf:26:1: Endpoint: it is there already, in line 17",
                "w.conf:27:14: AllowedIPs: '+0.0.0.0/0' must be ADDRESS/LENGTH",
                "w.conf:28:23: PersistentKeepalive: '70000' must be a whole number from 0 to 65535, or off",
                "w.conf:29:1: MTU: it belongs into the section [Interface]",
                "w.conf:30:1: a second section [Peer]: the first is in line 23|make one file of each peer, and a "
                "connection of each file",
                "w.conf:32:1: a section is [Interface] or [Peer]",
        };
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(load(text, &err), PIC_SYNTAX);
        assert_errors(err, want, PIC__COUNT(want));
        assert_untold(err, "s3cret");
        assert_untold(err, "yAnz5TF");
        assert_string_equal(pic_error_detail(err, "field"), "MTU");
        assert_string_equal(pic_error_detail(err, "line"), "1");
        pic_error_free(err);
}

static void missing(void **state)
{
        static const char *const nothing[] = {
                "w.conf: there is no section [Interface]|is it a file for wg-quick? A provider calls it a WireGuard "
                "configuration",
                "w.conf: there is no section [Peer]",
        };
        static const char *const empty[] = {
                "w.conf:1:1: the section has no PrivateKey",
                "w.conf:1:1: the section has no Address|ask the provider which address the tunnel has",
                "w.conf:3:1: the section has no PublicKey",
                "w.conf:3:1: the section has no Endpoint|ask the provider where the server is",
                "w.conf:3:1: the section has no AllowedIPs|for everything: 'AllowedIPs = 0.0.0.0/0, ::/0'",
        };
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(load("", &err), PIC_SYNTAX);
        assert_errors(err, nothing, PIC__COUNT(nothing));
        pic_error_free(pic__take(err));
        assert_int_equal(load("[Interface]\n# nothing\n[Peer]\n", &err), PIC_SYNTAX);
        assert_errors(err, empty, PIC__COUNT(empty));
        pic_error_free(err);
}

/* One thing wrong with a file that is good otherwise. */
static void single_errors(void **state)
{
        static const struct {
                const char *text;
                const char *want;
                int code;
        } cases[] = {
                { IFACE "PrivateKey=" PRIVATE "\n" PEER, "w.conf:4:1: PrivateKey: it is there already, in line 2",
                  PIC_SYNTAX },
                { IFACE IFACE PEER, "w.conf:4:1: a second section [Interface]: the first is in line 1",
                  PIC_UNSUPPORTED },
                { IFACE "MTU=12\n" PEER, "w.conf:4:5: MTU: '12' must be a whole number from 576 to 65535", PIC_VALUE },
                { IFACE PEER "PresharedKey=" ZERO "\n", "w.conf:8:14: PresharedKey: it must not be all zero",
                  PIC_VALUE },
                { IFACE "Address=\n" PEER, "w.conf:4:1: Address: it has no value", PIC_VALUE },
                { IFACE "PostUp=x\n" PEER, "w.conf:4:1: PostUp" COMMAND, PIC_UNSUPPORTED },
                { IFACE "[Peer]\nPublicKey=" PUBLIC "\nEndpoint=192.0.2.66:1\nAllowedIPs=::/0\n",
                  "w.conf:6:10: connection x: endpoint: '192.0.2.66:1' is not liked", PIC_VALUE },
                { IFACE "[Peer]\nPublicKey=" PUBLIC "\nEndpoint=a:0\nAllowedIPs=::/0\n",
                  "w.conf:6:10: Endpoint: 'a:0' must be HOST:PORT or [ADDRESS]:PORT", PIC_VALUE },
                { IFACE "DNS=10.0.0.1, x" PRIVATE "\n" PEER,
                  "w.conf:4:15: DNS: must be an address of a DNS server, or a search domain", PIC_VALUE },
                { "\xff\xfe[\0I\0", "w.conf:1:1: the file is UTF-16|save it as UTF-8 text", PIC_SYNTAX },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic_error *err = NULL;

                assert_int_equal(load(cases[i].text, &err), cases[i].code);
                assert_errors(err, &cases[i].want, 1);
                pic_error_free(err);
        }
}

static void bounds(void **state)
{
        static const char *const nul = "w.conf:4:2: a NUL byte|save it as UTF-8 text";
        static const char *const line = "w.conf:8:1: the line is longer than 4096 bytes";
        static const char *const file = "w.conf: the file is longer than 64 KiB";
        static char big[1 << 20];
        size_t len = strlen(IFACE PEER);
        pic_error *err = NULL;

        (void)state;
        memset(big, 'x', sizeof(big));
        memcpy(big, IFACE PEER, len);
        assert_int_equal(load_bytes(big, len + 4097, &err), PIC_SYNTAX);
        assert_errors(err, &line, 1);
        assert_string_equal(pic__buf_str(&taken), FIELDS); /* the rest was read */
        pic_error_free(pic__take(err));
        assert_int_equal(load_bytes(big, sizeof(big), &err), PIC_SYNTAX);
        assert_errors(err, &file, 1);
        pic_error_free(pic__take(err));
        memset(big + len, '#', 4096);
        assert_int_equal(load_bytes(big, len + 4096, NULL), 0);
        assert_int_equal(load_bytes(IFACE "M\0U=1400\n" PEER, sizeof(IFACE "M\0U=1400\n" PEER) - 1, &err), PIC_SYNTAX);
        assert_errors(err, &nul, 1);
        pic_error_free(pic__take(err));
        memset(big, '=', 60000); /* more than is reported */
        for (len = 0; len < 60000; len += 2)
                big[len] = '\n';
        assert_int_equal(load_bytes(big, 60000, &err), PIC_SYNTAX);
        assert_int_equal(pic__err_count(err), PIC__IMPORT_ERRORS);
        pic_error_free(err);
}

/* Each allocation fails once: the answer is then PIC_NOMEM, or what it is otherwise. */
static void no_memory(void **state)
{
        unsigned long n, all;

        (void)state;
        (void)pic__mem_fail_at(0);
        assert_int_equal(load(IFACE "DNS=10.0.0.1,x.example\n" PEER, NULL), 0);
        all = pic__mem_fail_at(0);
        assert_true(all > 0);
        for (n = 1; n <= all; n++) {
                pic_error *err = NULL;
                int r;

                (void)pic__mem_fail_at(n);
                r = load(IFACE "DNS=10.0.0.1,x.example\n" PEER, &err);
                (void)pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic_error_free(err);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good),      cmocka_unit_test(warned),        cmocka_unit_test(all_errors),
                cmocka_unit_test(missing),   cmocka_unit_test(single_errors), cmocka_unit_test(bounds),
                cmocka_unit_test(no_memory),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        pic_error_free(warnings);
        pic__buf_free(&taken);
        return r;
}
