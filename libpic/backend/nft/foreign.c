/* Owns: understanding foreign chains well enough to say whether they stop us, or do something to our packets that our
 * rules do not reckon with. Not a simulation: a base chain counts as closed when its policy is drop or its last rule
 * drops or rejects everything, and as opened for us when its table has rules that name our device and accept. Of the
 * conditions of a rule only those on devices are understood: what may meet a packet of ours does. */
#include "backend/nft/foreign.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_CT.h>
#include <stdio.h>
#include <string.h>

#include "backend/nft/attrs.h"
#include "backend/nft/read.h"

struct reading {
        pic__nft_chains *chains;
        const pic__nft_ours *ours;
};

/* One rule, boiled down. */
struct rule {
        const pic__nft_ours *ours;
        const char *table, *chain;
        const struct nlattr *exprs;
        int verdict;                /* NF_ACCEPT, NF_DROP; -1: another */
        int leaves;                 /* what meets it does not meet the next rule */
        int conditional;            /* looks at the packet */
        int others;                 /* conditions, beside the two that are next */
        int in, out;                /* compares the name of our device with the interface it came by, goes by */
        int not_in, not_out;        /* a packet that came by our device, goes by it, does not meet it */
        uint32_t meta;              /* what was loaded last */
        const struct nlattr *value; /* the constant that was loaded last */
        unsigned does;
        const char *flowtable;
};

const char *pic__nft_family_name(uint8_t family)
{
        switch (family) {
        case NFPROTO_IPV4: return "ip";
        case NFPROTO_IPV6: return "ip6";
        case NFPROTO_INET: return "inet";
        case NFPROTO_NETDEV: return "netdev";
        default: return "other";
        }
}

static int concerns_ip(const struct nfgenmsg *gen)
{
        return gen->nfgen_family == NFPROTO_IPV4 || gen->nfgen_family == NFPROTO_IPV6 ||
               gen->nfgen_family == NFPROTO_INET || gen->nfgen_family == NFPROTO_NETDEV;
}

static const struct nfgenmsg *head_of(const struct nlmsghdr *msg)
{
        return mnl_nlmsg_get_payload_len(msg) >= sizeof(struct nfgenmsg) ? mnl_nlmsg_get_payload(msg) : NULL;
}

static uint32_t be32(const struct nlattr *attr)
{
        return attr != NULL && mnl_attr_get_payload_len(attr) >= 4 ? ntohl(mnl_attr_get_u32(attr)) : 0;
}

static void copy_name(char to[64], const struct nlattr *attr)
{
        size_t len = mnl_attr_get_payload_len(attr);

        if (len > 63)
                len = 63;
        memcpy(to, mnl_attr_get_payload(attr), len);
        to[len] = '\0';
}

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

/* --- chains ------------------------------------------------------------------------------------------------- */

/* One device, or a list of them. */
static int names_device(const struct nlattr *hook, const char *dev)
{
        const struct nlattr *devs = find(hook, NFTA_HOOK_DEVS), *attr;

        if (strcmp(text_of(find(hook, NFTA_HOOK_DEV)), dev) == 0)
                return 1;
        if (devs != NULL)
                pic__nft_each_in(attr, devs) if (strcmp(text_of(attr), dev) == 0) return 1;
        return 0;
}

static void read_hook(const struct nlattr *hook, const pic__nft_ours *ours, pic__nft_chain *c)
{
        const struct nlattr *number = find(hook, NFTA_HOOK_HOOKNUM);
        uint32_t n = be32(number);

        c->base = 1;
        c->priority = (int32_t)be32(find(hook, NFTA_HOOK_PRIORITY));
        if (number == NULL)
                return;
        if (c->family == NFPROTO_NETDEV || n == NF_INET_INGRESS)
                c->ingress = (c->family != NFPROTO_NETDEV || n == NF_NETDEV_INGRESS) && names_device(hook, ours->dev);
        else if (n < NF_INET_NUMHOOKS)
                c->hook = (uint8_t)n;
}

int pic__nft_foreign_chain(const struct nlmsghdr *msg, const pic__nft_ours *ours, pic__nft_chains *ret, pic_error **err)
{
        const struct nfgenmsg *gen = head_of(msg);
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
                case NFTA_CHAIN_HOOK: read_hook(attr, ours, &c); break;
                case NFTA_CHAIN_POLICY: c.drops = be32(attr) == NF_DROP; break;
                default: break;
                }
        }
        if (c.family == NFPROTO_INET && strcmp(c.table, PIC__NFT_TABLE) == 0)
                return 0;
        return pic__vec_push(ret, c) < 0 ? pic__nomem(err) : 0;
}

static int on_chain(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        struct reading *r = data;

        return pic__nft_foreign_chain(msg, r->ours, r->chains, err);
}

/* --- rules -------------------------------------------------------------------------------------------------- */

