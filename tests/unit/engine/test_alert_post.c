/* engine/alert_post.c: what an answer means. The sending: tests/scenario/test_alerts.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/alert_post.h"

static void answers(void **state)
{
        static const struct {
                int status, code;
        } rows[] = { { 200, 1 },          { 204, 1 },          { 302, PIC_BACKEND }, { 401, PIC_DENIED },
                     { 403, PIC_DENIED }, { 404, PIC_DENIED }, { 429, PIC_BACKEND }, { 500, PIC_BACKEND } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                pic__auto_err pic_error *err = NULL;

                assert_int_equal(pic__alert_post_judge(rows[i].status, "no", &err), rows[i].code);
                assert_true(rows[i].code == 1 || strstr(pic_error_message(err), ": no") != NULL);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(answers) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
