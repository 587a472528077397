/* Owns: which flows die with a right. Flows of a device carry its mark in their connection mark (shape.c: classify), so
 * that a class's flows are known. The table is read once and matched here: the kernel's own filters for deleting differ
 * between versions, and one that does not know a filter would delete everything.
 *
 * A flow that keeps its right has to be left alone: one that is translated is not made anew by its next packet when
 * that comes from outside. The host takes it for its own, and answers a TCP segment with a reset. */
#include "backend/nft/flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>
#include <string.h>

#include "backend/nft/attrs.h"
#include "backend/nft/elem.h"
#include "backend/nft/msg.h"
#include "backend/nft/read.h"
#include "base/map.h"
#include "base/vec.h"

#define CT_TYPE(msg) ((uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | (msg)))
#define CHUNK ((size_t)64 << 10)

typedef PIC__VEC(pic__nft_elem) elems;

struct lost {
        pic__map addrs;    /* of `peers`, `moved_peers`; key: the bytes of the address, value: its element */
        elems peers;       /* that are gone */
        elems subnets;     /* the same */
        elems moved_peers; /* of another class now, whose mark this is */
        elems moved_subnets;
        elems rights; /* of all classes, when any moved, or lost what another right of it may still allow */
        elems gone;   /* of classes */
        elems come;
        int ranges_gone;        /* some of `gone` are no single addresses */
        const pic__step *shape; /* the table was made anew: what was allowed before nobody knows */
        pic__range nets[2];     /* with `shape`: the cell's networks, and its own addresses in them */
        pic__addr self[2];
        pic__nft_sock *sock;
        pic__nft_sock *deleter;
        pic__buf out;  /* deletions and new marks */
        uint32_t last; /* where the last message of `out` begins */
        int ended;
};

/* The direction of a flow: addresses, protocol, ports in host order. */
struct tuple {
        pic__addr src, dst;
        uint8_t proto;
        uint16_t sport;
};

struct flow {
        struct tuple orig, reply;
        uint32_t mark;
        const struct nlattr *raw, *zone, *id;
};

/* --- reading a flow ----------------------------------------------------------------------------------------- */

static void read_addr(const struct nlattr *attr, pic__addr *to)
{
        uint16_t len = mnl_attr_get_payload_len(attr);

        if (len != 4 && len != 16)
                return;
        to->family = len == 4 ? 4 : 6;
        memcpy(to->bytes, mnl_attr_get_payload(attr), len);
}

static void read_ip(const struct nlattr *nest, struct tuple *t)
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

static void read_proto(const struct nlattr *nest, struct tuple *t)
{
        const struct nlattr *attr;

        pic__nft_each_in(attr, nest)
        {
                uint16_t type = mnl_attr_get_type(attr), len = mnl_attr_get_payload_len(attr);

                if (type == CTA_PROTO_NUM && len >= 1)
                        t->proto = mnl_attr_get_u8(attr);
                else if (type == CTA_PROTO_SRC_PORT && len >= 2)
                        t->sport = ntohs(mnl_attr_get_u16(attr));
        }
}

static void read_tuple(const struct nlattr *nest, struct tuple *t)
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

static void read_flow(const struct nlmsghdr *msg, struct flow *f)
{
        const struct nlattr *attr;

        pic__nft_each(attr, msg)
        {
                switch (mnl_attr_get_type(attr)) {
                case CTA_TUPLE_ORIG:
                        read_tuple(attr, &f->orig);
                        f->raw = attr;
                        break;
                case CTA_TUPLE_REPLY: read_tuple(attr, &f->reply); break;
                case CTA_MARK: f->mark = mnl_attr_get_payload_len(attr) >= 4 ? ntohl(mnl_attr_get_u32(attr)) : 0; break;
                case CTA_ZONE: f->zone = attr; break;
                case CTA_ID: f->id = attr; break;
                default: break;
                }
        }
}

/* --- matching ----------------------------------------------------------------------------------------------- */

static int in_range(const pic__range *r, const pic__addr *a)
{
        return r->first.family == a->family && pic__addr_cmp(&r->first, a) <= 0 && pic__addr_cmp(a, &r->last) <= 0;
}

static const pic__nft_elem *subnet_of(const elems *list, const pic__addr *a)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                if (in_range(&list->at[i].to, a))
                        return &list->at[i];
        return NULL;
}

static int is_moved(const struct lost *lost, const pic__nft_elem *e)
{
        const elems *moved = &lost->moved_peers;

        return moved->count > 0 && e >= moved->at && e < moved->at + moved->count;
}

