/* backend/route/entry.c: routes. */
#include "world.h"

static pic__backend *ready(void)
{
        pic__backend *b = backend();

        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", ""), 0);
        assert_int_equal(add(b, ADDR, "pic0 fd00::1/64", ""), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        return b;
}

static void come_and_go(void **state)
{
        static const char *const to[] = { "192.168.9.0/24", "fd09::/64", "0.0.0.0/0", "::/0" };
        pic__backend *b = ready();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(to); i++) {
                assert_int_equal(add(b, ROUTE, to[i], "dev=pic0"), 0);
                assert_string_equal(seen(b, ROUTE, to[i]), "dev=pic0");
                assert_int_equal(add(b, ROUTE, to[i], "dev=pic0"), PIC_CONFLICT);
                assert_int_equal(take(b, ROUTE, to[i], "dev=pic0"), 0);
                assert_null(seen(b, ROUTE, to[i]));
                assert_int_equal(take(b, ROUTE, to[i], "dev=pic0"), PIC_NOTFOUND);
        }
        b->ops->free(b);
}

static void ways(void **state)
{
        pic__backend *b = ready();

        (void)state;
        assert_int_equal(add(b, ROUTE, "192.168.9.0/24", "dev=pic0 via=10.1.0.9"), 0);
        assert_string_equal(seen(b, ROUTE, "192.168.9.0/24"), "dev=pic0 via=10.1.0.9");
        assert_int_equal(step(b, ROUTE, "192.168.9.0/24", "dev=pic0 via=10.1.0.9", "dev=pic0", NULL), 0);
        assert_string_equal(seen(b, ROUTE, "192.168.9.0/24"), "dev=pic0");
        assert_int_equal(add(b, ROUTE, "fd09::/64", "dev=pic0 via=fd00::9 table=1001"), 0);
        assert_string_equal(seen(b, ROUTE, "fd09::/64"), "dev=pic0 via=fd00::9 table=1001");
        assert_int_equal(sh("ip -6 route show table 1001 proto 112 | grep -q fd09"), 0);
        assert_int_equal(take(b, ROUTE, "fd09::/64", "dev=pic0 via=fd00::9 table=1001"), 0);
        assert_true(step(b, ROUTE, "192.168.77.0/24", "dev=pic0", "dev=pic0 via=10.1.0.9", NULL) < 0);
        b->ops->free(b);
}

static void foreign(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = ready();

        (void)state;
        assert_int_equal(must("ip route add 192.168.9.0/24 dev lan0"), 0);
        assert_null(seen(b, ROUTE, "192.168.9.0/24"));
        assert_null(seen(b, ROUTE, "10.1.0.0/16")); /* the kernel's own, on link */
        assert_int_equal(step(b, ROUTE, "192.168.9.0/24", NULL, "dev=pic0", &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "dev=lan0"));
        assert_non_null(strstr(pic_error_hint(err), "192.168.9.0/24"));
        assert_true(take(b, ROUTE, "192.168.9.0/24", "dev=pic0") < 0);
        assert_int_equal(sh("ip route show 192.168.9.0/24 | grep -q lan0"), 0);
        b->ops->free(b);
}

static void gone_with_device(void **state)
{
        pic__backend *b = ready();

        (void)state;
        assert_int_equal(add(b, ROUTE, "192.168.9.0/24", "dev=pic0"), 0);
        assert_int_equal(must("ip link set pic0 down"), 0);
        assert_int_equal(take(b, ROUTE, "192.168.9.0/24", "dev=pic0"), 0);
        assert_int_equal(must("ip link del pic0"), 0);
        assert_int_equal(take(b, ROUTE, "192.168.9.0/24", "dev=pic0"), 0);
        assert_int_equal(add(b, ROUTE, "192.168.9.0/24", "dev=pic0"), PIC_NOTFOUND);
        b->ops->free(b);
}

static void bad_items(void **state)
{
        static const char *const ways[] = { "",
                                            "pic0",
                                            "dev=",
                                            "dev=pic0 via=",
                                            "dev=pic0 via=fd00::1",
                                            "via=10.1.0.9",
                                            "dev=pic0 table=x",
                                            "dev=pic0 metric=4",
                                            "dev=averyverylongname" };
        char way[200];
        pic__backend *b = ready();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(ways); i++)
                assert_int_equal(add(b, ROUTE, "192.168.9.0/24", ways[i]), PIC_INVALID);
        memset(way, ' ', sizeof(way));
        memcpy(way, "dev=pic0", 8);
        way[sizeof(way) - 1] = '\0';
        assert_int_equal(add(b, ROUTE, "192.168.9.0/24", way), PIC_INVALID);
        assert_int_equal(add(b, ROUTE, "192.168.9.1/24", "dev=pic0"), PIC_INVALID); /* host bits */
        assert_int_equal(add(b, ROUTE, "nowhere", "dev=pic0"), PIC_INVALID);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(come_and_go), TEST(ways), TEST(foreign), TEST(gone_with_device),
                                            TEST(bad_items) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
