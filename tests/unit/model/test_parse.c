/* Shows: what each type takes, in which canonical form, and what it refuses. */
#include "help.h"

#include "model/parse.h"

static const pic__field plain_text = { .name = "t", .type = PIC__T_TEXT, .min = 2, .max = 8 };
static const pic__field number = { .name = "n", .type = PIC__T_INT, .min = 0, .max = 100 };
static const pic__field word = { .name = "e", .type = PIC__T_ENUM, .choices = "full|split" };
static const pic__field name = { .name = "p", .type = PIC__T_NAME, .refused = "cell|peers" };
static const pic__field label = { .name = "c", .type = PIC__T_NAME, .flags = PIC__F_LABEL };
static const pic__field net4 = { .name = "n4", .type = PIC__T_PREFIX4, .min = 8, .max = 30 };
static const pic__field net6 = { .name = "n6", .type = PIC__T_PREFIX6, .min = 8, .max = 126 };
#define OF(t) (&(const pic__field){ .name = "f", .type = (t), .ref = PIC__GROUP })

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/* Canonical text, or NULL with the rule. */
static char *parsed(const pic__field *f, const char *text, char *rule)
{
        pic__val v = PIC__VAL_NONE;
        char *out;
        int r;

        rule[0] = '\0';
        r = pic__parse_table[f->type](f, text, &v, rule);
        if (r != 0) {
                assert_int_equal(r, PIC_VALUE);
                assert_int_equal(v.tag, PIC__V_NONE);
                return NULL;
        }
        out = pic__field_print(f, &v);
        pic__val_clear(&v);
        return out;
}

static void takes(const pic__field *f, const char *text, const char *want)
{
        char rule[PIC__RULE_TEXT];
        pic__auto_free char *out = parsed(f, text, rule);
        pic__auto_free char *again = NULL;

        if (out == NULL)
                fail_msg("'%s' was refused: %s", text, rule);
        assert_string_equal(out, want);
        again = parsed(f, out, rule);
        assert_string_equal(again, out);
}

static void refuses(const pic__field *f, const char *text, const char *why)
{
        char rule[PIC__RULE_TEXT];
        pic__auto_free char *out = parsed(f, text, rule);

        if (out != NULL)
                fail_msg("'%s' was taken as '%s'", text, out);
        if (strstr(rule, why) == NULL)
                fail_msg("'%s' was refused with '%s', not '%s'", text, rule, why);
}

static void texts(void **state)
{
        (void)state;
        takes(&plain_text, "ab", "ab");
        takes(&plain_text, "\xc3\xa4\xe2\x82\xac xy", "\xc3\xa4\xe2\x82\xac xy");
        refuses(&plain_text, "a", "");
        refuses(&plain_text, "123456789", "");
        refuses(&plain_text, "a\nb", "printable");
        refuses(&plain_text, "ab\x7f", "printable");
        refuses(&plain_text, "ab\xff", "printable");
        refuses(&plain_text, "ab\xc2", "printable");
        takes(&name, "Anna", "Anna");
        refuses(&name, "Peers", "meaning of its own");
        refuses(&name, "cell", "meaning of its own");
        takes(&name, "cell2", "cell2");
        takes(&name, "cel", "cel");
        refuses(&name, "a b", "letters");
        takes(&label, "home", "home");
        refuses(&label, "home.lan", "");
        refuses(&label, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "63");
        takes(OF(PIC__T_REF), "Kids", "kids");
        refuses(OF(PIC__T_REF), "-", "begin and end");
        takes(OF(PIC__T_DOMAIN), "Internal", "internal");
        refuses(OF(PIC__T_DOMAIN), "a..b", "");
        refuses(OF(PIC__T_DOMAIN), "a_b", "");
}