static int addr_lost(const struct lost *lost, const pic__addr *a)
{
        const pic__nft_elem *e = pic__map_get(&lost->addrs, a, sizeof(*a));

        return (e != NULL && !is_moved(lost, e)) || subnet_of(&lost->subnets, a) != NULL;
}

/* The element that says of which class the device with this address is now; NULL when it is the one it was. */
static const pic__nft_elem *moved_to(const struct lost *lost, const pic__addr *a)
{
        const pic__nft_elem *e = pic__map_get(&lost->addrs, a, sizeof(*a));

        return e != NULL && is_moved(lost, e) ? e : subnet_of(&lost->moved_subnets, a);
}

/* Whether one of these lets a class send what this flow sends: where to is what answers come from, behind any
 * translation. */
static int covered(const elems *list, uint32_t class, const struct flow *f)
{
        size_t i;

        for (i = 0; i < list->count; i++) {
                const pic__nft_elem *e = &list->at[i];

                if (e->mark != class || !in_range(&e->to, &f->reply.src))
                        continue;
                if (e->set->form != PIC__NFT_GRANT)
                        return 1;
                if (e->proto_lo <= f->reply.proto && f->reply.proto <= e->proto_hi && e->port_lo <= f->reply.sport &&
                    f->reply.sport <= e->port_hi)
                        return 1;
        }
        return 0;
}

static int by_class(const void *left, const void *right)
{
        const pic__nft_elem *a = left, *b = right;

        return (a->mark > b->mark) - (a->mark < b->mark);
}

/* The same by the rights of all classes, which are sorted: there may be many of both, flows and rights. */
static int may(const struct lost *lost, uint32_t mark, const struct flow *f)
{
        const elems *all = &lost->rights;
        elems own = PIC__VEC_INIT;
        size_t lo = 0, hi = all->count;

        if (all->count == 0)
                return 0;
        while (lo < hi) {
                size_t mid = lo + (hi - lo) / 2;

                if (all->at[mid].mark < (mark & PIC__NFT_CLASS_MASK))
                        lo = mid + 1;
                else
                        hi = mid;
        }
        own.at = all->at + lo;
        while (lo + own.count < all->count && own.at[own.count].mark == (mark & PIC__NFT_CLASS_MASK))
                own.count++;
        return own.count > 0 && covered(&own, mark & PIC__NFT_CLASS_MASK, f);
}

static int is_self(const struct lost *lost, const pic__addr *a)
{
        return pic__addr_cmp(a, &lost->self[0]) == 0 || pic__addr_cmp(a, &lost->self[1]) == 0;
}

/* After the table was away: a device's flow goes on when the device may do that today. What it says to the cell itself
 * is judged packet by packet, and the cell may talk to whom it likes. */
static int stranded(const struct lost *lost, const struct flow *f, const pic__nft_elem **ret_moved)
{
        const pic__addr *from = &f->orig.src;

        if (is_self(lost, from) || is_self(lost, &f->reply.src))
                return 0;
        *ret_moved = moved_to(lost, from);
        if (*ret_moved == NULL)
                return in_range(&lost->nets[0], from) || in_range(&lost->nets[1], from);
        return !may(lost, (*ret_moved)->mark, f);
}

/* *ret_moved: the class it is of from now on, if another. */
static int ends(const struct lost *lost, const struct flow *f, const pic__nft_elem **ret_moved)
{
        uint32_t class = f->mark & PIC__NFT_CLASS_MASK;

        if (lost->shape != NULL)
                return stranded(lost, f, ret_moved);
        if (addr_lost(lost, &f->orig.src) || addr_lost(lost, &f->orig.dst) || addr_lost(lost, &f->reply.src))
                return 1;
        *ret_moved = moved_to(lost, &f->orig.src);
        if (*ret_moved != NULL)
                return !may(lost, (*ret_moved)->mark, f);
        return covered(&lost->gone, class, f) && !covered(&lost->come, class, f) && !may(lost, class, f);
}

/* --- deleting ----------------------------------------------------------------------------------------------- */

/* A flow that ended by itself meanwhile is refused, which is as good. */
static int send_deletes(struct lost *lost, pic_error **err)
{
        pic__nft_refusal refusal;
        int r;

        if (lost->out.len == 0)
                return 0;
        pic__nft_msg_ask_ack(&lost->out, lost->last);
        r = pic__nft_sock_send(lost->deleter, &lost->out, &refusal, err);
        pic__buf_clear(&lost->out);
        if (refusal.error != 0 && refusal.error != ENOENT)
                return pic__nft_refused(&refusal, "ending flows", err);
        return r == PIC_BACKEND && refusal.error == ENOENT ? 0 : r;
}

