/* Owns: sets of packets for the judge: what a rule is about, what a class's grants let pass of it, what is missing. */
#include <string.h>

#include "model/exit.h"
#include "plan/judge_in.h"

void pic__packets_free(pic__packets *p)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++) {
                pic__vec_free(&p->out[f]);
                pic__vec_free(&p->in[f]);
        }
}

int pic__look_open(pic__look *l, const pic__snap *s, pic__arena *arena, pic_error **err)
{
        memset(l, 0, sizeof(*l));
        l->arena = arena;
        return pic__derive_open(&l->d, s, NULL, NULL, err);
}

void pic__look_close(pic__look *l)
{
        size_t i;

        for (i = 0; i < l->made.count; i++)
                pic__packets_free(l->made.at[i]);
        pic__vec_free(&l->made);
        pic__map_free(&l->grants);
        pic__derive_close(&l->d);
}

int pic__look_sender(const pic__look *l, const pic_obj *peer, pic__sender *ret)
{
        static const char *const fields[PIC__FAMILIES] = { "address4", "address6" };
        int f;

        memset(ret, 0, sizeof(*ret));
        for (f = 0; f < PIC__FAMILIES; f++) {
                pic__addr a;

                ret->has[f] = pic__addr_parse(pic__obj_text(peer, fields[f]), &a) == 0 &&
                              pic__host_number(&l->d.net[f], &a, &ret->at[f]) == 0;
        }
        return ret->has[PIC__V4] || ret->has[PIC__V6];
}

static int add_device(const pic__look *l, const pic_obj *peer, pic__packets *to)
{
        pic__sender at;
        int f;

        if (peer == NULL || !pic__look_sender(l, peer, &at))
                return 0;
        for (f = 0; f < PIC__FAMILIES; f++) {
                pic__box box = { at.at[f], at.at[f], 0, 65535, 0, 255 };

                if (at.has[f] && pic__vec_push(&to->in[f], box) < 0)
                        return -1;
        }
        return 0;
}

/* What a grant reaches, devices by their numbers. grant NULL: what is always allowed. */
static int fill(pic__look *l, const pic__grant *grant, pic__packets *ret, pic_error **err)
{
        PIC__AUTO(pic__reach_free) pic__reach reach = { .named = PIC__VEC_INIT };
        size_t i;
        int r = pic__reach_make(&l->d, grant, &reach, err), f;

        if (r < 0)
                return r;
        for (f = 0; f < PIC__FAMILIES; f++) {
                ret->out[f] = reach.out[f];
                ret->in[f] = reach.in[f];
                memset(&reach.out[f], 0, sizeof(reach.out[f]));
                memset(&reach.in[f], 0, sizeof(reach.in[f]));
        }
        for (i = 0; i < reach.named.count; i++)
                if (add_device(l, pic__snap_get(l->d.snap, PIC__PEER, reach.named.at[i]), ret) < 0)
                        return pic__nomem(err);
        return 0;
}

static int empty(const pic__packets *p)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (p->out[f].count > 0 || p->in[f].count > 0)
                        return 0;
        return 1;
}

static pic_id called(const pic__snap *s, enum pic__kind kind, const char *name)
{
        const pic_obj *o = pic__snap_named(s, kind, name);

        return o != NULL ? o->id : 0;
}

static void resolve(const pic__snap *s, pic__ruling *r)
{
        if (r->rule.way != PIC__WAY_ANY)
                r->via_id = called(s, PIC__CONNECTION, r->rule.via);
        if (r->rule.from != PIC__FROM_PEERS)
                r->from_id = called(s, r->rule.from == PIC__FROM_PEER ? PIC__PEER : PIC__GROUP, r->rule.name);
        if (r->rule.to.to == PIC__TO_PEER || r->rule.to.to == PIC__TO_GROUP)
                r->to_id = called(s, r->rule.to.to == PIC__TO_PEER ? PIC__PEER : PIC__GROUP, r->rule.to.name);
        if (r->rule.to.to == PIC__TO_SERVICE)
                r->to_id = called(s, PIC__SERVICE, r->rule.to.name);
}

int pic__ruling_same(const pic__ruling *a, const pic__ruling *b)
{
        pic__grant x = a->rule.to, y = b->rule.to;

        if (a->rule.always != b->rule.always || a->rule.from != b->rule.from || a->from_id != b->from_id ||
            a->to_id != b->to_id || a->rule.way != b->rule.way || a->via_id != b->via_id)
                return 0;
        if (a->via_id == 0 && strcmp(a->rule.via, b->rule.via) != 0)
                return 0;
        if (a->to_id != 0)
                memcpy(x.name, y.name, sizeof(x.name));
        return (a->from_id != 0 || strcmp(a->rule.name, b->rule.name) == 0) && pic__grant_cmp(&x, &y) == 0;
}