static void numbers(void **state)
{
        (void)state;
        takes(&number, "0", "0");
        takes(&number, "100", "100");
        refuses(&number, "101", "");
        refuses(&number, "-1", "");
        refuses(&number, "1e1", "");
        takes(OF(PIC__T_BOOL), "Yes", "true");
        takes(OF(PIC__T_BOOL), "1", "true");
        takes(OF(PIC__T_BOOL), "on", "true");
        takes(OF(PIC__T_BOOL), "off", "false");
        takes(OF(PIC__T_BOOL), "NO", "false");
        takes(OF(PIC__T_BOOL), "0", "false");
        refuses(OF(PIC__T_BOOL), "", "");
        refuses(OF(PIC__T_BOOL), "tru", "");
        refuses(OF(PIC__T_BOOL), "true|yes", "");
        refuses(OF(PIC__T_BOOL), "yes|on", "");
        refuses(OF(PIC__T_BOOL), "2", "");
        takes(OF(PIC__T_TIME), "2027-01-31", "2027-01-31T00:00:00Z");
        takes(OF(PIC__T_TIME), "2028-02-29T12:30", "2028-02-29T12:30:00Z");
        refuses(OF(PIC__T_TIME), "1970-01-01", "1970");
        refuses(OF(PIC__T_TIME), "2027-02-29", "");
        refuses(OF(PIC__T_TIME), "tomorrow", "");
        takes(&word, "full", "full");
        takes(&word, "split", "split");
        refuses(&word, "", "");
        refuses(&word, "ful", "");
        refuses(&word, "full|split", "");
        refuses(&word, "Full", "");
}

static void networks(void **state)
{
        (void)state;
        takes(OF(PIC__T_ADDR4), "10.0.0.1", "10.0.0.1");
        refuses(OF(PIC__T_ADDR4), "fd00::1", "must be an IPv4");
        refuses(OF(PIC__T_ADDR4), "10.0.0", "");
        takes(OF(PIC__T_ADDR6), "FD00::0:1", "fd00::1");
        refuses(OF(PIC__T_ADDR6), "10.0.0.1", "must be an IPv6");
        takes(&net4, "10.1.0.0/16", "10.1.0.0/16");
        refuses(&net4, "10.1.2.3/16", "has host bits set: did you mean 10.1.0.0/16?");
        refuses(&net4, "10.0.0.0/7", "");
        refuses(&net4, "10.0.0.0/31", "");
        refuses(&net4, "fd00::/48", "must be an IPv4");
        refuses(&net4, "10.1.0.0", "");
        takes(&net6, "fd00:0::/48", "fd00::/48");
        refuses(&net6, "fd00::1/48", "did you mean fd00::/48?");
        refuses(&net6, "fd00::/127", "");
        refuses(&net6, "10.0.0.0/8", "must be an IPv6");
        takes(OF(PIC__T_PREFIX), "0.0.0.0/0", "0.0.0.0/0");
        takes(OF(PIC__T_PREFIX), "FD00::/64", "fd00::/64");
        takes(OF(PIC__T_ENDPOINT), "1.2.3.4:51820", "1.2.3.4:51820");
        takes(OF(PIC__T_ENDPOINT), "[FD00:0::1]:51820", "[fd00::1]:51820");
        takes(OF(PIC__T_ENDPOINT), "Home.Example:1", "home.example:1");
        refuses(OF(PIC__T_ENDPOINT), "home.example", "");
        takes(OF(PIC__T_RESOLVER), "9.9.9.9", "9.9.9.9");
        takes(OF(PIC__T_RESOLVER), "9.9.9.9@853#dns.Quad9.net", "9.9.9.9@853#dns.quad9.net");
        takes(OF(PIC__T_RESOLVER), "2620:FE::9#dns.quad9.net", "2620:fe::9#dns.quad9.net");
        takes(OF(PIC__T_RESOLVER), "127.0.0.1@5353", "127.0.0.1@5353");
        refuses(OF(PIC__T_RESOLVER), "dns.quad9.net", "");
        refuses(OF(PIC__T_RESOLVER), "9.9.9.9@", "");
        refuses(OF(PIC__T_RESOLVER), "9.9.9.9@0", "");
        refuses(OF(PIC__T_RESOLVER), "9.9.9.9#", "");
        refuses(OF(PIC__T_RESOLVER), "9.9.9.9@53@53", "");
        refuses(OF(PIC__T_RESOLVER), "0.0.0.0", "server");
        refuses(OF(PIC__T_RESOLVER), "::", "server");
        refuses(OF(PIC__T_RESOLVER), "224.0.0.1", "server");
        refuses(OF(PIC__T_RESOLVER), "ff02::fb", "server");
        refuses(OF(PIC__T_RESOLVER), "1111111111111111111111111111111111111111111111111111111111111", "");
        takes(OF(PIC__T_SERVER), "Time.example.ORG", "time.example.org");
        takes(OF(PIC__T_SERVER), "2001:DB8::0:1", "2001:db8::1");
        takes(OF(PIC__T_SERVER), "192.0.2.1", "192.0.2.1");
        refuses(OF(PIC__T_SERVER), "192.0.2.256", "");
        refuses(OF(PIC__T_SERVER), "a b", "");
        refuses(OF(PIC__T_SERVER), "ff02::1", "server");
        refuses(OF(PIC__T_SERVER), "", "");
        takes(OF(PIC__T_IFNAME), "pic0", "pic0");
        takes(OF(PIC__T_IFNAME), "abcdefghijklmno", "abcdefghijklmno");
        refuses(OF(PIC__T_IFNAME), "abcdefghijklmnop", "");
        refuses(OF(PIC__T_IFNAME), "", "");
        refuses(OF(PIC__T_IFNAME), "a b", "");
        refuses(OF(PIC__T_IFNAME), "a/b", "");
        refuses(OF(PIC__T_IFNAME), "pic%d", "");
        refuses(OF(PIC__T_IFNAME), "0pic", "");
        refuses(OF(PIC__T_IFNAME), ".", "");
}

