/* Shows: what is told of certificates of public CAs that nobody asks for, or whose names nobody proves, and in a world
 * that is not real; the rest of it is test_acme.c's. */
#include "acme_world.h"

static void told(void **state)
{
        static const char *const acme[] = { "issuer", "acme", NULL }, *const plain[] = { NULL };
        pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);
        pic_error *err = NULL;
        certs_world w;

        (void)state;
        cw_make(&w);
        aw_apply(&w);
        assert_int_equal(pic__engine_acme_state(w.e, NULL, &j, NULL), 0);
        assert_string_equal(pic__buf_str(&out), "[]");
        assert_int_equal(pic__engine_acme_fd(w.e), -1);
        assert_int_equal(pic__engine_acme_due(w.e), 0);
        cw_add(&w, "nas", plain);
        aw_put(&w, PIC__CERTIFICATE, "home.example.org", acme);
        aw_apply(&w);
        pic__engine_acme_turn(w.e);
        assert_int_equal(pic__engine_acme_fd(w.e), -1); /* there is no domain */
        pic__buf_clear(&out);
        j.comma = 0;
        assert_int_equal(pic__engine_acme_state(w.e, NULL, &j, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&out), "\"state\":\"nobody\""));
        assert_int_equal(pic__engine_acme_state(w.e, "nas", &j, &err), PIC_BADSTATE);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_cert_renew(w.e, "home.example.org", "root", "cli", &err), PIC_BADSTATE);
        pic_error_free(err);
        pic__buf_free(&out);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
