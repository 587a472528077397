/* Owns: what grants add up to, before it is written down: destinations with protocols and ports, peers that are reached
 * by name, internet and lan. Elements for the kernel are made of it (derive_class.c), and answers about reach
 * (reach.c): so both always mean the same. */
#include <string.h>

#include "model/service.h"
#include "plan/derive_in.h"

const pic__always pic__always_table[PIC__ALWAYS] = {
        { "always: dns", PIC__PROTO_UDP, 53 },     { "always: dns", PIC__PROTO_TCP, 53 },
        { "always: time", PIC__PROTO_UDP, 123 },   { "always: portal", PIC__PROTO_TCP, 80 },
        { "always: portal", PIC__PROTO_TCP, 443 }, { "always: ping", PIC__PROTO_ICMP, 0 },
};

static const struct {
        uint8_t family, icmp;
} families[PIC__FAMILIES] = { { 4, 1 }, { 6, 58 } };

uint8_t pic__derive_proto(uint8_t proto, int family)
{
        return proto == PIC__PROTO_ICMP ? families[family].icmp : proto;
}

void pic__rights_free(pic__rights *r)
{
        pic__vec_free(&r->boxes[PIC__V4]);
        pic__vec_free(&r->boxes[PIC__V6]);
        pic__vec_free(&r->targets);
        pic__vec_free(&r->services);
}

/* --- services ---------------------------------------------------------------------------------------------------- */

/* Where the front serves. */
static const uint16_t doors[] = { 443, 80 };

int pic__derive_doors(const pic_obj *service, int family, pic__boxes *to)
{
        pic__addr a;
        size_t i;

        if (pic__addr_parse(pic__obj_text(service, family == PIC__V4 ? "address4" : "address6"), &a) < 0)
                return 0;
        for (i = 0; i < PIC__COUNT(doors); i++) {
                pic__box box = { pic__addr_number(&a), pic__addr_number(&a), doors[i], doors[i],
                                 PIC__PROTO_TCP,       PIC__PROTO_TCP };

                if (pic__vec_push(to, box) < 0)
                        return -1;
        }
        return 0;
}

int pic__derive_hide(pic__derive *d, const pic_obj *service)
{
        static const char *const fields[PIC__FAMILIES] = { "address4", "address6" };
        pic__addr a;
        int f;

        for (f = 0; service != NULL && f < PIC__FAMILIES; f++) {
                pic__box box = { 0, 0, 0, 65535, 0, 255 };

                if (pic__addr_parse(pic__obj_text(service, fields[f]), &a) < 0)
                        continue;
                box.addr_lo = box.addr_hi = pic__addr_number(&a);
                if (pic__vec_push(&d->hidden[f], box) < 0)
                        return -1;
        }
        return 0;
}

/* An address of a service is reached by who has the service, by nobody else: whatever its network's other rights are.
 * This is the one place where what is granted becomes boxes, so it is the one place that sees to it. */
static int add_box(const pic__derive *d, pic__rights *rights, int family, const pic__box *box, pic_error **err)
{
        pic__boxes rest = PIC__VEC_INIT;
        size_t i;
        int bad = pic__vec_push(&rest, *box) < 0 || pic__boxes_minus(&rest, &d->hidden[family]) < 0;

        for (i = 0; !bad && i < rest.count; i++)
                bad = pic__vec_push(&rights->boxes[family], rest.at[i]) < 0;
        pic__vec_free(&rest);
        return bad ? pic__nomem(err) : 0;
}

static int add_service(const pic__derive *d, pic__rights *rights, const char *name, pic_error **err)
{
        const pic_obj *service = pic__snap_named(d->snap, PIC__SERVICE, name);

        if (service == NULL || !pic__service_on(d->snap, service))
                return 0;
        return pic__vec_push(&rights->services, service) < 0 ? pic__nomem(err) : 0;
}

/* --- destinations ------------------------------------------------------------------------------------------------ */

static pic__box all_of(const pic__range *range)
{
        return (pic__box){ pic__addr_number(&range->first), pic__addr_number(&range->last), 0, 65535, 0, 255 };
}

static int add_prefix(const pic__derive *d, pic__rights *rights, const pic__grant *grant, pic_error **err)
{
        int family = grant->prefix.addr.family == 4 ? PIC__V4 : PIC__V6;
        pic__range range;
        pic__box box;

        pic__prefix_range(&grant->prefix, &range);
        box = all_of(&range);
        if (grant->proto != PIC__PROTO_ANY) {
                box.proto_lo = box.proto_hi = pic__derive_proto(grant->proto, family);
                box.port_lo = grant->port_lo;
                box.port_hi = grant->port_hi;
        }
        if (d->whole_prefixes)
                return pic__vec_push(&rights->boxes[family], box) < 0 ? pic__nomem(err) : 0;
        return add_box(d, rights, family, &box, err);
}

/* The cell's networks behind the cell's own address. What is below it is no device's: for IPv6 it is the subnet-router
 * anycast address, which would be the cell itself again. */