static void keys_and_grants(void **state)
{
        (void)state;
        takes(OF(PIC__T_KEY), KEY, KEY);
        refuses(OF(PIC__T_KEY), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", "");
        refuses(OF(PIC__T_KEY), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "all zero");
        refuses(OF(PIC__T_KEY), "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "low order");
        takes(OF(PIC__T_SECRET), "YWI=", "YWI=");
        takes(OF(PIC__T_SECRET), "YQ==", "YQ==");
        refuses(OF(PIC__T_SECRET), "Y===", "");
        refuses(OF(PIC__T_SECRET), "YWI", "");
        refuses(OF(PIC__T_SECRET), "Y=I=", "");
        refuses(OF(PIC__T_SECRET), "", "");
        takes(OF(PIC__T_GRANT), "LAN", "lan");
        takes(OF(PIC__T_GRANT), "[FD00::5]:TCP/80-80", "[fd00::5]:tcp/80");
        refuses(OF(PIC__T_GRANT), "10.1.2.3/16:tcp/5", "has host bits set: did you mean 10.1.0.0/16:tcp/5?");
        refuses(OF(PIC__T_GRANT), "fd00::5/64", "has host bits set: did you mean [fd00::]/64?");
        refuses(OF(PIC__T_GRANT), "nonsense", "must be internet");
}

static int each_type(void *data)
{
        static const struct {
                enum pic__type type;
                const char *text;
        } cases[] = { { PIC__T_GRANT, "10.0.0.0/8" }, { PIC__T_ENDPOINT, "a:1" },
                      { PIC__T_RESOLVER, "9.9.9.9" }, { PIC__T_KEY, KEY },
                      { PIC__T_REF, "kids" },         { PIC__T_ADDR4, "10.0.0.1" },
                      { PIC__T_PREFIX, "10.0.0.0/8" } };
        size_t i;

        (void)data;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                char rule[PIC__RULE_TEXT] = "";
                pic__val v = PIC__VAL_NONE;
                int r = pic__parse_table[cases[i].type](OF(cases[i].type), cases[i].text, &v, rule);

                pic__val_clear(&v);
                if (r != 0)
                        return r;
        }
        return 0;
}

static void memory(void **state)
{
        (void)state;
        out_of_memory(each_type, NULL);
}

/* No parser reads past the end, and none takes what it does not print back: random texts of likely characters. */
static void random_texts(void **state)
{
        static const char letters[] = "0123456789abcdefin.:/-[]@#,lpt ";
        int i, t;

        (void)state;
        for (i = 0; i < 40000; i++) {
                size_t len = rnd() % 14, k;
                char *text = pic__alloc(len + 1); /* exactly so long: the sanitizer sees a byte too far */

                for (k = 0; k < len; k++)
                        text[k] = letters[rnd() % (sizeof(letters) - 1)];
                for (t = 0; t <= PIC__T_IFNAME; t++) {
                        pic__field f = { .name = "f", .type = (enum pic__type)t, .max = 64, .choices = "full|split" };
                        char rule[PIC__RULE_TEXT];
                        pic__auto_free char *out = parsed(&f, text, rule);
                        pic__auto_free char *again = out != NULL ? parsed(&f, out, rule) : NULL;

                        if (out != NULL && (again == NULL || strcmp(out, again) != 0))
                                fail_msg("type %d: '%s' prints '%s', and that '%s'", t, text, out, again);
                }
                pic__free(text);
        }
}

RUN(T(texts), T(numbers), T(networks), T(keys_and_grants), T(memory), T(random_texts))
