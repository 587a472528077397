/* backend/route/doctor.c: what is found, and how to mend it. */
#include "world.h"

#include <pic/log.h>

static char found[4096];

static void note(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)data;
        assert_int_equal(PIC__LEVEL_OF(level), PIC_LOG_WARNING);
        assert_int_equal(PIC__ACT_OF(level), strncmp(fix, "`pic ", 5) == 0 ? PIC__ACT_APPLY : 0);
        assert_string_equal(area, "route");
        assert_true(fix != NULL && fix[0] != '\0');
        strncat(found, what, sizeof(found) - strlen(found) - 2);
        strcat(found, "\n");
}

static void look(pic__backend *b)
{
        found[0] = '\0';
        b->ops->doctor(b, note, NULL);
}

static void finds(void **state)
{
        pic__backend *b = backend();

        (void)state;
        look(b);
        assert_non_null(strstr(found, "IPv4 forwarding is off"));
        assert_non_null(strstr(found, "IPv6 forwarding is off"));
        assert_non_null(strstr(found, "no default route for IPv4"));
        assert_non_null(strstr(found, "no default route for IPv6"));
        assert_int_equal(must("sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; ip addr add "
                              "10.9.0.2/24 dev lan0; "
                              "ip route add default via 10.9.0.1; ip -6 route add unreachable default"),
                         0);
        look(b);
        assert_null(strstr(found, "forwarding"));
        assert_null(strstr(found, "default route for IPv4"));
        assert_non_null(strstr(found, "no default route for IPv6")); /* unreachable is none */
        b->ops->free(b);
}

static void devices(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", ""), 0);
        look(b);
        assert_non_null(strstr(found, "device pic0 is down"));
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1200"), 0);
        look(b);
        assert_non_null(strstr(found, "device pic0 has an MTU under 1280"));
        assert_int_equal(step(b, LINK, "pic0", "up mtu=1200", "up mtu=1420", NULL), 0);
        look(b);
        assert_null(strstr(found, "device pic0"));
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(finds), TEST(devices) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
