/* Owns: the walk over assertions and their devices, and what is told of those that do not hold. */
#include "plan/judge.h"

#include <string.h>

#include "plan/judge_in.h"

/* A device for which an assertion does not hold. */
typedef struct culprit {
        pic_id peer;
        const char *name;
        pic__sender at;
        pic__pieces pieces; /* its own */
        const char *way;    /* it leaves otherwise than the rule wants: how; else NULL */
        pic_id exit;        /* and by which (0: none), */
        int open;           /* and directly while that is down */
} culprit;

typedef PIC__VEC(culprit *) culprit_vec;

typedef struct broken {
        pic_id id;
        const char *name, *rule;
        pic__ruling ruling; /* what it means; no pieces */
        culprit_vec culprits;
} broken;

struct pic__judge {
        pic__arena arena;
        pic__prefix net[PIC__FAMILIES];
        PIC__VEC(broken *) broken;
        PIC__VEC(pic__breach) told;
};

int pic__judge_new(pic__judge **ret, pic_error **err)
{
        *ret = pic__alloc(sizeof(**ret));
        return *ret != NULL ? 0 : pic__nomem(err);
}

static void forget(culprit *c)
{
        pic__vec_free(&c->pieces);
}

static void forget_all(pic__judge *j)
{
        size_t i, k;

        for (i = 0; i < j->broken.count; i++) {
                for (k = 0; k < j->broken.at[i]->culprits.count; k++)
                        forget(j->broken.at[i]->culprits.at[k]);
                pic__vec_free(&j->broken.at[i]->culprits);
        }
        j->broken.count = 0;
        j->told.count = 0;
}

pic__judge *pic__judge_unref(pic__judge *j)
{
        if (j != NULL) {
                forget_all(j);
                pic__vec_free(&j->broken);
                pic__vec_free(&j->told);
                pic__arena_free(&j->arena);
                pic__free(j);
        }
        return NULL;
}

static const char *keep(pic__judge *j, const char *text)
{
        return pic__arena_dup(&j->arena, text, strlen(text));
}

/* Its packets that break the rule are its own from here: those of a class without what somebody may have had before. */
static int add_culprit(pic__judge *j, broken *b, const pic_obj *peer, const pic__sender *at, const pic__pieces *pieces)
{
        static const pic__pieces none = PIC__VEC_INIT;
        culprit *c = pic__arena_alloc(&j->arena, sizeof(*c));

        if (c == NULL)
                return -1;
        c->peer = peer->id;
        c->name = keep(j, pic__obj_name(peer));
        c->at = *at;
        if (c->name == NULL || pic__pieces_minus(pieces, &none, &c->pieces) < 0 || pic__vec_push(&b->culprits, c) < 0) {
                forget(c);
                return -1;
        }
        return 0;
}

static void free_pieces(pic__pieces *p)
{
        pic__vec_free(p);
}

static broken *new_broken(pic__judge *j, const pic_obj *assertion)
{
        broken *b = pic__arena_alloc(&j->arena, sizeof(*b));

        if (b == NULL)
                return NULL;
        b->id = assertion->id;
        b->name = keep(j, pic__obj_name(assertion));
        b->rule = keep(j, pic__obj_text(assertion, "rule"));
        return b->name != NULL && b->rule != NULL && pic__vec_push(&j->broken, b) == 0 ? b : NULL;
}

/* "directly", "by far (group kids)", "by far, and directly while that is down" */
static const char *way_text(pic__judge *j, const pic__leave *l)
{
        char whose[PIC__LEAVE_WHOSE];

        if (l->exit == NULL)
                return pic__arena_printf(&j->arena, "directly%s", pic__leave_whose(l, whose));
        return pic__arena_printf(&j->arena, "by %s%s%s", pic__obj_name(l->exit), pic__leave_whose(l, whose),
                                 l->may_open ? ", and directly while that is down" : "");
}

