/* sys/power.c: what is given is given once and taken back. That it makes a difference is shown in
 * tests/unit/engine/test_privileges.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/power.h"

static void and_back(void **state)
{
        uint64_t given = pic__power_give();

        (void)state;
        assert_int_equal(pic__power_give(), 0);
        pic__power_back(given);
        assert_int_equal(pic__power_give(), given);
        pic__power_back(given);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(and_back) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
