/* Shows: what is written as a YAML scalar is read back byte for byte, and no other reader takes it for a number, a date
 * or a truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "codec/doc.h"
#include "codec/yaml_out.h"

static void forms(void **state)
{
        static const struct {
                const char *text;
                int what;
                const char *yaml;
        } cases[] = {
                { "home", PIC__YAML_TEXT, "home" },
                { "a.b-c_d/e@f", PIC__YAML_TEXT, "a.b-c_d/e@f" },
                { "", PIC__YAML_TEXT, "\"\"" },
                { "no", PIC__YAML_TEXT, "\"no\"" },
                { "Yes", PIC__YAML_TEXT, "\"Yes\"" },
                { "NULL", PIC__YAML_TEXT, "\"NULL\"" },
                { "true", PIC__YAML_VALUE, "true" },
                { "51820", PIC__YAML_VALUE, "51820" },
                { "51820", PIC__YAML_TEXT, "\"51820\"" },
                { "10.1.0.0/16", PIC__YAML_VALUE, "10.1.0.0/16" },
                { "1:20", PIC__YAML_VALUE, "\"1:20\"" },
                { "fd00::", PIC__YAML_VALUE, "\"fd00::\"" },
                { "2027-01-31T00:00:00Z", PIC__YAML_VALUE, "\"2027-01-31T00:00:00Z\"" },
                { "-x", PIC__YAML_TEXT, "\"-x\"" },
                { "a b", PIC__YAML_TEXT, "\"a b\"" },
                { "a\"b\\c", PIC__YAML_TEXT, "\"a\\\"b\\\\c\"" },
                { "a\nb", PIC__YAML_TEXT, "\"a\\x0Ab\"" },
                { "\xc2\x85", PIC__YAML_TEXT, "\"\\u0085\"" },
                { "\xe2\x80\xa8", PIC__YAML_TEXT, "\"\\u2028\"" },
                { "\xef\xbf\xbe", PIC__YAML_TEXT, "\"\\uFFFE\"" },
                { "zürich", PIC__YAML_TEXT, "\"zürich\"" },
                { "x\xff", PIC__YAML_TEXT, "\"x\\uFFFD\"" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic__buf b = PIC__BUF_INIT;

                pic__yaml_put(&b, cases[i].text, cases[i].what);
                assert_string_equal(pic__buf_str(&b), cases[i].yaml);
                pic__buf_free(&b);
        }
}

static unsigned seed = 99;

static unsigned next(unsigned below)
{
        seed = seed * 1664525u + 1013904223u;
        return (seed >> 8) % below;
}

static void random_text(char *text)
{
        static const char *const parts[] = { "a",
                                             " ",
                                             ":",
                                             "#",
                                             "- ",
                                             "\"",
                                             "'",
                                             "\\",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             ",",
                                             "&",
                                             "*",
                                             "!",
                                             "|",
                                             ">",
                                             "%",
                                             "@",
                                             "`",
                                             "\n",
                                             "\t",
                                             "\r",
                                             "\x7f",
                                             "\x01",
                                             "ü",
                                             "€",
                                             "😀",
                                             "\xc2\x85",
                                             "\xc2\xa0",
                                             "\xe2\x80\xa9",
                                             "\xef\xbb\xbf",
                                             "\xef\xbf\xbf",
                                             "\xee\x80\x80",
                                             "0",
                                             "~",
                                             "?",
                                             "=",
                                             "<<",
                                             "." };
        unsigned n = next(12);

        text[0] = '\0';
        while (n-- > 0)
                strcat(text, parts[next(sizeof(parts) / sizeof(parts[0]))]);
}

/* In a block map, as a key, and in a flow list: the three places where the writer puts scalars. */
static void comes_back(void **state)
{
        int i;

        (void)state;
        for (i = 0; i < 20000; i++) {
                char text[128];
                pic__buf b = PIC__BUF_INIT;
                pic__doc *d = NULL;
                pic_error *err = NULL;
                const pic__node *n;

                random_text(text);
                pic__buf_puts(&b, "a: ");
                pic__yaml_put(&b, text, (int)next(2));
                pic__buf_puts(&b, "\n");
                pic__yaml_put(&b, "k", PIC__YAML_TEXT);
                pic__yaml_put(&b, "", PIC__YAML_VALUE);
                b.len -= 2;
                pic__buf_puts(&b, ": [x, ");
                pic__yaml_put(&b, text, PIC__YAML_TEXT);
                pic__buf_puts(&b, ", ");
                pic__yaml_put(&b, text, PIC__YAML_TEXT);
                pic__buf_puts(&b, "]\n");
                if (pic__doc_yaml(b.data, b.len, "t", &d, &err) < 0)
                        fail_msg("%s in %s", pic_error_message(err), pic__buf_str(&b));
                assert_string_equal(pic__node_get(pic__doc_root(d), "a")->text, text);
                n = pic__node_get(pic__doc_root(d), "k")->first->next;
                assert_string_equal(n->text, text);
                assert_string_equal(n->next->text, text);
                pic__doc_unref(d);
                pic__buf_free(&b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(comes_back) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
