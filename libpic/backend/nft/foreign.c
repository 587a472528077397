/* Owns: understanding foreign chains well enough to say whether they stop us. Not a simulation: a base chain counts as
 * closed when its policy is drop or its last rule drops or rejects everything, and as opened for us when its table has
 * rules that name our device and accept. */
#include "backend/nft/foreign.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "backend/nft/attrs.h"
#include "backend/nft/read.h"

struct reading {
        pic__nft_chains *chains;
        const char *dev;
};

/* One rule, boiled down. */
struct rule {
        const char *table, *chain;
        const struct nlattr *exprs;
        int verdict;     /* NF_ACCEPT, NF_DROP; -1: another */
        int conditional; /* looks at the packet */
        int in, out;     /* compares the name of our device with the interface it came by, goes by */
};

const char *pic__nft_family_name(uint8_t family)
{
        switch (family) {
        case NFPROTO_IPV4: return "ip";
        case NFPROTO_IPV6: return "ip6";
        case NFPROTO_INET: return "inet";
        default: return "other";
        }
}

static int concerns_ip(const struct nfgenmsg *gen)
{
        return gen->nfgen_family == NFPROTO_IPV4 || gen->nfgen_family == NFPROTO_IPV6 ||
               gen->nfgen_family == NFPROTO_INET;
}

static const struct nfgenmsg *head_of(const struct nlmsghdr *msg)
{
        return mnl_nlmsg_get_payload_len(msg) >= sizeof(struct nfgenmsg) ? mnl_nlmsg_get_payload(msg) : NULL;
}

static uint32_t be32(const struct nlattr *attr)
{
        return mnl_attr_get_payload_len(attr) >= 4 ? ntohl(mnl_attr_get_u32(attr)) : 0;
}

static void copy_name(char to[64], const struct nlattr *attr)
{
        size_t len = mnl_attr_get_payload_len(attr);

        if (len > 63)
                len = 63;
        memcpy(to, mnl_attr_get_payload(attr), len);
        to[len] = '\0';
}

static void read_hook(const struct nlattr *nest, pic__nft_chain *c)
{
        const struct nlattr *attr;

        pic__nft_each_in(attr, nest)
        {
                uint32_t hook = be32(attr);

                if (mnl_attr_get_type(attr) == NFTA_HOOK_HOOKNUM &&
                    (hook == NF_INET_LOCAL_IN || hook == NF_INET_FORWARD))
                        c->hook = (uint8_t)hook;
        }
}

static int on_chain(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        const struct nfgenmsg *gen = head_of(msg);
        struct reading *r = data;
        pic__nft_chain c = { .hook = NF_INET_NUMHOOKS };
        const struct nlattr *attr;

        if (gen == NULL || !concerns_ip(gen))
                return 0;
        c.family = gen->nfgen_family;
        pic__nft_each(attr, msg)
        {
                switch (mnl_attr_get_type(attr)) {
                case NFTA_CHAIN_TABLE: copy_name(c.table, attr); break;
                case NFTA_CHAIN_NAME: copy_name(c.name, attr); break;
                case NFTA_CHAIN_HOOK: read_hook(attr, &c); break;
                case NFTA_CHAIN_POLICY: c.drops = be32(attr) == NF_DROP; break;
                default: break;
                }
        }
        if (c.family == NFPROTO_INET && strcmp(c.table, PIC__NFT_TABLE) == 0)
                return 0;
        return pic__vec_push(r->chains, c) < 0 ? pic__nomem(err) : 0;
}

/* --- rules -------------------------------------------------------------------------------------------------- */

static const struct nlattr *find(const struct nlattr *nest, uint16_t type)
{
        const struct nlattr *attr;

        if (nest != NULL)
                pic__nft_each_in(attr, nest) if (mnl_attr_get_type(attr) == type) return attr;
        return NULL;
}

