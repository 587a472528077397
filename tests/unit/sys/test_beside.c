/* sys/beside.c: our own helpers, where this program is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sys/beside.h"

static void found(void **state)
{
        char *path = pic__beside_find("pic-acme-hook"), *none = pic__beside_find("pic-no-such-program");

        (void)state;
        assert_null(none);
        if (path != NULL) /* the front ends may not be built */
                assert_non_null(strstr(path, "/pic-acme-hook"));
        pic__free(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(found) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
