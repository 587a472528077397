/* Shows: what is wished is issued at once and renewed at two thirds of its time by the clock, never before, and never
 * taken away; what was revoked or is another's is left alone; what fails is told and tried again. */
#include "certs_world.h"

static const char *const plain[] = { NULL }, *const kept[] = { "key_mode", "kept", "names", "nas,nas.home,10.77.0.9",
                                                               NULL };

static void issue_and_renew(void **state)
{
        char first[128], second[128], root[4096];
        certs_world w;
        int64_t at;

        (void)state;
        cw_make(&w);
        assert_int_equal(cw_round(&w), 0);
        cw_add(&w, "nas", kept);
        assert_int_equal(cw_round(&w), 1);
        assert_int_equal(cw_round(&w), 0);
        assert_true(cw_good(&w, "nas", "ca_certificate", "nas.home.internal"));
        assert_true(cw_good(&w, "nas", "ca_certificate", "10.77.0.9"));
        assert_false(cw_good(&w, "nas", "ca_certificate", "tv.home.internal"));
        cw_text(&w, PIC__CERTIFICATE, "nas", "subjects", root, sizeof(root));
        assert_string_equal(root, "nas.home.internal,10.77.0.9");
        cw_text(&w, PIC__CERTIFICATE, "nas", "serial", first, sizeof(first));
        at = cw_int(&w, "nas", "renew_at");
        assert_true(at > w.c.now + 19 * PIC__DAY && at < w.c.now + 21 * PIC__DAY);
        assert_int_equal(pic__engine_certs_due(w.e), at);
        w.c.now = at - PIC__SECOND;
        assert_int_equal(cw_round(&w), 0);
        w.c.now = at;
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CERTIFICATE, "nas", "serial", second, sizeof(second));
        assert_string_not_equal(first, second);
        assert_true(cw_good(&w, "nas", "ca_certificate", "nas.home.internal"));
        cw_text(&w, PIC__CERTIFICATE, "nas", "serials", root, sizeof(root)); /* both can still be revoked */
        assert_non_null(strstr(root, first));
        assert_non_null(strstr(root, second));
        w.c.now += 11 * PIC__DAY; /* the first one has ended, the next round forgets it */
        w.c.now = cw_int(&w, "nas", "renew_at");
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CERTIFICATE, "nas", "serials", root, sizeof(root));
        assert_null(strstr(root, first));
        cw_drop(&w);
}

/* The agent that was off for a year. */
static void late(void **state)
{
        certs_world w;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        w.c.now += 400 * PIC__DAY;
        assert_false(cw_good(&w, "nas", "ca_certificate", NULL));
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "nas", "ca_certificate", "nas.home.internal"));
        cw_drop(&w);
}

static void others(void **state)
{
        static const char *const revoked[] = { "revoked", "yes", NULL }, *const acme[] = { "issuer", "acme", NULL };
        static const char *const outside[] = { "names", "www.example.org.", NULL };
        certs_world w;
        pic_error *err = NULL;

        (void)state;
        cw_make(&w);
        cw_add(&w, "gone", revoked);
        cw_add(&w, "public", acme);
        cw_add(&w, "outside", outside);
        assert_int_equal(cw_round(&w), 0);
        assert_int_equal(pic__engine_cert_renew(w.e, "gone", "root", "cli", &err), PIC_BADSTATE);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_cert_renew(w.e, "public", "root", "cli", &err), PIC_BADSTATE);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_cert_renew(w.e, "outside", "root", "cli", &err), PIC_VALUE);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_cert_renew(w.e, "nobody", "root", "cli", &err), PIC_NOTFOUND);
        pic_error_free(err);
        cw_drop(&w);
}

/* Other names are another certificate, at once. */
static void changed(void **state)
{
        static const char *const more[] = { "names", "nas,files", NULL };
        certs_world w;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_false(cw_good(&w, "nas", "ca_certificate", "files.home.internal"));
        cell_set(&w.c, PIC__CERTIFICATE, "nas", more);
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "nas", "ca_certificate", "files.home.internal"));
        cw_drop(&w);
}

static void broken(void **state)
{
        static const char *const bad[] = { "ca_secret", "AAAA", NULL };
        certs_world w;

        (void)state;
        cw_make(&w);
        cell_set(&w.c, PIC__CELL, NULL, bad);
        cw_add(&w, "nas", plain);
        assert_int_equal(pic__engine_certs(w.e, NULL), PIC_CORRUPT);
        assert_non_null(w.e->certs_why);
        assert_int_equal(pic__engine_certs_due(w.e), w.c.now + 60 * PIC__SECOND);
        assert_int_equal(pic__engine_certs(w.e, NULL), 0); /* with patience */
        w.c.now += 61 * PIC__SECOND;
        assert_int_equal(pic__engine_certs(w.e, NULL), PIC_CORRUPT);
        cw_drop(&w);
}

static void many(void **state)
{
        char name[16];
        certs_world w;
        int i;

        (void)state;
        cw_make(&w);
        for (i = 0; i < 50; i++) {
                snprintf(name, sizeof(name), "host%d", i);
                cw_add(&w, name, plain);
        }
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "host0", "ca_certificate", NULL) && cw_good(&w, "host49", "ca_certificate", NULL));
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(issue_and_renew), cmocka_unit_test(late),
                                            cmocka_unit_test(others),          cmocka_unit_test(changed),
                                            cmocka_unit_test(broken),          cmocka_unit_test(many) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
