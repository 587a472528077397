/* Addresses that lead back to the cell. */
#include "exits_world.h"

#include "engine/exits_far.h"

static const char *refused(const pic__snap *s, const char *address, pic__buf *reason)
{
        pic__addr a;

        pic__buf_clear(reason);
        assert_int_equal(pic__addr_parse(address, &a), 0);
        return pic__far_refused(s, &a, reason) ? pic__buf_str(reason) : NULL;
}

static void test_refused(void **state)
{
        static const struct {
                const char *address, *part;
        } cases[] = { { "10.77.0.2", "is the device anna" },   { "fd77::2", "is the device anna" },
                      { "10.77.0.1", "cell's own network" },   { "10.77.200.9", "cell's own network" },
                      { "fd77::9", "cell's own network" },     { "192.168.9.4", "behind the device anna" },
                      { "fd99::5", "behind the device anna" }, { "169.254.96.6", "inside this cell" },
                      { "fd70:6963:78::1:2", "inside" },       { "127.0.0.1", "this machine itself" },
                      { "::1", "this machine itself" } };
        pic__auto_buf pic__buf reason = PIC__BUF_INIT;
        pic__snap *s = world_snap();
        size_t i;

        (void)state;
        WORLD_PUT(s, PIC__PEER, 2, "name", "anna", "address4", "10.77.0.2", "address6", "fd77::2", "subnets",
                  "192.168.9.0/24,fd99::/64");
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const char *why = refused(s, cases[i].address, &reason);

                if (why == NULL || strstr(why, cases[i].part) == NULL)
                        fail_msg("%s: %s", cases[i].address, why != NULL ? why : "not refused");
                assert_true(strncmp(why, cases[i].address, strlen(cases[i].address)) == 0);
        }
        assert_null(refused(s, "203.0.113.7", &reason));
        assert_null(refused(s, "192.168.10.4", &reason)); /* something in the house: why not */
        assert_null(refused(s, "2001:db8::7", &reason));
        pic__snap_unref(s);
}

static void test_no_cell(void **state)
{
        pic__auto_buf pic__buf reason = PIC__BUF_INIT;
        pic__snap *s = NULL;

        (void)state;
        assert_int_equal(pic__snap_new(&s, NULL), 0);
        assert_null(refused(s, "10.77.0.2", &reason));
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_refused), cmocka_unit_test(test_no_cell) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
