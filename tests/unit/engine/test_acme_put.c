/* Shows: what a CA sent is taken only when it is of our key, for our names and no others, good now, each signed by the
 * next one, and, of a CA that counts everywhere, trusted by this machine. That it then takes the old one's place is
 * test_acme_prove.c's. */
#include "acme_world.h"

struct ca {
        pic__x509_key *key;
        pic__x509_issuer *issuer;
        pic__buf root;
};

static pic_time now;
static char roots[80];

static void ca_make(struct ca *c)
{
        static const char *const zones[] = { "example.org", NULL }, *const nets[] = { "10.0.0.0/8", NULL };
        const pic__x509_scope scope = { zones, nets };

        memset(c, 0, sizeof(*c));
        assert_int_equal(pic__x509_key_new(&c->key, NULL), 0);
        assert_int_equal(pic__x509_root(c->key, "x", &scope, now - PIC__DAY, now + 900 * PIC__DAY, &c->root, NULL), 0);
        assert_int_equal(pic__x509_issuer_new(pic__der_of(&c->root), c->key, &c->issuer, NULL), 0);
}

static void ca_free(struct ca *c)
{
        pic__x509_key_unref(c->key);
        pic__x509_issuer_unref(c->issuer);
        pic__buf_free(&c->root);
}

/* A leaf for these names and what is said to stand above it, in PEM. */
static void chain_of(const struct ca *by, const struct ca *above, const pic__x509_key *key, const char *const *names,
                     pic_time until, pic__buf *pem)
{
        pic__buf leaf = PIC__BUF_INIT;

        pic__buf_clear(pem);
        assert_int_equal(pic__x509_leaf(by->issuer, key, names, now - PIC__SECOND, until, &leaf, NULL), 0);
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&leaf), pem);
        if (above != NULL)
                pic__x509_pem_put("CERTIFICATE", pic__der_of(&above->root), pem);
        pic__buf_free(&leaf);
}

static int judge(const pic__buf *pem, const pic__x509_key *key, const char *subjects, const char *trusted,
                 const char *says)
{
        pic__buf chain = PIC__BUF_INIT;
        pic_error *err = NULL;
        pic__x509_info info;
        int r = pic__acme_judge(pic__buf_str(pem), pem->len, key, subjects, now, trusted, &chain, &info, &err);

        if (r < 0 && (says == NULL || strstr(pic_error_message(err), says) == NULL))
                fail_msg("%s", pic_error_message(err));
        pic_error_free(err);
        pic__buf_free(&chain);
        return r;
}

static void judged(void **state)
{
        static const char *const one[] = { "a.example.org", NULL }, *const two[] = { "a.example.org", "*.a.example.org",
                                                                                     NULL };
        pic__buf pem = PIC__BUF_INIT, list = PIC__BUF_INIT;
        pic__x509_key *key = NULL, *other = NULL;
        struct ca good, bad;

        (void)state;
        now = NOW;
        ca_make(&good);
        ca_make(&bad);
        snprintf(roots, sizeof(roots), "/tmp/pic-roots-%d.pem", (int)getpid());
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&good.root), &list);
        assert_int_equal(pic__file_write(roots, list.data, list.len, 0600, NULL), 0);
        assert_int_equal(pic__x509_key_new(&key, NULL), 0);
        assert_int_equal(pic__x509_key_new(&other, NULL), 0);
        chain_of(&good, &good, key, two, now + PIC__DAY, &pem);
        assert_int_equal(judge(&pem, key, "a.example.org,*.a.example.org", NULL, NULL), 0);
        assert_int_equal(judge(&pem, key, "a.example.org,*.a.example.org", roots, NULL), 0);
        assert_int_equal(judge(&pem, other, "a.example.org,*.a.example.org", NULL, "another key"), PIC_BACKEND);
        assert_int_equal(judge(&pem, key, "a.example.org", NULL, "for *.a.example.org too"), PIC_BACKEND);
        assert_int_equal(judge(&pem, key, "a.example.org,*.a.example.org,b.example.org", NULL, "not for b"),
                         PIC_BACKEND);
        chain_of(&good, &bad, key, one, now + PIC__DAY, &pem);
        assert_int_equal(judge(&pem, key, "a.example.org", NULL, "not signed"), PIC_DENIED);
        chain_of(&bad, &bad, key, one, now + PIC__DAY, &pem);
        assert_int_equal(judge(&pem, key, "a.example.org", NULL, NULL), 0);
        assert_int_equal(judge(&pem, key, "a.example.org", roots, "does not trust"), PIC_BACKEND);
        assert_int_equal(judge(&pem, key, "a.example.org", "/nowhere", "does not trust"), PIC_BACKEND);
        chain_of(&good, &good, key, one, now - 1, &pem);
        assert_int_equal(judge(&pem, key, "a.example.org", NULL, "this time"), PIC_BACKEND);
        pic__buf_clear(&pem);
        assert_int_equal(judge(&pem, key, "a.example.org", NULL, "no certificate"), PIC_BACKEND);
        pic__buf_puts(&pem, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assert_true(judge(&pem, key, "a.example.org", NULL, "certificate") < 0);
        unlink(roots);
        pic__x509_key_unref(key);
        pic__x509_key_unref(other);
        pic__buf_free(&pem);
        pic__buf_free(&list);
        ca_free(&good);
        ca_free(&bad);
}

/* One that the front could not be told would be good in the store, and served by nobody. */
static void too_large(void **state)
{
        enum { MANY = 60 };
        char texts[MANY][256];
        const char *names[MANY + 1] = { NULL };
        pic__buf pem = PIC__BUF_INIT, list = PIC__BUF_INIT;
        pic__x509_key *key = NULL;
        struct ca good;
        int i;

        (void)state;
        now = NOW;
        ca_make(&good);
        assert_int_equal(pic__x509_key_new(&key, NULL), 0);
        for (i = 0; i < MANY; i++) {
                snprintf(texts[i], sizeof(texts[i]), "%060d.%060d.%060d.example.org", i, 1, 2);
                names[i] = texts[i];
                pic__buf_putf(&list, "%s%s", i > 0 ? "," : "", texts[i]);
        }
        chain_of(&good, &good, key, names, now + PIC__DAY, &pem);
        assert_int_equal(judge(&pem, key, pic__buf_str(&list), NULL, "too large"), PIC_BACKEND);
        pic__x509_key_unref(key);
        pic__buf_free(&pem);
        pic__buf_free(&list);
        ca_free(&good);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(judged), cmocka_unit_test(too_large) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