static int push_ranges(const pic__rangevec *ranges, pic__boxes *to)
{
        size_t i;

        for (i = 0; i < ranges->count; i++) {
                pic__box box = {
                        pic__addr_number(&ranges->at[i].first), pic__addr_number(&ranges->at[i].last), 0, 65535, 0, 255
                };

                if (pic__vec_push(to, box) < 0)
                        return -1;
        }
        return 0;
}

/* What takes no exit of one family, beside the cell's own networks: why.c and derive_exit.c say the same. */
static int find_near(pic__derive *d, int family, pic__boxes *ret, pic_error **err)
{
        pic__rangevec lan = PIC__VEC_INIT;
        int r = pic__derive_subnets(d, err);

        if (r == 0 && (pic__derive_lan(d, family, &lan) < 0 || push_ranges(&lan, ret) < 0 ||
                       push_ranges(&d->subnets[family], ret) < 0))
                r = pic__nomem(err);
        pic__vec_free(&lan);
        return r;
}

static int copy(const pic__boxes *from, pic__boxes *to);

/* Of what a rule with a way is about: what may leave stays in `to`, the rest goes to `near`. */
static int split_near(pic__look *l, pic__ruling *ru, pic_error **err)
{
        int f, r = 0;

        for (f = 0; f < PIC__FAMILIES && r == 0; f++) {
                pic__boxes near = PIC__VEC_INIT;

                r = find_near(&l->d, f, &near, err);
                if (r == 0 && (copy(&ru->to.out[f], &ru->near.out[f]) < 0 || copy(&ru->to.in[f], &ru->near.in[f]) < 0 ||
                               pic__boxes_minus(&ru->to.out[f], &near) < 0 ||
                               pic__boxes_minus(&ru->near.out[f], &ru->to.out[f]) < 0))
                        r = pic__nomem(err);
                ru->to.in[f].count = 0;
                pic__vec_free(&near);
        }
        return r;
}

int pic__ruling_open(pic__look *l, const char *rule, pic__ruling *ret, pic_error **err)
{
        const char *why;
        int r;

        memset(ret, 0, sizeof(*ret));
        if (pic__rule_parse(rule, &ret->rule, &why) < 0)
                return pic__fail(err, PIC_CORRUPT, "assertion: rule '%s' %s", rule, why);
        resolve(l->d.snap, ret);
        l->d.whole_prefixes = 1;
        r = fill(l, &ret->rule.to, &ret->to, err);
        l->d.whole_prefixes = 0;
        /* A device that is called by its name is meant although it is not active; nothing reaches it then. */
        if (r == 0 && empty(&ret->to) && ret->rule.to.to == PIC__TO_PEER &&
            add_device(l, pic__snap_named(l->d.snap, PIC__PEER, ret->rule.to.name), &ret->to) < 0)
                r = pic__nomem(err);
        if (r == 0 && ret->rule.way != PIC__WAY_ANY)
                r = split_near(l, ret, err);
        return r;
}

void pic__ruling_close(pic__ruling *r)
{
        size_t i;

        for (i = 0; i < r->made.count; i++) {
                pic__vec_free(r->made.at[i]);
                pic__free(r->made.at[i]);
        }
        pic__vec_free(&r->made);
        pic__map_free(&r->classes);
        pic__packets_free(&r->to);
        pic__packets_free(&r->near);
}

/* What one grant lets pass; made once in a look. */
static int granted(pic__look *l, const pic__grant *grant, const char *text, const pic__packets **ret, pic_error **err)
{
        pic__packets *p = pic__map_get(&l->grants, text, strlen(text));

        *ret = p;
        if (p != NULL)
                return 0;
        p = pic__arena_alloc(l->arena, sizeof(*p));
        if (p == NULL || pic__vec_push(&l->made, p) < 0 || pic__map_set(&l->grants, text, strlen(text), p) < 0)
                return pic__nomem(err);
        *ret = p;
        return fill(l, grant, p, err);
}

static int add_meets(const pic__boxes *a, const pic__boxes *b, int family, int inside, const char *grant,
                     pic__pieces *to)
{
        pic__piece piece = { .family = family, .inside = inside, .grant = grant };
        size_t i, k;

        for (i = 0; i < a->count; i++)
                for (k = 0; k < b->count; k++)
                        if (pic__box_meet(&a->at[i], &b->at[k], &piece.box) && pic__vec_push(to, piece) < 0)
                                return -1;
        return 0;
}

