/* backend/exit/fault.c: the last line that has a mark decides. */
#include "sample.h"

#include "backend/exit/fault.h"

static const pic__exit_fault table[] = {
        { "all well", NULL, NULL, 0 },     { "code * of *server", "the server says a number", "ask it", 0 },
        { "code", "some code", NULL, 0 },  { "gone", "it went", NULL, 1 },
        { "lost", "it is lost", NULL, 1 },
};

static const char *find(const char *text)
{
        static char said[512];
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        int r = pic__exit_fault_find(table, PIC__COUNT(table), text, &why);

        snprintf(said, sizeof(said), "%d %s", r, pic__buf_str(&why));
        return said;
}

static void lines(void **state)
{
        (void)state;
        assert_string_equal(find(""), "0 ");
        assert_string_equal(find("\n\n"), "0 ");
        assert_string_equal(find("nothing of note\n"), "0 ");
        assert_string_equal(find("12:00 [10.1.0.2->9.9.9.9] code 5 of my server.\n"),
                            "1 the server says a number: ask it (\"code 5 of my server\")");
        assert_string_equal(find("code 7\r\n"), "1 some code (\"code 7\")");
        assert_string_equal(find("code 7"), "1 some code (\"code 7\")");
        assert_string_equal(find("code 1\ncode 2 of a server\nother\n\n"),
                            "1 the server says a number: ask it (\"code 2 of a server\")");
        assert_string_equal(find("code 1 of a server\ncode 2\n"), "1 some code (\"code 2\")");
        assert_string_equal(find("code 1\nall well\n"), "0 ");
        assert_string_equal(find("all well\ncode 1\n"), "1 some code (\"code 1\")");
}

static void vague(void **state)
{
        (void)state;
        assert_string_equal(find("gone\n"), "1 it went (\"gone\")");
        assert_string_equal(find("code 7\nother\ngone\n"), "1 some code (\"code 7\")");
        assert_string_equal(find("lost\ngone\n"), "1 it went (\"gone\")");
        assert_string_equal(find("code 7\nall well\ngone\n"), "1 it went (\"gone\")");
        assert_string_equal(find("code 7\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\ngone\n"), "1 some code (\"code 7\")");
        assert_string_equal(find("code 7\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\ngone\n"), "1 it went (\"gone\")");
}

/* What comes from outside stays one line, and short. */
static void strange(void **state)
{
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        char text[4096];

        (void)state;
        assert_string_equal(find("code \x1b[31m\xff\n"), "1 some code (\"code \\x1b[31m\\xff\")");
        memset(text, 'x', sizeof(text));
        memcpy(text, "code", 4);
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(pic__exit_fault_find(table, PIC__COUNT(table), text, &why), 1);
        assert_true(why.len < 200);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(vague),
                                            cmocka_unit_test(strange) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
