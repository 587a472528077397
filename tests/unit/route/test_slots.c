/* backend/route/slots.c: which slots of exits others use. */
#include "world.h"

#include "model/exit.h"

static void nobody(void **state)
{
        static const uint8_t none[PIC__EXIT_SLOTS + 1];
        uint8_t taken[PIC__EXIT_SLOTS + 1];
        pic__backend *b;

        (void)state;
        assert_int_equal(pic__route_host_slots(taken, NULL), 0);
        assert_memory_equal(taken, none, sizeof(none));
        /* Ours are no others. */
        assert_int_equal(must(EXIT_DEVICES), 0);
        b = backend();
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable") | add(b, FLOOR, "1001 6", "unreachable"), 0);
        assert_int_equal(add(b, RULE, "4001 6", "mark=0x1010/0x1ff0 table=1001"), 0);
        assert_int_equal(add(b, DEFAULT, "1001 4", WAY1), 0);
        assert_int_equal(pic__route_host_slots(taken, NULL), 0);
        assert_memory_equal(taken, none, sizeof(none));
        b->ops->free(b);
}

static void others(void **state)
{
        static const struct {
                const char *command;
                unsigned slot;
                int how;
        } cases[] = {
                { "ip rule add pref 4003 lookup 77", 3, PIC__ROUTE_SLOT_PRIORITY },
                { "ip -6 rule add pref 4255 blackhole", 255, PIC__ROUTE_SLOT_PRIORITY },
                { "ip rule add pref 100 fwmark 7 lookup 1007", 7, PIC__ROUTE_SLOT_TABLE },
                { "ip route add 198.51.100.0/24 dev lan0 table 1004", 4, PIC__ROUTE_SLOT_TABLE },
                { "ip -6 route add unreachable 2001:db8:1::/48 table 1255", 255,
                  PIC__ROUTE_SLOT_TABLE | PIC__ROUTE_SLOT_PRIORITY },
                { "ip route add local 203.0.113.5 dev lan0 proto kernel table 1009", 9, PIC__ROUTE_SLOT_TABLE },
                { "ip tuntap add picx5 mode tun", 5, PIC__ROUTE_SLOT_DEVICE },
                { "ip tuntap add picx6 mode tun && ip link set picx6 alias mine", 6, PIC__ROUTE_SLOT_DEVICE },
        };
        static const char none_of_ours[] =
                "for d in picx0 picx256 picx01 picx2a; do ip tuntap add $d mode tun; done; ip route add "
                "198.51.100.0/24 "
                "dev lan0 table 1000; ip rule add pref 4000 lookup 1256; ip rule add pref 4256 lookup 1000";
        uint8_t taken[PIC__EXIT_SLOTS + 1], want[PIC__EXIT_SLOTS + 1] = { 0 };
        size_t i;

        (void)state;
        assert_int_equal(must(none_of_ours), 0);
        for (i = 0; i < PIC__COUNT(cases); i++) {
                assert_int_equal(must(cases[i].command), 0);
                want[cases[i].slot] = (uint8_t)cases[i].how;
                assert_int_equal(pic__route_host_slots(taken, NULL), 0);
                assert_memory_equal(taken, want, sizeof(want));
        }
}

static void no_memory(void **state)
{
        uint8_t taken[PIC__EXIT_SLOTS + 1];
        unsigned long n;
        int r = -1;

        (void)state;
        assert_int_equal(must("ip route add 198.51.100.0/24 dev lan0 table 1004"), 0);
        for (n = 1; r < 0 && n < 50; n++) {
                pic__mem_fail_at(n);
                r = pic__route_host_slots(taken, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        assert_true(n > 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(nobody), TEST(others), TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
