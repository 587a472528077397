/* Shows: YAML that people write is read with the place of every value; what surprises is refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dump.h"

static void taken(void **state)
{
        static const char *const cases[][2] = {
                { "a: b\n", "{a:b}" },
                { "---\na: b\n...\n", "{a:b}" },
                { "a: \"b c\"\n", "{a:'b c'}" },
                { "a: 'it''s'\n", "{a:'it's'}" },
                { "a: true\nb: 10\nc: ~\nd:\ne: null\nf: 'null'\n", "{a:true,b:10,c:~,d:~,e:~,f:'null'}" },
                { "a: [x, y: z]\n", "{a:[x,{y:z}]}" },
                { "- 1\n- - 2\n  - 3\n- {}\n- []\n", "[1,[2,3],{},[]]" },
                { "# only a comment\na: b # another\n", "{a:b}" },
                { "a: |\n  one\n  two\n", "{a:'one\ntwo\n'}" },
                { "a: >-\n  one\n  two\n", "{a:'one two'}" },
                { "\xef\xbb\xbf"
                  "a: b\n",
                  "{a:b}" },
                { "a: \"\\u00fc\\t\"\n", "{a:'\xc3\xbc\t'}" },
                { "a: b\tc\n", "{a:b\tc}" },
                { "a: b\r\nc: d\r\n", "{a:b,c:d}" },
                { "'a b': zürich\n", "{a b:zürich}" },
                { "plain", "plain" },
                { "~", "~" },
                { "a: {b: {c: [d]}}\n", "{a:{b:{c:[d]}}}" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic__doc *d = NULL;
                pic__buf b = PIC__BUF_INIT;
                pic_error *err = NULL;

                if (pic__doc_yaml(cases[i][0], strlen(cases[i][0]), "t.yaml", &d, &err) < 0)
                        fail_msg("%s: %s", cases[i][0], pic_error_message(err));
                dump(pic__doc_root(d), &b);
                assert_string_equal(pic__buf_str(&b), cases[i][1]);
                pic__buf_free(&b);
                pic__doc_unref(d);
        }
}

static void refused(void **state)
{
        static const struct {
                const char *text, *words;
                unsigned line, column;
        } cases[] = {
                { "", "empty", 1, 1 },
                { "# nothing\n", "empty", 1, 1 },
                { "a: &x b\n", "anchors", 1, 4 },
                { "a: b\nc: *a\n", "alias", 2, 4 },
                { "a: &x [b]\n", "anchors", 1, 4 },
                { "a: &x {b: c}\n", "anchors", 1, 4 },
                { "a: !!str b\n", "tags", 1, 4 },
                { "a: !x [b]\n", "tags", 1, 4 },
                { "a: !x {b: c}\n", "tags", 1, 4 },
                { "a: ! b\n", "tags", 1, 4 },
                { "%YAML 1.1\n---\na: b\n", "directives", 1, 1 },
                { "%TAG ! tag:x,2000:\n---\na: b\n", "directives", 1, 1 },
                { "a: b\n---\nc: d\n", "second document", 2, 1 },
                { "a: b\nc: d\na: e\n", "'a' is there already, in line 1", 3, 1 },
                { "x:\n  a: 1\n  a: 2\n", "'a' is there already, in line 2", 3, 3 },
                { "\ta: b\n", "tab", 1, 1 },
                { "a:\n \tb: c\n", "tab", 2, 2 },
                { "a: [b\n\t]\n", "tab", 2, 1 },
                { "a: [b\n", "", 2, 1 },
                { "a: b: c\n", "mapping values are not allowed", 1, 5 },
                { "? [a]\n: b\n", "key must be plain text", 1, 3 },
                { "? {a: b}\n: c\n", "key must be plain text", 1, 3 },
                { "a: \"\\0\"\n", "NUL", 1, 4 },
                { "\"a\\0b\": c\n", "NUL", 1, 1 },
                { "a: b\xff\n", "UTF-8", 1, 5 },
                { "a: \xc3\xbc\xc3\n", "UTF-8", 1, 5 },
                { "a: b\x01\n", "control characters", 1, 5 },
                { "a: 'b\n", "", 2, 1 },
                { "a: @b\n", "cannot start any token", 1, 4 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic__doc *d = NULL;
                pic_error *err = NULL;
                char place[64];

                if (pic__doc_yaml(cases[i].text, strlen(cases[i].text), "t.yaml", &d, &err) != PIC_SYNTAX)
                        fail_msg("taken: %s", cases[i].text);
                assert_null(d);
                snprintf(place, sizeof(place), "t.yaml:%u:%u: ", cases[i].line, cases[i].column);
                if (strncmp(pic_error_message(err), place, strlen(place)) != 0 ||
                    strstr(pic_error_message(err), cases[i].words) == NULL)
                        fail_msg("%s: %s (wanted %s%s)", cases[i].text, pic_error_message(err), place, cases[i].words);
                snprintf(place, sizeof(place), "%u", cases[i].line);
                assert_string_equal(pic_error_detail(err, "line"), place);
                assert_string_equal(pic_error_detail(err, "file"), "t.yaml");
                pic_error_free(err);
        }
}

static void nul_byte(void **state)
{
        pic__doc *d = NULL;
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__doc_yaml("a: b\0c\n", 7, "t", &d, &err), PIC_SYNTAX);
        assert_string_equal(pic_error_message(err), "t:1:5: a NUL byte");
        pic_error_free(err);
}

static void places(void **state)
{
        static const char text[] = "cell:\n  name: home\n  mtu:   1420\npeers:\n  zoë: {access: [internet, lan]}\n";
        pic__doc *d = NULL;
        const pic__node *n;

        (void)state;
        assert_int_equal(pic__doc_yaml(text, strlen(text), "t", &d, NULL), 0);
        n = pic__node_get(pic__node_get(pic__doc_root(d), "cell"), "mtu");
        assert_int_equal(n->line, 3);
        assert_int_equal(n->column, 10);
        assert_int_equal(n->key_line, 3);
        assert_int_equal(n->key_column, 3);
        n = pic__node_get(pic__node_get(pic__node_get(pic__doc_root(d), "peers"), "zoë"), "access");
        assert_int_equal(n->count, 2);
        assert_int_equal(n->first->next->line, 5);
        assert_int_equal(n->first->next->column, 28);
        pic__doc_unref(d);
}

static void out_of_memory(void **state)
{
        static const char text[] = "a: {b: [c, d], e: 'f'}\ng: ~\n";
        unsigned long n, made;

        (void)state;
        for (n = 1;; n++) {
                pic__doc *d = NULL;
                pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__doc_yaml(text, strlen(text), "t", &d, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_int_equal(pic_error_code(err), r);
                pic__doc_unref(d);
                pic_error_free(err);
                if (made < n)
                        break;
        }
        assert_true(n > 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(taken),  cmocka_unit_test(refused),       cmocka_unit_test(nul_byte),
                cmocka_unit_test(places), cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
