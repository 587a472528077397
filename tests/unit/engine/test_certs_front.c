/* The page's own certificate: by the cell's root, for the names that were asked for, and nothing is written for it. */
#include "certs_world.h"

#include "engine/frontleaf.h"

struct chain {
        pic__buf der[3];
        pic__der at[3];
        size_t count;
};

static int take(pic__der der, void *data)
{
        struct chain *c = data;

        if (c->count < PIC__COUNT(c->at)) {
                pic__buf_put(&c->der[c->count], der.data, der.len);
                c->at[c->count] = pic__der_of(&c->der[c->count]);
                c->count++;
        }
        return 0;
}

static int good_for(const struct chain *c, const pic__buf *root, const pic__x509_info *leaf, const char *name)
{
        const pic__der r = pic__der_of(root);

        return pic__x509_verify(&r, 1, c->at, c->count, leaf->from + PIC__DAY, name, NULL) == 0;
}

static void issued(void **state)
{
        static const char *const plain[] = { NULL };
        pic__auto_buf pic__buf pem = PIC__BUF_INIT, root = PIC__BUF_INIT;
        PIC__AUTO(pic__obj_unref_p) pic_obj *owner = NULL;
        pic__auto_err pic_error *err = NULL;
        struct chain c = { .count = 0 };
        pic_revision before = 0, after = 0;
        pic__x509_info info;
        certs_world w;
        pic_time until = 0;
        size_t i;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1); /* there is a root */
        assert_int_equal(pic__store_revision(w.e->store, &before, NULL), 0);
        assert_int_equal(pic__engine_front_leaf(w.e, "home.internal,cell.home.internal,10.77.0.1", &pem, &until, &err),
                         0);
        assert_int_equal(pic__store_revision(w.e->store, &after, NULL), 0);
        assert_int_equal(before, after);
        assert_true(until > w.c.now + 29 * PIC__DAY && until <= w.c.now + 30 * PIC__DAY);
        assert_non_null(strstr(pem.data, "BEGIN PRIVATE KEY"));
        assert_int_equal(pic__x509_pem_each(pem.data, pem.len, take, &c, NULL), 0);
        owner = cw_get(&w, PIC__CELL, NULL);
        assert_int_equal(pic__x509_text_first(pic__obj_text(owner, "ca_certificate"), &root, NULL), 0);
        assert_int_equal(pic__x509_read(c.at[0], &info, NULL, NULL), 0);
        assert_true(good_for(&c, &root, &info, "home.internal") && good_for(&c, &root, &info, "10.77.0.1"));
        assert_false(good_for(&c, &root, &info, "nas.home.internal"));
        for (i = 0; i < c.count; i++)
                pic__buf_free(&c.der[i]);
        cw_drop(&w);
}

/* Who trusts only the former root goes on. */
static void of_two_roots(void **state)
{
        static const char *const plain[] = { NULL };
        pic__auto_buf pic__buf pem = PIC__BUF_INIT, former = PIC__BUF_INIT;
        PIC__AUTO(pic__obj_unref_p) pic_obj *owner = NULL;
        struct chain c = { .count = 0 };
        pic__x509_info info;
        certs_world w;
        pic_time until;
        size_t i;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_int_equal(pic__engine_cert_renew(w.e, NULL, "root", "cli", NULL), 0);
        assert_int_equal(pic__engine_front_leaf(w.e, "home.internal", &pem, &until, NULL), 0);
        assert_int_equal(pic__x509_pem_each(pem.data, pem.len, take, &c, NULL), 0);
        assert_int_equal(c.count, 2);
        owner = cw_get(&w, PIC__CELL, NULL);
        assert_int_equal(pic__x509_text_first(pic__obj_text(owner, "ca_former"), &former, NULL), 0);
        assert_int_equal(pic__x509_read(c.at[0], &info, NULL, NULL), 0);
        assert_true(good_for(&c, &former, &info, "home.internal"));
        for (i = 0; i < c.count; i++)
                pic__buf_free(&c.der[i]);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(issued), cmocka_unit_test(of_two_roots) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
