/* Owns: what a class of rights means, in elements: GRANT (destinations, protocol, ports), REACH (single peers), WIDE
 * (internet, lan: only when forwarded). README says why GRANTs are cut until none overlaps. */
#include <string.h>

#include "plan/derive_in.h"

static const struct {
        enum pic__item_kind reach, grant, wide;
        uint8_t family, icmp;
} families[PIC__FAMILIES] = {
        { PIC__I_NFT_REACH4, PIC__I_NFT_GRANT4, PIC__I_NFT_WIDE4, 4, 1 },
        { PIC__I_NFT_REACH6, PIC__I_NFT_GRANT6, PIC__I_NFT_WIDE6, 6, 58 },
};

/* What one class's grants add up to before it is written down. */
typedef struct gather {
        const pic__class *class;
        pic__boxes boxes[PIC__FAMILIES];
        int internet, lan;
} gather;

static void gather_free(gather *g)
{
        pic__vec_free(&g->boxes[PIC__V4]);
        pic__vec_free(&g->boxes[PIC__V6]);
}

/* "access internet,peer:nas" */
static const char *class_why(pic__derive *d, const pic__class *class)
{
        return pic__derive_why(d, "access ", class->rights);
}

static int add_range(gather *g, int family, const pic__range *range, pic_error **err)
{
        pic__box box = { pic__addr_number(&range->first), pic__addr_number(&range->last), 0, 65535, 0, 255 };

        return pic__vec_push(&g->boxes[family], box) < 0 ? pic__nomem(err) : 0;
}

static int add_prefix(gather *g, const pic__grant *grant, pic_error **err)
{
        int family = grant->prefix.addr.family == 4 ? PIC__V4 : PIC__V6;
        pic__range range;
        pic__box *box;
        int r;

        pic__prefix_range(&grant->prefix, &range);
        r = add_range(g, family, &range, err);
        if (r < 0 || grant->proto == PIC__PROTO_ANY)
                return r;
        box = &g->boxes[family].at[g->boxes[family].count - 1];
        box->proto_lo = box->proto_hi = grant->proto == PIC__PROTO_ICMP ? families[family].icmp : grant->proto;
        box->port_lo = grant->port_lo;
        box->port_hi = grant->port_hi;
        return 0;
}

/* The cell's networks behind the cell's own address. What is below it is no device's: for IPv6 it is the subnet-router
 * anycast address, which would be the cell itself again. */