static int add_peers(const pic__derive *d, pic__rights *rights, pic_error **err)
{
        int i, r;

        for (i = 0; i < PIC__FAMILIES; i++) {
                pic__range range;
                pic__box box;

                pic__prefix_range(&d->net[i], &range);
                if (pic__addr_add(&d->self[i], 1, &range.first) < 0)
                        continue;
                box = all_of(&range);
                r = add_box(d, rights, i, &box, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_target_subnets(const pic__derive *d, pic__rights *rights, const pic_obj *target, pic_error **err)
{
        const char *list = pic__derive_text(target, d->field.subnets);
        char one[PIC__PREFIX_TEXT];
        pic__prefix p;
        pic__range range;
        pic__box box;
        int r;

        while (pic__list_next(&list, one, sizeof(one))) {
                if (pic__prefix_parse(one, &p) < 0)
                        return pic__fail(err, PIC_CORRUPT, "peer %s: subnet %s is no network", pic__obj_name(target),
                                         one);
                pic__prefix_range(&p, &range);
                box = all_of(&range);
                r = add_box(d, rights, p.addr.family == 4 ? PIC__V4 : PIC__V6, &box, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_target(const pic__derive *d, pic__rights *rights, const pic_obj *target, pic_error **err)
{
        if (target == NULL || !pic__snap_active(d->snap, target))
                return 0;
        if (pic__vec_push(&rights->targets, target) < 0)
                return pic__nomem(err);
        return add_target_subnets(d, rights, target, err);
}

static int add_group(const pic__derive *d, pic__rights *rights, const char *group, pic_error **err)
{
        const pic_obj *member;
        size_t at = 0;
        int r;

        while ((member = pic__snap_next_member(d->snap, group, &at)) != NULL) {
                r = add_target(d, rights, member, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int pic__derive_grant(const pic__derive *d, const pic__grant *grant, pic__rights *rights, pic_error **err)
{
        switch (grant->to) {
        case PIC__TO_INTERNET: rights->internet = 1; return 0;
        case PIC__TO_LAN: rights->lan = 1; return 0;
        case PIC__TO_PEERS: return add_peers(d, rights, err);
        case PIC__TO_PEER: return add_target(d, rights, pic__snap_named(d->snap, PIC__PEER, grant->name), err);
        case PIC__TO_GROUP: return add_group(d, rights, grant->name, err);
        case PIC__TO_PREFIX: return add_prefix(d, rights, grant, err);
        case PIC__TO_SERVICE: return add_service(d, rights, grant->name, err);
        }
        return 0;
}

/* --- internet and lan ----------------------------------------------------------------------------------------- */

static int add_all(pic__rangevec *to, const pic__range *ranges, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (pic__vec_push(to, ranges[i]) < 0)
                        return -1;
        return 0;
}

static void free_ranges(pic__rangevec *v)
{
        pic__vec_free(v);
}

/* The machine's own networks of one family. */
static int add_attached(const pic__derive *d, int family, pic__rangevec *to)
{
        const pic__attached *nets = pic__snap_attached(d->snap);
        pic__range range;
        size_t i;

        for (i = 0; i < nets->count; i++) {
                if (nets->at[i].addr.family != families[family].family)
                        continue;
                pic__prefix_range(&nets->at[i], &range);
                if (pic__vec_push(to, range) < 0)
                        return -1;
        }
        to->count = (size_t)pic__ranges_normalize(to->at, to->count);
        return 0;
}

/* yes \ no; `ret` must be empty. Both are sorted and joined. */
static int subtract(const pic__rangevec *yes, const pic__rangevec *no, pic__rangevec *ret)
{
        ret->room = yes->count + no->count; /* each hole splits at most one range */
        ret->at = pic__alloc(ret->room * sizeof(ret->at[0]));
        if (ret->at == NULL)
                return -1;
        ret->count = (size_t)pic__ranges_subtract(yes->at, yes->count, no->at, no->count, ret->at, ret->room);
        return 0;
}

int pic__derive_internet(const pic__derive *d, int family, pic__rangevec *to)
{
        PIC__AUTO(free_ranges) pic__rangevec all = PIC__VEC_INIT, near = PIC__VEC_INIT, left = PIC__VEC_INIT;
        size_t count;
        const pic__range *ranges = pic__ranges_internet(families[family].family, &count);

        if (add_all(&all, ranges, count) < 0 || add_attached(d, family, &near) < 0 || subtract(&all, &near, &left) < 0)
                return -1;
        return add_all(to, left.at, left.count);
}

int pic__derive_lan(const pic__derive *d, int family, pic__rangevec *to)
{
        size_t count;
        const pic__range *ranges = pic__ranges_lan(families[family].family, &count);

        return add_all(to, ranges, count) < 0 ? -1 : add_attached(d, family, to);
}

typedef struct wide {
        pic__rangevec yes, no;
} wide;

static void wide_free(wide *w)
{
        pic__vec_free(&w->yes);
        pic__vec_free(&w->no);
}

static int gather_wide(const pic__derive *d, const pic__rights *rights, int family, wide *w)
{
        pic__range net;

        if (rights->internet && pic__derive_internet(d, family, &w->yes) < 0)
                return -1;
        if (rights->lan && pic__derive_lan(d, family, &w->yes) < 0)
                return -1;
        pic__prefix_range(&d->net[family], &net);
        if (pic__vec_push(&w->no, net) < 0 || add_all(&w->no, d->subnets[family].at, d->subnets[family].count) < 0)
                return -1;
        w->yes.count = (size_t)pic__ranges_normalize(w->yes.at, w->yes.count);
        w->no.count = (size_t)pic__ranges_normalize(w->no.at, w->no.count);
        return 0;
}

int pic__derive_wide(pic__derive *d, const pic__rights *rights, int family, pic__rangevec *ret, pic_error **err)
{
        PIC__AUTO(wide_free) wide w = { PIC__VEC_INIT, PIC__VEC_INIT };
        int r;

        if (!rights->internet && !rights->lan)
                return 0;
        r = pic__derive_subnets(d, err);
        if (r < 0)
                return r;
        if (gather_wide(d, rights, family, &w) < 0)
                return pic__nomem(err);
        return subtract(&w.yes, &w.no, ret) < 0 ? pic__nomem(err) : 0;
}
