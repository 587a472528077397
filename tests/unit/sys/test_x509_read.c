/* Shows: a certificate says what was put into it; damage is found; a chain is right at its time and for its names. */
#include "x509_world.h"

static void fields(void **state)
{
        struct ca ca = ca_new();
        pic__buf leaf = leaf_of(&ca, "nas.home.internal", "*.lan"), names = PIC__BUF_INIT, spoilt = PIC__BUF_INIT;
        pic__x509_info r, l, l2;
        pic__buf again = leaf_of(&ca, "nas.home.internal", NULL);

        (void)state;
        assert_int_equal(pic__x509_read(pic__der_of(&ca.root), &r, NULL, NULL), 0);
        assert_int_equal(pic__x509_read(pic__der_of(&leaf), &l, &names, NULL), 0);
        assert_int_equal(pic__x509_read(pic__der_of(&again), &l2, NULL, NULL), 0);
        assert_string_equal(pic__buf_str(&names), "nas.home.internal,*.lan");
        assert_true(r.ca && r.self_signed && !l.ca && !l.self_signed);
        assert_memory_equal(r.subject, "home.internal CA ", 17);
        assert_string_equal(l.issuer, r.subject);
        assert_string_equal(l.subject, "nas.home.internal");
        assert_string_equal(l.issuer_id, r.own_id);
        assert_int_equal(strlen(l.serial), 32);
        assert_string_not_equal(l.serial, l2.serial);
        assert_string_not_equal(l.key_id, l2.key_id);
        assert_int_equal(l.until - l.from, 30 * DAY + 3600 * PIC__SECOND);
        pic__buf_put(&spoilt, leaf.data, leaf.len - 1);
        assert_int_equal(pic__x509_read(pic__der_of(&spoilt), &l, NULL, NULL), PIC_SYNTAX);
        pic__buf_clear(&spoilt);
        hex_bytes(&leaf, &spoilt, 0, 0xff);
        assert_int_equal(pic__x509_read(pic__der_of(&spoilt), &l, NULL, NULL), PIC_SYNTAX);
        pic__buf_clear(&spoilt);
        assert_int_equal(pic__x509_read(pic__der_of(&spoilt), &l, NULL, NULL), PIC_SYNTAX);
        pic__buf_free(&names);
        pic__buf_free(&spoilt);
        pic__buf_free(&leaf);
        pic__buf_free(&again);
        ca_free(&ca);
}

static int verify(const struct ca *ca, const pic__buf *leaf, pic_time when, const char *name)
{
        pic__der root = pic__der_of(&ca->root), chain = pic__der_of(leaf);

        return pic__x509_verify(&root, 1, &chain, 1, when, name, NULL);
}

static void chains(void **state)
{
        struct ca ca = ca_new(), other = ca_new();
        pic__buf leaf = leaf_of(&ca, "nas.home.internal", "fd00:86::1"), out = leaf_of(&ca, "www.example.org", NULL);
        pic__der none = { NULL, 0 };
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(verify(&ca, &leaf, now(), NULL), 0);
        assert_int_equal(verify(&ca, &leaf, now(), "nas.home.internal"), 0);
        assert_int_equal(verify(&ca, &leaf, now(), "fd00:86::1"), 0);
        assert_int_equal(verify(&ca, &leaf, now(), "tv.home.internal"), PIC_DENIED);
        assert_int_equal(verify(&ca, &leaf, now(), "fd00:86::2"), PIC_DENIED);
        assert_int_equal(verify(&ca, &leaf, now() + 31 * DAY, NULL), PIC_DENIED);
        assert_int_equal(verify(&ca, &leaf, now() - 2 * 3600 * PIC__SECOND, NULL), PIC_DENIED);
        assert_int_equal(verify(&ca, &out, now(), NULL), PIC_DENIED);
        assert_int_equal(verify(&other, &leaf, now(), NULL), PIC_DENIED);
        assert_int_equal(pic__x509_verify(&none, 0, &none, 0, now(), NULL, &err), PIC_DENIED);
        pic_error_free(err);
        pic__buf_free(&leaf);
        pic__buf_free(&out);
        ca_free(&ca);
        ca_free(&other);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(fields), cmocka_unit_test(chains) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
