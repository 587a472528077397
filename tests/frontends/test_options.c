/* Shows: both servers take the same levels and worlds, and say in the same words what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/options.h"

static void levels(void **state)
{
        static const char *const names[] = { "error", "warning", "info", "debug" };
        int i, level = -1;

        (void)state;
        for (i = 0; i < 4; i++) {
                assert_int_equal(options_level("test", names[i], &level), 0);
                assert_int_equal(level, i);
        }
        assert_int_equal(options_level("test", "Debug", &level), 2);
        assert_int_equal(options_level("test", "", &level), 2);
        assert_int_equal(level, 3);
}

static void worlds(void **state)
{
        const char *world = NULL;

        (void)state;
        assert_int_equal(options_world("test", "fake", &world), 0);
        assert_string_equal(world, "fake");
        assert_int_equal(options_world("test", "real", &world), 0);
        assert_int_equal(options_world("test", "reality", &world), 2);
        assert_string_equal(world, "real");
        assert_int_equal(options_usage("test", "too many arguments", NULL), 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(levels), cmocka_unit_test(worlds) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