/* A device that leaves otherwise: all that the rule is about breaks it, or of `never` what passes. */
static int add_stray(pic__judge *j, pic__ruling *ru, broken *b, const pic_obj *peer, const pic__leave *l,
                     const pic__sender *at, const pic__pieces *pieces)
{
        PIC__AUTO(free_pieces) pic__pieces all = PIC__VEC_INIT;
        pic__u128 where;
        culprit *c;

        if (ru->rule.always && pic__ruling_all(ru, &all) < 0)
                return -1;
        if (ru->rule.always)
                pieces = &all;
        if (pic__pieces_some(pieces, at, &where) == NULL)
                return 0;
        if (add_culprit(j, b, peer, at, pieces) < 0)
                return -1;
        c = b->culprits.at[b->culprits.count - 1];
        c->way = way_text(j, l);
        c->exit = l->exit != NULL ? l->exit->id : 0;
        c->open = l->may_open;
        return c->way != NULL ? 0 : -1;
}

static int judge_device(pic__judge *j, pic__look *l, pic__ruling *ru, const pic_obj *peer, broken *b, pic_error **err)
{
        const pic__class *class = pic__snap_class(l->d.snap, peer);
        const pic__pieces *pieces;
        pic__leave leave;
        pic__sender at;
        pic__u128 where;
        int r;

        if (class == NULL && ru->rule.from != PIC__FROM_PEER)
                return 0; /* not active */
        r = pic__ruling_pieces(ru, l, class, &pieces, err);
        if (r < 0)
                return r;
        (void)pic__look_sender(l, peer, &at);
        if (ru->rule.way != PIC__WAY_ANY) {
                pic__leave_of(l->d.snap, peer, &leave);
                if (class != NULL && pic__ruling_strays(ru, l->d.snap, &leave))
                        return add_stray(j, ru, b, peer, &leave, &at, pieces) < 0 ? pic__nomem(err) : 0;
                if (!ru->rule.always)
                        return 0;
        }
        if (pieces->count == 0)
                return 0;
        if (pic__pieces_some(pieces, &at, &where) == NULL)
                return 0;
        return add_culprit(j, b, peer, &at, pieces) < 0 ? pic__nomem(err) : 0;
}

/* A rule for all: classes are few, and mostly none of them breaks it. 1: some does. */
static int some_class(pic__look *l, pic__ruling *ru, pic_error **err)
{
        const pic__class *class;
        size_t at = 0;

        if (ru->rule.from != PIC__FROM_PEERS || ru->rule.way != PIC__WAY_ANY)
                return 1;
        while ((class = pic__snap_next_class(l->d.snap, &at)) != NULL) {
                const pic__pieces *pieces;
                int r = pic__ruling_pieces(ru, l, class, &pieces, err);

                if (r < 0 || pieces->count > 0)
                        return r < 0 ? r : 1;
        }
        return 0;
}

static int judge_one(pic__judge *j, pic__look *l, const pic_obj *assertion, pic_error **err)
{
        PIC__AUTO(pic__ruling_close) pic__ruling ru;
        broken *b = new_broken(j, assertion);
        const pic_obj *peer;
        size_t at = 0;
        int r = pic__ruling_open(l, pic__obj_text(assertion, "rule"), &ru, err);

        if (r == 0 && b == NULL)
                r = pic__nomem(err);
        if (r == 0)
                b->ruling =
                        (pic__ruling){ .rule = ru.rule, .from_id = ru.from_id, .to_id = ru.to_id, .via_id = ru.via_id };
        if (r == 0)
                r = some_class(l, &ru, err);
        if (r <= 0)
                return r;
        r = 0;
        while (r == 0 && (peer = pic__rule_next(&ru.rule, l->d.snap, &at)) != NULL)
                r = judge_device(j, l, &ru, peer, b, err);
        return r;
}

/* ---- telling ---- */

