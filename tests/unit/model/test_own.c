/* model/own.c: own records of names in others' zones, as text. */
#include "help.h"

#include "model/own.h"

static void there_and_back(void **state)
{
        static const char *const data[][2] = { { "A", "192.168.1.10" },
                                               { "AAAA", "fd00::1" },
                                               { "MX", "10 mail.example.com." },
                                               { "SRV", "0 5 5060 sip.example.com." },
                                               { "TXT", "\"a, b + c/\" \"\\039 %\"" },
                                               { "CNAME", "nas.home.internal." } };
        pic__auto_buf pic__buf text = PIC__BUF_INIT, lines = PIC__BUF_INIT;
        char got[PIC__OWN_DATA], type[8];
        const char *at;
        pic__own o;
        size_t i;

        (void)state;
        pic__buf_puts(&text, "_x.nas.example.com/300/");
        for (i = 0; i < PIC__COUNT(data); i++) {
                if (i > 0)
                        pic__buf_putc(&text, '+');
                pic__own_put(&text, data[i][0], data[i][1]);
        }
        assert_null(strpbrk(pic__buf_str(&text), " ,\"'\n"));
        assert_int_equal(pic__own_parse(pic__buf_str(&text), &o), 0);
        assert_string_equal(o.name, "_x.nas.example.com");
        assert_int_equal(o.ttl, 300);
        at = o.data;
        for (i = 0; i < PIC__COUNT(data); i++) {
                assert_int_equal(pic__own_next(&at, type, got), 1);
                assert_string_equal(type, data[i][0]);
                assert_string_equal(got, data[i][1]);
        }
        assert_int_equal(pic__own_next(&at, type, got), 0);
        pic__own_lines(&lines, &o);
        assert_non_null(strstr(lines.data, "        local-data: \"_x.nas.example.com. 300 A 192.168.1.10\"\n"));
        assert_non_null(
                strstr(lines.data, "        local-data: '_x.nas.example.com. 300 TXT \"a, b + c/\" \"\\039 %\"'\n"));
}

static void none(void **state)
{
        static const char *const bad[] = { "",
                                           "a.b",
                                           "a.b/60",
                                           "a.b/60/",
                                           "a.b/0/A:1.2.3.4",
                                           "a.b/90000/A:1.2.3.4",
                                           "/60/A:1.2.3.4",
                                           "a b/60/A:1.2.3.4",
                                           "a.b/60/A:1.2.3",
                                           "a.b/60/A:fd00::1",
                                           "a.b/60/AAAA:1.2.3.4",
                                           "a.b/60/NS:x.",
                                           "a.b/60/A:1.2.3.4+",
                                           "a.b/60/A:1.2.3.4+TXT",
                                           "a.b/60/TXT:abc",
                                           "a.b/60/TXT:%22a%27%22",
                                           "a.b/60/TXT:%22a%0A%22",
                                           "a.b/60/TXT:%22a",
                                           "a.b/60/TXT:%22a%00%22",
                                           "a.b/60/MX:10%20x%22",
                                           "a.b/60/MX:10 x",
                                           "a.b/60/MX:%4",
                                           "a\"b/60/A:1.2.3.4" };
        pic__own o;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (pic__own_parse(bad[i], &o) == 0)
                        fail_msg("%s", bad[i]);
        assert_true(pic__own_is("nas.example.com.") && !pic__own_is("nas") && !pic__own_is(".") && !pic__own_is(""));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(none) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
