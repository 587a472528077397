/* The host's networks, as api sees them. */
#include "fixture.h"

#include <sched.h>

#include "engine/hostnet.h"

static int collect(const char *prefix, const char *ifname, void *data)
{
        char *all = data;

        snprintf(all + strlen(all), 2000 - strlen(all), "%s@%s ", prefix, ifname);
        return 0;
}

static int stop_at_once(const char *prefix, const char *ifname, void *data)
{
        (void)prefix;
        (void)ifname;
        (*(int *)data)++;
        return 17;
}

static void test_host(void **state)
{
        uint8_t taken[256] = { 0 };
        char all[2000] = "";
        int calls = 0;

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                print_message("skipped: needs root for a network namespace\n");
                skip();
        }
        assert_int_equal(
                system("ip link add ho0 type veth peer name ho1 && ip link set ho0 up && ip link set ho1 up && "
                       "ip addr add 192.168.50.1/24 dev ho0 && ip addr add fd50::1/64 dev ho0 nodad && ip route add "
                       "172.20.0.0/16 dev ho0"),
                0);
        assert_int_equal(pic__engine_host_prefixes(collect, all, NULL), 0);
        assert_int_equal(system("ip rule add pref 4007 table 77"), 0);
        assert_int_equal(pic__engine_host_slots(taken, NULL), 0);
        assert_true(taken[7] != 0 && taken[6] == 0);
        assert_non_null(strstr(all, "192.168.50."));
        assert_non_null(strstr(all, "fd50::"));
        assert_non_null(strstr(all, "172.20.0.0/16@ho0"));
        assert_int_equal(pic__engine_host_prefixes(stop_at_once, &calls, NULL), 17);
        assert_int_equal(calls, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_host) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
