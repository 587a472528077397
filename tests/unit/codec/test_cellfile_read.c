/* Shows: a document becomes wishes in order; everything wrong with it is reported at once, each with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "codec/cellfile.h"

static pic__buf seen;

static int section(enum pic__kind kind, const pic__node *at, void *data, pic_error **err)
{
        assert_int_equal(at->type == PIC__N_MAP || at->type == PIC__N_NULL, 1);
        (void)data;
        (void)err;
        pic__buf_putf(&seen, "<%s>", pic__kinds[kind].name);
        return 0;
}

static int object(enum pic__kind kind, const char *name, const pic__node *at, void *data, pic_error **err)
{
        assert_true(at->key_line > 0);
        (void)data;
        if (name != NULL && strcmp(name, "BAD") == 0)
                return pic__fail_value(err, NULL, "name", name, "is bad");
        pic__buf_putf(&seen, "%s %s;", pic__kinds[kind].name, name != NULL ? name : "-");
        return 0;
}

static int field(enum pic__kind kind, const char *name, const char *f, const char *text, const pic__node *at,
                 void *data, pic_error **err)
{
        assert_true(at->line > 0 && at->column > 0);
        (void)kind;
        (void)name;
        (void)data;
        if (text != NULL && strcmp(text, "bad") == 0)
                return pic__fail_value(err, "x", f, text, "is bad");
        pic__buf_putf(&seen, "%s=%s;", f, text != NULL ? text : "(absent)");
        return 0;
}

static int with_sections;

static int load(const char *text, pic_error **err)
{
        const pic__cellfile_ops ops = { .object = object, .field = field, .section = with_sections ? section : NULL };
        pic__doc *d = NULL;
        int r;

        pic__buf_clear(&seen);
        r = text[0] == '{' ? pic__doc_json(text, strlen(text), "c.json", &d, err)
                           : pic__doc_yaml(text, strlen(text), "c.yaml", &d, err);
        assert_int_equal(r, 0);
        r = pic__cellfile_read(d, &ops, err);
        pic__doc_unref(d);
        return r;
}

static void wishes(void **state)
{
        static const char yaml[] = "peers:\n"
                                   "  anna: {access: [internet, 'peer:bob'], note: ~, groups: kids}\n"
                                   "  bob:\n"
                                   "groups: {kids: {access: []}}\n"
                                   "cell: {name: home, listen-port: 51820}\n";
        static const char json[] =
                "{\"cell\":{\"name\":\"home\",\"mtu\":1400},\"peers\":{\"anna\":{\"enabled\":false}}}";

        (void)state;
        with_sections = 0;
        assert_int_equal(load(yaml, NULL), 0);
        assert_string_equal(pic__buf_str(&seen),
                            "cell -;name=home;listen_port=51820;group kids;access=;"
                            "peer anna;access=internet,peer:bob;note=(absent);groups=kids;peer bob;");
        assert_int_equal(load(json, NULL), 0);
        assert_string_equal(pic__buf_str(&seen), "cell -;name=home;mtu=1400;peer anna;enabled=false;");
        with_sections = 1;
        assert_int_equal(load("groups: {}\npeers:\n", NULL), 0);
        assert_string_equal(pic__buf_str(&seen), "<group><peer>");
        with_sections = 0;
        assert_int_equal(load("{}", NULL), 0);
        assert_string_equal(pic__buf_str(&seen), "");
}

static void all_errors(void **state)
{
        static const char *const want[] = {
                "c.yaml:1:1: a document has no section 'peer'",
                "c.yaml:3:8: x: mtu: 'bad' is bad",
                "c.yaml:4:3: a cell has no field 'lisen_port'",
                "c.yaml:5:9: note: a text is expected here",
                "c.yaml:6:10: name: a text is expected here",
                "c.yaml:8:9: a map of fields is expected here",
                "c.yaml:9:3: name: 'BAD' is bad",
                "c.yaml:10:16: access: an item of a list must be a text without a comma",
                "c.yaml:11:16: access: an item of a list must be a text without a comma",
                "c.yaml:12:15: access: a list or a text is expected here",
                "c.yaml:13:13: name: the name is the key above: it cannot be a field too",
                "c.yaml:14:16: access: an item of a list must be a text without a comma",
        };
        static const char yaml[] = "peer: {}\n"
                                   "cell:\n"
                                   "  mtu: bad\n"
                                   "  lisen_port: 1\n"
                                   "  note: [a]\n"
                                   "  name:  {a: b}\n"
                                   "peers:\n"
                                   "  one:  text\n"
                                   "  BAD: {mtu: 1}\n"
                                   "  c: {access: [[a]]}\n"
                                   "  d: {access: ['a,b']}\n"
                                   "  e: {access: {a: b}}\n"
                                   "  f: {name: f}\n"
                                   "  g: {access: ['']}\n";
        pic_error *err = NULL;
        const pic_error *e;
        size_t i = 0, at;

        (void)state;
        assert_int_equal(load(yaml, &err), PIC_SYNTAX);
        for (e = err; e != NULL; e = pic_error_next(e), i++) {
                assert_true(i < sizeof(want) / sizeof(want[0]));
                at = strcspn(pic_error_message(e), " ");
                if (strncmp(pic_error_message(e), want[i], at) != 0)
                        fail_msg("%s\nwanted %s", pic_error_message(e), want[i]);
                assert_string_equal(strstr(pic_error_message(e), ": ") + 2, strstr(want[i], ": ") + 2);
                assert_non_null(pic_error_detail(e, "line"));
        }
        assert_int_equal(i, sizeof(want) / sizeof(want[0]));
        assert_non_null(strstr(pic_error_hint(err), "peers"));
        pic_error_free(err);
}

static void wrong_root(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(load("- a\n", &err), PIC_SYNTAX);
        assert_string_equal(pic_error_message(err),
                            "c.yaml:1:1: a map with cell, groups, peers, assertions and connections is "
                            "expected");
        pic_error_free(err);
        err = NULL;
        assert_int_equal(load("peers: [a]\n", &err), PIC_SYNTAX);
        assert_string_equal(pic_error_message(err), "c.yaml:1:8: a map is expected here");
        pic_error_free(err);
        assert_int_equal(load("peers: [a]\n", NULL), PIC_SYNTAX);
}

static void not_endless(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic_error *err = NULL;
        int i;

        (void)state;
        pic__buf_puts(&b, "peers:\n");
        for (i = 0; i < 500; i++)
                pic__buf_putf(&b, "  p%d: {mtu: bad}\n", i);
        assert_int_equal(load(pic__buf_str(&b), &err), PIC_NOTFOUND);
        assert_int_equal(pic__err_count(err), PIC__CELLFILE_ERRORS);
        pic_error_free(pic__take(err));
        pic__buf_clear(&b);
        pic__buf_puts(&b, "peers:\n  a:\n"); /* fields are not held against each other one by one */
        for (i = 0; i < 200000; i++)
                pic__buf_putf(&b, "    x%d: 1\n", i);
        assert_int_equal(load(pic__buf_str(&b), &err), PIC_NOTFOUND);
        pic_error_free(err);
        pic__buf_free(&b);
}

static void out_of_memory(void **state)
{
        static const char yaml[] = "cell: {name: home}\npeers: {anna: {access: [internet, lan], x: y}, BAD: ~}\n";
        const pic__cellfile_ops ops = { .object = object, .field = field };
        pic__doc *d = NULL;
        unsigned long n, made;

        (void)state;
        assert_int_equal(pic__doc_yaml(yaml, strlen(yaml), "t", &d, NULL), 0);
        for (n = 1;; n++) {
                pic_error *err = NULL;
                int r;

                pic__buf_clear(&seen);
                pic__mem_fail_at(n);
                r = pic__cellfile_read(d, &ops, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || r == PIC_NOTFOUND);
                assert_int_equal(pic_error_code(err), r);
                pic_error_free(err);
                if (made < n)
                        break;
        }
        pic__doc_unref(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(wishes),      cmocka_unit_test(all_errors),    cmocka_unit_test(wrong_root),
                cmocka_unit_test(not_endless), cmocka_unit_test(out_of_memory),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        pic__buf_free(&seen);
        return r;
}
