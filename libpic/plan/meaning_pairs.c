/* Owns: which peers had and have the same rights, and what each such pair of rights gains and loses. */
#include <string.h>

#include "plan/meaning_in.h"

static pic__pair *new_pair(pic__meaning *m, const char *before, const char *after, const char *key, size_t len)
{
        pic__pair *pair = pic__arena_alloc(&m->arena, sizeof(*pair));
        char *own = pic__arena_dup(&m->arena, key, len);

        if (pair == NULL || own == NULL || pic__vec_push(&m->pairs, pair) < 0 ||
            pic__map_set(&m->pair_of, own, len, pair) < 0)
                return NULL;
        pair->rights[PIC__BEFORE] = before;
        pair->rights[PIC__AFTER] = after;
        return pair;
}

/* The pair of two rights, NULL for none; made when it is not there. */
static int get_pair(pic__meaning *m, const char *before, const char *after, pic__pair **ret, pic_error **err)
{
        pic__auto_buf pic__buf key = PIC__BUF_INIT;

        pic__buf_putf(&key, "%s\n%s", before != NULL ? before : "-", after != NULL ? after : "-");
        *ret = key.failed ? NULL : pic__map_get(&m->pair_of, key.data, key.len);
        if (*ret == NULL && !key.failed)
                *ret = new_pair(m, before, after, key.data, key.len);
        return *ret != NULL ? 0 : pic__nomem(err);
}

static int pair_known(pic__meaning *m, const pic__known *k, pic_error **err)
{
        const char *before = k->then[PIC__BEFORE].rights, *after = k->then[PIC__AFTER].rights;
        pic__pair *pair;
        int r;

        if (before == NULL && after == NULL)
                return 0;
        if (before != NULL && after != NULL && strcmp(before, after) == 0 &&
            !pic__then_find(m, PIC__BEFORE, before)->candidate)
                return 0;
        r = get_pair(m, before, after, &pair, err);
        if (r == 0 && pic__vec_push(&pair->peers, k->id) < 0)
                r = pic__nomem(err);
        return r;
}

static int pair_candidate(pic__meaning *m, const pic__side *side, pic_error **err)
{
        const pic__side *after = pic__then_find(m, PIC__AFTER, side->rights);
        pic__pair *pair;
        int r;

        if (after == NULL)
                return 0; /* nobody has these rights any more */
        r = get_pair(m, side->rights, after->rights, &pair, err);
        if (r == 0)
                pair->others = 1;
        return r;
}

/* --- differences ----------------------------------------------------------------------------------------------- */

/* A frame's data. */
struct view {
        const pic__meaning *m;
        int own; /* the time of the reach of which something is taken away */
};

static int number_of(const pic__frame *f, int y, pic_id id, int family, pic__u128 *ret)
{
        const struct view *v = f->data;
        pic__sender at;

        if (pic__meaning_sender(v->m, y ? !v->own : v->own, id, &at) < 0 || !at.has[family])
                return -1;
        *ret = at.at[family];
        return 0;
}

/* The same grant, in a world where it means the same: it gives and takes nothing. */
static int is_same(const pic__meaning *m, const pic__grant *grant, const char *text, const pic__side *other)
{
        size_t i;

        if (m->all || m->moved[PIC__V4].count > 0 || m->moved[PIC__V6].count > 0 || other == NULL)
                return 0;
        if (grant != NULL && (grant->to == PIC__TO_PEER || grant->to == PIC__TO_GROUP))
                return 0;
        for (i = 0; i < other->count; i++)
                if (strcmp(other->texts[i], text) == 0)
                        return 1;
        return 0;
}

static int add_differ(pic__meaning *m, const pic__differ *d, pic_error **err)
{
        pic__differ *own = pic__arena_alloc(&m->arena, sizeof(*own));

        if (own == NULL || pic__vec_push(&m->differs, own) < 0)
                return pic__nomem(err);
        *own = *d;
        return 0;
}

