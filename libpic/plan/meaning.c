/* Owns: what is noted of the world before and after some changes: the peers that they touch, the classes for which the
 * world may be otherwise, and host numbers that went to somebody else. */
#include "plan/meaning.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/service.h"
#include "plan/meaning_in.h"
#include "plan/touch.h"

#define MANY 64 /* more touched peers than this: every class is looked at, rather than each peer for each class */

static const char *const nets[PIC__FAMILIES] = { "net4", "net6" };
static const char *const addresses[PIC__FAMILIES] = { "address4", "address6" };

int pic__meaning_new(pic__meaning **ret, pic_error **err)
{
        pic__meaning *m = pic__alloc(sizeof(*m));

        if (m == NULL)
                return pic__nomem(err);
        *ret = m;
        return 0;
}

pic__meaning *pic__meaning_unref(pic__meaning *m)
{
        size_t i;

        if (m == NULL)
                return NULL;
        for (i = 0; i < m->differs.count; i++)
                pic__rest_free(&m->differs.at[i]->rest);
        for (i = 0; i < m->pairs.count; i++)
                pic__vec_free(&m->pairs.at[i]->peers);
        for (i = 0; i < m->lines.count; i++)
                pic__vec_free(&m->lines.at[i]->who);
        for (i = 0; i < PIC__FAMILIES; i++) {
                pic__vec_free(&m->moved[i]);
                pic__vec_free(&m->spots[i]);
                pic__vec_free(&m->hidden[i]);
        }
        for (i = 0; i < PIC__TIMES; i++)
                pic__then_free(&m->then[i]);
        pic__vec_free(&m->known);
        pic__vec_free(&m->candidates);
        pic__vec_free(&m->pairs);
        pic__vec_free(&m->differs);
        pic__vec_free(&m->lines);
        pic__vec_free(&m->leavers);
        pic__vec_free(&m->open);
        pic__map_free(&m->pair_of);
        pic__map_free(&m->line_of);
        pic__arena_free(&m->arena);
        pic__free(m);
        return NULL;
}

const char *pic__meaning_keep(pic__meaning *m, const char *text)
{
        return pic__arena_dup(&m->arena, text, strlen(text));
}

const pic__known *pic__meaning_known(const pic__meaning *m, pic_id id)
{
        size_t low = 0, high = m->known.count;

        while (low < high) {
                size_t mid = low + (high - low) / 2;

                if (m->known.at[mid].id == id)
                        return &m->known.at[mid];
                if (m->known.at[mid].id < id)
                        low = mid + 1;
                else
                        high = mid;
        }
        return NULL;
}

const char *pic__meaning_name(const pic__meaning *m, int time, pic_id id)
{
        const pic__known *k = pic__meaning_known(m, id);
        const pic_obj *peer;

        if (k != NULL)
                return k->then[time].name != NULL ? k->then[time].name : "";
        peer = pic__snap_get(m->snap, PIC__PEER, id);
        return peer != NULL ? pic__obj_name(peer) : "";
}

static void find_sender(const pic__then *t, const pic_obj *peer, pic__sender *ret)
{
        pic__addr a;
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                ret->has[f] = pic__addr_parse(pic__obj_text(peer, addresses[f]), &a) == 0 &&
                              pic__host_number(&t->net[f], &a, &ret->at[f]) == 0;
}

int pic__meaning_sender(const pic__meaning *m, int time, pic_id id, pic__sender *ret)
{
        const pic__known *k = pic__meaning_known(m, id);
        const pic_obj *peer;

        if (k != NULL) {
                *ret = k->then[time].at;
                return k->then[time].name != NULL ? 0 : -1;
        }
        peer = pic__snap_get(m->snap, PIC__PEER, id);
        if (peer == NULL)
                return -1;
        find_sender(&m->then[time], peer, ret);
        return 0;
}

/* --- a peer at one time ---------------------------------------------------------------------------------------- */

static int open_nets(pic__then *t, const pic__snap *s, pic_error **err)
{
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (pic__prefix_parse(pic__obj_text(pic__snap_cell(s), nets[f]), &t->net[f]) < 0)
                        return pic__fail(err, PIC_CORRUPT, "cell: %s is no network", nets[f]);
        return 0;
}

