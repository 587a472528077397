/* Owns: which doings of foreign chains matter to our judgement, where they stand, and the words for it. Ours judge in
 * `forward` and `input` (priority 0) by the mark that our `prerouting` (-150) gave: who changes it between makes a
 * device one of another class. Chains that others jump to count as standing wherever a base chain of their table does.
 */
#include "backend/nft/weaken.h"

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>

#define OURS_FILTER NF_IP_PRI_FILTER
#define OURS_MANGLE NF_IP_PRI_MANGLE

/* Where a chain stands, seen from ours. */
enum {
        BEFORE = 1 << 0,  /* at a hook of ours, not after us */
        BETWEEN = 1 << 1, /* after our classes are given, before they are judged */
        EARLY = 1 << 2,   /* before connection tracking */
        ROUTING = 1 << 3, /* where destinations are changed */
        SOMEWHERE = 1 << 4,
        INGRESS = 1 << 5
};

static const struct {
        unsigned does;
        unsigned where;
        int level;
        const char *what;
} table[] = {
        { PIC__NFT_FORWARDS, INGRESS, PIC_LOG_WARNING,
          "sends packets on by another device as they come in: no chain of ours is asked" },
        { PIC__NFT_OFFLOADS, SOMEWHERE, PIC_LOG_WARNING,
          "hands flows to a flowtable: their packets go past every forward chain, ours too" },
        { PIC__NFT_MARKS, BETWEEN, PIC_LOG_WARNING,
          "sets marks between our chains: a device can be taken for one with other rights" },
        { PIC__NFT_CT_MARKS, SOMEWHERE, PIC_LOG_WARNING,
          "sets marks of flows: ours say which flows end when a right ends" },
        { PIC__NFT_UNTRACKS, EARLY, PIC_LOG_WARNING,
          "keeps packets from connection tracking: they are not translated, and answers to them are dropped" },
        { PIC__NFT_DNATS_OURS, ROUTING, PIC_LOG_WARNING,
          "sends what our devices ask for elsewhere: they are judged by where it goes then" },
        { PIC__NFT_DNATS_IN, ROUTING, PIC_LOG_WARNING,
          "sends what comes from outside to devices of ours: our rules drop it, only answers reach a device" },
        { PIC__NFT_DNATS, ROUTING, PIC_LOG_INFO,
          "may send what our devices ask for elsewhere: they are judged by where it goes then" },
        { PIC__NFT_ACCEPTS, BEFORE, PIC_LOG_INFO,
          "accepts before ours: in nftables that ends only this chain, ours still judges" },
};

static unsigned at_first(int32_t priority)
{
        unsigned where = ROUTING | SOMEWHERE;

        where |= priority <= OURS_MANGLE ? BEFORE : 0;
        where |= priority >= OURS_MANGLE ? BETWEEN : 0;
        return where | (priority < NF_IP_PRI_CONNTRACK ? EARLY : 0);
}

static unsigned place_of(const pic__nft_chain *c)
{
        if (c->ingress)
                return INGRESS;
        switch (c->hook) {
        case NF_INET_PRE_ROUTING: return at_first(c->priority);
        case NF_INET_FORWARD:
        case NF_INET_LOCAL_IN: return SOMEWHERE | (c->priority <= OURS_FILTER ? BEFORE | BETWEEN : 0);
        case NF_INET_LOCAL_OUT:
                return SOMEWHERE | (c->priority <= OURS_FILTER ? BEFORE : 0) |
                       (c->priority < NF_IP_PRI_CONNTRACK ? EARLY : 0);
        case NF_INET_POST_ROUTING: return SOMEWHERE;
        default: return 0;
        }
}

static unsigned places(const pic__nft_chains *chains, const pic__nft_chain *c)
{
        unsigned where = place_of(c);
        size_t i;

        for (i = 0; !c->base && i < chains->count; i++)
                if (chains->at[i].family == c->family && strcmp(chains->at[i].table, c->table) == 0)
                        where |= place_of(&chains->at[i]);
        return where;
}

static const char *tool_of(const pic__nft_chain *c)
{
        static const char *const tables[] = { "filter", "mangle", "nat", "raw", "security" };
        size_t i;

        for (i = 0; i < PIC__COUNT(tables); i++)
                if (strcmp(c->table, tables[i]) == 0)
                        return c->family == NFPROTO_IPV4 ? "iptables" : c->family == NFPROTO_IPV6 ? "ip6tables" : NULL;
        return NULL;
}

static void put_return(const pic__nft_chain *c, const char *way, const char *dev, pic__buf *fix)
{
        const char *tool = tool_of(c);

        pic__buf_puts(fix, fix->len > 0 ? "; " : "");
        if (tool != NULL)
                pic__buf_putf(fix, "%s -t %s -I %s -%c %s -j RETURN", tool, c->table, c->name, way[0], dev);
        else
                pic__buf_putf(fix, "nft insert rule %s %s %s %sname %s return", pic__nft_family_name(c->family),
                              c->table, c->name, way, dev);
}