static const char *packet_text(pic__judge *j, const pic__piece *p, const pic__sender *from, pic__u128 to)
{
        static const struct {
                uint8_t number;
                const char *name;
        } protos[] = { { 6, "tcp" }, { 17, "udp" }, { 1, "icmp" }, { 58, "icmp" } };
        uint8_t version = p->family == PIC__V4 ? 4 : 6, proto = pic__piece_proto(p);
        pic__u128 base = pic__addr_number(&j->net[p->family].addr);
        char source[PIC__ADDR_TEXT], destination[PIC__ADDR_TEXT];
        const pic__box *box = &p->box;
        unsigned port = box->port_lo > 0 ? box->port_lo : 1;
        pic__addr a;
        size_t i;

        pic__addr_from_number(base + from->at[p->family], version, &a);
        pic__addr_print(&a, source);
        pic__addr_from_number(p->inside ? base + to : to, version, &a);
        pic__addr_print(&a, destination);
        if (box->port_lo <= 443 && box->port_hi >= 443)
                port = 443;
        for (i = 0; i < PIC__COUNT(protos) && protos[i].number != proto; i++)
                ;
        if (i == PIC__COUNT(protos))
                return pic__arena_printf(&j->arena, "%s -> %s protocol %u", source, destination, proto);
        if (i >= 2)
                return pic__arena_printf(&j->arena, "%s -> %s icmp", source, destination);
        return pic__arena_printf(&j->arena, "%s -> %s %s/%u", source, destination, protos[i].name, port);
}

static int tell_one(pic__judge *j, const broken *b)
{
        const culprit *c = b->culprits.at[0];
        pic__breach told = { b->id, b->name, b->rule, c->name, b->culprits.count, NULL, NULL, c->way };
        pic__u128 to = 0;
        const pic__piece *p = pic__pieces_some(&c->pieces, &c->at, &to);

        told.packet = packet_text(j, p, &c->at, to);
        told.grant = p->grant;
        return told.packet == NULL ? -1 : pic__vec_push(&j->told, told);
}

static int tell(pic__judge *j, pic_error **err)
{
        size_t i;

        j->told.count = 0;
        for (i = 0; i < j->broken.count; i++)
                if (j->broken.at[i]->culprits.count > 0 && tell_one(j, j->broken.at[i]) < 0)
                        return pic__nomem(err);
        return 0;
}

static const pic_obj *next_enabled(const pic__snap *s, size_t *at)
{
        const pic_obj *o;

        while ((o = pic__snap_next(s, PIC__ASSERTION, at)) != NULL)
                if (pic__obj_int(o, "enabled") != 0)
                        break;
        return o;
}

int pic__judge_now(pic__judge *j, const pic__snap *s, pic_error **err)
{
        PIC__AUTO(pic__look_close) pic__look l = { .arena = NULL };
        const pic_obj *assertion;
        size_t at = 0;
        int r;

        forget_all(j);
        if (pic__snap_cell(s) == NULL || pic__snap_count(s, PIC__ASSERTION) == 0)
                return 0;
        r = pic__look_open(&l, s, &j->arena, err);
        memcpy(j->net, l.d.net, sizeof(j->net));
        while (r == 0 && (assertion = next_enabled(s, &at)) != NULL)
                r = judge_one(j, &l, assertion, err);
        return r < 0 ? r : tell(j, err);
}

/* ---- what was so before ---- */

/* 1: nothing is left. */
static int was_so(culprit *c, const pic__pieces *before)
{
        pic__pieces rest = PIC__VEC_INIT;
        pic__u128 where;

        if (pic__pieces_minus(&c->pieces, before, &rest) < 0) {
                pic__vec_free(&rest);
                return -1;
        }
        pic__vec_free(&c->pieces);
        c->pieces = rest;
        return pic__pieces_some(&c->pieces, &c->at, &where) == NULL;
}

/* It left just so before. */
static int left_so(const pic__look *l, const pic__ruling *ru, const culprit *c, const pic_obj *peer)
{
        pic__leave leave;

        pic__leave_of(l->d.snap, peer, &leave);
        return pic__ruling_strays(ru, l->d.snap, &leave) && c->open == leave.may_open &&
               c->exit == (leave.exit != NULL ? leave.exit->id : 0);
}

/* All that an `always` with a way is about was broken. */
static int excuse_stray(const pic__ruling *ru, culprit *c)
{
        PIC__AUTO(free_pieces) pic__pieces all = PIC__VEC_INIT;

        return pic__ruling_all(ru, &all) < 0 ? -1 : was_so(c, &all);
}