static void copy_attr(pic__buf *out, const struct nlattr *attr)
{
        if (attr != NULL)
                pic__nft_attr(out, attr->nla_type, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

static void begin(struct lost *lost, uint16_t type, uint8_t family, const struct flow *f)
{
        lost->last = (uint32_t)pic__nft_msg_begin(&lost->out, type, 0, ++lost->deleter->seq, family, 0);
        copy_attr(&lost->out, f->raw);
        copy_attr(&lost->out, f->zone);
}

static void put_end(struct lost *lost, uint8_t family, const struct flow *f)
{
        begin(lost, CT_TYPE(IPCTNL_MSG_CT_DELETE), family, f);
        copy_attr(&lost->out, f->id);
        pic__nft_msg_end(&lost->out, lost->last);
        lost->ended++;
}

static void put_mark(struct lost *lost, uint8_t family, const struct flow *f, uint32_t mark)
{
        begin(lost, CT_TYPE(IPCTNL_MSG_CT_NEW), family, f); /* without NLM_F_CREATE: of one that is there */
        pic__nft_attr_be32(&lost->out, CTA_MARK, mark);
        pic__nft_msg_end(&lost->out, lost->last);
}

static int on_flow(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        const struct nfgenmsg *gen = mnl_nlmsg_get_payload(msg);
        const pic__nft_elem *moved = NULL;
        struct lost *lost = data;
        struct flow f = { .mark = 0 };

        if (mnl_nlmsg_get_payload_len(msg) < sizeof(*gen))
                return 0;
        read_flow(msg, &f);
        if (f.raw == NULL)
                return 0;
        if (ends(lost, &f, &moved))
                put_end(lost, gen->nfgen_family, &f);
        else if (moved != NULL && moved->mark != f.mark)
                put_mark(lost, gen->nfgen_family, &f, moved->mark);
        return lost->out.len > CHUNK || lost->out.failed ? send_deletes(lost, err) : 0;
}

static int walk(struct lost *lost, pic_error **err)
{
        pic__auto_buf pic__buf request = PIC__BUF_INIT;
        pic__nft_refusal refusal;
        int r;

        pic__nft_msg_end(&request, pic__nft_msg_begin(&request, CT_TYPE(IPCTNL_MSG_CT_GET), NLM_F_DUMP,
                                                      ++lost->sock->seq, AF_UNSPEC, 0));
        r = pic__nft_sock_dump(lost->sock, &request, on_flow, lost, &refusal, err);
        if (refusal.error != 0)
                return pic__nft_refused(&refusal, "reading flows", err);
        return r < 0 ? r : send_deletes(lost, err);
}

/* --- what was lost ------------------------------------------------------------------------------------------ */

static int note(elems *list, const pic__item *item, pic_error **err)
{
        pic__nft_elem e;
        int r = pic__nft_elem_parse(item, &e, err);

        if (r < 0)
                return r;
        return pic__vec_push(list, e) < 0 ? pic__nomem(err) : 0;
}

static int note_shape(struct lost *lost, const pic__step *step, pic_error **err)
{
        pic__nft_shape shape;
        int r;

        if (step->kind != PIC__I_NFT_SHAPE || step->after == NULL || strcmp(step->after->value, PIC__NFT_CHANGED) == 0)
                return 0;
        r = pic__nft_shape_parse(step->after->value, &shape, err);
        if (r < 0)
                return r;
        pic__prefix_range(&shape.net4, &lost->nets[0]);
        pic__prefix_range(&shape.net6, &lost->nets[1]);
        if (pic__addr_add(&shape.net4.addr, 1, &lost->self[0]) == 0 &&
            pic__addr_add(&shape.net6.addr, 1, &lost->self[1]) == 0)
                lost->shape = step;
        return 0;
}

static int note_step(struct lost *lost, const pic__step *step, pic_error **err)
{
        const pic__nft_set *set = pic__nft_set_of(step->kind);
        int takes = step->verb != PIC__ADD;

        if (set == NULL)
                return note_shape(lost, step, err);
        if (step->verb == PIC__CHANGE && set->form == PIC__NFT_PEER)
                return note(&lost->moved_peers, step->after, err);
        if (step->verb == PIC__CHANGE && set->form == PIC__NFT_SUBNET)
                return note(&lost->moved_subnets, step->after, err);
        if (step->verb == PIC__CHANGE)
                return 0;
        if (set->form == PIC__NFT_PEER)
                return takes ? note(&lost->peers, step->before, err) : 0;
        if (set->form == PIC__NFT_SUBNET)
                return takes ? note(&lost->subnets, step->before, err) : 0;
        if (!takes)
                return note(&lost->come, step->after, err);
        lost->ranges_gone |= set->form != PIC__NFT_REACH;
        return note(&lost->gone, step->before, err);
}

static int put_addrs(struct lost *lost, elems *list, pic_error **err)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                if (pic__map_set(&lost->addrs, &list->at[i].to.first, sizeof(pic__addr), &list->at[i]) < 0)
                        return pic__nomem(err);
        return 0;
}

static int collect(struct lost *lost, const pic__step *steps, size_t count, pic_error **err)
{
        size_t i;

        for (i = 0; i < count; i++) {
                int r = note_step(lost, &steps[i], err);

                if (r < 0)
                        return r;
        }
        if (lost->shape != NULL)
                return 0;
        return put_addrs(lost, &lost->peers, err) < 0 ? PIC_NOMEM : put_addrs(lost, &lost->moved_peers, err);
}

static elems *list_of(struct lost *lost, enum pic__item_kind kind)
{
        switch (pic__nft_set_of(kind)->form) {
        case PIC__NFT_PEER: return &lost->moved_peers;
        case PIC__NFT_SUBNET: return &lost->moved_subnets;
        case PIC__NFT_REACH:
        case PIC__NFT_GRANT:
        case PIC__NFT_WIDE: break;
        }
        return &lost->rights;
}

/* Everybody and everything: as if each device had just moved to its class. */
static int read_all(struct lost *lost, pic_error **err)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        size_t i;
        int r = pic__nft_read_elements(lost->sock, &items, err);

        lost->moved_peers.count = lost->moved_subnets.count = 0;
        for (i = 0; r == 0 && i < items.count; i++)
                r = note(list_of(lost, items.at[i].kind), &items.at[i], err);
        return r < 0 ? r : put_addrs(lost, &lost->moved_peers, err);
}

