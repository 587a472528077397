/* Shows: lines of a profile and their places; which kind of profile a text is. */
#include "take.h"

#include "codec/import.h"

static void lines(void **state)
{
        static const char text[] = "\xef\xbb\xbfone\r\n\n\xc3\xa4 two\nthree\r";
        const pic__import in = { .text = text, .len = sizeof(text) - 1, .name = "p", .field = take_field };
        pic__import_line line;
        pic__importer r;
        pic__place at;

        (void)state;
        assert_int_equal(pic__import_start(&r, &in, 100), 0);
        assert_int_equal(pic__import_next(&r, &line), 1);
        assert_int_equal(line.len, 3);
        assert_memory_equal(line.text, "one", 3);
        assert_int_equal(pic__import_next(&r, &line), 1);
        assert_int_equal(line.len, 0);
        assert_int_equal(pic__import_next(&r, &line), 1);
        at = pic__import_at(&line, 3);
        assert_int_equal(at.line, 3);
        assert_int_equal(at.column, 3);
        assert_int_equal(pic__import_next(&r, &line), 1);
        assert_int_equal(line.len, 5);
        assert_int_equal(line.number, 4);
        assert_int_equal(pic__import_next(&r, &line), 0);
        assert_int_equal(pic__import_finish(&r, NULL, NULL), 0);
}

static void collects(void **state)
{
        static const char *const want[] = { "p:2:3: first|do", "p: k: second", "p:4:1: x: y: 'z' is bad" };
        static const char *const warned[] = { "p:1:1: careful" };
        const pic__import in = { .text = "", .len = 0, .name = "p", .field = take_field };
        pic__imported told = { NULL, 0 };
        pic_error *err = NULL, *foreign = NULL;
        pic__importer r;

        (void)state;
        assert_int_equal(pic__import_start(&r, &in, 0), 0);
        pic__import_wrong(&r, (pic__place){ 2, 3 }, PIC_UNSUPPORTED, "do", "%s", "first");
        r.key = "k";
        pic__import_wrong(&r, (pic__place){ 0, 0 }, PIC_SYNTAX, NULL, "k: second");
        pic__import_warn(&r, (pic__place){ 1, 1 }, NULL, "careful");
        pic__fail_value(&foreign, "x", "y", "z", "is bad");
        pic__import_take(&r, (pic__place){ 4, 1 }, foreign);
        assert_int_equal(pic__import_finish(&r, &told, &err), PIC_UNSUPPORTED);
        assert_errors(err, want, 3);
        assert_errors(told.warnings, warned, 1);
        assert_string_equal(pic_error_detail(pic_error_next(err), "field"), "k");
        pic_error_free(err);
        pic_error_free(told.warnings);
}

static void guess(void **state)
{
        static const struct {
                const char *text;
                const char *want;
        } cases[] = {
                { "", NULL },
                { " \n\t\r\n", NULL },
                { "# only a remark", NULL },
                { "[Interface]", "wireguard" },
                { "\xef\xbb\xbf# x\r\n; y\n\n [interface]", "wireguard" },
                { "client\n", "openvpn" },
                { "# OpenVPN\n<ca>", "openvpn" },
                { "--client", "openvpn" },
                { "\x7f"
                  "ELF",
                  NULL },
                { "{}", NULL },
                { "Dear client,\nremote work\n", "openvpn" }, /* its reader tells the rest */
                { "Dear friend,\nhere is your VPN for a client.\n", NULL },
                { "<html>\n<body>\n", NULL },
                { "cell:\n  name: home\n", NULL },
                { "remotes\nclient-nat x\n", NULL },
                { "dev tun\r\n  client\r\n", "openvpn" },
                { "dev tun\nremote", "openvpn" },
                { "Interface]\nPrivateKey = x\n[Peer]\n", NULL },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                const char *seen = pic__import_guess(cases[i].text, strlen(cases[i].text));

                assert_string_equal(seen != NULL ? seen : "-", cases[i].want != NULL ? cases[i].want : "-");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lines),
                cmocka_unit_test(collects),
                cmocka_unit_test(guess),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        pic__buf_free(&taken);
        return r;
}
