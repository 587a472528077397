/* backend/route/exit_rule.c: the rules that lead to the tables of exits. */
#include "world.h"

#include "backend/route/rule.h"

static const char *const all[][2] = {
        { "4001 4", "mark=0x1010/0x1ff0 table=1001" },
        { "4001 6", "mark=0x1010/0x1ff0 table=1001" },
        { "4255 6", "mark=0x1ff0/0x1ff0 table=1255" },
        { "3998 4", "mark=0x2/0x2 table=254 suppress=0" },
        { "3999 6", "mark=0x2/0x2 unreachable" },
        { "4299 4", "iif=pic0 mark=0x1000/0xf000 unreachable" },
        { "4300 4", "iif=pic0 mark=0x0/0xffff0000 unreachable" },
        { "4301 4", "iif=pic0 table=1001" },
        { "3997 4", "mark=0x0/0x1002 goto=4300" },
        { "3997 6", "mark=0x0/0x1002 goto=4300" },
        { "4000 4", "mark=0x1000/0xf000 to=10.1.0.0/16 table=254" },
        { "4000 6", "mark=0x1000/0xf000 to=fd12::/48 table=254" },
};

static void come_and_go(void **state)
{
        pic__backend *b = backend();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                assert_null(seen(b, RULE, all[i][0]));
                assert_int_equal(take(b, RULE, all[i][0], all[i][1]), PIC_NOTFOUND);
                assert_int_equal(add(b, RULE, all[i][0], all[i][1]), 0);
                assert_string_equal(seen(b, RULE, all[i][0]), all[i][1]);
                assert_int_equal(add(b, RULE, all[i][0], all[i][1]), PIC_CONFLICT);
        }
        assert_int_equal(sh("ip rule | grep -q '4001:.*from all fwmark 0x1010/0x1ff0 lookup 1001 proto 112'"), 0);
        assert_int_equal(sh("ip rule | grep -q '3998:.*fwmark 0x2/0x2 lookup main suppress_prefixlength 0'"), 0);
        for (i = 0; i < PIC__COUNT(all); i++) {
                assert_int_equal(take(b, RULE, all[i][0], all[i][1]), 0);
                assert_null(seen(b, RULE, all[i][0]));
        }
        b->ops->free(b);
}

/* What the rules do with packets: an exit's to its table, the rest as ever; what is near never by a default route. */
static void they_lead(void **state)
{
        pic__backend *b = backend();
        size_t i;

        (void)state;
        assert_int_equal(must(EXIT_DEVICES " && ip addr add 192.0.2.5/24 dev lan0 && ip route add default via "
                                           "192.0.2.1 && ip route add 10.44.0.0/16 via 192.0.2.9"),
                         0);
        for (i = 0; i < 4; i++)
                assert_int_equal(add(b, RULE, all[i][0], all[i][1]), 0);
        assert_int_equal(add(b, RULE, "3999 4", "mark=0x2/0x2 unreachable"), 0);
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable"), 0);
        assert_int_equal(sh("ip route get 198.51.100.1 | grep -q lan0"), 0);
        assert_int_equal(sh("ip route get 198.51.100.1 mark 0x2010 | grep -q lan0"), 0); /* a carrier's */
        assert_int_not_equal(sh("ip route get 198.51.100.1 mark 0x1010 2>/dev/null"), 0);
        assert_int_not_equal(sh("ip route get 198.51.100.1 mark 0x00231011 2>/dev/null"), 0);
        assert_int_equal(add(b, DEFAULT, "1001 4", WAY1), 0);
        assert_int_equal(sh("ip route get 198.51.100.1 mark 0x00231011 | grep -q picx1"), 0);
        assert_int_equal(sh("ip route get 10.44.0.1 mark 0x00230002 | grep -q lan0"), 0);
        assert_int_not_equal(sh("ip route get 10.45.0.1 mark 0x00230002 2>/dev/null"), 0);
        b->ops->free(b);
}

static void foreign(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("ip rule add pref 4001 lookup 77"), 0);
        assert_null(seen(b, RULE, "4001 4"));
        assert_int_equal(step(b, RULE, "4001 4", NULL, all[0][1], &err), PIC_CONFLICT);
        assert_non_null(
                strstr(pic_error_message(err), "priority 4001 of IPv4 rules is used by somebody else (table 77"));
        assert_non_null(strstr(pic_error_hint(err), "ip -4 rule del pref 4001"));
        assert_int_equal(take(b, RULE, "4001 4", all[0][1]), PIC_NOTFOUND);
        assert_int_equal(add(b, RULE, "4001 6", all[1][1]), 0);
        assert_int_equal(sh("ip rule | grep -q '4001:.*lookup 77'"), 0);
        b->ops->free(b);
}