static int note_peer(pic__meaning *m, int time, const pic__snap *s, pic__derive *d, pic__known *k, pic_error **err)
{
        const pic_obj *peer = pic__snap_get(s, PIC__PEER, k->id);
        const pic__class *class;
        pic__side *side = NULL;
        int r;

        if (peer == NULL)
                return 0;
        k->then[time].name = pic__meaning_keep(m, pic__obj_name(peer));
        k->then[time].groups = pic__meaning_keep(m, pic__obj_text(peer, "groups"));
        if (k->then[time].name == NULL || k->then[time].groups == NULL)
                return pic__nomem(err);
        find_sender(&m->then[time], peer, &k->then[time].at);
        class = pic__snap_class(s, peer);
        if (class == NULL)
                return 0;
        r = pic__then_side(m, time, d, class, &side, err);
        if (r == 0)
                k->then[time].rights = side->rights;
        return r;
}

static int note_peers(pic__meaning *m, int time, const pic__snap *s, pic__derive *d, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < m->known.count && r == 0; i++)
                r = note_peer(m, time, s, d, &m->known.at[i], err);
        return r;
}

/* --- before ---------------------------------------------------------------------------------------------------- */

/* Where a changed peer is for others: a name is not part of it, because references follow. */
static int place_differs(const pic__snap *s, const pic_obj *a, const pic_obj *b)
{
        static const char *const fields[] = { "address4", "address6", "groups" };
        size_t i;

        if (a == NULL || b == NULL)
                return 1;
        for (i = 0; i < PIC__COUNT(fields); i++)
                if (strcmp(pic__obj_text(a, fields[i]), pic__obj_text(b, fields[i])) != 0)
                        return 1;
        return pic__snap_active(s, a) != pic__snap_active(s, b);
}

static const char *subnets(const pic_obj *peer)
{
        return peer != NULL ? pic__obj_text(peer, "subnets") : "";
}

/* Other networks of the cell, or behind devices, reach into every class. */
static int reaches_all(const pic__change *changes, size_t count)
{
        size_t i, peers = 0;
        int f;

        for (i = 0; i < count; i++) {
                const pic_obj *a = changes[i].before, *b = changes[i].after;

                peers += changes[i].kind == PIC__PEER;
                if (changes[i].kind == PIC__PEER && strcmp(subnets(a), subnets(b)) != 0)
                        return 1;
                if (changes[i].kind == PIC__SERVICE ||
                    (changes[i].kind == PIC__CELL && (a == NULL || b == NULL || pic__front_on(a) != pic__front_on(b))))
                        return 1;
                for (f = 0; f < PIC__FAMILIES && changes[i].kind == PIC__CELL; f++)
                        if (a == NULL || b == NULL || strcmp(pic__obj_text(a, nets[f]), pic__obj_text(b, nets[f])) != 0)
                                return 1;
        }
        return peers > MANY;
}

static int names_either(const char *name, const pic__change *c, const char *field, int list)
{
        const pic_obj *sides[] = { c->before, c->after };
        size_t i;

        for (i = 0; i < PIC__COUNT(sides); i++) {
                const char *text = sides[i] != NULL ? pic__obj_text(sides[i], field) : "";

                if (list ? pic__list_has(text, name) : strcasecmp(text, name) == 0)
                        return 1;
        }
        return 0;
}

/* Whether what a grant reaches may be otherwise because of one changed peer. */
static int concerns(const pic__meaning *m, const pic__grant *g, const pic__change *c)
{
        int family = g->prefix.addr.family == 4 ? PIC__V4 : PIC__V6;

        if (g->to == PIC__TO_PEER)
                return names_either(g->name, c, "name", 0);
        if (g->to == PIC__TO_GROUP)
                return names_either(g->name, c, "groups", 1);
        return g->to == PIC__TO_PREFIX && pic__prefix_overlaps(&g->prefix, &m->then[PIC__BEFORE].net[family]);
}

static int is_candidate(const pic__meaning *m, const pic__snap *s, const pic__class *class, const pic__change *changes,
                        size_t count)
{
        size_t i, k;

        for (i = 0; i < count && !m->all; i++) {
                if (changes[i].kind != PIC__PEER || !place_differs(s, changes[i].before, changes[i].after))
                        continue;
                for (k = 0; k < class->count; k++)
                        if (concerns(m, &class->grants[k], &changes[i]))
                                return 1;
        }
        return m->all;
}

static int note_classes(pic__meaning *m, const pic__snap *s, pic__derive *d, const pic__change *changes, size_t count,
                        pic_error **err)
{
        const pic__class *class;
        size_t at = 0;

        while ((class = pic__snap_next_class(s, &at)) != NULL) {
                pic__side *side = NULL;
                int r;

                if (!is_candidate(m, s, class, changes, count))
                        continue;
                r = pic__then_side(m, PIC__BEFORE, d, class, &side, err);
                if (r < 0)
                        return r;
                side->candidate = 1;
                if (pic__vec_push(&m->candidates, side) < 0)
                        return pic__nomem(err);
        }
        return 0;
}