static void read_immediate(struct rule *r, const struct nlattr *immediate)
{
        const struct nlattr *data = find(immediate, NFTA_IMMEDIATE_DATA);
        const struct nlattr *code = find(find(data, NFTA_DATA_VERDICT), NFTA_VERDICT_CODE);

        r->value = find(data, NFTA_DATA_VALUE);
        if (code == NULL)
                return;
        r->verdict = be32(code) <= NF_ACCEPT ? (int)be32(code) : -1;
        r->leaves = be32(code) <= NF_ACCEPT || (int32_t)be32(code) == NFT_RETURN;
}

static void read_meta(struct rule *r, const struct nlattr *data)
{
        const struct nlattr *key = find(data, NFTA_META_KEY);

        if (find(data, NFTA_META_SREG) != NULL) {
                r->does |= key != NULL && be32(key) == NFT_META_MARK ? PIC__NFT_MARKS : 0;
                return;
        }
        r->conditional = 1;
        r->meta = key != NULL ? be32(key) : UINT32_MAX;
}

/* Whether a packet of our device passes a comparison with a name, which may be the beginning of one only. */
static int name_meets(const struct nlattr *value, const char *dev)
{
        size_t len = mnl_attr_get_payload_len(value), own = strlen(dev) + 1;

        return memcmp(mnl_attr_get_payload(value), dev, len < own ? len : own) == 0;
}

static int is_whole(const struct nlattr *value, const pic__nft_ours *ours)
{
        size_t len = mnl_attr_get_payload_len(value);

        return len > strlen(ours->dev) || (ours->enough > 0 && len >= ours->enough);
}

static int index_meets(const struct nlattr *value, unsigned index)
{
        return index != 0 && mnl_attr_get_payload_len(value) == 4 && mnl_attr_get_u32(value) == index;
}

/* `meta load iifname` and then `cmp eq "pic0"` */
static void read_cmp(struct rule *r, const struct nlattr *data)
{
        const struct nlattr *value = find(find(data, NFTA_CMP_DATA), NFTA_DATA_VALUE);
        const struct nlattr *op = find(data, NFTA_CMP_OP);
        int in = r->meta == NFT_META_IIFNAME || r->meta == NFT_META_IIF;
        int out = r->meta == NFT_META_OIFNAME || r->meta == NFT_META_OIF;
        int named = r->meta == NFT_META_IIFNAME || r->meta == NFT_META_OIFNAME, meets, whole;

        r->conditional = 1;
        if (value == NULL || op == NULL || be32(op) > NFT_CMP_NEQ || (!in && !out)) {
                r->others++;
                return;
        }
        meets = named ? name_meets(value, r->ours->dev) : index_meets(value, r->ours->index);
        whole = named && is_whole(value, r->ours);
        if (be32(op) == NFT_CMP_EQ && meets && whole) {
                r->in |= in;
                r->out |= out;
        } else {
                r->others++;
        }
        if ((be32(op) == NFT_CMP_EQ) != meets) {
                r->not_in |= in;
                r->not_out |= out;
        }
}

static unsigned target_does(const struct nlattr *data)
{
        const struct nlattr *info = find(data, NFTA_TARGET_INFO);
        const char *name = text_of(find(data, NFTA_TARGET_NAME));
        uint16_t flags = 0;

        if (strcmp(name, "MARK") == 0)
                return PIC__NFT_MARKS;
        if (strcmp(name, "CONNMARK") == 0)
                return PIC__NFT_CT_MARKS | PIC__NFT_MARKS;
        if (strcmp(name, "DNAT") == 0 || strcmp(name, "REDIRECT") == 0 || strcmp(name, "TPROXY") == 0)
                return PIC__NFT_DNATS;
        if (strcmp(name, "NOTRACK") == 0)
                return PIC__NFT_UNTRACKS;
        if (strcmp(name, "CT") != 0 || info == NULL || mnl_attr_get_payload_len(info) < sizeof(flags))
                return 0;
        memcpy(&flags, mnl_attr_get_payload(info), sizeof(flags));
        return (flags & XT_CT_NOTRACK) != 0 ? PIC__NFT_UNTRACKS : 0;
}

/* Where a constant destination leads. */
static unsigned nat_does(const struct rule *r, const struct nlattr *data)
{
        const struct nlattr *type = find(data, NFTA_NAT_TYPE);
        size_t len = r->value != NULL ? mnl_attr_get_payload_len(r->value) : 0;
        const pic__prefix *net = len == 4 ? &r->ours->net4 : &r->ours->net6;
        pic__prefix to = { .len = len == 4 ? 32 : 128 };

        if (type == NULL || be32(type) != NFT_NAT_DNAT)
                return 0;
        to.addr.family = len == 4 ? 4 : 6;
        if ((len == 4 || len == 16) && net->addr.family == to.addr.family) {
                memcpy(to.addr.bytes, mnl_attr_get_payload(r->value), len);
                if (pic__prefix_overlaps(net, &to))
                        return PIC__NFT_DNATS_IN;
        }
        return PIC__NFT_DNATS;
}

static void read_flow(struct rule *r, const struct nlattr *data)
{
        r->does |= PIC__NFT_OFFLOADS;
        r->flowtable = text_of(find(data, NFTA_FLOW_TABLE_NAME));
}

