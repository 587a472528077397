/* Shows: only files with a plain name in the profile's own directory are asked for. */
#include "profile.h"

static void names(void **state)
{
        static const struct {
                const char *name;
                const char *want; /* NULL: it is asked for */
        } cases[] = {
                { "ca.crt", NULL },
                { "\"my ca.crt\"", NULL },
                { "/etc/shadow",
                  "p.ovpn:5:4: ca: '/etc/shadow' is an absolute path: a file must be beside the profile" },
                { "C:/x.crt", "p.ovpn:5:4: ca: 'C:/x.crt' is an absolute path: a file must be beside the profile" },
                { "../x.crt",
                  "p.ovpn:5:4: ca: '../x.crt' leads to another directory: a file must be beside the profile" },
                { "keys/x.crt",
                  "p.ovpn:5:4: ca: 'keys/x.crt' leads to another directory: a file must be beside the profile" },
                { "keys\\\\x.crt",
                  "p.ovpn:5:4: ca: 'keys\\x.crt' leads to another directory: a file must be beside the profile" },
                { "..", "p.ovpn:5:4: ca: '..' leads to another directory: a file must be beside the profile" },
                { ".", "p.ovpn:5:4: ca: '.' leads to another directory: a file must be beside the profile" },
                { "\"\"", "p.ovpn:5:4: ca: '' must be the name of a file beside the profile" },
                { "-x", "p.ovpn:5:4: ca: '-x' must not begin with '-' or '~'" },
                { "~root", "p.ovpn:5:4: ca: '~root' must not begin with '-' or '~'" },
                { "lost.crt", "p.ovpn:5:4: ca: 'lost.crt' is a file that did not come with the profile|put its text "
                              "between <ca> and "
                              "</ca>, or copy it beside the profile and name it alone" },
                { "denied", "p.ovpn:5:4: denied: it may not be read" },
        };
        static const struct beside files[] = { { "ca.crt", PEM, 0 }, { "my ca.crt", PEM, 0 }, { NULL, NULL, 0 } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__buf text = PIC__BUF_INIT;

                pic__buf_putf(&text, "client\nremote a.example\nauth-user-pass\nremote-cert-tls server\nca %s\n",
                              cases[i].name);
                if (cases[i].want != NULL) {
                        assert_wrong(pic__buf_str(&text), files, &cases[i].want, 1);
                } else {
                        assert_int_equal(load_with(pic__buf_str(&text), text.len, files, NULL), 0);
                        assert_string_equal(pic__buf_str(&taken), FIELDS("a.example:1194/udp", HEAD));
                }
                pic__buf_free(&text);
        }
}

static void no_directory(void **state)
{
        static const char *const want = "p.ovpn:4:4: ca: 'ca.crt' is a file that did not come with the profile";

        (void)state;
        assert_wrong("client\nremote a.example\nauth-user-pass\nca ca.crt\n", NULL, &want, 1);
}

static void too_long(void **state)
{
        static const char *const want = "p.ovpn:4:4: ca: the file is longer than 128 KiB";
        static char bytes[PIC__OVPN_FILE_MAX + 1];
        const struct beside files[] = { { "f", bytes, sizeof(bytes) }, { NULL, NULL, 0 } };

        (void)state;
        assert_wrong("client\nremote a.example\nauth-user-pass\nca f\n", files, &want, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names),
                cmocka_unit_test(no_directory),
                cmocka_unit_test(too_long),
        };

        return run_all(tests, PIC__COUNT(tests));
}
