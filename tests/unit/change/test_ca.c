/* Shows: a root is made for what the cell is called, its key sealed to its place; lists of serial numbers go there and
 * back, and what is damaged in them is passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/time.h"
#include "change/ca.h"
#include "sys/crypto.h"
#include "sys/x509.h"

static void root(void **state)
{
        static const char *const fields[] = { "name", "home",        "net4",     "10.1.0.0/16",
                                              "net6", "fd00:1::/64", "ca_zones", "lan" };
        uint8_t key[32] = { 9 }, public_key[32], plain[4096];
        pic__auto_buf pic__buf der = PIC__BUF_INIT;
        pic__x509_key *made = NULL;
        pic__x509_info info;
        pic_obj *o = NULL;
        size_t len = 0, i;

        (void)state;
        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__wg_public(key, public_key);
        assert_int_equal(pic__obj_new(PIC__CELL, &o, NULL), 0);
        for (i = 0; i < PIC__COUNT(fields); i += 2)
                assert_int_equal(pic__obj_set(o, fields[i], fields[i + 1], 1, NULL), 0);
        o->id = 1;
        assert_int_equal(pic__ca_make(o, public_key, (pic_time)1800000000 * PIC__SECOND, NULL), 0);
        assert_string_equal(pic__obj_text(o, "ca_scope"), "home.internal,lan 10.1.0.0/16,fd00:1::/64");
        assert_int_equal(pic__x509_text_first(pic__obj_text(o, "ca_certificate"), &der, NULL), 0);
        assert_int_equal(pic__x509_read(pic__der_of(&der), &info, NULL, NULL), 0);
        assert_true(info.ca && info.self_signed && info.from < (pic_time)1800000000 * PIC__SECOND);
        assert_int_equal(
                pic__unseal(key, "cell/1/ca_secret", pic__obj_text(o, "ca_secret"), plain, sizeof(plain), &len, NULL),
                0);
        assert_int_equal(pic__x509_key_read((pic__der){ plain, len }, &made, NULL), 0);
        assert_true(pic__x509_key_fits(made, pic__der_of(&der)));
        pic__x509_key_unref(made);
        pic__obj_unref(o);
}

static void serials(void **state)
{
        const char *text = "0a1b:1800000000 bad:x zz:5 00ff:1800000001", *at = text;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__serial s;
        int n = 0;

        (void)state;
        while (pic__serial_next(&at, &s)) {
                pic__serial_put(&s, &out);
                n++;
        }
        assert_int_equal(n, 3); /* "bad:x" is one that ended long ago */
        assert_string_equal(pic__buf_str(&out), "0a1b:1800000000 bad:0 00ff:1800000001");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(root), cmocka_unit_test(serials) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
