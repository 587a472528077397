/* Shows: who is on the list is refused by openssl, who is not is accepted; the list is its root's or nobody's. */
#include <sys/stat.h>
#include <unistd.h>

#include "x509_world.h"

static void crl_of(const struct ca *ca, const char *serial, pic__buf *out)
{
        pic__x509_revoked rows[] = { { "0123456789abcdef0123456789abcdef", 0 }, { serial, 0 } };

        rows[0].at = rows[1].at = now() - DAY;
        assert_int_equal(pic__x509_crl(ca->issuer, rows, 2, now(), now() + 7 * DAY, out, NULL), 0);
}

static void listed(void **state)
{
        struct ca ca = ca_new(), other = ca_new();
        pic__buf bad = leaf_of(&ca, "a.home.internal", NULL), good = leaf_of(&ca, "b.home.internal", NULL);
        pic__buf crl = PIC__BUF_INIT;
        pic__x509_info b, g;

        (void)state;
        assert_int_equal(pic__x509_read(pic__der_of(&bad), &b, NULL, NULL), 0);
        assert_int_equal(pic__x509_read(pic__der_of(&good), &g, NULL, NULL), 0);
        crl_of(&ca, b.serial, &crl);
        assert_int_equal(pic__x509_crl_has(pic__der_of(&crl), pic__der_of(&ca.root), b.serial, NULL), 1);
        assert_int_equal(pic__x509_crl_has(pic__der_of(&crl), pic__der_of(&ca.root), g.serial, NULL), 0);
        assert_int_equal(pic__x509_crl_has(pic__der_of(&crl), pic__der_of(&other.root), b.serial, NULL), PIC_DENIED);
        assert_int_equal(pic__x509_crl_has(pic__der_of(&good), pic__der_of(&ca.root), b.serial, NULL), PIC_SYNTAX);
        pic__buf_free(&bad);
        pic__buf_free(&good);
        pic__buf_free(&crl);
        ca_free(&ca);
        ca_free(&other);
}

static int judge(const char *dir)
{
        char line[256];

        snprintf(line, sizeof(line),
                 "cd %s && openssl verify -x509_strict -crl_check -CAfile root.pem -CRLfile crl.pem leaf.pem >out 2>&1",
                 dir);
        return system(line);
}

static void by_openssl(void **state)
{
        char dir[64], path[128], line[96];
        struct ca ca = ca_new();
        pic__buf bad = leaf_of(&ca, "a.home.internal", NULL), good = leaf_of(&ca, "b.home.internal", NULL);
        pic__buf crl = PIC__BUF_INIT;
        pic__x509_info b;

        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-crl-%ld", (long)getpid());
        assert_int_equal(mkdir(dir, 0700), 0);
        assert_int_equal(pic__x509_read(pic__der_of(&bad), &b, NULL, NULL), 0);
        crl_of(&ca, b.serial, &crl);
        snprintf(path, sizeof(path), "%s/root.pem", dir);
        put_pem(path, "CERTIFICATE", &ca.root, "w");
        snprintf(path, sizeof(path), "%s/crl.pem", dir);
        put_pem(path, "X509 CRL", &crl, "w");
        snprintf(path, sizeof(path), "%s/leaf.pem", dir);
        put_pem(path, "CERTIFICATE", &bad, "w");
        assert_int_not_equal(judge(dir), 0);
        put_pem(path, "CERTIFICATE", &good, "w");
        assert_int_equal(judge(dir), 0);
        snprintf(line, sizeof(line), "rm -rf %s", dir);
        assert_int_equal(system(line), 0);
        pic__buf_free(&bad);
        pic__buf_free(&good);
        pic__buf_free(&crl);
        ca_free(&ca);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(listed), cmocka_unit_test(by_openssl) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