static void read_ct(struct rule *r, const struct nlattr *data)
{
        const struct nlattr *key = find(data, NFTA_CT_KEY);

        if (find(data, NFTA_CT_SREG) == NULL)
                r->others++;
        else if (key != NULL && be32(key) == NFT_CT_MARK)
                r->does |= PIC__NFT_CT_MARKS;
}

static void read_expr(struct rule *r, const char *name, const struct nlattr *data)
{
        if (strcmp(name, "counter") == 0 || strcmp(name, "log") == 0)
                return;
        if (strcmp(name, "immediate") == 0) {
                read_immediate(r, data);
                return;
        }
        if (strcmp(name, "reject") == 0) {
                r->verdict = NF_DROP;
                r->leaves = 1;
                return;
        }
        if (strcmp(name, "meta") == 0) {
                read_meta(r, data);
                return;
        }
        if (strcmp(name, "cmp") == 0) {
                read_cmp(r, data);
                return;
        }
        r->conditional = 1;
        if (strcmp(name, "ct") == 0)
                read_ct(r, data);
        else if (strcmp(name, "nat") == 0)
                r->does |= nat_does(r, data);
        else if (strcmp(name, "redir") == 0 || strcmp(name, "tproxy") == 0)
                r->does |= PIC__NFT_DNATS;
        else if (strcmp(name, "notrack") == 0)
                r->does |= PIC__NFT_UNTRACKS;
        else if (strcmp(name, "fwd") == 0)
                r->does |= PIC__NFT_FORWARDS;
        else if (strcmp(name, "flow_offload") == 0)
                read_flow(r, data);
        else if (strcmp(name, "target") == 0)
                r->does |= target_does(data);
        else
                r->others++;
}

static void read_rule(const struct nlmsghdr *msg, struct rule *r)
{
        const struct nlattr *attr, *expr;

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
        pic__nft_each_in(expr, r->exprs) read_expr(r, text_of(find(expr, NFTA_EXPR_NAME)), find(expr, NFTA_EXPR_DATA));
        if (r->verdict == NF_ACCEPT)
                r->does |= PIC__NFT_ACCEPTS;
}

/* What of it meets packets of ours, in a chain that some have left already. */
static unsigned does_to_ours(const struct rule *r, const pic__nft_chain *c)
{
        int in = !r->not_in && !c->left_in && !(r->out && c->left_out);
        int out = !r->not_out && !c->left_out && !(r->in && c->left_in);
        unsigned does = in || out ? r->does : 0;

        if (!in) /* only what came by our device is judged by its mark, or goes where a device wanted */
                does &= ~(unsigned)(PIC__NFT_MARKS | PIC__NFT_DNATS);
        if (r->in && (does & PIC__NFT_DNATS))
                does |= PIC__NFT_DNATS_OURS;
        return does;
}

static void apply_to_chain(const struct rule *r, pic__nft_chain *c)
{
        unsigned does = does_to_ours(r, c);

        c->last_drops = r->verdict == NF_DROP && !r->conditional;
        c->does |= does;
        if ((does & PIC__NFT_OFFLOADS) && r->flowtable != NULL)
                (void)snprintf(c->flowtable, sizeof(c->flowtable), "%s", r->flowtable);
        if (r->leaves && r->others == 0 && r->does == (r->verdict == NF_ACCEPT ? PIC__NFT_ACCEPTS : 0)) {
                c->left_in |= r->in && !r->out;
                c->left_out |= r->out && !r->in;
        }
}

void pic__nft_foreign_rule(const struct nlmsghdr *msg, const pic__nft_ours *ours, pic__nft_chains *chains)
{
        const struct nfgenmsg *gen = head_of(msg);
        struct rule rule = { .ours = ours, .table = "", .chain = "", .verdict = -1, .meta = UINT32_MAX };
        int lets;
        size_t i;

        if (gen == NULL || !concerns_ip(gen))
                return;
        read_rule(msg, &rule);
        lets = rule.verdict == NF_ACCEPT && (rule.in || rule.out);
        for (i = 0; i < chains->count; i++) {
                pic__nft_chain *c = &chains->at[i];
                int here = strcmp(c->name, rule.chain) == 0;

                if ((!here && !lets) || c->family != gen->nfgen_family || strcmp(c->table, rule.table) != 0)
                        continue;
                if (lets) {
                        c->let_in += rule.in ? 1 : 0;
                        c->let_out += rule.out ? 1 : 0;
                }
                if (here)
                        apply_to_chain(&rule, c);
        }
}

static int on_rule(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        struct reading *r = data;

        (void)err;
        pic__nft_foreign_rule(msg, r->ours, r->chains);
        return 0;
}

int pic__nft_foreign_read(pic__nft_sock *s, const pic__nft_ours *ours, pic__nft_chains *ret, pic_error **err)
{
        struct reading r = { ret, ours };
        int code = pic__nft_read_all(s, NFT_MSG_GETCHAIN, on_chain, &r, err);

        return code < 0 ? code : pic__nft_read_all(s, NFT_MSG_GETRULE, on_rule, &r, err);
}
