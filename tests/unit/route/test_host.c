/* backend/route/host.c: what the host uses. */
#include "world.h"

static char used[4096];

static int note(const char *prefix, const char *ifname, void *data)
{
        size_t *stop = data;

        snprintf(used + strlen(used), sizeof(used) - strlen(used), "%s %s\n", prefix, ifname);
        return stop != NULL && --*stop == 0 ? PIC_CONFLICT : 0;
}

static void all(void **state)
{
        pic__backend *b = backend();
        size_t stop = 2;

        (void)state;
        assert_int_equal(must("ip addr add 192.168.1.20/24 dev lan0; ip -6 addr add fd01::20/64 dev lan0 nodad; ip "
                              "route add default via 192.168.1.1; "
                              "ip route add 10.44.0.0/16 via 192.168.1.9; ip -6 route add fd44::/48 via fd01::9; "
                              "ip route add unreachable 10.55.0.0/16; ip route add 10.66.0.0/16 dev lan0 table "
                              "77; " EXIT_DEVICES),
                         0);
        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", ""), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        used[0] = '\0';
        assert_int_equal(pic__route_host_prefixes(note, NULL, NULL), 0);
        assert_non_null(strstr(used, "192.168.1.0/24 lan0\n"));
        assert_non_null(strstr(used, "fd01::/64 lan0\n"));
        assert_non_null(strstr(used, "10.44.0.0/16 lan0\n"));
        assert_non_null(strstr(used, "fd44::/48 lan0\n"));
        assert_non_null(strstr(used, "10.66.0.0/16 lan0\n"));
        assert_null(strstr(used, "0.0.0.0/0"));
        assert_null(strstr(used, "10.55."));
        assert_null(strstr(used, "127.0.0"));
        assert_null(strstr(used, "pic0"));
        assert_null(strstr(used, "picx"));
        assert_int_equal(pic__route_host_prefixes(note, &stop, NULL), PIC_CONFLICT);
        b->ops->free(b);
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        for (n = 1; r < 0 && n < 50; n++) {
                pic__mem_fail_at(n);
                used[0] = '\0';
                r = pic__route_host_prefixes(note, NULL, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        assert_true(n > 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(all), TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
