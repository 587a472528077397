/* Shows: a certificate and its key as a front end gets them, judged by openssl; the root in each of its forms; what the
 * root is, as JSON. */
#include "../../api/world.h"

static void put(const char *dir, const char *file, const pic_blob *b)
{
        char path[128];
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", dir, file);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(pic_blob_data(b), 1, pic_blob_size(b), f), pic_blob_size(b));
        fclose(f);
}

static int run(const char *dir, const char *what)
{
        char line[512];

        snprintf(line, sizeof(line), "cd %s && %s >out 2>&1 </dev/null", dir, what);
        return system(line);
}

static void by_openssl(void **state)
{
        static const char *const kept[] = { "key_mode", "kept", NULL };
        pic_blob *pem = NULL, *root = NULL, *crl = NULL, *again = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "certificate", "nas", kept, &err));
        ok(pic_cert_key(w.ctx, "nas", &pem, &err));
        ok(pic_ca_get(w.ctx, PIC_CA_PEM, &root, &err));
        ok(pic_ca_get(w.ctx, PIC_CA_CRL, &crl, &err));
        put(w.dir, "pem", pem);
        put(w.dir, "root", root);
        put(w.dir, "crl", crl);
        assert_int_equal(run(w.dir, "openssl verify -x509_strict -crl_check -CAfile root -CRLfile crl -verify_hostname "
                                    "nas.home.internal pem"),
                         0);
        assert_int_equal(run(w.dir, "openssl x509 -in pem -pubkey -noout >a; openssl pkey -in pem -pubout >b; cmp a b"),
                         0);
        pic_blob_unref(crl);
        ok(world_set(&w, "certificate", "nas", "revoked", "true", &err));
        ok(pic_ca_get(w.ctx, PIC_CA_CRL, &crl, &err));
        put(w.dir, "crl", crl);
        assert_int_not_equal(run(w.dir, "openssl verify -crl_check -CAfile root -CRLfile crl pem"), 0);
        ok(pic_cert_export(w.ctx, "nas", &again, &err));
        assert_null(strstr(pic_blob_data(again), "PRIVATE"));
        assert_memory_equal(pic_blob_data(pem), pic_blob_data(again), pic_blob_size(again));
        pic_blob_unref(pem);
        pic_blob_unref(root);
        pic_blob_unref(crl);
        pic_blob_unref(again);
        world_end(&w);
}

static void once(void **state)
{
        pic_blob *pem = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "certificate", "nas", NULL, &err));
        ok(pic_cert_key(w.ctx, "nas", &pem, &err));
        pic_blob_unref(pem);
        refused(pic_cert_key(w.ctx, "nas", &pem, &err), PIC_BADSTATE, "shown already");
        ok(pic_cert_renew(w.ctx, "nas", &err));
        refused(pic_cert_key(w.ctx, "nas", &pem, &err), PIC_BADSTATE, "shown already");
        refused(pic_cert_key(w.ctx, "tv", &pem, &err), PIC_NOTFOUND, "tv");
        refused(pic_cert_export(w.ctx, "tv", &pem, &err), PIC_NOTFOUND, "tv");
        refused(pic_cert_renew(w.ctx, "tv", &err), PIC_NOTFOUND, "tv");
        refused(pic_cert_key(w.ctx, NULL, &pem, &err), PIC_INVALID, "pic_cert_key");
        refused(pic_ca_get(w.ctx, 9, &pem, &err), PIC_INVALID, "form");
        world_end(&w);
}

static void root(void **state)
{
        pic_report *before = NULL, *after = NULL;
        pic_blob *der = NULL, *pem = NULL;
        pic_error *err = NULL;
        const char *text;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_ca_info(w.ctx, &before, &err));
        text = pic_report_text(before);
        assert_non_null(strstr(
                text, "\"zones\":[\"home.internal\"],\"networks\":[\"10.77.0.0/16\",\"fd77:1:2::/48\"],\"fits\":true,"
                      "\"former\":null}"));
        ok(pic_ca_get(w.ctx, PIC_CA_DER, &der, &err));
        assert_memory_equal(pic_blob_data(der), "\x30\x82", 2);
        ok(world_set(&w, "cell", NULL, "ca_zones", "lan", &err));
        ok(pic_ca_info(w.ctx, &after, &err));
        assert_non_null(strstr(pic_report_text(after), "\"fits\":false"));
        pic_report_unref(after);
        ok(pic_cert_renew(w.ctx, NULL, &err));
        ok(pic_ca_info(w.ctx, &after, &err));
        assert_non_null(strstr(pic_report_text(after), "\"zones\":[\"home.internal\",\"lan\"]"));
        assert_non_null(strstr(pic_report_text(after), "\"former\":{\"subject\":\"home.internal CA "));
        ok(pic_ca_get(w.ctx, PIC_CA_PEM, &pem, &err));
        text = strstr((const char *)pic_blob_data(pem) + 10, "BEGIN CERTIFICATE");
        assert_non_null(text); /* the former one too */
        pic_report_unref(before);
        pic_report_unref(after);
        pic_blob_unref(der);
        pic_blob_unref(pem);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_openssl), cmocka_unit_test(once),
                                            cmocka_unit_test(root) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
