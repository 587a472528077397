/* Answers as text: what goes in comes out, and nothing else is understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine/wire.h"

static pic_error *sample(void)
{
        pic_error *err = NULL;

        (void)pic__fail(&err, PIC_BACKEND, "table \"pic\": no\nspace");
        pic__hint(&err, "Make room.");
        pic__detail(&err, "extack", "be\ncause");
        pic__detail(&err, "argv", "nft -f");
        (void)pic__wrap_code(&err, PIC_ROLLEDBACK, "step 2 of 3 failed");
        return err;
}

static void test_errors(void **state)
{
        pic_error *err = sample(), *back = NULL;
        pic__buf answer = PIC__BUF_INIT, result = PIC__BUF_INIT;

        (void)state;
        pic__wire_failure(err, &answer);
        assert_int_equal(pic__wire_open(answer.data, answer.len, &result, &back), PIC_ROLLEDBACK);
        assert_int_equal(pic_error_code(back), PIC_ROLLEDBACK);
        assert_string_equal(pic_error_message(back), "step 2 of 3 failed: table \"pic\": no\\x0aspace");
        assert_string_equal(pic_error_hint(back), "Make room.");
        assert_string_equal(pic_error_detail(back, "extack"), "be\ncause");
        assert_string_equal(pic_error_detail(back, "argv"), "nft -f");
        assert_int_equal(result.len, 0);
        pic_error_free(back);
        back = pic__wire_copy(err);
        assert_int_equal(pic_error_code(back), PIC_ROLLEDBACK);
        assert_string_equal(pic_error_detail(back, "argv"), "nft -f");
        assert_null(pic__wire_copy(NULL));
        pic_error_free(back);
        pic_error_free(err);
        pic__buf_free(&answer);
}

static void test_ok(void **state)
{
        static const char answer[] = PIC__WIRE_OK "{\"a\":[1,2]}}";
        pic__buf result = PIC__BUF_INIT;

        (void)state;
        assert_int_equal(pic__wire_open(answer, strlen(answer), &result, NULL), 0);
        assert_string_equal(pic__buf_str(&result), "{\"a\":[1,2]}");
        pic__buf_free(&result);
}

static void test_nonsense(void **state)
{
        static const char *const bad[] = {
                "",
                "x",
                "{}",
                "[]",
                "{\"ok\":false}",
                "{\"ok\":false,\"error\":3}",
                "{\"ok\":true,\"result\":",
                "{\"ok\":false,\"error\":{}",
                "null",
        };
        static const char *const odd[] = {
                "{\"error\":{}}",
                "{\"error\":{\"code\":\"NEWCODE\",\"message\":\"m\"}}",
                "{\"error\":{\"code\":\"OK\",\"message\":\"m\"}}",
                "{\"error\":{\"code\":7,\"message\":[],\"hint\":{},\"details\":[]}}",
                "{\"error\":{\"code\":\"BACKEND\",\"details\":{\"a\":[1],\"b\":\"x\"}}}",
        };
        pic__buf result = PIC__BUF_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic_error *err = NULL;

                assert_int_equal(pic__wire_open(bad[i], strlen(bad[i]), &result, &err), PIC_BACKEND);
                assert_non_null(strstr(pic_error_message(err), "cannot be understood"));
                pic_error_free(err);
        }
        for (i = 0; i < PIC__COUNT(odd); i++) {
                pic_error *err = NULL;

                assert_int_equal(pic__wire_open(odd[i], strlen(odd[i]), &result, &err), PIC_BACKEND);
                assert_null(strstr(pic_error_message(err), "cannot be understood"));
                pic_error_free(err);
        }
        assert_int_equal(result.len, 0);
}

/* More details than there is room for: the first ones come over. */
static void test_many_details(void **state)
{
        pic_error *err = NULL, *back = NULL;
        pic__buf answer = PIC__BUF_INIT, result = PIC__BUF_INIT;
        char key[16];
        int i;

        (void)state;
        (void)pic__fail(&err, PIC_BACKEND, "m");
        for (i = 0; i < 100; i++) {
                snprintf(key, sizeof(key), "k%d", i);
                pic__detail(&err, key, "v");
        }
        pic__wire_failure(err, &answer);
        assert_int_equal(pic__wire_open(answer.data, answer.len, &result, &back), PIC_BACKEND);
        assert_string_equal(pic_error_detail(back, "k99"), "v");
        pic_error_free(back);
        pic_error_free(err);
        pic__buf_free(&answer);
}

static void test_no_memory(void **state)
{
        pic_error *err = sample();
        unsigned long n;

        (void)state;
        for (n = 1; n < 40; n++) {
                pic__buf answer = PIC__BUF_INIT, result = PIC__BUF_INIT;
                pic_error *back = NULL;
                int r;

                pic__buf_puts(&answer, "an earlier text, which leaves room for the short answer that is always "
                                       "possible, even when memory is short");
                pic__mem_fail_at(n);
                pic__wire_failure(err, &answer);
                assert_true(answer.len > 0 && answer.data[0] == '{');
                r = pic__wire_open(answer.data, answer.len, &result, &back);
                pic__mem_fail_at(0);
                assert_true(r == PIC_ROLLEDBACK || r == PIC_NOMEM);
                pic_error_free(back);
                pic__mem_fail_at(n);
                back = pic__wire_copy(err);
                pic__mem_fail_at(0);
                assert_non_null(back);
                pic_error_free(back);
                pic__buf_free(&answer);
        }
        pic_error_free(err);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_errors),       cmocka_unit_test(test_ok),        cmocka_unit_test(test_nonsense),
                cmocka_unit_test(test_many_details), cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
