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
#include "backend/nft/flows_exit.h"
#include "backend/nft/flows_late.h"
#include "backend/nft/msg.h"
#include "backend/nft/read.h"
#include "base/map.h"
#include "base/vec.h"

#define CT_TYPE(msg) ((uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | (msg)))
#define CHUNK ((size_t)64 << 10)

struct lost {
        pic__map addrs;             /* of peers in the next lists; key: the address, value: its element */
        pic__nft_elems peers;       /* that are gone */
        pic__nft_elems subnets;     /* the same */
        pic__nft_elems moved_peers; /* of another class now, whose mark this is */
        pic__nft_elems moved_subnets;
        pic__nft_elems turned_peers; /* of the same class, with another exit */
        pic__nft_elems turned_subnets;
        pic__nft_elems rights; /* of all classes, when any moved, or lost what another right of it may still allow */
        pic__nft_elems gone;   /* of classes */
        pic__nft_elems come;
        pic__nft_exits exits;
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

/* --- matching ----------------------------------------------------------------------------------------------- */

/* The last word about it. */
static const pic__nft_elem *subnet_of(const pic__nft_elems *list, const pic__addr *a)
{
        size_t i;

        for (i = list->count; i > 0; i--)
                if (pic__nft_in_range(&list->at[i - 1].to, a))
                        return &list->at[i - 1];
        return NULL;
}

static int is_of(const pic__nft_elems *list, const pic__nft_elem *e)
{
        return list->count > 0 && e >= list->at && e < list->at + list->count;
}

static int addr_lost(const struct lost *lost, const pic__addr *a)
{
        const pic__nft_elem *e = pic__map_get(&lost->addrs, a, sizeof(*a));

        return (e != NULL && is_of(&lost->peers, e)) || subnet_of(&lost->subnets, a) != NULL;
}

/* The element that says of which class and exit the device with this address is now; NULL when both are what they were.
 */
static const pic__nft_elem *moved_to(const struct lost *lost, const pic__addr *a)
{
        const pic__nft_elem *e = pic__map_get(&lost->addrs, a, sizeof(*a));

        if (e != NULL)
                return is_of(&lost->peers, e) ? NULL : e;
        e = subnet_of(&lost->moved_subnets, a);
        return e != NULL ? e : subnet_of(&lost->turned_subnets, a);
}

static int has_turned(const struct lost *lost, const pic__nft_elem *e)
{
        return is_of(&lost->turned_peers, e) || is_of(&lost->turned_subnets, e);
}

static int by_class(const void *left, const void *right)
{
        const pic__nft_elem *a = left, *b = right;

        return (a->mark > b->mark) - (a->mark < b->mark);
}

/* By the rights of all classes, which are sorted: there may be many of both, flows and rights. */
static int may(const struct lost *lost, uint32_t mark, const pic__nft_flow *f)
{
        const pic__nft_elems *all = &lost->rights;
        pic__nft_elems own = PIC__VEC_INIT;
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
        return own.count > 0 && pic__nft_covers(&own, mark & PIC__NFT_CLASS_MASK, f);
}

static int is_self(const struct lost *lost, const pic__addr *a)
{
        return pic__addr_cmp(a, &lost->self[0]) == 0 || pic__addr_cmp(a, &lost->self[1]) == 0;
}

/* After the table was away: a device's flow goes on when the device may do that today, and by the way that is its own.
 * What it says to the cell itself is judged packet by packet, and the cell may talk to whom it likes. */
static int stranded(const struct lost *lost, const pic__nft_flow *f, const pic__nft_elem **ret_moved)
{
        const pic__addr *from = &f->orig.src;
        const pic__nft_elem *now = moved_to(lost, from);

        if (pic__nft_exits_stray(&lost->exits, f))
                return 1;
        if (is_self(lost, from))
                return 0;
        if (now != NULL && !pic__nft_exits_fit(&lost->exits, now->mark, f))
                return 1;
        if (is_self(lost, &f->reply.src) && !pic__nft_flow_served(f))
                return f->reply.sport == 53; /* was not led to where all names are: shape.c */
        *ret_moved = now;
        if (now == NULL)
                return pic__nft_in_range(&lost->nets[0], from) || pic__nft_in_range(&lost->nets[1], from);
        return !may(lost, now->mark, f);
}

/* *ret_moved: whose mark the flow has from now on, if another's. */
static int ends(const struct lost *lost, const pic__nft_flow *f, const pic__nft_elem **ret_moved)
{
        uint32_t class = f->mark & PIC__NFT_CLASS_MASK;

        if (pic__nft_exits_end(&lost->exits, f))
                return 1;
        if (lost->shape != NULL)
                return stranded(lost, f, ret_moved);
        if (addr_lost(lost, &f->orig.src) || addr_lost(lost, &f->orig.dst) || addr_lost(lost, &f->reply.src))
                return 1;
        *ret_moved = moved_to(lost, &f->orig.src);
        if (*ret_moved != NULL && !pic__nft_exits_fit(&lost->exits, (*ret_moved)->mark, f))
                return 1;
        if (*ret_moved != NULL && !has_turned(lost, *ret_moved))
                return !may(lost, (*ret_moved)->mark, f);
        return pic__nft_covers(&lost->gone, class, f) && !pic__nft_covers(&lost->come, class, f) &&
               !may(lost, class, f);
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

static void begin(struct lost *lost, uint16_t type, uint8_t family, const pic__nft_flow *f)
{
        lost->last = (uint32_t)pic__nft_msg_begin(&lost->out, type, 0, ++lost->deleter->seq, family, 0);
        copy_attr(&lost->out, f->raw);
        copy_attr(&lost->out, f->zone);
}

static void put_end(struct lost *lost, uint8_t family, const pic__nft_flow *f)
{
        begin(lost, CT_TYPE(IPCTNL_MSG_CT_DELETE), family, f);
        copy_attr(&lost->out, f->id);
        pic__nft_msg_end(&lost->out, lost->last);
        lost->ended++;
}

static void put_mark(struct lost *lost, uint8_t family, const pic__nft_flow *f, uint32_t mark)
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
        pic__nft_flow f;
        uint32_t mark;

        if (mnl_nlmsg_get_payload_len(msg) < sizeof(*gen))
                return 0;
        pic__nft_flow_read(msg, &f);
        if (f.raw == NULL)
                return 0;
        if (ends(lost, &f, &moved)) {
                put_end(lost, gen->nfgen_family, &f);
        } else if (moved != NULL) {
                mark = pic__nft_exits_mark(&lost->exits, moved->mark, &f);
                if (mark != f.mark)
                        put_mark(lost, gen->nfgen_family, &f, mark);
        }
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

static int note(pic__nft_elems *list, const pic__item *item, pic_error **err)
{
        pic__nft_elem e;
        int r = pic__nft_elem_parse(item, &e, err);

        if (r < 0 || list == NULL)
                return r < 0 ? r : 0;
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

static int put_turned(struct lost *lost, const pic__nft_elem *after, pic_error **err)
{
        return pic__vec_push(after->set->form == PIC__NFT_PEER ? &lost->turned_peers : &lost->turned_subnets, *after) <
                               0
                       ? pic__nomem(err)
                       : 0;
}

/* Of a PEER or SUBNET that is of another class now, or has only another exit. */
static int note_moved(struct lost *lost, const pic__step *step, pic_error **err)
{
        pic__nft_elem after = { .set = NULL };
        int r = pic__nft_turned(step, &after, err);

        if (r != 0)
                return r < 0 ? r : put_turned(lost, &after, err);
        return note(after.set->form == PIC__NFT_PEER ? &lost->moved_peers : &lost->moved_subnets, step->after, err);
}

static int note_step(struct lost *lost, const pic__step *step, pic_error **err)
{
        const pic__nft_set *set = pic__nft_set_of(step->kind);
        int takes = step->verb != PIC__ADD;

        if (set == NULL)
                return note_shape(lost, step, err);
        if (set->form >= PIC__NFT_LOCAL)
                return pic__nft_exits_step(&lost->exits, step, err);
        if (step->verb == PIC__CHANGE && (set->form == PIC__NFT_PEER || set->form == PIC__NFT_SUBNET))
                return note_moved(lost, step, err);
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

static int put_addrs(struct lost *lost, pic__nft_elems *list, pic_error **err)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                if (pic__map_set(&lost->addrs, &list->at[i].to.first, sizeof(pic__addr), &list->at[i]) < 0)
                        return pic__nomem(err);
        return 0;
}

/* What is later counts: of `late`, and before that what these steps say. */
static int collect(struct lost *lost, const pic__nft_elems *late, const pic__step *steps, size_t count, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < late->count && r == 0; i++)
                r = put_turned(lost, &late->at[i], err);
        for (i = 0; i < count && r == 0; i++)
                r = note_step(lost, &steps[i], err);
        if (r < 0 || lost->shape != NULL)
                return r;
        if (put_addrs(lost, &lost->turned_peers, err) < 0 || put_addrs(lost, &lost->moved_peers, err) < 0)
                return PIC_NOMEM;
        return put_addrs(lost, &lost->peers, err);
}

static pic__nft_elems *list_of(struct lost *lost, enum pic__item_kind kind)
{
        switch (pic__nft_set_of(kind)->form) {
        case PIC__NFT_PEER: return &lost->moved_peers;
        case PIC__NFT_SUBNET: return &lost->moved_subnets;
        case PIC__NFT_REACH:
        case PIC__NFT_GRANT:
        case PIC__NFT_SERVED:
        case PIC__NFT_WIDE: return &lost->rights;
        case PIC__NFT_LOCAL: return &lost->exits.local;
        case PIC__NFT_WAY:
        case PIC__NFT_OPEN:
        case PIC__NFT_RESOLVER:
        case PIC__NFT_SPACE:
        case PIC__NFT_CARRIER:
        case PIC__NFT_DOOR:
        case PIC__NFT_FORMS: break;
        }
        return NULL;
}

static size_t moved(const struct lost *lost)
{
        return lost->moved_peers.count + lost->moved_subnets.count;
}

static size_t turned(const struct lost *lost)
{
        return lost->turned_peers.count + lost->turned_subnets.count;
}

/* Of what the kernel has now. After the table was away everybody and everything: as if each device had just moved to
 * its class. Else what those that moved may now, or whose class lost a part of what it may, of which the steps say only
 * what is new; and what is near. */
static unsigned forms_to_read(const struct lost *lost)
{
        unsigned forms = 0;

        if (lost->shape != NULL)
                return PIC__NFT_FORM(PIC__NFT_PEER) | PIC__NFT_FORM(PIC__NFT_SUBNET) | PIC__NFT_RIGHTS |
                       PIC__NFT_FORM(PIC__NFT_LOCAL);
        if (moved(lost) > 0 || lost->ranges_gone)
                forms |= PIC__NFT_RIGHTS;
        if (moved(lost) + turned(lost) > 0)
                forms |= PIC__NFT_FORM(PIC__NFT_LOCAL);
        return forms;
}

static int read_now(struct lost *lost, pic_error **err)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        unsigned forms = forms_to_read(lost);
        size_t i;
        int r = forms != 0 ? pic__nft_read_elements(lost->sock, forms, &items, err) : 0;

        if (lost->shape != NULL)
                lost->moved_peers.count = lost->moved_subnets.count = lost->turned_peers.count =
                        lost->turned_subnets.count = 0;
        for (i = 0; r == 0 && i < items.count; i++)
                r = note(list_of(lost, items.at[i].kind), &items.at[i], err);
        return r < 0 || lost->shape == NULL ? r : put_addrs(lost, &lost->moved_peers, err);
}

static int takes_away(const struct lost *lost)
{
        return lost->shape != NULL || pic__nft_exits_any(&lost->exits) ||
               lost->peers.count + lost->subnets.count + moved(lost) + turned(lost) + lost->gone.count > 0;
}

static int end_flows(struct lost *lost, const pic__nft_elems *late, const pic__step *steps, size_t count,
                     pic_error **err)
{
        int r = collect(lost, late, steps, count, err);

        if (r < 0 || !takes_away(lost))
                return r;
        if (lost->sock->door == NULL)
                r = pic__nft_sock_open(lost->sock, err);
        if (r == 0 && lost->deleter->door == NULL)
                r = pic__nft_sock_open(lost->deleter, err);
        if (r == 0)
                r = read_now(lost, err);
        if (r == 0 && lost->rights.count > 1)
                qsort(lost->rights.at, lost->rights.count, sizeof(lost->rights.at[0]), by_class);
        if (r == 0)
                r = walk(lost, err);
        return r < 0 ? r : lost->ended;
}

int pic__nft_flows_end_by(pic__nft_sock *sock, pic__nft_sock *deleter, const pic__nft_elems *late,
                          const pic__step *steps, size_t count, pic_error **err)
{
        struct lost lost = { .sock = sock, .deleter = deleter, .out = PIC__BUF_INIT };
        int r;

        pic__nft_exits_start(&lost.exits);
        r = end_flows(&lost, late, steps, count, err);
        pic__nft_exits_free(&lost.exits);
        pic__buf_free(&lost.out);
        pic__map_free(&lost.addrs);
        pic__vec_free(&lost.peers);
        pic__vec_free(&lost.subnets);
        pic__vec_free(&lost.moved_peers);
        pic__vec_free(&lost.moved_subnets);
        pic__vec_free(&lost.turned_peers);
        pic__vec_free(&lost.turned_subnets);
        pic__vec_free(&lost.rights);
        pic__vec_free(&lost.gone);
        pic__vec_free(&lost.come);
        return r;
}

int pic__nft_flows_end(const pic__nft_elems *late, const pic__step *steps, size_t count, pic_error **err)
{
        pic__nft_sock sock = PIC__NFT_SOCK_INIT, deleter = PIC__NFT_SOCK_INIT;
        int r = pic__nft_flows_end_by(&sock, &deleter, late, steps, count, err);

        pic__nft_sock_close(&sock);
        pic__nft_sock_close(&deleter);
        return r;
}
