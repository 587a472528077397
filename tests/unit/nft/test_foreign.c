/* Other people's chains, boiled down. */
#include "space.h"

#include <linux/netfilter.h>

#include "backend/nft/foreign.h"
#include "base/mem.h"

static const pic__nft_chain *find(const pic__nft_chains *chains, const char *table, const char *name)
{
        size_t i;

        for (i = 0; i < chains->count; i++)
                if (strcmp(chains->at[i].table, table) == 0 && strcmp(chains->at[i].name, name) == 0)
                        return &chains->at[i];
        fail_msg("no chain %s %s", table, name);
        return NULL;
}

static const pic__nft_ours ours = { .dev = "pic0" };

static void read_all(pic__nft_chains *chains)
{
        pic__nft_sock s = PIC__NFT_SOCK_INIT;

        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        assert_int_equal(pic__nft_foreign_read(&s, &ours, chains, NULL), 0);
        pic__nft_sock_close(&s);
}

static void test_read(void **state)
{
        pic__nft_chains chains = PIC__VEC_INIT;
        const pic__nft_chain *c;

        (void)state;
        foreign("table inet pic { chain forward { type filter hook forward priority 0; policy drop; }\n}\n"
                "table arp a { chain in { type filter hook input priority 0; policy drop; }\n}\n"
                "table ip one { chain through { type filter hook forward priority 0; policy drop;\n"
                "iifname \"pic0\" tcp dport 80 accept\n"
                "iifname \"pic01\" accept\n"
                "iifname != \"pic0\" accept\n"
                "oifname \"pic0\" drop\n}\n"
                "chain side { oifname \"pic0\" counter accept\n}\n}\n"
                "table ip6 two { chain in { type filter hook input priority 0; policy accept;\n"
                "tcp dport 22 accept\ncounter reject\n}\n"
                "chain out { type filter hook output priority 0; policy drop; }\n}\n"
                "table inet three { chain in { type filter hook input priority 0; policy accept;\ndrop\ntcp dport 1 "
                "accept\n}\n}\n");
        read_all(&chains);
        assert_int_equal(chains.count, 5);
        c = find(&chains, "one", "through");
        assert_int_equal(c->hook, NF_INET_FORWARD);
        assert_true(c->drops && !c->last_drops);
        assert_int_equal(c->let_in, 1);
        assert_int_equal(c->let_out, 1);
        assert_string_equal(pic__nft_family_name(c->family), "ip");
        c = find(&chains, "one", "side");
        assert_int_equal(c->hook, NF_INET_NUMHOOKS);
        c = find(&chains, "two", "in");
        assert_true(!c->drops && c->last_drops && c->hook == NF_INET_LOCAL_IN);
        assert_string_equal(pic__nft_family_name(c->family), "ip6");
        c = find(&chains, "two", "out");
        assert_int_equal(c->hook, NF_INET_LOCAL_OUT);
        assert_int_equal(c->does, 0);
        c = find(&chains, "three", "in");
        assert_true(!c->drops && !c->last_drops);
        assert_string_equal(pic__nft_family_name(c->family), "inet");
        assert_string_equal(pic__nft_family_name(NFPROTO_ARP), "other");
        pic__vec_free(&chains);
}

/* What rules do to packets that may be ours, by their conditions on devices alone. */
static void test_does(void **state)
{
        static const struct {
                const char *rule;
                unsigned does;
        } cases[] = {
                { "meta mark set 5", PIC__NFT_MARKS },
                { "iifname \"pic0\" meta mark set 5", PIC__NFT_MARKS },
                { "iifname \"pic*\" meta mark set meta mark or 5", PIC__NFT_MARKS },
                { "iifname != \"eth0\" meta mark set 5", PIC__NFT_MARKS },
                { "iifname { \"pic0\", \"eth0\" } meta mark set 5", PIC__NFT_MARKS },
                { "iifname \"eth0\" meta mark set 5", 0 },
                { "iifname \"eth*\" meta mark set 5", 0 },
                { "iifname != \"pic0\" meta mark set 5", 0 },
                { "iif \"lo\" meta mark set 5", 0 },
                { "iifname \"eth0\" oifname \"eth1\" ct mark set 5", 0 },
                { "iifname \"eth0\" ct mark set 5", PIC__NFT_CT_MARKS },
                { "ct mark 5 meta priority set 1:2", 0 },
                { "meta mark 5 counter", 0 },
                { "tcp dport 22 accept", PIC__NFT_ACCEPTS },
                { "iifname \"eth0\" oifname \"eth1\" accept", 0 },
                { "tcp dport 22 drop", 0 },
                { "iifname \"pic0\" return\nmeta mark set 5", 0 },
                { "iifname \"pic0\" tcp dport 1 return\nmeta mark set 5", PIC__NFT_MARKS },
                { "iifname \"pic0\" oifname \"x\" return\nmeta mark set 5", PIC__NFT_MARKS },
                { "meta mark set 5\niifname \"pic0\" return", PIC__NFT_MARKS },
                { "iifname \"pic0\" return\nct mark set 5", PIC__NFT_CT_MARKS },
                { "iifname \"pic0\" return\noifname \"pic0\" return\nct mark set 5", 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__nft_chains chains = PIC__VEC_INIT;
                char text[512];

                snprintf(text, sizeof(text),
                         "add table inet t\ndelete table inet t\ntable inet t { chain c { type filter hook forward "
                         "priority -5; policy accept;\n%s\n}\n}\n",
                         cases[i].rule);
                foreign(text);
                read_all(&chains);
                if (find(&chains, "t", "c")->does != cases[i].does)
                        fail_msg("%s: %x", cases[i].rule, find(&chains, "t", "c")->does);
                assert_int_equal(find(&chains, "t", "c")->priority, -5);
                pic__vec_free(&chains);
        }
}

static void test_no_memory(void **state)
{
        pic__nft_sock s = PIC__NFT_SOCK_INIT;
        unsigned long n;
        int r = -1;

        (void)state;
        foreign("table ip one { chain through { type filter hook forward priority 0; policy drop; }\n}\n");
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        for (n = 1; r < 0 && n < 20; n++) {
                pic__nft_chains chains = PIC__VEC_INIT;

                pic__mem_fail_at(n);
                r = pic__nft_foreign_read(&s, &ours, &chains, NULL);
                pic__mem_fail_at(0);
                pic__vec_free(&chains);
                if (r < 0)
                        assert_int_equal(r, PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        pic__nft_sock_close(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_read, fresh_space),
                cmocka_unit_test_setup(test_does, fresh_space),
                cmocka_unit_test_setup(test_no_memory, fresh_space),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
