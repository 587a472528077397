/* Addresses that lead back to the cell. */
#include "exits_world.h"

#include "engine/exits_far.h"

static const char *refused(const pic__snap *s, const char *address, pic__buf *reason)
{
        pic__addr a;

        pic__buf_clear(reason);
        assert_int_equal(pic__addr_parse(address, &a), 0);
        return pic__far_refused(s, NULL, &a, reason) == PIC__FAR_BACK ? pic__buf_str(reason) : NULL;
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

static pic__far named(const pic__snap *s, const char *name, const char *address, pic__buf *reason)
{
        pic__addr a;

        pic__buf_clear(reason);
        assert_int_equal(pic__addr_parse(address, &a), 0);
        return pic__far_refused(s, name, &a, reason);
}

/* A name of the internet that means a host at home. */
static void test_near(void **state)
{
        static const char *const near[] = { "10.9.9.9",    "172.16.0.1",       "172.31.255.255",    "192.168.10.4",
                                            "fd12::1",     "64:ff9b::a09:909", "198.18.7.5",        "2001:db8:7::5",
                                            "192.168.0.0", "fc00::",           "64:ff9b::ac1f:ffff" };
        static const char *const good[] = { "203.0.113.7", "172.15.255.255", "172.32.0.0", "192.167.255.255",
                                            "2001:db8::7", "198.18.8.5",     "fbff::1",    "64:ff9b::cb00:7107" };
        pic__auto_buf pic__buf reason = PIC__BUF_INIT;
        pic__snap *s = world_snap();
        pic__attached nets = { 0 };
        pic__prefix p;
        size_t i;

        (void)state;
        assert_int_equal(pic__prefix_parse("198.18.7.0/24", &p), 0);
        assert_int_equal(pic__attached_add(&nets, p), 0);
        assert_int_equal(pic__prefix_parse("2001:db8:7::/64", &p), 0);
        assert_int_equal(pic__attached_add(&nets, p), 0);
        pic__snap_attach(s, &nets);
        for (i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
                if (named(s, "vpn.example", near[i], &reason) != PIC__FAR_NEAR)
                        fail_msg("%s is taken", near[i]);
                assert_non_null(strstr(pic__buf_str(&reason), "which is in "));
                assert_int_equal(named(s, "nas.LAN", near[i], &reason), PIC__FAR_GOOD);
                assert_int_equal(named(s, NULL, near[i], &reason), PIC__FAR_GOOD);
        }
        for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                if (named(s, "vpn.example", good[i], &reason) != PIC__FAR_GOOD)
                        fail_msg("%s: %s", good[i], pic__buf_str(&reason));
        assert_int_equal(named(s, "vpn.example", "10.77.0.1", &reason), PIC__FAR_BACK); /* the worse of the two */
        assert_int_equal(named(s, "nas.lan", "10.77.0.1", &reason), PIC__FAR_BACK);
        pic__snap_unref(s);
}

static void test_local_names(void **state)
{
        static const char *const local[] = { "nas", "nas.local", "a.b.lan", "NAS.Home", "x.internal", "x.home.arpa" };
        static const char *const others[] = { "nas.example", "nas.local.example", "nas.locals", "xlan.de", "x.arpa",
                                              ".lan" };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(local) / sizeof(local[0]); i++)
                if (!pic__far_is_local(local[i]))
                        fail_msg("%s", local[i]);
        for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                if (pic__far_is_local(others[i]))
                        fail_msg("%s", others[i]);
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
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_refused), cmocka_unit_test(test_near),
                                            cmocka_unit_test(test_local_names), cmocka_unit_test(test_no_cell) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