static int passes(const pic__packets *to, const pic__packets *granted, const char *grant, pic__pieces *ret)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (add_meets(&to->out[f], &granted->out[f], f, 0, grant, ret) < 0 ||
                    add_meets(&to->in[f], &granted->in[f], f, 1, grant, ret) < 0)
                        return -1;
        return 0;
}

static int copy(const pic__boxes *from, pic__boxes *to)
{
        size_t i;

        for (i = 0; i < from->count; i++)
                if (pic__vec_push(to, from->at[i]) < 0)
                        return -1;
        return 0;
}

static int copy_all(const pic__packets *from, pic__packets *to)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (copy(&from->out[f], &to->out[f]) < 0 || copy(&from->in[f], &to->in[f]) < 0)
                        return -1;
        return 0;
}

static int take_away(pic__packets *from, const pic__packets *what)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (pic__boxes_minus(&from->out[f], &what->out[f]) < 0 ||
                    pic__boxes_minus(&from->in[f], &what->in[f]) < 0)
                        return -1;
        return 0;
}

static int add_missing(const pic__boxes *boxes, int family, int inside, pic__pieces *to)
{
        size_t i;

        for (i = 0; i < boxes->count; i++)
                if (pic__vec_push(to, (pic__piece){ boxes->at[i], family, inside, NULL }) < 0)
                        return -1;
        return 0;
}

static int all_missing(const pic__packets *p, pic__pieces *to)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (add_missing(&p->out[f], f, 0, to) < 0 || add_missing(&p->in[f], f, 1, to) < 0)
                        return -1;
        return 0;
}

static const char *text_of(pic__look *l, const pic__grant *grant)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        pic__grant_print(grant, &b);
        return b.failed ? NULL : pic__arena_dup(l->arena, pic__buf_str(&b), b.len);
}

/* Grant by grant: what passes of it, or what is left that does not. */
static int weigh(pic__ruling *ru, pic__look *l, const pic__class *class, pic__packets *left, pic__pieces *ret,
                 pic_error **err)
{
        size_t i, count = class != NULL ? class->count + 1 : 0; /* the last one: what is always allowed */

        for (i = 0; i < count; i++) {
                const pic__grant *grant = i < class->count ? &class->grants[i] : NULL;
                const char *text = grant != NULL ? text_of(l, grant) : "what every device may";
                const pic__packets *p;
                int r = text != NULL ? granted(l, grant, text, &p, err) : pic__nomem(err);

                if (r < 0)
                        return r;
                if (ru->rule.always ? take_away(left, p) < 0 : passes(&ru->to, p, text, ret) < 0)
                        return pic__nomem(err);
                if (ru->rule.always && empty(left))
                        return 0;
        }
        return ru->rule.always && all_missing(left, ret) < 0 ? pic__nomem(err) : 0;
}

int pic__ruling_pieces(pic__ruling *ru, pic__look *l, const pic__class *class, const pic__pieces **ret, pic_error **err)
{
        PIC__AUTO(pic__packets_free) pic__packets left = { { PIC__VEC_INIT }, { PIC__VEC_INIT } };
        const char *key = class != NULL ? class->rights : "\n"; /* no rights are that: it is not active */
        pic__pieces *p = pic__map_get(&ru->classes, key, strlen(key));

        *ret = p;
        if (p != NULL)
                return 0;
        p = pic__alloc(sizeof(*p));
        if (p == NULL || pic__vec_push(&ru->made, p) < 0) {
                pic__free(p);
                return pic__nomem(err);
        }
        if (pic__map_set(&ru->classes, key, strlen(key), p) < 0 || (ru->rule.always && copy_all(&ru->to, &left) < 0))
                return pic__nomem(err);
        *ret = p;
        if (ru->rule.always && all_missing(&ru->near, p) < 0)
                return pic__nomem(err);
        return weigh(ru, l, class, &left, p, err);
}

int pic__ruling_all(const pic__ruling *ru, pic__pieces *ret)
{
        return all_missing(&ru->to, ret) < 0 || all_missing(&ru->near, ret) < 0 ? -1 : 0;
}

/* ---- ways ---- */

/* Whether its packets may take this connection, and whether they may take another one (a group has as many ways as
 * members that are on). */
