/* Shows: keys go out and come back; what is none is refused; a certificate knows its key. */
#include "x509_world.h"

static void there_and_back(void **state)
{
        pic__x509_key *key = NULL, *again = NULL, *other = NULL, *public_half = NULL;
        pic__buf der = PIC__BUF_SECRET, pem = PIC__BUF_SECRET;
        struct ca ca = ca_new();
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__x509_key_write(ca.key, &der, NULL), 0);
        assert_true(der.len > 100 && der.len < 200);
        assert_int_equal(pic__x509_key_read(pic__der_of(&der), &again, NULL), 0);
        assert_true(pic__x509_key_fits(again, pic__der_of(&ca.root)));
        assert_int_equal(pic__x509_key_new(&other, NULL), 0);
        assert_false(pic__x509_key_fits(other, pic__der_of(&ca.root)));
        pic__x509_pem_put("PRIVATE KEY", pic__der_of(&der), &pem);
        assert_int_equal(pic__x509_key_pem(pem.data, pem.len, &key, NULL), 0);
        assert_true(pic__x509_key_fits(key, pic__der_of(&ca.root)));
        assert_int_equal(pic__x509_key_of(pic__der_of(&ca.root), &public_half, NULL), 0);
        assert_true(pic__x509_key_fits(public_half, pic__der_of(&ca.root)));
        pic__buf_putc(&der, 0);
        pic__x509_key_unref(other);
        other = NULL;
        assert_int_equal(pic__x509_key_read(pic__der_of(&der), &other, &err), PIC_SYNTAX);
        pic_error_free(err);
        assert_int_equal(pic__x509_key_pem(pem.data, pem.len / 2, &other, NULL), PIC_SYNTAX);
        pic__x509_key_unref(public_half);
        pic__x509_key_unref(key);
        pic__x509_key_unref(again);
        pic__buf_wipe(&der);
        pic__buf_wipe(&pem);
        ca_free(&ca);
}

static void addresses(void **state)
{
        struct ca ca = ca_new();
        pic__buf leaf = leaf_of(&ca, "10.86.0.9", "fd00:86::9"), names = PIC__BUF_INIT;
        pic__x509_info info;

        (void)state;
        assert_int_equal(pic__x509_read(pic__der_of(&leaf), &info, &names, NULL), 0);
        assert_string_equal(pic__buf_str(&names), "10.86.0.9,fd00:86::9");
        pic__buf_free(&leaf);
        pic__buf_free(&names);
        ca_free(&ca);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(addresses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