static void free_touches(pic__touches *t)
{
        pic__vec_free(t);
}

static int find_known(pic__meaning *m, const pic__snap *s, const pic__change *changes, size_t count, pic_error **err)
{
        PIC__AUTO(free_touches) pic__touches touched = PIC__VEC_INIT;
        size_t i;

        if (pic__touch_find(s, changes, count, pic__snap_time(s), &touched) < 0)
                return pic__nomem(err);
        for (i = 0; i < touched.count; i++) {
                pic__known k = { .id = touched.at[i].id, .whole = touched.at[i].whole };

                if (pic__vec_push(&m->known, k) < 0)
                        return pic__nomem(err);
        }
        return 0;
}

/* An address that is a service's before or after is none of the other rights' at both times: nobody was there, or the
 * service's own right says what is gained and lost. */
static int note_services(pic__meaning *m, const pic__change *changes, size_t count, pic_error **err)
{
        pic__derive d = { 0 };
        int bad = 0, f;
        size_t i;

        for (i = 0; i < count && !bad; i++)
                bad = changes[i].kind == PIC__SERVICE &&
                      (pic__derive_hide(&d, changes[i].before) < 0 || pic__derive_hide(&d, changes[i].after) < 0);
        for (f = 0; f < PIC__FAMILIES; f++)
                m->hidden[f] = d.hidden[f];
        return bad ? pic__nomem(err) : 0;
}

static int open_derive(const pic__meaning *m, const pic__snap *s, pic__derive *d, pic_error **err)
{
        int f, r = pic__derive_open(d, s, NULL, NULL, err);
        size_t i;

        for (f = 0; f < PIC__FAMILIES && r == 0; f++)
                for (i = 0; i < m->hidden[f].count && r == 0; i++)
                        if (pic__vec_push(&d->hidden[f], m->hidden[f].at[i]) < 0)
                                r = pic__nomem(err);
        return r;
}

int pic__meaning_before(pic__meaning *m, const pic__snap *s, const pic__change *changes, size_t count, pic_error **err)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        int r;

        if (pic__snap_cell(s) == NULL)
                return 0;
        m->all = reaches_all(changes, count);
        r = open_nets(&m->then[PIC__BEFORE], s, err);
        if (r == 0)
                r = note_services(m, changes, count, err);
        if (r == 0)
                r = open_derive(m, s, &d, err);
        if (r == 0)
                r = find_known(m, s, changes, count, err);
        if (r == 0)
                r = note_peers(m, PIC__BEFORE, s, &d, err);
        if (r == 0)
                r = pic__meaning_ways_before(m, s, changes, count, err);
        if (r == 0)
                r = pic__meaning_open_before(m, s, err);
        return r < 0 ? r : note_classes(m, s, &d, changes, count, err);
}

/* --- after ----------------------------------------------------------------------------------------------------- */

static int add_moved(pic__meaning *m, pic_id id, int family, pic_error **err)
{
        int time;

        if (pic__vec_push(&m->moved[family], id) < 0)
                return pic__nomem(err);
        for (time = 0; time < PIC__TIMES; time++) {
                pic__sender at;

                if (pic__meaning_sender(m, time, id, &at) == 0 && at.has[family] &&
                    pic__vec_push(&m->spots[family], at.at[family]) < 0)
                        return pic__nomem(err);
        }
        return 0;
}

/* Whose number this is after the changes. */
static const pic_obj *holder(const pic__meaning *m, int family, pic__u128 number)
{
        pic__addr a;

        pic__addr_from_number(pic__addr_number(&m->then[PIC__AFTER].net[family].addr) + number,
                              family == PIC__V4 ? 4 : 6, &a);
        return pic__snap_by_addr(m->snap, &a);
}

/* Its number is another one now, or somebody else's, or is none in the network of the other time. */
static int is_moved(const pic__meaning *m, const pic__known *k, int family)
{
        const pic__sender *was = &k->then[PIC__BEFORE].at, *is = &k->then[PIC__AFTER].at;
        int before = k->then[PIC__BEFORE].name != NULL && was->has[family];
        int after = k->then[PIC__AFTER].name != NULL && is->has[family];
        const pic_obj *other;

        if (before && after)
                return was->at[family] != is->at[family];
        if ((before && was->at[family] > pic__then_last(m, PIC__AFTER, family)) ||
            (after && is->at[family] > pic__then_last(m, PIC__BEFORE, family)))
                return 1;
        other = before ? holder(m, family, was->at[family]) : NULL;
        return other != NULL && other->id != k->id;
}

static int by_id(const void *a, const void *b)
{
        const pic_id *left = a, *right = b;

        return (*left > *right) - (*left < *right);
}

