/* Owns: the kernel's rules that choose a routing table (`ip rule`), as plain values. */
#include "backend/route/rule.h"

#include <string.h>

#define NARROW(attr)                                                                       \
        ((attr) == FRA_UID_RANGE || (attr) == FRA_IP_PROTO || (attr) == FRA_SPORT_RANGE || \
         (attr) == FRA_DPORT_RANGE || (attr) == FRA_TUN_ID)

static uint32_t number(const struct nlattr *attr)
{
        uint32_t n = 0;

        if (nla_len(attr) >= (int)sizeof(n))
                memcpy(&n, nla_data(attr), sizeof(n));
        return n;
}

static int prefix(const struct nlattr *attr, int family, uint8_t len, pic__prefix *ret)
{
        int bytes = family == AF_INET ? 4 : 16;

        if (nla_len(attr) != bytes || len > bytes * 8)
                return -1;
        ret->addr.family = family == AF_INET ? 4 : 6;
        memcpy(ret->addr.bytes, nla_data(attr), (size_t)bytes);
        ret->len = len;
        return 0;
}

static int take(const struct nlattr *attr, const struct fib_rule_hdr *head, pic__route_rule *r)
{
        int type = nla_type(attr);

        switch (type) {
        case FRA_PRIORITY: r->priority = number(attr); break;
        case FRA_TABLE: r->table = number(attr); break;
        case FRA_GOTO: r->target = number(attr); break;
        case FRA_FWMARK: r->mark = number(attr); break;
        case FRA_FWMASK: r->mask = number(attr); break;
        case FRA_L3MDEV: r->vrf = 1; break;
        case FRA_SUPPRESS_PREFIXLEN: r->suppress = (int32_t)number(attr); break;
        case FRA_PROTOCOL: r->protocol = nla_len(attr) >= 1 ? nla_get_u8(attr) : 0; break;
        case FRA_IIFNAME: nla_strlcpy(r->in, attr, sizeof(r->in)); break;
        case FRA_OIFNAME: nla_strlcpy(r->out, attr, sizeof(r->out)); break;
        case FRA_SRC: return prefix(attr, head->family, head->src_len, &r->from);
        case FRA_DST: return prefix(attr, head->family, head->dst_len, &r->to);
        default: r->narrow |= NARROW(type); break;
        }
        return 0;
}

int pic__route_read_rule(const struct nlmsghdr *h, pic__route_rule *ret)
{
        const struct fib_rule_hdr *head = nlmsg_data(h);
        pic__route_rule r = { .mask = UINT32_MAX, .suppress = -1 };
        struct nlattr *attr;
        int left;

        if ((h->nlmsg_type != RTM_NEWRULE && h->nlmsg_type != RTM_DELRULE) || nlmsg_datalen(h) < (int)sizeof(*head) ||
            (head->family != AF_INET && head->family != AF_INET6))
                return -1;
        r.family = head->family == AF_INET ? 4 : 6;
        r.action = head->action;
        r.table = head->table;
        r.inverted = (head->flags & FIB_RULE_INVERT) != 0;
        r.narrow = head->tos != 0;
        nlmsg_for_each_attr(attr, (struct nlmsghdr *)(uintptr_t)h, (int)sizeof(*head), left)
        {
                if (take(attr, head, &r) < 0)
                        return -1;
        }
        *ret = r;
        return 0;
}

int pic__route_get_rules(pic__route_nl *nl, pic__route_rules *ret, pic_error **err)
{
        static const uint8_t families[] = { AF_INET, AF_INET6 };
        size_t i;

        for (i = 0; i < PIC__COUNT(families); i++) {
                struct fib_rule_hdr header = { .family = families[i] };
                struct nl_msg *m = pic__route_nl_msg(RTM_GETRULE, NLM_F_REQUEST | NLM_F_DUMP, &header, sizeof(header));
                pic__auto_buf pic__buf out = PIC__BUF_INIT;
                const struct nlmsghdr *h = NULL;
                pic__route_rule rule;
                int r = m != NULL ? pic__route_nl_dump(nl, m, &out, err) : pic__nomem(err);

                nlmsg_free(m);
                if (r < 0)
                        return r;
                while ((h = pic__route_nl_next(&out, h)) != NULL)
                        if (pic__route_read_rule(h, &rule) == 0 && pic__vec_push(ret, rule) < 0)
                                return pic__nomem(err);
        }
        return 0;
}
