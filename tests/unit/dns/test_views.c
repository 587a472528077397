/* backend/dns/views.c: names by rights before a real unbound. What devices see of it: tests/scenario/test_views.py. */
#include "world.h"

#define VIEW PIC__I_DNS_VIEW
#define VIEWED VALUE " sieve=yes views=yes"

/* What the device is told; a change is heard within a moment. */
static void becomes(const char *device, const char *question, const char *wanted)
{
        char at[100];
        int i;

        snprintf(at, sizeof(at), "-b %s @10.1.0.1 -p 5300", device);
        for (i = 0; i < 100 && strcmp(dig_at(at, question), wanted) != 0; i++)
                usleep(20000);
        assert_string_equal(dig_at(at, question), wanted);
}

static void keys(void **state)
{
        (void)state;
        assert_true(pic__dns_view_ok("10.1.0.2", "0x00010000 10.1.0.2,fd00::2"));
        assert_true(pic__dns_view_ok("192.168.9.0/24", "0x00010000 10.1.0.2"));
        assert_true(pic__dns_view_ok("0x00010000 10.1.0.2-10.1.0.9", "told"));
        assert_false(pic__dns_view_ok("0x00010000 10.1.0.2", "all"));
        assert_false(pic__dns_view_ok("0x00010000 10.1.0.2 10.1.0.3", "told"));
        assert_false(pic__dns_view_ok("10.1.0.2\nend", "0x00010000 10.1.0.2"));
        assert_false(pic__dns_view_ok("10.1.0.2", "0x00010000"));
        assert_false(pic__dns_view_ok("10.1.0.2", "0x00010000 10.1.0.2\nend"));
}

static void by_rights(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(sh("ip addr add 10.1.0.2/32 dev lo && ip addr add 10.1.0.3/32 dev lo"), 0);
        must(b, SERVER, "main", NULL, VIEWED);
        must(b, RECORD, "nas.home.internal. A", NULL, "10.1.0.9");
        must(b, RECORD, "www.home.internal. CNAME", NULL, "nas.home.internal.");
        must(b, RECORD, "out.home.internal. A", NULL, "192.0.2.9");
        must(b, VIEW, "10.1.0.2", NULL, "0x00010000 10.1.0.2");
        must(b, VIEW, "10.1.0.9", NULL, "0x00020000 10.1.0.9");
        must(b, VIEW, "0x00010000 10.1.0.9", NULL, "told");
        assert_string_equal(seen(b, VIEW, "0x00010000 10.1.0.9"), "told");
        becomes("10.1.0.2", "nas.home.internal", "10.1.0.9");
        becomes("10.1.0.3", "nas.home.internal", "status: NXDOMAIN");
        becomes("10.1.0.3", "www.home.internal", "status: NXDOMAIN");
        becomes("10.1.0.3", "+tcp www.home.internal", "status: NXDOMAIN");
        becomes("10.1.0.3", "out.home.internal", "192.0.2.9");
        must(b, VIEW, "0x00010000 10.1.0.9", "told", NULL);
        becomes("10.1.0.2", "nas.home.internal", "status: NXDOMAIN");
        must(b, SERVER, "main", VIEWED, VALUE);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(keys), cmocka_unit_test(by_rights) };

        return cmocka_run_group_tests(tests, setup, cleanup);
}
