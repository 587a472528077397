/* Shows: of keys and certificates only PEM blocks of the right kind go on, written anew; logins are told as fields;
 * what is broken or has a passphrase is refused, and nothing of it is told. */
#include "profile.h"

#define START "client\nremote a.example\nremote-cert-tls server\n"
#define LOGIN START "auth-user-pass\n"
#define TOLD "type=openvpn;remotes=a.example:1194/udp;profile=*client\ndev tun\nnobind\nremote-cert-tls server\n"
#define H64 "00112233445566778899aabbccddeeff\n00112233445566778899aabbccddeeff\n"
#define HEX H64 H64 H64 H64 H64 H64 H64 H64
#define STATIC(hex) "-----BEGIN OpenVPN Static key V1-----\n" hex "-----END OpenVPN Static key V1-----\n"
#define B60 "MIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIB"

static void taken_anew(void **state)
{
        static const struct {
                const char *text;
                const char *want;
        } cases[] = {
                /* words around it, blanks, CR LF, other kinds of blocks, another width */
                { LOGIN "<ca>\r\nCertificate:\r\n  Data: up /bin/x\r\n -----BEGIN CERTIFICATE----- \r\nMI\r\nIB\r\n"
                        "-----END CERTIFICATE-----\r\n-----BEGIN X-----\r\nup x\r\n-----END X-----\r\n</ca>\r\n",
                  TOLD "auth-user-pass\n" CA ";" },
                { LOGIN "<ca>\n-----BEGIN CERTIFICATE-----\n" B60 "MIIBMI==\n-----END CERTIFICATE-----\n" PEM "</ca>\n",
                  TOLD "auth-user-pass\n<ca>\n-----BEGIN CERTIFICATE-----\n" B60
                       "MIIB\nMI==\n-----END CERTIFICATE-----\n" PEM "</ca>\n;" },
                { START CA "<cert>\n" PEM "</cert>\n<key>\n" KEY "</key>\n<extra-certs>\n" PEM "</extra-certs>\n",
                  TOLD CA "<cert>\n" PEM "</cert>\n<key>\n" KEY "</key>\n<extra-certs>\n" PEM "</extra-certs>\n;" },
                { LOGIN CA "tls-auth [inline] 1\n<tls-auth>\n#\n# 2048 bit\n#\n" STATIC(HEX) "</tls-auth>\n",
                  TOLD "auth-user-pass\n" CA "<tls-auth>\n" STATIC(HEX) "</tls-auth>\nkey-direction 1\n;" },
                { LOGIN CA "<tls-crypt>\n" STATIC(HEX) "</tls-crypt>\n",
                  TOLD "auth-user-pass\n" CA "<tls-crypt>\n" STATIC(HEX) "</tls-crypt>\n;" },
                { LOGIN CA "<tls-crypt-v2>\n-----BEGIN OpenVPN tls-crypt-v2 client key-----\nMIIB\n-----END OpenVPN "
                           "tls-crypt-v2 client key-----\n</tls-crypt-v2>\n",
                  TOLD "auth-user-pass\n" CA
                       "<tls-crypt-v2>\n-----BEGIN OpenVPN tls-crypt-v2 client key-----\nMIIB\n-----END OpenVPN "
                       "tls-crypt-v2 client key-----\n</tls-crypt-v2>\n;" },
                { LOGIN CA "<crl-verify>\n-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n</crl-verify>\n",
                  TOLD "auth-user-pass\n" CA
                       "<crl-verify>\n-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n</crl-verify>\n;" },
                { START "<pkcs12>\n MIIB \n\nMII=\n</pkcs12>\n", TOLD "<pkcs12>\nMIIBMII=\n</pkcs12>\n;" },
                { LOGIN CA "<dh>\n-----BEGIN DH PARAMETERS-----\nup x\n</dh>\n", TOLD "auth-user-pass\n" CA ";" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++)
                assert_told(cases[i].text, cases[i].want);
}

static void files(void **state)
{
        static const struct beside files[] = {
                { "ca", "\xef\xbb\xbf" PEM, 0 },
                { "cert", PEM, 0 },
                { "key", KEY, 0 },
                { "ta", STATIC(HEX), 0 },
                { "p12", "\0\xff\x10>", 4 },
                { "login", "me\r\npass word\r\n", 0 },
                { NULL, NULL, 0 },
        };
        static const char *const passphrase =
                "p.ovpn:4:1: pkcs12: whether it has a passphrase is not known; with one it cannot be used";
        static const char keys[] = START "ca ca\ncert cert\nkey key\ntls-auth ta 0\n";
        static const char p12[] = START "pkcs12 p12\nauth-user-pass login\n";

        (void)state;
        assert_int_equal(load_with(keys, sizeof(keys) - 1, files, NULL), 0);
        assert_string_equal(pic__buf_str(&taken),
                            TOLD CA "<cert>\n" PEM "</cert>\n<key>\n" KEY
                                    "</key>\n<tls-auth>\n" STATIC(HEX) "</tls-auth>\nkey-direction 0\n;");
        assert_null(told.warnings);
        assert_int_equal(load_with(p12, sizeof(p12) - 1, files, NULL), 0);
        assert_errors(told.warnings, &passphrase, 1);
        assert_string_equal(pic__buf_str(&taken),
                            "type=openvpn;user=me;password=*pass word;remotes=a.example:1194/udp;profile=*client\ndev "
                            "tun\nnobind\nremote-cert-tls server\n<pkcs12>\nAP8QPg==\n</pkcs12>\nauth-user-pass\n;");
}

static void logins(void **state)
{
        static const struct {
                const char *text;
                const char *want; /* what is told between type and remotes */
        } cases[] = {
                { "auth-user-pass\n", "" },
                { "auth-user-pass [inline]\n<auth-user-pass>\nme\n  p;#\"<x> \n</auth-user-pass>\n",
                  "user=me;password=*  p;#\"<x> ;" },
                { "<auth-user-pass>\nme\n</auth-user-pass>\n", "user=me;" },
                { "<auth-user-pass>\n\npass\n</auth-user-pass>\n", "password=*pass;" },
                { "<auth-user-pass>\n</auth-user-pass>\n", "" },
                { "auth-user-pass lost.txt\n", "" },
        };
        static const char *const lost =
                "p.ovpn:4:1: auth-user-pass: the file with user and password did not come with the "
                "profile|give the connection its user and its password";
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__buf text = PIC__BUF_INIT, want = PIC__BUF_INIT;

                pic__buf_putf(&text, START "%s" CA, cases[i].text);
                pic__buf_putf(&want,
                              "type=openvpn;%sremotes=a.example:1194/udp;profile=*client\ndev tun\nnobind\n"
                              "remote-cert-tls server\nauth-user-pass\n" CA ";",
                              cases[i].want);
                assert_told(pic__buf_str(&text), pic__buf_str(&want));
                assert_int_equal(told.login, 1);
                assert_errors(told.warnings, &lost, strstr(cases[i].text, "lost") != NULL);
                pic__buf_free(&text);
                pic__buf_free(&want);
        }
}

