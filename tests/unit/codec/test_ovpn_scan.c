/* Shows: a profile is taken apart into the words and blocks that openvpn sees. */
#include "take.h"

#include "codec/ovpn_scan.h"

/* All items of a text: "name|word|word" or "name{block}", each with a ';'. */
static void scan(const char *text, pic_error **err)
{
        const pic__import in = { .text = text, .len = strlen(text), .name = "p", .field = take_field };
        pic__importer imp;
        pic__ovpn_scan s = { 0 };
        pic__ovpn_item item;
        size_t i;
        int r;

        pic__buf_clear(&taken);
        assert_int_equal(pic__import_start(&imp, &in, 1 << 20), 0);
        s.imp = &imp;
        while (pic__ovpn_next(&s, &item)) {
                pic__buf_putf(&taken, "%s%s%u:", item.connection ? "+" : "", item.ends ? "/" : "", item.at.line);
                pic__buf_puts(&taken, item.name);
                for (i = 0; i < item.argc; i++)
                        pic__buf_putf(&taken, "|%s", item.argv[i]);
                assert_null(item.argv[item.argc]);
                if (item.block != NULL)
                        pic__buf_putf(&taken, "{%u:%.*s}", item.block_line, (int)item.block_len, item.block);
                pic__buf_putc(&taken, ';');
        }
        r = pic__import_finish(&imp, NULL, err);
        assert_int_equal(r, err != NULL ? pic_error_code(*err) : 0);
}

static void items(void **state)
{
        static const struct {
                const char *text;
                const char *want;
        } cases[] = {
                { "", "" },
                { "# x\n ; y\n\n  \t\r\n", "" },
                { "a b  c\td#e ;f\n", "1:a|b|c|d#e;" },
                { "  --a 'b # c' \"d ; e\" # f", "1:a|b # c|d ; e;" },
                { "a \"b\\\\c\\\"d\" 'e\\f' g\\ h", "1:a|b\\c\"d|e\\f|g h;" },
                { "a \"\" ''b'c'", "1:a|||b'c';" },
                { "a b\"c", "1:a|b\"c;" },
                { "-- x\n--", "1:--|x;2:--;" },
                { "<ca>\nx\n y\n</ca>\nz", "1:ca{2:x\n y\n};5:z;" },
                { "  <ca>  # x\n  </ca> rest\n", "1:ca{2:};" },
                { "<auth-user-pass>\nu\n<p>\n</auth-user-pass>\n", "1:auth-user-pass{2:u\n<p>\n};" },
                { "<connection>\nremote a\n<ca>\nx\n</ca>\n</connection>\nb", "+2:remote|a;+3:ca{4:x\n};+/6:;7:b;" },
                { "a <b>", "1:a|<b>;" },
                { "a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", "1:a|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15;" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                scan(cases[i].text, NULL);
                assert_string_equal(pic__buf_str(&taken), cases[i].want);
        }
}

static void wrong(void **state)
{
        static const struct {
                const char *text;
                const char *seen; /* all the same */
                const char *want;
        } cases[] = {
                { "a 'b\nc", "2:c;", "p:1:5: a quotation mark has no other end" },
                { "a \"b\\", "", "p:1:6: a backslash must have a backslash, a quotation mark or a blank behind it" },
                { "a b\\c", "", "p:1:5: a backslash must have a backslash, a quotation mark or a blank behind it" },
                { "a \x1b[1m", "", "p:1:3: a word that is no printable UTF-8" },
                { "a \xff", "", "p:1:3: a word that is no printable UTF-8" },
                { "a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "", "p:1:39: more than 15 words behind a directive" },
                { "<a b>\n<>\n<a/>", "1:<a|b>;2:<>;", "p:3:1: a tag in which there is no name of a block" },
                { "<ca>\nx", "", "p:1:1: the block is not closed: its end </ca> is missing" },
                { "<ca>\nx\n<key>\ny\n</key>\nz", "3:key{4:y\n};6:z;",
                  "p:1:1: the block is not closed: its end </ca> is missing" },
                { "<connection>\n<connection>\n</connection>\n", "+/3:;",
                  "p:2:1: a <connection> within the one that begins in line 1" },
                { "<connection>\na", "+2:a;", "p:1:1: the block is not closed: its end </connection> is missing" },
                { "x\n -----BEGIN KEY-----\na\nb\n-----END KEY-----\nc", "1:x;6:c;",
                  "p:2:1: a PEM block outside of <…> and </…>" },
                { "-----BEGIN KEY-----\na\nb", "", "p:1:1: a PEM block outside of <…> and </…>" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic_error *err = NULL;

                scan(cases[i].text, &err);
                assert_string_equal(pic__buf_str(&taken), cases[i].seen);
                assert_errors(err, &cases[i].want, 1);
                pic_error_free(err);
        }
}

static void shift(void **state)
{
        pic__ovpn_item item = { .name = "setenv", .argc = 3, .argv = { "opt", "a", "b" }, .arg_at[1] = { 7, 8 } };

        (void)state;
        pic__ovpn_shift(&item, 2);
        assert_string_equal(item.name, "a");
        assert_int_equal(item.at.line, 7);
        assert_int_equal(item.argc, 1);
        assert_string_equal(item.argv[0], "b");
        assert_null(item.argv[1]);
        pic__ovpn_shift(&item, 1);
        assert_string_equal(item.name, "b");
        assert_int_equal(item.argc, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(items), cmocka_unit_test(wrong), cmocka_unit_test(shift) };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        pic__buf_free(&taken);
        return r;
}