/* What makes our packets leave the chain before they meet that rule. Where those for our devices cannot be told from
 * others yet, only who made the rule can say which ones it means. */
static void put_fix(const pic__nft_chain *c, const char *dev, unsigned does, pic__buf *fix)
{
        const char *tool = tool_of(c);
        int two_ways = (does & (PIC__NFT_OFFLOADS | PIC__NFT_CT_MARKS)) != 0;

        if (does & PIC__NFT_ACCEPTS)
                return;
        if ((does & (PIC__NFT_FORWARDS | PIC__NFT_DNATS_IN | PIC__NFT_UNTRACKS)) ||
            (two_ways && c->hook != NF_INET_FORWARD)) {
                if (tool != NULL)
                        pic__buf_putf(fix, "%s -t %s -S %s: have that rule name the devices that it means", tool,
                                      c->table, c->name);
                else
                        pic__buf_putf(fix, "nft list chain %s %s %s: have that rule name the devices that it means",
                                      pic__nft_family_name(c->family), c->table, c->name);
                return;
        }
        put_return(c, "iif", dev, fix);
        if (two_ways)
                put_return(c, "oif", dev, fix);
}

static void tell(const pic__nft_chain *c, const char *dev, size_t i, pic__finding_fn fn, void *data)
{
        pic__auto_buf pic__buf what = PIC__BUF_INIT, fix = PIC__BUF_INIT;

        pic__buf_putf(&what, "table %s ", pic__nft_family_name(c->family));
        pic__buf_put_shown(&what, c->table, sizeof(c->table));
        pic__buf_puts(&what, ", chain ");
        pic__buf_put_shown(&what, c->name, sizeof(c->name));
        pic__buf_puts(&what, ", (not ours) ");
        pic__buf_puts(&what, table[i].what);
        if ((table[i].does & PIC__NFT_OFFLOADS) && c->flowtable[0] != '\0') {
                pic__buf_puts(&what, " (");
                pic__buf_put_shown(&what, c->flowtable, sizeof(c->flowtable));
                pic__buf_putc(&what, ')');
        }
        put_fix(c, dev, table[i].does, &fix);
        fn(table[i].level, "nft", pic__buf_str(&what), pic__buf_str(&fix), data);
}

void pic__nft_weaken_tell(const pic__nft_chains *chains, const char *dev, pic__finding_fn fn, void *data)
{
        size_t i, k, told = 0;

        for (k = 0; k < PIC__COUNT(table); k++) {
                for (i = 0; i < chains->count; i++) {
                        const pic__nft_chain *c = &chains->at[i];

                        if (!(c->does & table[k].does) || !(places(chains, c) & table[k].where))
                                continue;
                        if (table[k].does == PIC__NFT_DNATS && (c->does & PIC__NFT_DNATS_OURS))
                                continue; /* said already */
                        if (told++ < PIC__NFT_TOLD)
                                tell(c, dev, k, fn, data);
                }
        }
        if (told > PIC__NFT_TOLD) {
                pic__auto_buf pic__buf what = PIC__BUF_INIT;

                pic__buf_putf(&what, "%zu more things that chains of others do are not listed", told - PIC__NFT_TOLD);
                fn(PIC_LOG_INFO, "nft", pic__buf_str(&what), "nft list ruleset", data);
        }
}

/* --- the old iptables --------------------------------------------------------------------------------------- */

void pic__nft_weaken_legacy(const char *tool, const char *name, const char *rules, const char *dev, pic__finding_fn fn,
                            void *data)
{
        static const struct {
                const char *target, *what;
                int level;
        } targets[] = {
                { "-j MARK ", "sets marks: a device can be taken for one with other rights", PIC_LOG_WARNING },
                { "-j CONNMARK ", "sets marks of flows: ours say which flows end when a right ends", PIC_LOG_WARNING },
                { "--notrack", "keeps packets from connection tracking: they are not translated", PIC_LOG_WARNING },
                { "-j DNAT ", "may send what our devices ask for elsewhere: they are judged by where it goes then",
                  PIC_LOG_INFO },
                { "-j REDIRECT ", "may send what our devices ask for to this host: they are judged by that",
                  PIC_LOG_INFO },
        };
        pic__auto_buf pic__buf left = PIC__BUF_INIT;
        size_t i;

        pic__buf_putf(&left, "-i %s -j RETURN", dev);
        if (strstr(rules, pic__buf_str(&left)) != NULL)
                return;
        for (i = 0; i < PIC__COUNT(targets); i++) {
                pic__auto_buf pic__buf what = PIC__BUF_INIT, fix = PIC__BUF_INIT;

                if (strstr(rules, targets[i].target) == NULL)
                        continue;
                pic__buf_putf(&what, "%s, table %s, (not ours) %s", tool, name, targets[i].what);
                pic__buf_putf(&fix, "%s -t %s -I PREROUTING -i %s -j RETURN", tool, name, dev);
                fn(targets[i].level, "nft", pic__buf_str(&what), pic__buf_str(&fix), data);
        }
}
