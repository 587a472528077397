/* backend/route/sysctl.c: settings, and giving them back exactly. */
#include "world.h"

#define F4 "net.ipv4.ip_forward"
#define F6 "net.ipv6.conf.all.forwarding"

/* All of /proc/sys/net/ipv4 and ipv6 that concerns us, as one text. */
static char *picture(void)
{
        pic__buf out = PIC__BUF_INIT;
        char line[256];
        FILE *p = popen(
                "cd /proc/sys/net && grep -r . ipv4/ip_forward ipv4/conf/*/forwarding ipv4/conf/*/accept_redirects "
                "ipv6/conf/*/forwarding ipv6/conf/*/accept_ra",
                "r");

        assert_non_null(p);
        while (fgets(line, sizeof(line), p) != NULL)
                pic__buf_puts(&out, line);
        pclose(p);
        return pic__buf_steal(&out);
}

static void given_back_exactly(void **state)
{
        pic__backend *b = backend();
        char *before, *after;

        (void)state;
        /* A host that has its own ideas, and a default route from a router's advertisement. */
        assert_int_equal(must("sysctl -q -w net.ipv4.conf.lan0.forwarding=1 net.ipv6.conf.far0.forwarding=1 "
                              "net.ipv4.conf.all.accept_redirects=0"),
                         0);
        assert_int_equal(must("ip -6 route add default via fe80::1 dev lan0 proto ra"), 0);
        before = picture();
        assert_int_equal(add(b, SYSCTL, F4, "1"), 0);
        assert_int_equal(add(b, SYSCTL, F6, "1"), 0);
        assert_string_equal(setting(F4), "1");
        assert_string_equal(setting(F6), "1");
        assert_string_equal(setting("net.ipv6.conf.lan0.accept_ra"), "2");
        assert_string_equal(setting("net.ipv6.conf.far0.accept_ra"), "1");
        assert_string_equal(seen(b, SYSCTL, F4), "1");
        assert_null(seen(b, SYSCTL, "net.ipv6.conf.lan0.accept_ra")); /* no item */
        b->ops->free(b);
        b = backend(); /* the agent was restarted meanwhile */
        assert_int_equal(take(b, SYSCTL, F6, "1"), 0);
        assert_int_equal(take(b, SYSCTL, F4, "1"), 0);
        after = picture();
        assert_string_equal(before, after);
        assert_null(seen(b, SYSCTL, F4));
        pic__free(before);
        pic__free(after);
        b->ops->free(b);
}

/* Forwarding was on already: taking it back leaves it on. */
static void was_on(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("sysctl -q -w net.ipv4.ip_forward=1"), 0);
        assert_int_equal(add(b, SYSCTL, F4, "1"), 0);
        assert_int_equal(add(b, SYSCTL, F4, "1"), PIC_CONFLICT);
        assert_int_equal(take(b, SYSCTL, F4, "1"), 0);
        assert_string_equal(setting(F4), "1");
        assert_int_equal(take(b, SYSCTL, F4, "1"), PIC_NOTFOUND);
        assert_int_equal(step(b, SYSCTL, F4, "1", "0", NULL), PIC_NOTFOUND);
        b->ops->free(b);
}

static void drift(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(add(b, SYSCTL, F4, "1"), 0);
        assert_int_equal(pic__route_sysctl_drifted((pic__route *)b), 0);
        assert_int_equal(must("sysctl -q -w net.ipv4.ip_forward=0"), 0);
        assert_int_equal(pic__route_sysctl_drifted((pic__route *)b), 1);
        assert_string_equal(seen(b, SYSCTL, F4), "0");
        assert_int_equal(step(b, SYSCTL, F4, "0", "1", NULL), 0);
        assert_string_equal(setting(F4), "1");
        assert_int_equal(take(b, SYSCTL, F4, "1"), 0);
        assert_string_equal(setting(F4), "0");
        b->ops->free(b);
}

static void gone_device(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("sysctl -q -w net.ipv6.conf.far0.forwarding=1"), 0);
        assert_int_equal(add(b, SYSCTL, F6, "1"), 0);
        assert_int_equal(must("ip link del lan0"), 0);
        assert_int_equal(pic__route_sysctl_give_back((pic__route *)b, NULL), 0);
        assert_string_equal(setting(F6), "0");
        assert_int_equal(pic__route_sysctl_give_back((pic__route *)b, NULL), 0);
        b->ops->free(b);
}

static void bad_items(void **state)
{
        pic__auto_err pic_error *value = NULL;
        pic__backend *b = backend();
        char path[96];

        (void)state;
        assert_int_equal(add(b, SYSCTL, "kernel.hostname", "x"), PIC_INVALID);
        assert_int_equal(add(b, SYSCTL, "net.ipv4.no_such", "1"), PIC_NOTFOUND);
        assert_int_equal(add(b, SYSCTL, F4, ""), PIC_INVALID);
        assert_int_equal(add(b, SYSCTL, F4, "1 2"), PIC_INVALID);
        assert_int_equal(add(b, SYSCTL, F4, "0123456789012345678901234567890123456789"), PIC_INVALID);
        /* Refused by the kernel: nothing is held then. */
        assert_true(step(b, SYSCTL, F4, NULL, "many", &value) < 0);
        assert_null(seen(b, SYSCTL, F4));
        snprintf(path, sizeof(path), "%s/sysctl", world_dir);
        assert_int_not_equal(access(path, F_OK), 0);
        b->ops->free(b);
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        assert_int_equal(must("ip -6 route add default via fe80::1 dev lan0 proto ra"), 0);
        for (n = 1; r < 0 && n < 100; n++) {
                pic__backend *b = backend();
                pic_error *err = NULL;

                pic__mem_fail_at(n);
                r = step(b, SYSCTL, F6, NULL, "1", &err);
                if (r == 0)
                        r = step(b, SYSCTL, F6, "1", NULL, &err);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic_error_free(err);
                assert_int_equal(pic__route_sysctl_give_back((pic__route *)b, NULL), 0);
                assert_string_equal(setting(F6), "0");
                assert_string_equal(setting("net.ipv6.conf.lan0.accept_ra"), "1");
                b->ops->free(b);
        }
        assert_int_equal(r, 0);
        assert_true(n > 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(given_back_exactly), TEST(was_on),    TEST(drift),
                                            TEST(gone_device),        TEST(bad_items), TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