static const char *text_of(const struct nlattr *attr)
{
        return attr != NULL && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0 ? mnl_attr_get_str(attr) : "";
}

static int verdict_of(const struct nlattr *immediate)
{
        const struct nlattr *verdict = find(find(immediate, NFTA_IMMEDIATE_DATA), NFTA_DATA_VERDICT);
        const struct nlattr *code = find(verdict, NFTA_VERDICT_CODE);

        return code != NULL && be32(code) <= NF_ACCEPT ? (int)be32(code) : -1;
}

/* `meta load iifname` and then `cmp eq "pic0"` */
static void read_expr(struct rule *r, const char *name, const struct nlattr *data, const char *dev, uint32_t *meta)
{
        if (strcmp(name, "counter") == 0 || strcmp(name, "log") == 0)
                return;
        if (strcmp(name, "immediate") == 0) {
                r->verdict = verdict_of(data);
                return;
        }
        if (strcmp(name, "reject") == 0) {
                r->verdict = NF_DROP;
                return;
        }
        r->conditional = 1;
        if (strcmp(name, "meta") == 0) {
                const struct nlattr *key = find(data, NFTA_META_KEY);

                *meta = key != NULL ? be32(key) : 0;
        } else if (strcmp(name, "cmp") == 0) {
                const struct nlattr *value = find(find(data, NFTA_CMP_DATA), NFTA_DATA_VALUE);
                const struct nlattr *op = find(data, NFTA_CMP_OP);
                int same = value != NULL && op != NULL && be32(op) == NFT_CMP_EQ &&
                           mnl_attr_get_payload_len(value) > strlen(dev) &&
                           memcmp(mnl_attr_get_payload(value), dev, strlen(dev) + 1) == 0;

                r->in |= same && *meta == NFT_META_IIFNAME;
                r->out |= same && *meta == NFT_META_OIFNAME;
        }
}

static void read_rule(const struct nlmsghdr *msg, const char *dev, struct rule *r)
{
        const struct nlattr *attr, *expr;
        uint32_t meta = 0;

        pic__nft_each(attr, msg)
        {
                switch (mnl_attr_get_type(attr)) {
                case NFTA_RULE_TABLE: r->table = text_of(attr); break;
                case NFTA_RULE_CHAIN: r->chain = text_of(attr); break;
                case NFTA_RULE_EXPRESSIONS: r->exprs = attr; break;
                default: break;
                }
        }
        if (r->exprs == NULL)
                return;
        pic__nft_each_in(expr, r->exprs)
                read_expr(r, text_of(find(expr, NFTA_EXPR_NAME)), find(expr, NFTA_EXPR_DATA), dev, &meta);
}

static int on_rule(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        const struct nfgenmsg *gen = head_of(msg);
        struct rule rule = { .table = "", .chain = "", .verdict = -1 };
        struct reading *r = data;
        size_t i;

        (void)err;
        if (gen == NULL || !concerns_ip(gen))
                return 0;
        read_rule(msg, r->dev, &rule);
        for (i = 0; i < r->chains->count; i++) {
                pic__nft_chain *c = &r->chains->at[i];

                if (c->family != gen->nfgen_family || strcmp(c->table, rule.table) != 0)
                        continue;
                if (rule.verdict == NF_ACCEPT) {
                        c->let_in += rule.in ? 1 : 0;
                        c->let_out += rule.out ? 1 : 0;
                }
                if (strcmp(c->name, rule.chain) == 0)
                        c->last_drops = rule.verdict == NF_DROP && !rule.conditional;
        }
        return 0;
}

int pic__nft_foreign_read(pic__nft_sock *s, const char *dev, pic__nft_chains *ret, pic_error **err)
{
        struct reading r = { ret, dev };
        int code = pic__nft_read_all(s, NFT_MSG_GETCHAIN, on_chain, &r, err);

        return code < 0 ? code : pic__nft_read_all(s, NFT_MSG_GETRULE, on_rule, &r, err);
}