/* What those that moved may now, or whose class lost a part of what it may. The steps say only what is new of it. */
static int read_rights(struct lost *lost, pic_error **err)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        size_t i;
        int r = 0;

        if (lost->shape != NULL)
                return read_all(lost, err);
        if (lost->moved_peers.count + lost->moved_subnets.count > 0 || lost->ranges_gone)
                r = pic__nft_read_rights(lost->sock, &items, err);
        for (i = 0; r == 0 && i < items.count; i++)
                r = note(&lost->rights, &items.at[i], err);
        return r;
}

static int end_flows(struct lost *lost, const pic__step *steps, size_t count, pic_error **err)
{
        int r = collect(lost, steps, count, err);

        if (r < 0 || (lost->shape == NULL && lost->peers.count + lost->subnets.count + lost->moved_peers.count +
                                                             lost->moved_subnets.count + lost->gone.count ==
                                                     0))
                return r;
        if (lost->sock->door == NULL)
                r = pic__nft_sock_open(lost->sock, err);
        if (r == 0 && lost->deleter->door == NULL)
                r = pic__nft_sock_open(lost->deleter, err);
        if (r == 0)
                r = read_rights(lost, err);
        if (r == 0 && lost->rights.count > 1)
                qsort(lost->rights.at, lost->rights.count, sizeof(lost->rights.at[0]), by_class);
        if (r == 0)
                r = walk(lost, err);
        return r < 0 ? r : lost->ended;
}

int pic__nft_flows_end_by(pic__nft_sock *sock, pic__nft_sock *deleter, const pic__step *steps, size_t count,
                          pic_error **err)
{
        struct lost lost = { .sock = sock, .deleter = deleter, .out = PIC__BUF_INIT };
        int r = end_flows(&lost, steps, count, err);

        pic__buf_free(&lost.out);
        pic__map_free(&lost.addrs);
        pic__vec_free(&lost.peers);
        pic__vec_free(&lost.subnets);
        pic__vec_free(&lost.moved_peers);
        pic__vec_free(&lost.moved_subnets);
        pic__vec_free(&lost.rights);
        pic__vec_free(&lost.gone);
        pic__vec_free(&lost.come);
        return r;
}

int pic__nft_flows_end(const pic__step *steps, size_t count, pic_error **err)
{
        pic__nft_sock sock = PIC__NFT_SOCK_INIT, deleter = PIC__NFT_SOCK_INIT;
        int r = pic__nft_flows_end_by(&sock, &deleter, steps, count, err);

        pic__nft_sock_close(&sock);
        pic__nft_sock_close(&deleter);
        return r;
}
