/* model/record.c: the texts of names, hosts and texts, and a record by itself. */
#include "help.h"

#include "model/record.h"

static void form(const char *name, const char *in, const char *want)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const char *why = NULL;
        int r = pic__rdata_parse(name, in, &out, &why);

        if ((want != NULL && (r != 0 || strcmp(pic__buf_str(&out), want) != 0)) || (want == NULL && r == 0))
                fail_msg("%s '%s': %s (%s)", name, in, r == 0 ? pic__buf_str(&out) : why,
                         want != NULL ? want : "refused");
        if (want != NULL && strcmp(in, want) != 0)
                form(name, want, want); /* canonical */
}

#define SIXTY3 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"

static void names(void **state)
{
        static const char *const good[][2] = { { "NAS", "nas" },
                                               { "nas.Lab", "nas.lab" },
                                               { "@", "@" },
                                               { "*", "*" },
                                               { "*.dev", "*.dev" },
                                               { "a_b", "a_b" },
                                               { "_sip._tcp", "_sip._tcp" },
                                               { "5", "5" },
                                               { "NAS.example.COM.", "nas.example.com." },
                                               { "_sip._tcp.example.com.", "_sip._tcp.example.com." },
                                               { "xn--strae-oqa", "xn--strae-oqa" },
                                               { SIXTY3, SIXTY3 } };
        static const char *const bad[] = { "a.",
                                           "nas.example..",
                                           "*.example.com.",
                                           "1.1.168.192.in-addr.arpa.",
                                           "a..b",
                                           ".a",
                                           "a.*",
                                           "*a",
                                           "*.",
                                           "a b",
                                           "-a",
                                           "a-",
                                           "a\"b",
                                           "stra\xc3\x9f"
                                           "e",
                                           "10.0.0.5",
                                           "fd00::1",
                                           SIXTY3 "a",
                                           SIXTY3 ".ab",
                                           "a\nb",
                                           "a,b",
                                           "" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++)
                form("owner", good[i][0], good[i][1]);
        for (i = 0; i < PIC__COUNT(bad); i++)
                form("owner", bad[i], NULL);
        form("zone", "Corp.Example.", "corp.example");
        form("zone", "168.192.in-addr.arpa", "168.192.in-addr.arpa");
        form("zone", ".", NULL);
        form("zone", "*.a", NULL);
        form("zone", "a..", NULL);
        form("target", "NAS", "nas");
        form("target", "mail.Example.org.", "mail.example.org.");
        form("target", "mail.example.org", NULL); /* the trap of zone files */
        form("target", ".", NULL);
        form("target", "*.a.", NULL);
        form("target", "", NULL);
}

static void data(void **state)
{
        (void)state;
        form("address", "FD00::0001", "fd00::1");
        form("address", "192.168.1.10", "192.168.1.10");
        form("address", "0.0.0.0", NULL);
        form("address", "224.0.0.1", NULL);
        form("address", "ff02::1", NULL);
        form("address", "::ffff:10.0.0.1", NULL);
        form("address", "nas", NULL);
        form("mx", "10   Mail", "10 mail");
        form("mx", "0 .", "0 .");
        form("mx", "10 mail.example.org.", "10 mail.example.org.");
        form("mx", "mail", NULL);
        form("mx", "65536 mail", NULL);
        form("mx", "010 mail", NULL);
        form("mx", "10 mail x", NULL);
        form("srv", "0 5 5060 sip", "0 5 5060 sip");
        form("srv", "0 5 sip", NULL);
        form("srv", "0 5 5060 sip x", NULL);
        form("srv", "0 5 99999 sip", NULL);
        form("srv", "0 0 0 .", "0 0 0 .");
}

static void texts(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        char bytes[PIC__TXT_MAX], long_one[PIC__TXT_MAX + 2];
        const char *why;
        size_t n;

        (void)state;
        form("txt", "v=spf1 -all", "\"v=spf1 -all\"");
        form("txt", "rua=mailto:a@x,mailto:b@x", "\"rua=mailto:a@x\\044mailto:b@x\"");
        form("txt", "\"a\" \"b\"", "\"ab\"");
        form("txt", "\"a\\\"b\\\\c\\044\"", "\"a\\\"b\\\\c\\044\"");
        form("txt", "it's \xc3\xa4", "\"it's \xc3\xa4\"");
        form("txt", "say \"x\"", "\"say \\\"x\\\"\"");
        form("txt", "\"a", NULL);
        form("txt", "\"a\"b", NULL);
        form("txt", "a\\", NULL);
        form("txt", "a\\25", NULL);
        form("txt", "a\\300", NULL);
        form("txt", "a\\000b", NULL);
        form("txt", "a\\010b", NULL);
        form("txt", "\"\"", NULL);
        memset(long_one, 'x', sizeof(long_one));
        long_one[PIC__TXT_MAX] = '\0';
        assert_int_equal(pic__rdata_parse("txt", long_one, &out, &why), 0);
        n = pic__txt_bytes(pic__buf_str(&out), bytes);
        assert_int_equal(n, PIC__TXT_MAX);
        long_one[7] = ',';
        pic__buf_clear(&out);
        assert_int_equal(pic__rdata_parse("txt", long_one, &out, &why), -1);
        assert_int_equal(pic__txt_bytes("\"a\\044\\\"\"", bytes), 3);
        assert_memory_equal(bytes, "a,\"", 3);
}

