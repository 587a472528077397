/* Shows: a request says our key and our names, as openssl reads it; nobody is no name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sys/child.h"
#include "sys/x509.h"

static void request(void **state)
{
        static const char *const names[] = { "home.example.org", "*.home.example.org", NULL }, *const none[] = { NULL };
        static const char *const argv[] = { "openssl", "req", "-verify", "-noout", "-text", NULL };
        pic__buf der = PIC__BUF_INIT, pem = PIC__BUF_INIT, out = PIC__BUF_INIT, said = PIC__BUF_INIT;
        pic__cmd_opts opts = { NULL };
        pic__x509_key *key = NULL;
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__x509_key_new(&key, NULL), 0);
        assert_int_equal(pic__x509_request(key, names, &der, NULL), 0);
        pic__x509_pem_put("CERTIFICATE REQUEST", pic__der_of(&der), &pem);
        opts.input = pem.data;
        opts.input_len = pem.len;
        assert_int_equal(pic__cmd_run(argv, &opts, &out, &said, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&out), "DNS:home.example.org, DNS:*.home.example.org"));
        assert_non_null(strstr(pic__buf_str(&out), "P-256"));
        assert_true(strstr(pic__buf_str(&said), "OK") != NULL || strstr(pic__buf_str(&out), "OK") != NULL);
        pic__buf_clear(&der);
        assert_true(pic__x509_request(key, none, &der, &err) < 0);
        pic_error_free(err);
        pic__x509_key_unref(key);
        pic__buf_free(&der);
        pic__buf_free(&pem);
        pic__buf_free(&out);
        pic__buf_free(&said);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(request) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