/* With our protocol number, but not as we make them. */
static void spoilt(void **state)
{
        static const char *const ways[][2] = {
                { "fwmark 0x1010/0x1ff0 lookup 1002", "mark=0x1010/0x1ff0 table=1002" },
                { "from 10.1.0.0/16 fwmark 0x1010/0x1ff0 lookup 1001", "mark=0x1010/0x1ff0 table=1001 other" },
                { "not fwmark 0x1010/0x1ff0 lookup 1001", "mark=0x1010/0x1ff0 table=1001 other" },
                { "blackhole", "action=6" },
        };
        pic__backend *b = backend();
        char command[192], value[128];
        size_t i;

        (void)state;
        for (i = 0; i <= PIC__COUNT(ways); i++) {
                int beside = i == PIC__COUNT(ways);

                snprintf(command, sizeof(command), "ip rule add pref 4001 %s proto 112", ways[beside ? 0 : i][0]);
                if (beside)
                        assert_int_equal(add(b, RULE, all[0][0], all[0][1]), 0);
                assert_int_equal(must(command), 0);
                snprintf(value, sizeof(value), "%s", seen(b, RULE, "4001 4"));
                assert_string_equal(value, beside ? "several" : ways[i][1]);
                assert_int_equal(step(b, RULE, "4001 4", value, all[0][1], NULL), 0);
                assert_string_equal(seen(b, RULE, "4001 4"), all[0][1]);
                assert_int_equal(sh("[ $(ip rule | grep -c ^4001:) = 1 ]"), 0);
                strcat(command, " 2>/dev/null");
                (void)sh(command); /* the kernel takes an inverted one for the same */
                assert_int_equal(take(b, RULE, "4001 4", "several"), 0);
                assert_int_equal(sh("ip rule | grep -q ^4001:") == 0, 0);
        }
        b->ops->free(b);
}

static void bad_items(void **state)
{
        static const char *const keys[] = { "", "4001", "4001 5", "x 4", "0 4", "4001  4", "4294967296 4", "-1 4" };
        static const char *const values[] = { "",
                                              "table=1001",
                                              "unreachable",
                                              "mark=0x1010/0x1ff0",
                                              "mark=0x1010 table=1001",
                                              "mark=1010/1ff0 table=1001",
                                              "mark=0x1010/0x1ff0  table=1001",
                                              "mark=0x1010/0x1ff0 table=",
                                              "mark=0x1010/0x1ff0 table=-1",
                                              "mark=0x1010/0x1ff0 table=1001 unreachable",
                                              "mark=0x1000/0xf000 to=fd12::/48 table=254",
                                              "mark=0x0/0x1002 goto=4001",
                                              "goto=4300",
                                              "mark=0x0/0x1002 goto=",
                                              "mark=0x1000/0xf000 to=0.0.0.0/0 table=254",
                                              "mark=0x1000/0xf000 to=10.1.0.1/16 table=254",
                                              "mark=0x1010/0x1ff0 table=1001 suppress=999",
                                              "table=1001 mark=0x1010/0x1ff0",
                                              "mark=0x1010/0x1ff0 table=1001 other",
                                              "iif=averyveryverylong table=1001" };
        pic__backend *b = backend();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(keys); i++)
                assert_int_equal(add(b, RULE, keys[i], all[0][1]), PIC_INVALID);
        for (i = 0; i < PIC__COUNT(values); i++)
                if (add(b, RULE, "4001 4", values[i]) != PIC_INVALID)
                        fail_msg("'%s' was taken", values[i]);
        b->ops->free(b);
}

/* As many as there can be. */
static void many(void **state)
{
        pic__backend *b = backend();
        char key[32], value[64];
        unsigned n;

        (void)state;
        for (n = 1; n <= 255; n++) {
                snprintf(key, sizeof(key), "%u 4", 4000 + n);
                snprintf(value, sizeof(value), "mark=0x%x/0x1ff0 table=%u", 0x1000 + 16 * n, 1000 + n);
                assert_int_equal(add(b, RULE, key, value), 0);
        }
        assert_string_equal(seen(b, RULE, "4255 4"), "mark=0x1ff0/0x1ff0 table=1255");
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
        assert_int_equal(sh("[ $(ip rule | wc -l) = 3 ]"), 0);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(come_and_go), TEST(they_lead), TEST(foreign),
                                            TEST(spoilt),      TEST(bad_items), TEST(many) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
