/* drill/order.c: an order is one of two, whole, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drill/order.h"

static int order(const char *text, pic__drill_order *o)
{
        return pic__drill_order_read(text, strlen(text), o, NULL);
}

static void right(void **state)
{
        pic__drill_order o;

        (void)state;
        assert_int_equal(order("{\"op\":\"live\",\"dir\":\"/x\",\"fake\":true}", &o), 0);
        assert_true(!o.target && o.fake && strcmp(o.dir, "/x") == 0 && o.passphrase == NULL);
        pic__drill_order_clear(&o);
        assert_int_equal(order("{\"op\":\"target\",\"fetch\":\"{}\",\"of\":\"k\",\"passphrase\":\"p\"}", &o), 0);
        assert_true(o.target && !o.fake && strcmp(o.fetch, "{}") == 0 && strcmp(o.of, "k") == 0);
        pic__drill_order_clear(&o);
}

static void of_a_file(void **state)
{
        pic__drill_order o;

        (void)state;
        assert_int_equal(order("{\"op\":\"file\",\"identities\":[\"a\"],\"work_factor\":18}", &o), 0);
        assert_true(o.file && !o.target && o.identities != NULL && o.work_factor == 18 && o.passphrase == NULL);
        pic__drill_order_clear(&o);
        assert_int_equal(order("{\"op\":\"file\",\"identities\":7}", &o), 0);
        assert_null(o.identities);
        pic__drill_order_clear(&o);
}

static void wrong(void **state)
{
        static const char *const texts[] = { "",
                                             "{",
                                             "[]",
                                             "{}",
                                             "7",
                                             "{\"op\":\"live\"}",
                                             "{\"op\":\"target\",\"dir\":\"/x\"}",
                                             "{\"op\":\"else\",\"dir\":\"/x\"}" };
        pic__drill_order o;
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                assert_true(order(texts[i], &o) < 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(right), cmocka_unit_test(of_a_file),
                                            cmocka_unit_test(wrong) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
