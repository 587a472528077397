/* Shows: the level is looked at before a message is made; errors are logged with their causes on one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

static char last[256];
static int calls;

static void keep(int level, const char *area, const char *message, void *data)
{
        assert_ptr_equal(data, &calls);
        calls++;
        snprintf(last, sizeof(last), "%d %s %s", level, area, message);
}

static void levels(void **state)
{
        pic__log log = { keep, &calls, PIC_LOG_WARNING };
        pic__log silent = { NULL, NULL, PIC_LOG_DEBUG };

        (void)state;
        calls = 0;
        pic__log_put(&log, PIC_LOG_INFO, "wg", "not shown %d", 1);
        pic__log_put(NULL, PIC_LOG_ERROR, "wg", "not shown");
        pic__log_put(&silent, PIC_LOG_ERROR, "wg", "not shown");
        assert_int_equal(calls, 0);
        pic__log_put(&log, PIC_LOG_WARNING, "wg", "shown %d", 2);
        assert_string_equal(last, "1 wg shown 2");
}

static void errors(void **state)
{
        pic__log log = { keep, &calls, PIC_LOG_ERROR };
        pic_error *err = NULL;

        (void)state;
        calls = 0;
        pic__fail(&err, PIC_BACKEND, "no such device");
        pic__wrap(&err, "device 'pic0'");
        pic__log_err(&log, PIC_LOG_ERROR, "wg", err);
        assert_string_equal(last, "0 wg BACKEND: device 'pic0': no such device");
        pic__log_err(&log, PIC_LOG_INFO, "wg", err);
        pic__log_err(&log, PIC_LOG_ERROR, "wg", NULL);
        pic__log_err(NULL, PIC_LOG_ERROR, "wg", err);
        assert_int_equal(calls, 1);
        pic_error_free(err);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(levels), cmocka_unit_test(errors) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
