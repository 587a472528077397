/* Owns: the check of networks behind devices. Two prefixes are either apart or one holds the other, so after sorting by
 * first address, the wider first, one sweep finds all that overlap something before it. */
#include <stdlib.h>

#include "model/snap_check.h"
#include "model/snap_impl.h"

struct route {
        pic__prefix prefix;
        const pic_obj *peer;
};

typedef PIC__VEC(struct route) routes;

static int add_routes(const pic_obj *peer, routes *out)
{
        const char *at = pic__obj_text(peer, "subnets");
        char item[PIC__PREFIX_TEXT];

        while (pic__list_next(&at, item, sizeof(item))) {
                struct route r = { .peer = peer };

                if (pic__prefix_parse(item, &r.prefix) == 0 && pic__vec_push(out, r) < 0)
                        return -1;
        }
        return 0;
}

static int by_place(const void *a, const void *b)
{
        const struct route *x = a, *y = b;
        int c = pic__addr_cmp(&x->prefix.addr, &y->prefix.addr);

        if (c == 0)
                c = (x->prefix.len > y->prefix.len) - (x->prefix.len < y->prefix.len);
        return c != 0 ? c : (x->peer->id > y->peer->id) - (x->peer->id < y->peer->id);
}

static void against_cell(pic__check *c, const struct route *r)
{
        static const char *const fields[] = { "net4", "net6" };
        char text[PIC__PREFIX_TEXT];
        pic__prefix net;
        size_t i;

        for (i = 0; c->cell != NULL && i < PIC__COUNT(fields); i++) {
                const char *net_text = pic__obj_text(c->cell, fields[i]);

                if (pic__prefix_parse(net_text, &net) == 0 && pic__prefix_overlaps(&net, &r->prefix))
                        pic__check_against(pic__check_found(c, PIC_CONFLICT, r->peer, "subnets",
                                                            pic__prefix_print(&r->prefix, text),
                                                            "overlaps the cell's network %s", net_text),
                                           c->cell, fields[i]);
        }
}

/* Reports the overlap on `o` if it is one of the two, else on the one that came later. */
static void overlap(pic__check *c, const pic_obj *o, const struct route *wide, const struct route *narrow)
{
        const struct route *mine = o != NULL && wide->peer == o ? wide : narrow;
        const struct route *other = mine == wide ? narrow : wide;
        char text[PIC__PREFIX_TEXT], other_text[PIC__PREFIX_TEXT];

        if (o == NULL || mine->peer == o)
                pic__check_against(pic__check_found(c, PIC_CONFLICT, mine->peer, "subnets",
                                                    pic__prefix_print(&mine->prefix, text), "overlaps %s of peer %s",
                                                    pic__prefix_print(&other->prefix, other_text),
                                                    pic__obj_name(other->peer)),
                                   other->peer, "subnets");
}

/* Everybody's routes, with `o` as it is wished instead of as it is. */
static int collect(const pic__check *c, const pic_obj *o, routes *all)
{
        const pic__node *n;
        size_t at = 0;

        while ((n = pic__order_next(&c->s->routed, &at)) != NULL)
                if ((o == NULL || n->o->id != o->id) && add_routes(n->o, all) < 0)
                        return -1;
        return o != NULL ? add_routes(o, all) : 0;
}

int pic__check_routes(pic__check *c, const pic_obj *o)
{
        routes all = PIC__VEC_INIT;
        size_t i, cover = 0;

        if (o != NULL && (o->kind != PIC__PEER || pic__obj_text(o, "subnets")[0] == '\0'))
                return 0;
        if (collect(c, o, &all) < 0) {
                pic__vec_free(&all);
                return PIC_NOMEM;
        }
        if (all.count > 1)
                qsort(all.at, all.count, sizeof(all.at[0]), by_place);
        for (i = 0; i < all.count; i++) {
                if (o == NULL || all.at[i].peer == o)
                        against_cell(c, &all.at[i]);
                if (i > 0 && pic__prefix_overlaps(&all.at[cover].prefix, &all.at[i].prefix))
                        overlap(c, o, &all.at[cover], &all.at[i]);
                else
                        cover = i;
        }
        pic__vec_free(&all);
        return 0;
}