static void lists(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;

        (void)state;
        assert_int_equal(pic__obj_new(PIC__RECORD, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "txt", "a, b", 0, NULL), 0); /* one text */
        assert_string_equal(pic__obj_text(o, "txt"), "\"a\\044 b\"");
        assert_int_equal(pic__obj_set(o, "txt", "\"a, b\" , \"c\"", 0, NULL), 0);
        assert_string_equal(pic__obj_text(o, "txt"), "\"a\\044 b\",\"c\"");
        assert_int_equal(pic__obj_set(o, "txt", "\"a\\\",b\",\"c\"", 0, NULL), 0);
        assert_string_equal(pic__obj_text(o, "txt"), "\"a\\\"\\044b\",\"c\"");
        assert_int_equal(pic__obj_set(o, "addresses", "10.0.0.1,x,10.0.0.1", 0, NULL), PIC_VALUE);
        assert_int_equal(pic__obj_set(o, "addresses", "10.0.0.1,fd00::1,10.0.0.1", 0, NULL), 0);
        assert_string_equal(pic__obj_text(o, "addresses"), "10.0.0.1,fd00::1");
        assert_int_equal(pic__obj_set(o, "name", "cell", 0, NULL), PIC_VALUE);
        assert_int_equal(pic__obj_set(o, "name", "portal.lab", 0, NULL), 0);
}

static int checked(const char *const fields[][2], const char *want_field)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic__auto_err pic_error *err = NULL;
        int i, r;

        assert_int_equal(pic__obj_new(PIC__RECORD, &o, NULL), 0);
        for (i = 0; fields[i][0] != NULL; i++)
                assert_int_equal(pic__obj_set(o, fields[i][0], fields[i][1], 0, NULL), 0);
        r = pic__obj_check(o, &err);
        if (want_field != NULL)
                assert_string_equal(pic_error_detail(err, "field"), want_field);
        return r;
}

#define ROW(...)                   \
        (const char *const[][2])   \
        {                          \
                __VA_ARGS__,       \
                {                  \
                        NULL, NULL \
                }                  \
        }

static void alone(void **state)
{
        (void)state;
        assert_int_equal(checked(ROW({ "name", "nas" }), "addresses"), PIC_VALUE);
        assert_int_equal(checked(ROW({ "name", "nas" }, { "cname", "a" }), NULL), 0);
        assert_int_equal(checked(ROW({ "name", "nas" }, { "cname", "a" }, { "txt", "b" }), "cname"), PIC_VALUE);
        assert_int_equal(checked(ROW({ "name", "nas" }, { "cname", "nas" }), "cname"), PIC_VALUE);
        assert_int_equal(checked(ROW({ "name", "@" }, { "addresses", "10.0.0.1" }), "addresses"), PIC_VALUE);
        assert_int_equal(checked(ROW({ "name", "@" }, { "cname", "a" }), "cname"), PIC_VALUE);
        assert_int_equal(checked(ROW({ "name", "@" }, { "mx", "1 a" }), NULL), 0);
        assert_int_equal(checked(ROW({ "name", "nas" }, { "srv", "0 0 1 a" }), "srv"), PIC_VALUE);
        assert_int_equal(checked(ROW({ "name", "_a._tcp.b" }, { "srv", "0 0 1 a" }), NULL), 0);
}

static void places(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = CELL("mtu=1400");
        static const char *const inside[][2] = { { "nas", "nas" },
                                                 { "nas.home.internal.", "nas" },
                                                 { "a.b.home.internal.", "a.b" },
                                                 { "home.internal.", "@" } };
        static const char *const outside[] = { "internal.", "xhome.internal.", "home.internal.org.", "." };
        char name[256];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(inside); i++) {
                assert_int_equal(pic__record_inside(cell, inside[i][0], name, sizeof(name)), 1);
                assert_string_equal(name, inside[i][1]);
        }
        for (i = 0; i < PIC__COUNT(outside); i++)
                assert_int_equal(pic__record_inside(cell, outside[i], name, sizeof(name)), 0);
        for (i = 0; i < PIC__COUNT(inside); i++) {
                pic__auto_buf pic__buf full = PIC__BUF_INIT, again = PIC__BUF_INIT;

                pic__record_full(cell, inside[i][0], &full);
                pic__record_full(cell, inside[i][1], &again);
                assert_string_equal(full.data, again.data);
        }
}

RUN(T(names), T(data), T(texts), T(lists), T(alone), T(places))
