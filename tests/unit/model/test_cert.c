/* Shows: short names mean what a person means by them, what is outside is refused with the rule it breaks, and each
 * that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/cert.h"

static pic_obj *make(enum pic__kind kind, const char *const *fields)
{
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_new(kind, &o, NULL), 0);
        for (; fields[0] != NULL; fields += 2)
                assert_int_equal(pic__obj_set(o, fields[0], fields[1], 1, NULL), 0);
        return o;
}

static pic_obj *cell(void)
{
        static const char *const fields[] = { "name", "Home",        "net4",     "10.1.0.0/16",
                                              "net6", "fd00:1::/64", "ca_zones", "lan,cabin.example.org",
                                              NULL };

        return make(PIC__CELL, fields);
}

static void full(void **state)
{
        static const struct {
                const char *said, *means; /* NULL: refused */
        } cases[] = {
                { "nas", "nas.home.internal" },
                { "NAS", "nas.home.internal" },
                { "*", NULL },
                { "*.apps", "*.apps.home.internal" },
                { "nas.home", "nas.home.internal" },
                { "a.b.home", "a.b.home.internal" },
                { "home", "home.home.internal" },
                { "nas.home.internal", "nas.home.internal" },
                { "nas.home.internal.", "nas.home.internal" },
                { "home.internal.", "home.internal" },
                { "*.home.internal", "*.home.internal" },
                { "printer.lan", "printer.lan" },
                { "lan.", "lan" },
                { "x.cabin.example.org", "x.cabin.example.org" },
                { "cabin.example.org", "cabin.example.org" },
                { "10.1.2.3", "10.1.2.3" },
                { "fd00:1::0:7", "fd00:1::7" },
                { "10.2.0.1", NULL },
                { "2001:db8::1", NULL },
                { "example.org", NULL },
                { "www.example.org", NULL },
                { "nas.", NULL },
                { "nas.home.", NULL },
                { "evilhome.internal", NULL },
                { "nas_1", NULL },
                { "", NULL },
        };
        pic_obj *c = cell();
        char out[PIC__CERT_NAME];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                const char *why = pic__cert_full(c, cases[i].said, out);

                if ((why == NULL) != (cases[i].means != NULL))
                        fail_msg("'%s': %s", cases[i].said, why != NULL ? why : out);
                if (why == NULL)
                        assert_string_equal(out, cases[i].means);
        }
        pic__obj_unref(c);
}

static void subjects(void **state)
{
        static const char *const plain[] = { "name", "nas.home", NULL },
                                 *const more[] = { "name", "x", "names", "nas,nas.home.internal,10.1.0.9", NULL },
                                 *const bad[] = { "name", "x", "names", "nas,example.org,10.9.9.9", NULL },
                                 *const acme[] = { "name", "x", "issuer", "acme", "names", "example.org.", NULL };
        pic_obj *c = cell(), *o = make(PIC__CERTIFICATE, plain);
        pic__buf b = PIC__BUF_INIT;
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__cert_subjects(c, o, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), "nas.home.internal");
        assert_true(pic__cert_is_own(o));
        pic__obj_unref(o);
        pic__buf_clear(&b);
        o = make(PIC__CERTIFICATE, more);
        assert_int_equal(pic__cert_subjects(c, o, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), "nas.home.internal,10.1.0.9"); /* each once */
        pic__obj_unref(o);
        pic__buf_clear(&b);
        o = make(PIC__CERTIFICATE, bad);
        assert_int_equal(pic__cert_subjects(c, o, &b, &err), PIC_VALUE);
        assert_int_equal(pic__err_count(err), 2);
        assert_non_null(strstr(pic_error_message(err), "example.org"));
        pic_error_free(err);
        pic__obj_unref(o);
        pic__buf_clear(&b);
        o = make(PIC__CERTIFICATE, acme);
        assert_int_equal(pic__cert_subjects(c, o, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), "example.org");
        assert_false(pic__cert_is_own(o));
        pic__obj_unref(o);
        pic__obj_unref(c);
        pic__buf_free(&b);
}

/* The field's own rule. */
static void hosts(void **state)
{
        static const struct {
                const char *text, *value;
        } cases[] = { { "NAS.Home.", "nas.home." },
                      { "*.x", "*.x" },
                      { "fd00::0:1", "fd00::1" },
                      { "10.0.0.1", "10.0.0.1" },
                      { "a.*.b", NULL },
                      { "*x", NULL },
                      { "*.", NULL },
                      { ".", NULL },
                      { "a b", NULL },
                      { "10.0.0.256", NULL },
                      { "-a", NULL },
                      { "a..", NULL } };
        const pic__field f = { .name = "names", .type = PIC__T_HOST };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__val v = PIC__VAL_NONE;
                pic_error *err = NULL;
                int r = pic__field_parse(&f, cases[i].text, &v, &err);

                if ((r == 0) != (cases[i].value != NULL))
                        fail_msg("'%s'", cases[i].text);
                if (r == 0)
                        assert_string_equal(v.s, cases[i].value);
                pic__val_clear(&v);
                pic_error_free(err);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(full), cmocka_unit_test(subjects),
                                            cmocka_unit_test(hosts) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
