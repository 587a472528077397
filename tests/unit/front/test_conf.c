/* backend/front/conf.c against tests/golden/front (PIC_TEST_REGENERATE=1 writes them). */
#include "world.h"

static void golden(void **state)
{
        pic__auto_buf pic__buf got = PIC__BUF_INIT, want = PIC__BUF_INIT;
        const char *path = PIC_TEST_DATA "/golden/front/plain.cfg";
        pic__front_conf c;

        (void)state;
        assert_int_equal(pic__front_conf_parse(VALUE, &c, NULL), 0);
        assert_int_equal(pic__front_conf_text(&c, &got), 0);
        if (getenv("PIC_TEST_REGENERATE") != NULL)
                assert_int_equal(pic__file_write(path, got.data, got.len, 0644, NULL), 0);
        assert_int_equal(pic__file_read(path, 1 << 16, &want, NULL), 0);
        assert_string_equal(got.data, want.data);
}

static void outside(void **state)
{
        pic__auto_buf pic__buf got = PIC__BUF_INIT;
        pic__front_conf c;

        (void)state;
        assert_int_equal(pic__front_conf_parse(VALUE " outside=yes", &c, NULL), 0);
        assert_true(c.outside && c.listens == 2);
        assert_int_equal(pic__front_conf_text(&c, &got), 0);
        assert_non_null(strstr(got.data, "\tbind 0.0.0.0:80\n\tbind [::]:80 v6only\n"));
        assert_non_null(strstr(got.data, "\tbind 0.0.0.0:443 ssl crt-list outside-certs strict-sni "));
        assert_non_null(strstr(got.data, "\tserver acme 127.0.0.1:880\n"));
        assert_null(strstr(got.data, "unix@outside"));
}

static void refused(void **state)
{
        static const char *const bad[] = { "",
                                           "listen=",
                                           "listen=ten",
                                           "listen",
                                           "10.1.0.1",
                                           "listen=10.1.0.1 x=y",
                                           "listen=10.1.0.1 outside=yes x",
                                           "listen=10.1.0.1 outside=no",
                                           " outside=yes",
                                           "listen=1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,"
                                           "1.1.1.9" };
        pic__front_conf c;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__auto_err pic_error *err = NULL;

                if (pic__front_conf_parse(bad[i], &c, &err) != PIC_INVALID)
                        fail_msg("%s", bad[i]);
                assert_non_null(strstr(pic_error_message(err), "no front"));
        }
}

/* Nothing that can be told to the socket is a second command. */
static void words(void **state)
{
        (void)state;
        assert_true(pic__front_key_ok("home.internal") && pic__front_key_ok("[fd00::1]") &&
                    pic__front_key_ok("10.1.0.2"));
        assert_true(pic__front_value_ok("page") && pic__front_value_ok("anna-2"));
        assert_false(pic__front_key_ok("") || pic__front_key_ok("a b") || pic__front_key_ok("a;b") ||
                     pic__front_key_ok("a\nb") || pic__front_key_ok("#1") || pic__front_key_ok("\xc3\xa4"));
        assert_false(pic__front_value_ok("") || pic__front_value_ok(" a") || pic__front_value_ok("a b") ||
                     pic__front_value_ok("a;quit") || pic__front_value_ok("a\n") || pic__front_value_ok("<<"));
        assert_true(pic__front_name_ok("blog") && pic__front_name_ok("a.b_c-1"));
        assert_false(pic__front_name_ok("") || pic__front_name_ok("../x") || pic__front_name_ok(".x") ||
                     pic__front_name_ok("-x") || pic__front_name_ok("a b") || pic__front_name_ok("a/b"));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(golden), cmocka_unit_test(outside),
                                            cmocka_unit_test(refused), cmocka_unit_test(words) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
