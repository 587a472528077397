/* Owns: reading a flow out of the kernel's message, and what it sends. */
#include "backend/nft/flow.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

#include "backend/nft/attrs.h"
#include "model/service.h"

static void read_addr(const struct nlattr *attr, pic__addr *to)
{
        uint16_t len = mnl_attr_get_payload_len(attr);

        if (len != 4 && len != 16)
                return;
        to->family = len == 4 ? 4 : 6;
        memcpy(to->bytes, mnl_attr_get_payload(attr), len);
}

static void read_ip(const struct nlattr *nest, struct pic__nft_tuple *t)
{
        const struct nlattr *attr;

        pic__nft_each_in(attr, nest)
        {
                uint16_t type = mnl_attr_get_type(attr);

                if (type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC)
                        read_addr(attr, &t->src);
                else if (type == CTA_IP_V4_DST || type == CTA_IP_V6_DST)
                        read_addr(attr, &t->dst);
        }
}

static void read_proto(const struct nlattr *nest, struct pic__nft_tuple *t)
{
        const struct nlattr *attr;

        pic__nft_each_in(attr, nest)
        {
                uint16_t type = mnl_attr_get_type(attr), len = mnl_attr_get_payload_len(attr);

                if (type == CTA_PROTO_NUM && len >= 1)
                        t->proto = mnl_attr_get_u8(attr);
                else if (type == CTA_PROTO_SRC_PORT && len >= 2)
                        t->sport = ntohs(mnl_attr_get_u16(attr));
                else if (type == CTA_PROTO_DST_PORT && len >= 2)
                        t->dport = ntohs(mnl_attr_get_u16(attr));
        }
}

static void read_tuple(const struct nlattr *nest, struct pic__nft_tuple *t)
{
        const struct nlattr *attr;

        pic__nft_each_in(attr, nest)
        {
                if (mnl_attr_get_type(attr) == CTA_TUPLE_IP)
                        read_ip(attr, t);
                else if (mnl_attr_get_type(attr) == CTA_TUPLE_PROTO)
                        read_proto(attr, t);
        }
}

void pic__nft_flow_read(const struct nlmsghdr *msg, pic__nft_flow *ret)
{
        const struct nlattr *attr;

        *ret = (pic__nft_flow){ .mark = 0 };
        pic__nft_each(attr, msg)
        {
                switch (mnl_attr_get_type(attr)) {
                case CTA_TUPLE_ORIG:
                        read_tuple(attr, &ret->orig);
                        ret->raw = attr;
                        break;
                case CTA_TUPLE_REPLY: read_tuple(attr, &ret->reply); break;
                case CTA_MARK:
                        ret->mark = mnl_attr_get_payload_len(attr) >= 4 ? ntohl(mnl_attr_get_u32(attr)) : 0;
                        break;
                case CTA_ZONE: ret->zone = attr; break;
                case CTA_ID: ret->id = attr; break;
                default: break;
                }
        }
}

int pic__nft_in_range(const pic__range *r, const pic__addr *a)
{
        return r->first.family == a->family && pic__addr_cmp(&r->first, a) <= 0 && pic__addr_cmp(a, &r->last) <= 0;
}

int pic__nft_flow_served(const pic__nft_flow *f)
{
        uint16_t at = f->reply.sport;

        return (at == PIC__SERVICE_PORT || at == PIC__SERVICE_TLS_PORT ||
                (at >= PIC__SERVICE_DOORS && at < PIC__SERVICE_DOORS + PIC__SERVICES_MAX)) &&
               f->orig.dport != at && pic__addr_cmp(&f->orig.dst, &f->reply.src) != 0;
}

int pic__nft_covers(const pic__nft_elems *list, uint32_t mark, const pic__nft_flow *f)
{
        int served = pic__nft_flow_served(f);
        const pic__addr *to = served ? &f->orig.dst : &f->reply.src;
        size_t i;

        for (i = 0; i < list->count; i++) {
                const pic__nft_elem *e = &list->at[i];

                if (e->mark != mark || !pic__nft_in_range(&e->to, to) || served != (e->set->form == PIC__NFT_SERVED))
                        continue;
                if ((e->set->keys & PIC__NFT_HAS_PORT) == 0)
                        return 1;
                if (e->proto_lo <= f->reply.proto && f->reply.proto <= e->proto_hi && e->port_lo <= f->reply.sport &&
                    f->reply.sport <= e->port_hi)
                        return 1;
        }
        return 0;
}