static int by_number(const void *a, const void *b)
{
        const pic__u128 *left = a, *right = b;

        return (*left > *right) - (*left < *right);
}

/* A new peer with a number that was another's. */
static int took_over(const pic__known *k, int family, const pic__numbers *taken)
{
        const pic__u128 *mine = &k->then[PIC__AFTER].at.at[family];

        if (k->then[PIC__BEFORE].name != NULL || k->then[PIC__AFTER].name == NULL ||
            !k->then[PIC__AFTER].at.has[family] || taken->count == 0)
                return 0;
        return bsearch(mine, taken->at, taken->count, sizeof(*mine), by_number) != NULL;
}

/* Numbers that touched peers had. */
static int find_taken(const pic__meaning *m, int family, pic__numbers *ret, pic_error **err)
{
        size_t i;

        for (i = 0; i < m->known.count; i++) {
                const pic__known *k = &m->known.at[i];

                if (k->whole && k->then[PIC__BEFORE].name != NULL && k->then[PIC__BEFORE].at.has[family] &&
                    pic__vec_push(ret, k->then[PIC__BEFORE].at.at[family]) < 0)
                        return pic__nomem(err);
        }
        if (ret->count > 1)
                qsort(ret->at, ret->count, sizeof(ret->at[0]), by_number);
        return 0;
}

/* When the cell's networks begin elsewhere, also peers that nobody touched may have another number. */
static int find_others_moved(pic__meaning *m, int family, pic_error **err)
{
        const pic__prefix *was = &m->then[PIC__BEFORE].net[family], *is = &m->then[PIC__AFTER].net[family];
        const pic_obj *peer;
        size_t at = 0;
        int r = 0;

        if (pic__addr_cmp(&was->addr, &is->addr) == 0)
                return 0;
        while (r == 0 && (peer = pic__snap_next(m->snap, PIC__PEER, &at)) != NULL) {
                pic__sender a, b;

                if (pic__meaning_known(m, peer->id) != NULL)
                        continue;
                find_sender(&m->then[PIC__BEFORE], peer, &a);
                find_sender(&m->then[PIC__AFTER], peer, &b);
                if (a.has[family] && b.has[family] && a.at[family] != b.at[family])
                        r = add_moved(m, peer->id, family, err);
        }
        return r;
}

static void free_numbers(pic__numbers *n)
{
        pic__vec_free(n);
}

static int find_moved(pic__meaning *m, int family, pic_error **err)
{
        PIC__AUTO(free_numbers) pic__numbers taken = PIC__VEC_INIT;
        size_t i;
        int r = find_taken(m, family, &taken, err);

        for (i = 0; i < m->known.count && r == 0; i++) {
                const pic__known *k = &m->known.at[i];

                if (k->whole && (is_moved(m, k, family) || took_over(k, family, &taken)))
                        r = add_moved(m, k->id, family, err);
        }
        if (r == 0)
                r = find_others_moved(m, family, err);
        if (m->moved[family].count > 1)
                qsort(m->moved[family].at, m->moved[family].count, sizeof(pic_id), by_id);
        if (m->spots[family].count > 1)
                qsort(m->spots[family].at, m->spots[family].count, sizeof(pic__u128), by_number);
        return r;
}

static int after(pic__meaning *m, pic_error **err)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        const pic__class *class;
        size_t at = 0;
        int f, r;

        r = open_nets(&m->then[PIC__AFTER], m->snap, err);
        if (r == 0)
                r = open_derive(m, m->snap, &d, err);
        if (r == 0)
                r = note_peers(m, PIC__AFTER, m->snap, &d, err);
        while (r == 0 && m->candidates.count > 0 && (class = pic__snap_next_class(m->snap, &at)) != NULL)
                if (pic__then_find(m, PIC__BEFORE, class->rights) != NULL)
                        r = pic__then_side(m, PIC__AFTER, &d, class, NULL, err);
        for (f = 0; f < PIC__FAMILIES && r == 0; f++)
                r = find_moved(m, f, err);
        if (r == 0)
                r = pic__meaning_pairs(m, err);
        if (r == 0)
                r = pic__meaning_ways_after(m, err);
        return r < 0 ? r : pic__meaning_lines(m, err);
}

int pic__meaning_after(pic__meaning *m, const pic__snap *s, pic_error **err)
{
        int r;

        if (pic__snap_cell(s) == NULL || m->then[PIC__BEFORE].net[PIC__V4].addr.family == 0)
                return 0; /* a cell that begins: there is nothing to compare */
        m->snap = s;
        r = after(m, err);
        m->snap = NULL;
        return r;
}
