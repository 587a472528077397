/* Owns: the set of packets that a grant reaches. */
#include "plan/reach.h"

#include <stdlib.h>

void pic__reach_free(pic__reach *r)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++) {
                pic__vec_free(&r->out[f]);
                pic__vec_free(&r->in[f]);
        }
        pic__vec_free(&r->named);
}

int pic__ids_have(const pic__ids *ids, pic_id id)
{
        size_t low = 0, high = ids->count;

        while (low < high) {
                size_t mid = low + (high - low) / 2;

                if (ids->at[mid] == id)
                        return 1;
                if (ids->at[mid] < id)
                        low = mid + 1;
                else
                        high = mid;
        }
        return 0;
}

int pic__host_number(const pic__prefix *net, const pic__addr *a, pic__u128 *ret)
{
        if (!pic__prefix_has(net, a))
                return -1;
        *ret = pic__addr_number(a) - pic__addr_number(&net->addr);
        return 0;
}

static pic__box whole(const pic__range *range)
{
        return (pic__box){ pic__addr_number(&range->first), pic__addr_number(&range->last), 0, 65535, 0, 255 };
}

/* What of a box is in the cell's network, and what outside. */
static int add_box(const pic__derive *d, int family, const pic__box *box, pic__reach *to)
{
        pic__boxes hole = PIC__VEC_INIT, rest = PIC__VEC_INIT;
        pic__range range;
        pic__box net, inside;
        size_t i;
        int failed;

        pic__prefix_range(&d->net[family], &range);
        net = whole(&range);
        if (pic__box_meet(box, &net, &inside)) {
                inside.addr_lo -= net.addr_lo;
                inside.addr_hi -= net.addr_lo;
                if (pic__vec_push(&to->in[family], inside) < 0)
                        return -1;
        }
        failed = pic__vec_push(&hole, net) < 0 || pic__vec_push(&rest, *box) < 0 || pic__boxes_minus(&rest, &hole) < 0;
        for (i = 0; i < rest.count && !failed; i++)
                failed = pic__vec_push(&to->out[family], rest.at[i]) < 0;
        pic__vec_free(&hole);
        pic__vec_free(&rest);
        return failed ? -1 : 0;
}

static int add_services(const pic__derive *d, const pic__rights *rights, int family, pic__reach *to)
{
        pic__boxes doors = PIC__VEC_INIT;
        size_t i;
        int failed = 0;

        for (i = 0; i < rights->services.count && !failed; i++)
                failed = pic__derive_doors(rights->services.at[i], family, &doors) < 0;
        for (i = 0; i < doors.count && !failed; i++)
                failed = add_box(d, family, &doors.at[i], to) < 0;
        pic__vec_free(&doors);
        return failed ? -1 : 0;
}

static int by_id(const void *a, const void *b)
{
        const pic_id *left = a, *right = b;

        return (*left > *right) - (*left < *right);
}

static int add_named(const pic__rights *rights, pic__ids *to)
{
        size_t i, n = 0;

        for (i = 0; i < rights->targets.count; i++)
                if (pic__vec_push(to, rights->targets.at[i]->id) < 0)
                        return -1;
        if (to->count > 1)
                qsort(to->at, to->count, sizeof(to->at[0]), by_id);
        for (i = 0; i < to->count; i++)
                if (n == 0 || to->at[n - 1] != to->at[i])
                        to->at[n++] = to->at[i];
        to->count = n;
        return 0;
}

static void free_ranges(pic__rangevec *v)
{
        pic__vec_free(v);
}

static int add_wide(pic__derive *d, const pic__rights *rights, int family, pic__reach *to, pic_error **err)
{
        PIC__AUTO(free_ranges) pic__rangevec ranges = PIC__VEC_INIT;
        size_t i;
        int r = pic__derive_wide(d, rights, family, &ranges, err);

        for (i = 0; i < ranges.count && r == 0; i++)
                if (pic__vec_push(&to->out[family], whole(&ranges.at[i])) < 0)
                        r = pic__nomem(err);
        return r;
}

static int always(pic__reach *ret)
{
        size_t i;
        int f;

        for (f = 0; f < PIC__FAMILIES; f++) {
                for (i = 0; i < PIC__ALWAYS; i++) {
                        const pic__always *a = &pic__always_table[i];
                        uint8_t proto = pic__derive_proto(a->proto, f);
                        pic__box box = { 1, 1, a->port, a->port, proto, proto };

                        if (a->port == 0)
                                box.port_hi = 65535;
                        if (pic__vec_push(&ret->in[f], box) < 0)
                                return -1;
                }
        }
        return 0;
}

/* Prefixes of one grant, and networks behind its targets, never overlap: a check keeps the latter apart. */
static int fill(pic__derive *d, const pic__rights *rights, pic__reach *ret, pic_error **err)
{
        size_t i;
        int f, r = 0;

        for (f = 0; f < PIC__FAMILIES && r == 0; f++) {
                for (i = 0; i < rights->boxes[f].count; i++)
                        if (add_box(d, f, &rights->boxes[f].at[i], ret) < 0)
                                return pic__nomem(err);
                if (add_services(d, rights, f, ret) < 0)
                        return pic__nomem(err);
                r = add_wide(d, rights, f, ret, err);
        }
        if (r == 0 && add_named(rights, &ret->named) < 0)
                r = pic__nomem(err);
        return r;
}

int pic__reach_make(pic__derive *d, const pic__grant *grant, pic__reach *ret, pic_error **err)
{
        PIC__AUTO(pic__rights_free) pic__rights rights = PIC__RIGHTS_INIT;
        PIC__AUTO(pic__reach_free) pic__reach made = { .named = PIC__VEC_INIT };
        int r = 0;

        if (grant == NULL)
                r = always(&made) < 0 ? pic__nomem(err) : 0;
        else
                r = pic__derive_grant(d, grant, &rights, err);
        if (r == 0 && grant != NULL)
                r = fill(d, &rights, &made, err);
        if (r < 0)
                return r;
        *ret = made;
        made = (pic__reach){ .named = PIC__VEC_INIT };
        return 0;
}
