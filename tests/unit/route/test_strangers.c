/* backend/route/strangers.c: rules of others that lead our packets elsewhere, and the command against each. */
#include "world.h"

#include <pic/log.h>

#include "backend/route/rule.h"

static char found[8][512], fix[8][256];
static int level[8];
static size_t count;

static void note(int lvl, const char *area, const char *what, const char *how, void *data)
{
        (void)data;
        assert_string_equal(area, "route");
        assert_true(count < 8);
        level[count] = lvl;
        snprintf(found[count], sizeof(found[0]), "%s", what);
        snprintf(fix[count++], sizeof(fix[0]), "%s", how);
}

static void look(pic__backend *b)
{
        count = 0;
        b->ops->strangers(b, note, NULL);
}

static pic__backend *with_device(void)
{
        pic__backend *b = backend();

        assert_int_equal(add(b, ADDR, "pic0 10.1.0.1/16", ""), 0);
        assert_int_equal(add(b, ADDR, "pic0 fd12::1/48", ""), 0);
        assert_int_equal(add(b, LINK, "pic0", "up mtu=1420"), 0);
        assert_int_equal(must("ip addr add 192.0.2.1/24 dev lan0; ip route add default via 192.0.2.254 table 1000; ip "
                              "route add 198.51.100.0/24 via 192.0.2.254 table 1001"),
                         0);
        return b;
}

/* Each rule alone: what is said of it, NULL: nothing. */
static const struct {
        const char *rule;
        int level;
        const char *what;
} cases[] = {
        { "lookup 1000", PIC_LOG_WARNING,
          "ip rule 100: from all lookup 1000, default via 192.0.2.254 dev lan0: comes before the main table, packets "
          "from "
          "our devices go that way" },
        { "iif pic0 lookup 1000", PIC_LOG_WARNING, "from all iif pic0 lookup 1000, default via" },
        { "from 10.1.2.0/24 lookup 1000", PIC_LOG_WARNING, "from 10.1.2.0/24 lookup 1000" },
        { "from 10.0.0.0/8 lookup 1001", PIC_LOG_INFO, "there when it has a route for them" },
        { "to 10.1.2.0/24 lookup 1000", PIC_LOG_WARNING, "to 10.1.2.0/24" },
        { "iif lan0 lookup 1000", PIC_LOG_WARNING, "packets for our devices go that way" },
        { "fwmark 0x80000/0xff0000 lookup 1000", PIC_LOG_WARNING, "fwmark 0x80000/0xff0000" },
        { "not fwmark 0xca6c lookup 1000", PIC_LOG_WARNING, "not from all fwmark 0xca6c" },
        { "iif pic0 blackhole", PIC_LOG_WARNING, "drops packets from our devices" },
        { "goto 32767", PIC_LOG_WARNING, "goto 32767" },
        { "fwmark 0x1 lookup 1000", -1, NULL }, /* no mark of ours */
        { "from 172.16.0.0/12 iif lan0 to 172.16.0.0/12 lookup 1000", -1, NULL },
        { "oif lan0 lookup 1000", -1, NULL }, /* this host's own sockets */
        { "iif lan0 to 192.0.2.0/24 lookup 1000", -1, NULL },
        { "lookup main suppress_prefixlength 0", -1, NULL },
        { "lookup local", -1, NULL },
};

static void each(void **state)
{
        pic__backend *b = with_device();
        char command[128];
        size_t i;

        (void)state;
        look(b);
        assert_int_equal(count, 0);
        for (i = 0; i < PIC__COUNT(cases); i++) {
                snprintf(command, sizeof(command), "ip rule add pref 100 %s", cases[i].rule);
                assert_int_equal(must(command), 0);
                look(b);
                if (count != (cases[i].what != NULL ? 1 : 0))
                        fail_msg("%s: %zu findings: %s", cases[i].rule, count, found[0]);
                if (cases[i].what != NULL) {
                        if (strstr(found[0], cases[i].what) == NULL || level[0] != cases[i].level)
                                fail_msg("%s: %d %s", cases[i].rule, level[0], found[0]);
                        assert_memory_equal(fix[0], "if that is not meant: ", 22);
                        assert_int_equal(must(fix[0] + 22), 0);
                        look(b);
                        if (count != 0)
                                fail_msg("%s; %s: still %s", cases[i].rule, fix[0], found[0]);
                        (void)sh("while ip rule del pref 99 2>/dev/null; do :; done");
                }
                assert_int_equal(must("ip rule del pref 100"), 0);
        }
        b->ops->free(b);
}

/* As wg-quick does it on this host: what is for devices is safe, what comes from them is not. */
static void beside_wg_quick(void **state)
{
        pic__backend *b = with_device();

        (void)state;
        assert_int_equal(
                must("ip rule add pref 98 lookup main suppress_prefixlength 0; ip rule add pref 100 not fwmark "
                     "0xca6c lookup 1000"),
                0);
        look(b);
        assert_int_equal(count, 1);
        assert_string_equal(fix[0], "if that is not meant: ip rule add pref 99 iif pic0 lookup main");
        assert_int_equal(must(fix[0] + 22), 0);
        look(b);
        assert_int_equal(count, 0);
        b->ops->free(b);
}

/* Our own rules and tables are no strangers'; what comes before them keeps packets from their exit, what comes after
 * finds no packet with an exit any more. */