static void look_at_exit(const pic__ruling *ru, const pic__snap *s, const pic_obj *exit, int *ret_may, int *ret_else)
{
        const char *list = pic__exit_is(exit, "group") ? pic__obj_text(exit, "members") : "";
        int others = 0;
        char name[80];

        *ret_may = ru->via_id != 0 && exit->id == ru->via_id;
        *ret_else = !*ret_may;
        if (*ret_may || pic__obj_int(exit, "enabled") == 0)
                return;
        while (pic__list_next(&list, name, sizeof(name))) {
                const pic_obj *m = pic__snap_named(s, PIC__CONNECTION, name);

                if (m == NULL || pic__obj_int(m, "enabled") == 0)
                        continue;
                if (ru->via_id != 0 && m->id == ru->via_id)
                        *ret_may = 1;
                else
                        others = 1;
        }
        *ret_else = !*ret_may || others;
}

int pic__ruling_strays(const pic__ruling *ru, const pic__snap *s, const pic__leave *l)
{
        int direct = l->exit == NULL || l->may_open, may = 0, other = 0;

        if (l->exit != NULL)
                look_at_exit(ru, s, l->exit, &may, &other);
        if (strcmp(ru->rule.via, "direct") == 0) {
                may = direct;
                other = l->exit != NULL;
        } else {
                other |= direct;
        }
        if (ru->rule.always)
                return other || !may;
        return ru->rule.way == PIC__WAY_UNLESS ? other : may;
}

/* ---- pieces ---- */

int pic__pieces_minus(const pic__pieces *from, const pic__pieces *what, pic__pieces *ret)
{
        pic__boxes rest = PIC__VEC_INIT, hole = PIC__VEC_INIT;
        size_t i, k;
        int failed = 0;

        for (i = 0; i < from->count && !failed; i++) {
                const pic__piece *p = &from->at[i];

                rest.count = 0;
                failed = pic__vec_push(&rest, p->box) < 0;
                for (k = 0; k < what->count && !failed && rest.count > 0; k++) {
                        hole.count = 0;
                        if (what->at[k].family == p->family && what->at[k].inside == p->inside)
                                failed =
                                        pic__vec_push(&hole, what->at[k].box) < 0 || pic__boxes_minus(&rest, &hole) < 0;
                }
                for (k = 0; k < rest.count && !failed; k++)
                        failed = pic__vec_push(ret, (pic__piece){ rest.at[k], p->family, p->inside, p->grant }) < 0;
        }
        pic__vec_free(&rest);
        pic__vec_free(&hole);
        return failed ? -1 : 0;
}

/* A likely one: no network's own address where there is another, and never the sender itself. */
static int choose(const pic__piece *p, const pic__sender *from, pic__u128 *ret)
{
        pic__u128 self = from->at[p->family];
        pic__u128 at;

        if (!from->has[p->family])
                return 0;
        for (at = p->box.addr_lo + (p->box.addr_lo < p->box.addr_hi && p->box.addr_lo != 1);; at--) {
                if (!p->inside || at != self) {
                        *ret = at;
                        return 1;
                }
                if (at == p->box.addr_lo)
                        return 0;
        }
}

static const uint8_t known_protos[] = { 6, 17, 1, 58 };

static size_t rank(const pic__piece *p)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(known_protos); i++)
                if (p->box.proto_lo <= known_protos[i] && p->box.proto_hi >= known_protos[i])
                        break;
        return i;
}

uint8_t pic__piece_proto(const pic__piece *p)
{
        size_t i = rank(p);

        return i < PIC__COUNT(known_protos) ? known_protos[i] : p->box.proto_lo;
}

const pic__piece *pic__pieces_some(const pic__pieces *p, const pic__sender *from, pic__u128 *ret_at)
{
        const pic__piece *best = NULL;
        pic__u128 at;
        size_t i;

        for (i = 0; i < p->count; i++) {
                if ((best != NULL && rank(&p->at[i]) >= rank(best)) || !choose(&p->at[i], from, &at))
                        continue;
                best = &p->at[i];
                *ret_at = at;
        }
        return best;
}

const pic_obj *pic__rule_next(const pic__rule *r, const pic__snap *s, size_t *at)
{
        switch (r->from) {
        case PIC__FROM_PEERS: return pic__snap_next(s, PIC__PEER, at);
        case PIC__FROM_GROUP: return pic__snap_next_member(s, r->name, at);
        case PIC__FROM_PEER: return (*at)++ == 0 ? pic__snap_named(s, PIC__PEER, r->name) : NULL;
        }
        return NULL;
}
