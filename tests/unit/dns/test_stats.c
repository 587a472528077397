/* backend/dns/stats.c */
#include "world.h"

#include "backend/dns/stats.h"

static void one_number(void **state)
{
        static const char text[] = "total.num.queries=12\nnum.queries=3\ntotal.num.queries_ip_ratelimited=7\nbroken\n";

        (void)state;
        assert_int_equal(pic__dns_stat(text, "total.num.queries"), 12);
        assert_int_equal(pic__dns_stat(text, "num.queries"), 3);
        assert_int_equal(pic__dns_stat(text, "broken"), 0);
        assert_int_equal(pic__dns_stat(text, "absent"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(one_number) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