static const struct {
        const char *rule;
        const char *what;
        const char *fix;
} beside_exits[] = {
        { "pref 3997 not fwmark 0xca6c lookup 1300", "not from all fwmark 0xca6c",
          "ip rule add pref 3996 iif pic0 goto 3998" },
        { "pref 3997 fwmark 0x1010/0x1ff0 lookup 1300", "fwmark 0x1010/0x1ff0 lookup 1300",
          "ip rule add pref 3996 iif pic0 goto 3998" },
        { "pref 3997 fwmark 0x1/0x1 lookup 1300", "fwmark 0x1/0x1", "ip rule add pref 3996 iif pic0 goto 3998" },
        { "pref 3997 fwmark 0x11/0xffff lookup 1300", "fwmark 0x11/0xffff",
          "ip rule add pref 3996 iif pic0 goto 3998" },
        { "pref 3997 iif pic0 lookup main", "before the exits' own rules", "ip rule add pref 3996 iif pic0 goto 3998" },
        { "pref 4000 fwmark 0x1010/0x1ff0 blackhole", "drops packets from our devices",
          "ip rule add pref 3999 iif pic0 goto 4001" },
        { "pref 4002 iif pic0 lookup 1300", "iif pic0 lookup 1300", "ip rule add pref 4001 iif pic0 lookup main" },
        { "pref 4002 fwmark 0x1010/0x1ff0 lookup 1300", NULL, NULL }, /* found its table */
        { "pref 3997 fwmark 0x1000/0x1ff0 lookup 1300", NULL, NULL }, /* slot 0 */
        { "pref 3997 fwmark 0x4000/0x4000 lookup 1300", NULL, NULL },
        { "pref 3997 to 10.1.0.0/16 lookup main", NULL, NULL },
};

static void ours_are_none(void **state)
{
        pic__backend *b = with_device();
        char command[128];
        size_t i;

        (void)state;
        assert_int_equal(must(EXIT_DEVICES " && ip route add default dev lan0 table 1300 && ip route flush table 1001"),
                         0);
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable") | add(b, DEFAULT, "1001 4", WAY1), 0);
        assert_int_equal(add(b, RULE, "3998 4", "mark=0x2/0x2 table=254 suppress=0"), 0);
        assert_int_equal(add(b, RULE, "3999 4", "mark=0x2/0x2 unreachable"), 0);
        assert_int_equal(add(b, RULE, "4001 4", "mark=0x1010/0x1ff0 table=1001"), 0);
        assert_int_equal(add(b, RULE, "4001 6", "mark=0x1010/0x1ff0 table=1001"), 0);
        assert_int_equal(must("ip route add 198.51.100.0/24 via 192.0.2.254 table 1001"), 0);
        look(b);
        assert_int_equal(count, 1);
        assert_non_null(strstr(found[0], "in an exit's table: 198.51.100.0/24 dev=lan0 via=192.0.2.254 table=1001"));
        assert_string_equal(fix[0], "ip -4 route del 198.51.100.0/24 table 1001");
        assert_int_equal(must(fix[0]), 0);
        for (i = 0; i < PIC__COUNT(beside_exits); i++) {
                look(b);
                if (count != 0)
                        fail_msg("before %s: %s", beside_exits[i].rule, found[0]);
                snprintf(command, sizeof(command), "ip rule add %s", beside_exits[i].rule);
                assert_int_equal(must(command), 0);
                look(b);
                if (count != (beside_exits[i].what != NULL ? 1 : 0) ||
                    (count == 1 && (strstr(found[0], beside_exits[i].what) == NULL ||
                                    strncmp(fix[0] + 22, beside_exits[i].fix, strlen(beside_exits[i].fix)) != 0)))
                        fail_msg("%s: %zu: %s (%s)", beside_exits[i].rule, count, found[0], fix[0]);
                if (count == 1) {
                        assert_int_equal(must(fix[0] + 22), 0);
                        look(b);
                        if (count != 0)
                                fail_msg("%s; %s: still %s", beside_exits[i].rule, fix[0], found[0]);
                        (void)sh("for p in 3996 3999 4001; do while ip rule del pref $p iif pic0; do :; done; done "
                                 "2>/dev/null; ip rule del pref 3996 to 10.1.0.0/16 2>/dev/null");
                }
                snprintf(command, sizeof(command), "ip rule del %s", beside_exits[i].rule);
                assert_int_equal(must(command), 0);
        }
        b->ops->free(b);
}

static void main_is_gone(void **state)
{
        pic__backend *b = with_device();

        (void)state;
        assert_int_equal(must("ip -6 rule add pref 50 lookup 7; ip -6 rule del pref 32766; ip rule del pref 32766"), 0);
        look(b);
        assert_int_equal(count, 3);
        assert_non_null(strstr(found[0], "no rule leads all of IPv4"));
        assert_non_null(strstr(found[1], "ip -6 rule 50"));
        assert_int_equal(must(fix[0]) | must(fix[2]), 0);
        look(b);
        assert_int_equal(count, 1);
        b->ops->free(b);
}

/* However many there are, only so many are told; without a device of ours none is. */
static void bounded(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("ip rule add pref 100 lookup 1000"), 0);
        look(b);
        assert_int_equal(count, 0);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(each), TEST(beside_wg_quick), TEST(ours_are_none), TEST(main_is_gone),
                                            TEST(bounded) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