/* What the i-th grant of `side` reaches that neither `other` nor an earlier grant of `side` does. */
static int differ_one(const pic__side *side, size_t i, const pic__side *other, const pic__frame *frame, pic__rest *ret,
                      pic_error **err)
{
        size_t k;
        int r;

        r = pic__rest_make(side->reach[i], other != NULL ? other->reach : NULL, other != NULL ? other->count : 0, frame,
                           ret, err);
        for (k = 0; k < i && r == 0 && !pic__rest_empty(ret); k++)
                r = pic__rest_minus(ret, side->reach[k], frame, err);
        return r;
}

static int differ(pic__meaning *m, pic__pair *pair, int gains, pic_error **err)
{
        int own = gains ? PIC__AFTER : PIC__BEFORE;
        const struct view view = { m, own };
        const pic__frame frame = { number_of,
                                   &view,
                                   { &m->moved[PIC__V4], &m->moved[PIC__V6] },
                                   { &m->spots[PIC__V4], &m->spots[PIC__V6] },
                                   { pic__then_last(m, !own, PIC__V4), pic__then_last(m, !own, PIC__V6) } };
        const pic__side *side = pair->rights[own] != NULL ? pic__then_find(m, own, pair->rights[own]) : NULL;
        const pic__side *other = pair->rights[!own] != NULL ? pic__then_find(m, !own, pair->rights[!own]) : NULL;
        size_t i;
        int r = 0;

        for (i = 0; side != NULL && i < side->count && r == 0; i++) {
                pic__differ d = { .pair = pair, .gains = gains, .rule = side->texts[i] };

                d.grant = i + 1 < side->count ? &side->grants[i] : NULL;
                if (is_same(m, d.grant, d.rule, other))
                        continue;
                r = differ_one(side, i, other, &frame, &d.rest, err);
                if (r == 0 && !pic__rest_empty(&d.rest)) {
                        r = add_differ(m, &d, err);
                        if (r == 0)
                                continue; /* it is the meaning's now */
                }
                pic__rest_free(&d.rest);
        }
        return r;
}

static int add_others(pic__meaning *m, pic__pair *pair, pic_error **err)
{
        const pic_obj *peer;
        size_t at = 0;

        while ((peer = pic__snap_next(m->snap, PIC__PEER, &at)) != NULL) {
                const pic__class *class = pic__snap_class(m->snap, peer);

                if (class == NULL || strcmp(class->rights, pair->rights[PIC__AFTER]) != 0 ||
                    pic__meaning_known(m, peer->id) != NULL)
                        continue;
                if (pic__vec_push(&pair->peers, peer->id) < 0)
                        return pic__nomem(err);
        }
        return 0;
}

static int differ_all(pic__meaning *m, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < m->pairs.count && r == 0; i++) {
                pic__pair *pair = m->pairs.at[i];
                size_t had = m->differs.count;

                r = differ(m, pair, 0, err);
                if (r == 0)
                        r = differ(m, pair, 1, err);
                if (r == 0 && m->differs.count > had && pair->others)
                        r = add_others(m, pair, err);
        }
        return r;
}

int pic__meaning_pairs(pic__meaning *m, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < m->known.count && r == 0; i++)
                r = pair_known(m, &m->known.at[i], err);
        for (i = 0; i < m->candidates.count && r == 0; i++)
                r = pair_candidate(m, m->candidates.at[i], err);
        return r < 0 ? r : differ_all(m, err);
}

int pic__meaning_has(const pic__meaning *m, int gains, pic_id from, const pic__place *to)
{
        size_t i, k;

        for (i = 0; i < m->differs.count; i++) {
                const pic__differ *d = m->differs.at[i];

                for (k = 0; k < d->pair->peers.count && d->gains == gains; k++)
                        if (d->pair->peers.at[k] == from && pic__rest_has(&d->rest, to))
                                return 1;
        }
        return 0;
}
