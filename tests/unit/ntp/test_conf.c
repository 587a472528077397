/* backend/ntp/conf.c against tests/golden/ntp (PIC_TEST_REGENERATE=1 writes them). */
#include "world.h"

static const struct {
        const char *file;
        const char *value;
} samples[] = {
        { "plain", VALUE },
        { "servers", VALUE " servers=time.example.org,2001:db8::7" },
        { "clock", "listen=10.1.0.1 allow=10.1.0.0/16 servers=192.0.2.7 clock=yes" },
};

static void golden(void **state)
{
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(samples); i++) {
                pic__auto_buf pic__buf got = PIC__BUF_INIT, want = PIC__BUF_INIT;
                pic__ntp_conf c;
                char path[512];

                assert_int_equal(pic__ntp_conf_parse(samples[i].value, &c, NULL), 0);
                assert_int_equal(pic__ntp_conf_args(&c, &got), 0);
                for (k = 0; k < got.len; k++)
                        if (got.data[k] == '\0')
                                got.data[k] = '\n';
                snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/ntp/%s.args", samples[i].file);
                if (getenv("PIC_TEST_REGENERATE") != NULL)
                        assert_int_equal(pic__file_write(path, got.data, got.len, 0644, NULL), 0);
                assert_int_equal(pic__file_read(path, 1 << 16, &want, NULL), 0);
                assert_string_equal(got.data, want.data);
        }
}

static void refused(void **state)
{
        static const char *const bad[] = { "",
                                           "listen=",
                                           "allow=10.0.0.0/8",
                                           "listen=10.1.0.1,10.1.0.2,10.1.0.3",
                                           "listen=ten",
                                           "listen=10.1.0.1 allow=10.1.0.1/8",
                                           "listen=10.1.0.1 servers=a;b",
                                           "listen=10.1.0.1 servers=a,b,c,d,e,f,g,h,i",
                                           "listen=10.1.0.1 clock=no",
                                           "listen=10.1.0.1 what=ever",
                                           "listen" };
        pic__ntp_conf c;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__auto_err pic_error *err = NULL;

                if (pic__ntp_conf_parse(bad[i], &c, &err) != PIC_INVALID)
                        fail_msg("%s", bad[i]);
                assert_non_null(strstr(pic_error_message(err), "no time server"));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(golden), cmocka_unit_test(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
