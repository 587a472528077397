/* backend/route/rule.c: rules of the kernel as values. */
#include "world.h"

#include "backend/route/rule.h"

static pic__route_rules rules;

static const pic__route_rule *rule(int family, uint32_t priority)
{
        size_t i;

        for (i = 0; i < rules.count; i++)
                if (rules.at[i].family == family && rules.at[i].priority == priority)
                        return &rules.at[i];
        fail_msg("no rule %u", priority);
        return NULL;
}

static void reads(void **state)
{
        pic__backend *b = backend();
        const pic__route_rule *r;
        char text[PIC__PREFIX_TEXT];

        (void)state;
        assert_int_equal(
                must("ip rule add pref 10 from 10.1.0.0/16 to 192.0.2.0/24 iif pic0 fwmark 0x80000/0xff0000 "
                     "lookup 1000; ip rule add pref 11 not from all fwmark 5 lookup 51; ip rule add pref 12 "
                     "lookup main suppress_prefixlength 0; ip -6 rule add pref 13 from fd12::/48 prohibit; ip "
                     "rule add pref 14 ipproto tcp lookup 52; ip rule add pref 15 goto 32767; ip rule add pref "
                     "16 oif lan0 lookup 53"),
                0);
        assert_int_equal(pic__route_get_rules(&((pic__route *)b)->nl, &rules, NULL), 0);
        assert_int_equal(rules.count, 3 + 6 + 2 + 1);
        r = rule(4, 10);
        assert_string_equal(pic__prefix_print(&r->from, text), "10.1.0.0/16");
        assert_string_equal(pic__prefix_print(&r->to, text), "192.0.2.0/24");
        assert_string_equal(r->in, "pic0");
        assert_true(r->mark == 0x80000 && r->mask == 0xff0000 && r->table == 1000 && r->action == FR_ACT_TO_TBL);
        r = rule(4, 11);
        assert_true(r->inverted && r->mark == 5 && r->mask == UINT32_MAX && r->table == 51);
        r = rule(4, 12);
        assert_true(r->suppress == 0 && r->table == RT_TABLE_MAIN);
        r = rule(6, 13);
        assert_int_equal(r->action, FR_ACT_PROHIBIT);
        assert_string_equal(pic__prefix_print(&r->from, text), "fd12::/48");
        assert_true(rule(4, 14)->narrow);
        assert_true(rule(4, 15)->action == FR_ACT_GOTO && rule(4, 15)->target == 32767);
        assert_string_equal(rule(4, 16)->out, "lan0");
        r = rule(4, 0);
        assert_true(r->table == RT_TABLE_LOCAL && r->mark == 0 && r->mask == UINT32_MAX && !r->narrow &&
                    r->suppress == -1 && r->protocol == RTPROT_KERNEL);
        assert_int_equal(rule(4, 10)->protocol, 0);
        pic__vec_free(&rules);
        b->ops->free(b);
}

/* What is too short, or of another kind, is none. */
static void refuses(void **state)
{
        struct {
                struct nlmsghdr h;
                struct fib_rule_hdr f;
                struct nlattr a;
                uint8_t address[4];
        } m = { { sizeof(m), RTM_NEWRULE, 0, 0, 0 },
                { .family = AF_INET, .src_len = 33 },
                { sizeof(m.a) + 4, FRA_SRC },
                { 10, 1, 0, 0 } };
        pic__route_rule r;

        (void)state;
        assert_int_equal(pic__route_read_rule(&m.h, &r), -1);
        m.f.src_len = 16;
        assert_int_equal(pic__route_read_rule(&m.h, &r), 0);
        m.f.family = AF_INET6;
        assert_int_equal(pic__route_read_rule(&m.h, &r), -1);
        m.f.family = AF_BRIDGE;
        assert_int_equal(pic__route_read_rule(&m.h, &r), -1);
        m.f.family = AF_INET;
        m.h.nlmsg_type = RTM_NEWROUTE;
        assert_int_equal(pic__route_read_rule(&m.h, &r), -1);
        m.h.nlmsg_type = RTM_DELRULE;
        assert_int_equal(pic__route_read_rule(&m.h, &r), 0);
        m.h.nlmsg_type = RTM_NEWRULE;
        m.h.nlmsg_len = sizeof(m.h) + 4;
        assert_int_equal(pic__route_read_rule(&m.h, &r), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(reads), cmocka_unit_test(refuses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
