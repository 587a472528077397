/* What others do to our packets is named, and the command that is given does away with it. */
#include "space.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "backend/nft/doctor.h"
#include "backend/nft/msg.h"
#include "backend/nft/weaken.h"

typedef struct findings {
        size_t count;
        int level[PIC__NFT_TOLD + 8];
        char what[PIC__NFT_TOLD + 8][400];
        char fix[PIC__NFT_TOLD + 8][400];
} findings;

static findings all;

static void on_finding(int level, const char *area, const char *what, const char *fix, void *data)
{
        findings *f = data;

        assert_string_equal(area, "nft");
        assert_true(f->count < PIC__COUNT(f->what));
        f->level[f->count] = level;
        snprintf(f->what[f->count], sizeof(f->what[0]), "%s", what);
        snprintf(f->fix[f->count++], sizeof(f->fix[0]), "%s", fix);
}

static void look(void)
{
        pic__nft_shape shape;
        pic__nft_sock s = PIC__NFT_SOCK_INIT;

        memset(&all, 0, sizeof(all));
        assert_int_equal(pic__nft_shape_parse(SHAPE_VALUE, &shape, NULL), 0);
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        pic__nft_strangers(&s, &shape, on_finding, &all);
        pic__nft_sock_close(&s);
}

static int sh(const char *command)
{
        return system(command);
}

/* One thing of others, where it stands, and what is said of it; NULL: nothing is. */
static const struct {
        const char *chain, *rule;
        int level;
        const char *what;
} cases[] = {
        { "type filter hook prerouting priority -100", "meta mark set 5", PIC_LOG_WARNING, "marks between our chains" },
        { "type filter hook prerouting priority -200", "meta mark set 5", -1, NULL }, /* ours set it after that */
        { "type filter hook forward priority -5", "meta mark set 5", PIC_LOG_WARNING, "marks between our chains" },
        { "type filter hook forward priority 5", "meta mark set 5", -1, NULL }, /* ours have judged */
        { "type filter hook postrouting priority 5", "meta mark set 5", -1, NULL },
        { "type filter hook postrouting priority 5", "ct mark set 5", PIC_LOG_WARNING, "marks of flows" },
        { "type filter hook forward priority 5", "ct mark set 5", PIC_LOG_WARNING, "marks of flows" },
        { "type filter hook prerouting priority -300", "notrack", PIC_LOG_WARNING, "connection tracking" },
        { "type filter hook prerouting priority -100", "notrack", -1, NULL }, /* too late to do anything */
        { "type nat hook prerouting priority -100", "iifname \"pic0\" tcp dport 80 dnat ip to 198.51.100.1",
          PIC_LOG_WARNING, "sends what our devices ask for elsewhere" },
        { "type nat hook prerouting priority -100", "tcp dport 80 redirect to :8080", PIC_LOG_INFO, "may send" },
        { "type nat hook prerouting priority -100", "iifname \"eth0\" tcp dport 80 dnat ip to 198.51.100.1", -1, NULL },
        { "type nat hook prerouting priority -100", "iifname \"eth0\" tcp dport 80 dnat ip to 10.1.0.7",
          PIC_LOG_WARNING, "comes from outside to devices of ours" },
        { "type nat hook prerouting priority -100", "iifname \"eth0\" tcp dport 80 dnat ip6 to fd12::7",
          PIC_LOG_WARNING, "comes from outside to devices of ours" },
        { "type filter hook forward priority -5", "tcp dport 1 accept", PIC_LOG_INFO, "ours still judges" },
        { "type filter hook forward priority 5", "tcp dport 1 accept", -1, NULL },
};

static void test_each(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                char text[512];

                snprintf(text, sizeof(text),
                         "add table inet t\ndelete table inet t\ntable inet t { chain c { %s; policy "
                         "accept;\n%s\n}\n}\n",
                         cases[i].chain, cases[i].rule);
                foreign(text);
                look();
                if (all.count != (cases[i].what != NULL ? 1 : 0))
                        fail_msg("%s %s: %zu findings: %s", cases[i].chain, cases[i].rule, all.count, all.what[0]);
                if (cases[i].what == NULL)
                        continue;
                assert_non_null(strstr(all.what[0], cases[i].what));
                assert_non_null(strstr(all.what[0], "table inet t, chain c, (not ours)"));
                assert_int_equal(all.level[0], cases[i].level);
                if (strncmp(all.fix[0], "nft insert", 10) != 0)
                        continue;
                assert_int_equal(sh(all.fix[0]), 0);
                look();
                assert_int_equal(all.count, 0);
        }
}

/* A rule in a chain that others jump to counts where these are. */
static void test_jumped_to(void **state)
{
        (void)state;
        foreign("table inet t { chain sub { meta mark set 5\n}\nchain c { type filter hook forward priority -5; policy "
                "accept;\njump sub\n}\n}\ntable inet u { chain sub { meta mark set 5\n}\n}\n");
        look();
        assert_int_equal(all.count, 1);
        assert_non_null(strstr(all.what[0], "table inet t, chain sub"));
        assert_int_equal(sh(all.fix[0]), 0);
        look();
        assert_int_equal(all.count, 0);
}

static void test_iptables(void **state)
{
        (void)state;
        if (sh("iptables -t mangle -A PREROUTING -j MARK --set-mark 1 && iptables -t raw -A PREROUTING -j CT --notrack "
               "&& "
               "ip6tables -t mangle -A FORWARD -j CONNMARK --save-mark") != 0) {
                printf("SKIP: no iptables-nft here\n");
                skip();
        }
        look();
        assert_int_equal(all.count, 4); /* CONNMARK sets both kinds of marks, as far as can be told */
        assert_non_null(strstr(all.what[0], "table ip mangle, chain PREROUTING, (not ours) sets marks between"));
        assert_string_equal(all.fix[0], "iptables -t mangle -I PREROUTING -i pic0 -j RETURN");
        assert_non_null(strstr(all.what[1], "table ip6 mangle, chain FORWARD"));
        assert_non_null(strstr(all.what[3], "table ip raw, chain PREROUTING, (not ours) keeps packets"));
        assert_int_equal(sh(all.fix[0]), 0);
        look();
        assert_int_equal(all.count, 3);
}

