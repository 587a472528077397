/* sieve/parse.c: what people publish, in each form and in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/vec.h"
#include "sieve/name.h"
#include "sieve/parse.h"

static PIC__VEC(uint64_t) heard;

static int hear(uint64_t key, void *data)
{
        (void)data;
        return pic__vec_push(&heard, key);
}

static pic__sieve_parse parse(enum pic__sieve_format format, const char *text, size_t piece)
{
        pic__sieve_parse p = { .format = format, .found = hear };
        size_t len = strlen(text), at;

        pic__vec_free(&heard);
        for (at = 0; at < len; at += piece)
                pic__sieve_parse_feed(&p, text + at, len - at < piece ? len - at : piece);
        pic__sieve_parse_end(&p);
        return p;
}

/* "ads.example" itself, "*.ads.example" all below, "+ads.example" both */
static int has(const char *name)
{
        unsigned how = name[0] == '*' ? PIC__SIEVE_BELOW : name[0] == '+' ? PIC__SIEVE_HOW : PIC__SIEVE_SELF;
        pic__sieve_name n;
        size_t i;

        name += name[0] == '*' ? 2 : name[0] == '+';
        assert_int_equal(pic__sieve_name_text(name, strlen(name), &n), 0);
        for (i = 0; i < heard.count; i++)
                if (heard.at[i] == (pic__sieve_number(&n) | how))
                        return 1;
        return 0;
}

static void by_looks(void **state)
{
        static const char text[] =
                "\xef\xbb\xbf# a list\r\n! and\n[Adblock Plus 2.0]\n\n0.0.0.0 a.example b.example # c\r\n127.0.0.1 "
                "localhost\n"
                "::1 ip6-localhost\n0.0.0.0 0.0.0.0\n192.168.1.7 nas.example\n||adb.example^\n@@||ok.example^\n"
                "||some.example^$third-party\nplain.example\n*.wild.example\n.dot.example\nwhat is this\n"
                "rpz.example CNAME .\n*.below.example 300 IN CNAME *.\nlast.example";
        static const size_t pieces[] = { 1, 7, 4096 };
        size_t i;

        (void)state;
        for (i = 0; i < 3; i++) {
                pic__sieve_parse p = parse(PIC__SIEVE_AUTO, text, pieces[i]);

                assert_int_equal(p.lines, 19);
                assert_int_equal(p.names, 9);
                assert_int_equal(heard.count, 9);
                assert_int_equal(p.skipped, 4);
                assert_int_equal(p.fault[0].line, 9);
                assert_string_equal(p.fault[0].what, "leads to an address");
                assert_true(has("a.example") && has("b.example") && has("+adb.example") && has("+plain.example"));
                assert_true(has("*.wild.example") && has("+dot.example") && has("rpz.example") &&
                            has("*.below.example"));
                assert_true(has("+last.example") && !has("+b.example"));
        }
        pic__vec_free(&heard);
}

static void zone(void **state)
{
        pic__sieve_parse p =
                parse(PIC__SIEVE_RPZ,
                      "$TTL 60\n$ORIGIN rpz.zone.\n@ SOA a. b. ( 1 2\n 3 4 5 )\n NS localhost.\n"
                      "x.example CNAME .\ny.example.rpz.zone. CNAME rpz-drop.\nok.example CNAME rpz-passthru.\n"
                      "32.1.0.0.127.rpz-ip CNAME .\nz.example A 0.0.0.0\nw.example A 192.0.2.1 ; redirects\n",
                      5);

        (void)state;
        assert_int_equal(p.names, 3);
        assert_true(has("x.example") && has("y.example") && has("z.example"));
        assert_int_equal(p.skipped, 3);
        pic__vec_free(&heard);
}

static int stop(uint64_t key, void *data)
{
        (void)key, (void)data;
        return 7;
}

static void bounds(void **state)
{
        pic__sieve_parse p = { .format = PIC__SIEVE_AUTO, .found = hear };
        char x[900];
        int i;

        (void)state;
        memset(x, 'x', sizeof(x));
        for (i = 0; i < 100; i++)
                pic__sieve_parse_feed(&p, x, sizeof(x));
        pic__sieve_parse_feed(&p, "\na.example\n\0b\n", 14);
        assert_int_equal(p.names, 1);
        assert_int_equal(p.skipped, 2);
        assert_string_equal(p.fault[0].what, "a very long line");
        assert_string_equal(p.fault[1].what, "not a text");
        for (i = 0; i < 20; i++)
                pic__sieve_parse_feed(&p, "?\n", 2);
        assert_int_equal(p.faults, PIC__SIEVE_FAULTS);
        p = (pic__sieve_parse){ .format = PIC__SIEVE_HOSTS, .found = stop };
        pic__sieve_parse_feed(&p, "0.0.0.0 a.b\n0.0.0.0 c.d\n", 24);
        assert_int_equal(p.ended, 7);
        assert_int_equal(p.names, 1);
        pic__vec_free(&heard);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_looks), cmocka_unit_test(zone),
                                            cmocka_unit_test(bounds) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