static int add_peers(pic__derive *d, gather *g, pic_error **err)
{
        int i, r;

        for (i = 0; i < PIC__FAMILIES; i++) {
                pic__range range;

                pic__prefix_range(&d->net[i], &range);
                if (pic__addr_add(&d->self[i], 1, &range.first) < 0)
                        continue;
                r = add_range(g, i, &range, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_target_subnets(pic__derive *d, gather *g, const pic_obj *target, pic_error **err)
{
        const char *list = pic__derive_text(target, d->field.subnets);
        char one[PIC__PREFIX_TEXT];
        pic__prefix p;
        pic__range range;
        int r;

        while (pic__list_next(&list, one, sizeof(one))) {
                if (pic__prefix_parse(one, &p) < 0)
                        return pic__fail(err, PIC_CORRUPT, "peer %s: subnet %s is no network", pic__obj_name(target),
                                         one);
                pic__prefix_range(&p, &range);
                r = add_range(g, p.addr.family == 4 ? PIC__V4 : PIC__V6, &range, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int pic__derive_reach(pic__derive *d, const pic__class *class, const pic_obj *target, pic_error **err)
{
        char mark[PIC__MARK_TEXT];
        const char *why;
        int i, r;

        if (!pic__snap_active(d->snap, target))
                return 0;
        why = pic__derive_why(d, "access to ", pic__obj_name(target));
        if (why == NULL)
                return pic__nomem(err);
        pic__derive_mark(class, mark);
        for (i = 0; i < PIC__FAMILIES; i++) {
                const char *address = pic__derive_text(target, d->field.addr[i]);

                if (address[0] == '\0')
                        continue;
                pic__buf_puts(&d->key, mark);
                pic__buf_putc(&d->key, ' ');
                pic__buf_puts(&d->key, address);
                pic__buf_puts(&d->value, "accept");
                r = pic__derive_put(d, families[i].reach, NULL, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_target(pic__derive *d, gather *g, const pic_obj *target, pic_error **err)
{
        int r;

        if (target == NULL || !pic__snap_active(d->snap, target))
                return 0;
        r = pic__derive_reach(d, g->class, target, err);
        return r < 0 ? r : add_target_subnets(d, g, target, err);
}

static int add_group(pic__derive *d, gather *g, const char *group, pic_error **err)
{
        const pic_obj *member;
        size_t at = 0;
        int r;

        while ((member = pic__snap_next_member(d->snap, group, &at)) != NULL) {
                r = add_target(d, g, member, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_grant(pic__derive *d, gather *g, const pic__grant *grant, pic_error **err)
{
        switch (grant->to) {
        case PIC__TO_INTERNET: g->internet = 1; return 0;
        case PIC__TO_LAN: g->lan = 1; return 0;
        case PIC__TO_PEERS: return add_peers(d, g, err);
        case PIC__TO_PEER: return add_target(d, g, pic__snap_named(d->snap, PIC__PEER, grant->name), err);
        case PIC__TO_GROUP: return add_group(d, g, grant->name, err);
        case PIC__TO_PREFIX: return add_prefix(g, grant, err);
        case PIC__TO_SERVICE:
                return 0; /* services are not of this world yet: the right waits until its service is there */
        }
        return 0;
}

/* Below: from what was gathered to items. */

static void key_range(pic__derive *d, const pic__class *class, const pic__addr *first, const pic__addr *last)
{
        char text[PIC__ADDR_TEXT], mark[PIC__MARK_TEXT];

        pic__buf_puts(&d->key, pic__derive_mark(class, mark));
        pic__buf_putc(&d->key, ' ');
        pic__buf_puts(&d->key, pic__addr_print(first, text));
        pic__buf_putc(&d->key, '-');
        pic__buf_puts(&d->key, pic__addr_print(last, text));
}

static int put_grants(pic__derive *d, gather *g, int family, const char *why, pic_error **err)
{
        pic__boxes *boxes = &g->boxes[family];
        size_t i;
        int r;

        if (pic__boxes_disjoint(boxes) < 0)
                return pic__nomem(err);
        for (i = 0; i < boxes->count; i++) {
                const pic__box *box = &boxes->at[i];
                pic__addr first, last;

                pic__addr_from_number(box->addr_lo, families[family].family, &first);
                pic__addr_from_number(box->addr_hi, families[family].family, &last);
                key_range(d, g->class, &first, &last);
                if (box->proto_lo == box->proto_hi)
                        pic__buf_putf(&d->key, " %u %u-%u", box->proto_lo, box->port_lo, box->port_hi);
                else
                        pic__buf_putf(&d->key, " %u-%u %u-%u", box->proto_lo, box->proto_hi, box->port_lo,
                                      box->port_hi);
                pic__buf_puts(&d->value, "accept");
                r = pic__derive_put(d, families[family].grant, NULL, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_all(pic__rangevec *to, const pic__range *ranges, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (pic__vec_push(to, ranges[i]) < 0)
                        return -1;
        return 0;
}

typedef struct wide {
        pic__rangevec yes, no, left;
} wide;

static void wide_free(wide *w)
{
        pic__vec_free(&w->yes);
        pic__vec_free(&w->no);
        pic__vec_free(&w->left);
}

/* Internet and lan without the cell's network and without what is behind peers: those have grants of their own. -1: out
 * of memory. */
static int gather_wide(pic__derive *d, const gather *g, int family, wide *w)
{
        uint8_t version = families[family].family;
        const pic__range *ranges;
        pic__range net;
        size_t count;

        ranges = pic__ranges_internet(version, &count);
        if (g->internet && add_all(&w->yes, ranges, count) < 0)
                return -1;
        ranges = pic__ranges_lan(version, &count);
        if (g->lan && add_all(&w->yes, ranges, count) < 0)
                return -1;
        pic__prefix_range(&d->net[family], &net);
        if (pic__vec_push(&w->no, net) < 0 || add_all(&w->no, d->subnets[family].at, d->subnets[family].count) < 0)
                return -1;
        w->yes.count = (size_t)pic__ranges_normalize(w->yes.at, w->yes.count);
        w->no.count = (size_t)pic__ranges_normalize(w->no.at, w->no.count);
        return 0;
}

static int put_wide(pic__derive *d, const gather *g, int family, const char *why, pic_error **err)
{
        PIC__AUTO(wide_free) wide w = { PIC__VEC_INIT, PIC__VEC_INIT, PIC__VEC_INIT };
        int count, i, r;

        if (gather_wide(d, g, family, &w) < 0)
                return pic__nomem(err);
        /* each hole splits at most one range */
        w.left.room = w.yes.count + w.no.count;
        w.left.at = pic__alloc(w.left.room * sizeof(w.left.at[0]));
        if (w.left.at == NULL)
                return pic__nomem(err);
        count = pic__ranges_subtract(w.yes.at, w.yes.count, w.no.at, w.no.count, w.left.at, w.left.room);
        for (i = 0; i < count; i++) {
                key_range(d, g->class, &w.left.at[i].first, &w.left.at[i].last);
                pic__buf_puts(&d->value, "accept");
                r = pic__derive_put(d, families[family].wide, NULL, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int pic__derive_class(pic__derive *d, const pic__class *class, pic_error **err)
{
        PIC__AUTO(gather_free) gather g = { class, { PIC__VEC_INIT, PIC__VEC_INIT }, 0, 0 };
        const char *why = class_why(d, class);
        size_t i;
        int family, r;

        if (why == NULL)
                return pic__nomem(err);
        for (i = 0; i < class->count; i++) {
                r = add_grant(d, &g, &class->grants[i], err);
                if (r < 0)
                        return r;
        }
        if (g.internet || g.lan) {
                r = pic__derive_subnets(d, err);
                if (r < 0)
                        return r;
        }
        for (family = 0; family < PIC__FAMILIES; family++) {
                r = put_grants(d, &g, family, why, err);
                if (r == 0 && (g.internet || g.lan))
                        r = put_wide(d, &g, family, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}