static void test_legacy(void **state)
{
        (void)state;
        if (sh("iptables-legacy -t mangle -A PREROUTING -j MARK --set-mark 1 2>/dev/null") != 0) {
                printf("SKIP: no iptables-legacy here\n");
                skip();
        }
        look();
        assert_int_equal(all.count, 1);
        assert_non_null(strstr(all.what[0], "iptables-legacy, table mangle, (not ours) sets marks"));
        assert_int_equal(sh(all.fix[0]), 0);
        look();
        assert_int_equal(all.count, 0);
}

static void test_ingress(void **state)
{
        (void)state;
        if (sh("ip tuntap add pic0 mode tun && ip link add v0 type veth peer name v1") != 0)
                fail();
        foreign("table netdev d { chain i { type filter hook ingress device \"v0\" priority 0; policy accept;\nfwd to "
                "\"lo\"\n}\n}\n");
        look();
        assert_int_equal(all.count, 0); /* not our device */
        foreign("table netdev d { chain j { type filter hook ingress device \"pic0\" priority 0; policy accept;\nfwd "
                "to "
                "\"lo\"\n}\n}\n");
        look();
        assert_int_equal(all.count, 1);
        assert_non_null(strstr(all.what[0], "table netdev d, chain j"));
        assert_non_null(strstr(all.what[0], "no chain of ours is asked"));
}

/* --- without a kernel that has it ------------------------------------------------------------------------------- */

static const pic__nft_ours ours = { .dev = "pic0", .index = 3 };

/* `flow add @fast` in `inet t f`, as the kernel gives it. */
static void put_flow_rule(pic__buf *b)
{
        size_t at = pic__nft_msg_begin(b, 0, 0, 0, NFPROTO_INET, 0), exprs, elem, data;

        pic__nft_attr_str(b, NFTA_RULE_TABLE, "t");
        pic__nft_attr_str(b, NFTA_RULE_CHAIN, "f");
        exprs = pic__nft_nest_begin(b, NFTA_RULE_EXPRESSIONS);
        elem = pic__nft_nest_begin(b, NFTA_LIST_ELEM);
        pic__nft_attr_str(b, NFTA_EXPR_NAME, "flow_offload");
        data = pic__nft_nest_begin(b, NFTA_EXPR_DATA);
        pic__nft_attr_str(b, NFTA_FLOW_TABLE_NAME, "fast\033");
        pic__nft_nest_end(b, data);
        pic__nft_nest_end(b, elem);
        pic__nft_nest_end(b, exprs);
        pic__nft_msg_end(b, at);
}

static void test_flowtable(void **state)
{
        pic__nft_chain f = { .family = NFPROTO_INET, .hook = NF_INET_FORWARD, .table = "t", .name = "f" };
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__nft_chains chains = PIC__VEC_INIT;

        (void)state;
        memset(&all, 0, sizeof(all));
        assert_int_equal(pic__vec_push(&chains, f), 0);
        put_flow_rule(&b);
        pic__nft_foreign_rule((const void *)b.data, &ours, &chains);
        assert_int_equal(chains.at[0].does, PIC__NFT_OFFLOADS);
        pic__nft_weaken_tell(&chains, "pic0", on_finding, &all);
        assert_int_equal(all.count, 1);
        assert_int_equal(all.level[0], PIC_LOG_WARNING);
        assert_non_null(strstr(all.what[0], "past every forward chain, ours too (fast"));
        assert_null(strchr(all.what[0], '\033')); /* a name is anybody's text */
        assert_string_equal(
                all.fix[0],
                "nft insert rule inet t f iifname pic0 return; nft insert rule inet t f oifname pic0 return");
        chains.at[0].does = 0;
        chains.at[0].left_in = chains.at[0].left_out = 1; /* as after that command */
        pic__nft_foreign_rule((const void *)b.data, &ours, &chains);
        assert_int_equal(chains.at[0].does, 0);
        pic__vec_free(&chains);
}

/* However many there are, only so many are told. */
static void test_bounded(void **state)
{
        pic__nft_chains chains = PIC__VEC_INIT;
        size_t i;

        (void)state;
        memset(&all, 0, sizeof(all));
        for (i = 0; i < 1000; i++) {
                pic__nft_chain c = { .family = NFPROTO_IPV4, .hook = NF_INET_FORWARD, .does = PIC__NFT_MARKS };

                snprintf(c.table, sizeof(c.table), "t%zu", i);
                assert_int_equal(pic__vec_push(&chains, c), 0);
        }
        pic__nft_weaken_tell(&chains, "pic0", on_finding, &all);
        assert_int_equal(all.count, PIC__NFT_TOLD + 1);
        assert_non_null(strstr(all.what[PIC__NFT_TOLD], "936 more"));
        pic__vec_free(&chains);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_each, fresh_space),
                cmocka_unit_test_setup(test_jumped_to, fresh_space),
                cmocka_unit_test_setup(test_iptables, fresh_space),
                cmocka_unit_test_setup(test_legacy, fresh_space),
                cmocka_unit_test_setup(test_ingress, fresh_space),
                cmocka_unit_test(test_flowtable),
                cmocka_unit_test(test_bounded),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