static void fingerprints(void **state)
{
#define F16 "00:11:22:33:44:55:66:77:88:99:AA:bb:CC:dd:EE:ff"
#define F32 F16 ":" F16
        (void)state;
        assert_told("client\nremote a.example\nauth-user-pass\n<peer-fingerprint>\n# x\n\n " F32
                    "\n</peer-fingerprint>\n"
                    "peer-fingerprint " F32 "\n",
                    "type=openvpn;remotes=a.example:1194/udp;profile=*client\ndev tun\nnobind\nauth-user-pass\n"
                    "peer-fingerprint " F32 "\n;");
        assert_null(told.warnings);
}

#define PASSPHRASE "the key has a passphrase, and nobody is there to give it"

static void wrong(void **state)
{
        static const struct {
                const char *text;
                const char *want;
        } cases[] = {
                { LOGIN "<ca>\nSECRET\n</ca>\n", "p.ovpn:5:1: ca: there is no certificate in it" },
                { LOGIN "<ca>\n" KEY "</ca>\n", "p.ovpn:5:1: ca: there is no certificate in it" },
                { LOGIN "<ca>\n-----BEGIN CERTIFICATE-----\nMIIB\n</ca>\n",
                  "p.ovpn:6:1: ca: it has no line -----END …-----" },
                { LOGIN "<ca>\n-----BEGIN CERTIFICATE-----\nMI!B\n-----END CERTIFICATE-----\n</ca>\n",
                  "p.ovpn:7:1: ca: a line that is no base64" },
                { LOGIN "<ca>\n-----BEGIN CERTIFICATE-----\nMI=B\n-----END CERTIFICATE-----\n</ca>\n",
                  "p.ovpn:7:1: ca: a line that is no base64" },
                { LOGIN "<ca>\n-----BEGIN CERTIFICATE-----\nMIIBM\n-----END CERTIFICATE-----\n</ca>\n",
                  "p.ovpn:6:1: ca: a part of it is missing" },
                { LOGIN CA CA, "p.ovpn:10:1: ca: it is there already, in line 5" },
                { LOGIN CA "ca\n", "p.ovpn:10:1: ca: it needs a file, or a block" },
                { LOGIN CA "<cert>\n" PEM "</cert>\n<key>\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nSECRET\n-----END "
                           "ENCRYPTED PRIVATE KEY-----\n</key>\n",
                  "p.ovpn:16:1: key: " PASSPHRASE "|take the passphrase off the key: openssl pkey -in KEY -out NEW" },
                { LOGIN CA "<cert>\n" PEM "</cert>\n<key>\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: "
                           "4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nSECRET\n-----END RSA PRIVATE KEY-----\n</key>\n",
                  "p.ovpn:17:1: key: " PASSPHRASE },
                { LOGIN CA "<tls-crypt>\n" STATIC(H64) "</tls-crypt>\n",
                  "p.ovpn:11:1: tls-crypt: a part of it is missing" },
                { LOGIN CA "<tls-crypt>\n" STATIC("0xSECRET\n") "</tls-crypt>\n",
                  "p.ovpn:12:1: tls-crypt: a line that is no hexadecimal" },
                { LOGIN CA "<tls-crypt>\n" STATIC(HEX) "</tls-crypt>\n<tls-auth>\n" STATIC(HEX) "</tls-auth>\n",
                  "p.ovpn: the profile has more than one of tls-auth, tls-crypt and tls-crypt-v2" },
                { LOGIN CA "tls-auth [inline] 2\n",
                  "p.ovpn:10:19: tls-auth: words behind the file that it does not take" },
                { LOGIN CA "crl-verify crls dir\n",
                  "p.ovpn:10:17: crl-verify: words behind the file that it does not take" },
                { START "<pkcs12>\nSECRET!\n</pkcs12>\n", "p.ovpn:5:1: pkcs12: a line that is no base64" },
                { START "<pkcs12>\n</pkcs12>\n", "p.ovpn:4:1: pkcs12: a part of it is missing" },
                { LOGIN CA "auth-user-pass a b\n", "p.ovpn:10:1: auth-user-pass: it takes one file at most" },
                { LOGIN CA "auth-user-pass /etc/vpn/SECRE\n", "p.ovpn:10:16: auth-user-pass: '/etc/vpn/SECRE' is an "
                                                              "absolute path: a file must be beside the profile" },
                { LOGIN CA
                  "<auth-user-pass>\na\nSECRET\n</auth-user-pass>\n<auth-user-pass>\na\nSECRET\n</auth-user-pass>\n",
                  "p.ovpn:14:1: auth-user-pass: it is there already, in line 10" },
                { LOGIN CA "peer-fingerprint SECRET\n",
                  "p.ovpn:10:18: peer-fingerprint: it must be 32 bytes in hexadecimal with ':' between them" },
                { LOGIN CA "peer-fingerprint\n", "p.ovpn:10:1: peer-fingerprint: it takes one word" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++)
                assert_wrong(cases[i].text, NULL, &cases[i].want, 1);
}

static void long_login(void **state)
{
        static const char *const want = "p.ovpn:5:1: auth-user-pass: the user is longer than 512 bytes";
        pic__buf text = PIC__BUF_INIT;
        int i;

        (void)state;
        pic__buf_puts(&text, START "<auth-user-pass>\n");
        for (i = 0; i < 513; i++)
                pic__buf_putc(&text, 'x');
        pic__buf_puts(&text, "\n</auth-user-pass>\n" CA);
        assert_wrong(pic__buf_str(&text), NULL, &want, 1);
        pic__buf_free(&text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(taken_anew),   cmocka_unit_test(files), cmocka_unit_test(logins),
                cmocka_unit_test(fingerprints), cmocka_unit_test(wrong), cmocka_unit_test(long_login),
        };

        return run_all(tests, PIC__COUNT(tests));
}