static int excuse(pic__look *l, pic__ruling *ru, culprit *c, pic_error **err)
{
        const pic_obj *peer = pic__snap_get(l->d.snap, PIC__PEER, c->peer);
        const pic__class *class = peer != NULL ? pic__snap_class(l->d.snap, peer) : NULL;
        const pic__pieces *before;
        int r;

        if (peer == NULL || (class == NULL && (c->way != NULL || ru->rule.from != PIC__FROM_PEER)))
                return 0;
        if (c->way != NULL && !left_so(l, ru, c, peer))
                return 0;
        r = pic__ruling_pieces(ru, l, class, &before, err);
        if (r == 0)
                r = c->way != NULL && ru->rule.always ? excuse_stray(ru, c) : was_so(c, before);
        return r == -1 ? pic__nomem(err) : r;
}

/* Whether the rule spoke of this device then. */
static int spoke_of(const pic__rule *r, const pic__snap *s, pic_id id)
{
        const pic_obj *peer = pic__snap_get(s, PIC__PEER, id);

        if (peer == NULL || r->from == PIC__FROM_PEERS)
                return peer != NULL;
        if (r->from == PIC__FROM_PEER)
                return pic__snap_named(s, PIC__PEER, r->name) == peer;
        return pic__list_has(pic__obj_text(peer, "groups"), r->name);
}

static int was_one(pic__look *l, broken *b, pic_error **err)
{
        const pic_obj *assertion = pic__snap_get(l->d.snap, PIC__ASSERTION, b->id);
        PIC__AUTO(pic__ruling_close) pic__ruling ru = { .made = PIC__VEC_INIT };
        size_t i, n = 0;
        int r;

        if (assertion == NULL || pic__obj_int(assertion, "enabled") == 0)
                return 0;
        r = pic__ruling_open(l, pic__obj_text(assertion, "rule"), &ru, err);
        if (r < 0 || !pic__ruling_same(&ru, &b->ruling))
                return r;
        for (i = 0; i < b->culprits.count; i++) {
                culprit *c = b->culprits.at[i];
                int gone = r == 0 && spoke_of(&ru.rule, l->d.snap, c->peer) ? excuse(l, &ru, c, err) : 0;

                if (gone > 0)
                        forget(c);
                else
                        b->culprits.at[n++] = c;
                if (gone < 0)
                        r = gone;
        }
        b->culprits.count = n;
        return r;
}

int pic__judge_was(pic__judge *j, const pic__snap *s, pic_error **err)
{
        PIC__AUTO(pic__look_close) pic__look l = { .arena = NULL };
        size_t i;
        int r;

        if (j->told.count == 0 || pic__snap_cell(s) == NULL)
                return 0;
        r = pic__look_open(&l, s, &j->arena, err);
        for (i = 0; i < j->broken.count && r == 0; i++)
                if (j->broken.at[i]->culprits.count > 0)
                        r = was_one(&l, j->broken.at[i], err);
        return r < 0 ? r : tell(j, err);
}

size_t pic__judge_count(const pic__judge *j)
{
        return j->told.count;
}

const pic__breach *pic__judge_breach(const pic__judge *j, size_t index)
{
        return &j->told.at[index];
}

void pic__judge_text(const pic__breach *b, pic__buf *out)
{
        if (b->way != NULL && b->grant == NULL)
                pic__buf_putf(out, "%s: %s could not send %s so", b->rule, b->peer, b->packet);
        else if (b->grant != NULL)
                pic__buf_putf(out, "%s: %s could send %s, by %s", b->rule, b->peer, b->packet, b->grant);
        else
                pic__buf_putf(out, "%s: %s could not send %s", b->rule, b->peer, b->packet);
        if (b->way != NULL)
                pic__buf_putf(out, "; it leaves %s", b->way);
        if (b->peers > 1)
                pic__buf_putf(out, "; so it is for %zu other device%s", b->peers - 1, b->peers > 2 ? "s" : "");
}
