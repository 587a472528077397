/* Owns: whose packets to the internet take another way: by which connection, or directly,
 * and what becomes of them while it is down. A renamed connection is no
 * news, nor is one that gets other keys. */
#include <stdlib.h>

#include "plan/leave.h"
#include "plan/meaning_in.h"

/* Only who may leave has a way. */
static int look(pic__meaning *m, const pic__snap *s, const pic_obj *peer, pic__leaves *ret, pic_error **err)
{
        pic__leave l;

        pic__leave_of(s, peer, &l);
        *ret = (pic__leaves){ l.may ? 0 : -1, "direct", 0, 0 };
        if (ret->id < 0 || l.exit == NULL)
                return 0;
        ret->id = l.exit->id;
        ret->name = pic__meaning_keep(m, pic__obj_name(l.exit));
        ret->closed = l.carrier == NULL;
        ret->open = !ret->closed && l.may_open;
        return ret->name != NULL ? 0 : pic__nomem(err);
}

/* s NULL: it was not there. */
static int note(pic__meaning *m, const pic__snap *s, const pic_obj *peer, pic_error **err)
{
        pic__leaver l = { .id = peer->id, .name = pic__meaning_keep(m, pic__obj_name(peer)) };
        int r = 0;

        if (l.name == NULL)
                return pic__nomem(err);
        l.by[PIC__BEFORE] = (pic__leaves){ -1, NULL, 0, 0 };
        if (s != NULL)
                r = look(m, s, peer, &l.by[PIC__BEFORE], err);
        if (r < 0)
                return r;
        return pic__vec_push(&m->leavers, l) < 0 ? pic__nomem(err) : 0;
}

/* A connection may be anybody's. */
static int for_all(const pic__change *changes, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (changes[i].kind == PIC__CONNECTION || changes[i].kind == PIC__CELL)
                        return 1;
        return 0;
}

int pic__meaning_ways_before(pic__meaning *m, const pic__snap *s, const pic__change *changes, size_t count,
                             pic_error **err)
{
        const pic_obj *peer;
        size_t at = 0, i;
        int r = 0;

        if (pic__snap_count(s, PIC__CONNECTION) == 0 && !for_all(changes, count))
                return 0;
        if (for_all(changes, count)) {
                while (r == 0 && (peer = pic__snap_next(s, PIC__PEER, &at)) != NULL)
                        r = note(m, s, peer, err);
                return r;
        }
        for (i = 0; i < m->known.count && r == 0; i++) {
                peer = pic__snap_get(s, PIC__PEER, m->known.at[i].id);
                if (peer != NULL)
                        r = note(m, s, peer, err);
        }
        return r;
}

static int same_way(const pic__leaves *a, const pic__leaves *b)
{
        return a->closed == b->closed && a->id == b->id && a->open == b->open;
}

static pic__line *line_of(pic__meaning *m, const pic__leaver *l)
{
        pic__line *line;
        size_t i;

        for (i = m->lines.count; i-- > 0 && m->lines.at[i]->leaves[PIC__AFTER] != NULL;)
                if (same_way(m->lines.at[i]->leaves[PIC__BEFORE], &l->by[PIC__BEFORE]) &&
                    same_way(m->lines.at[i]->leaves[PIC__AFTER], &l->by[PIC__AFTER]))
                        return m->lines.at[i];
        line = pic__arena_alloc(&m->arena, sizeof(*line));
        if (line == NULL || pic__vec_push(&m->lines, line) < 0)
                return NULL;
        line->leaves[PIC__BEFORE] = &l->by[PIC__BEFORE];
        line->leaves[PIC__AFTER] = &l->by[PIC__AFTER];
        line->to = line->words = l->by[PIC__AFTER].name;
        line->rule = l->by[PIC__BEFORE].name;
        line->families = 3;
        return line;
}

/* Who comes, or may leave from now on, gains that already; by what is told unless it is directly. */
static int tell(pic__meaning *m, const pic__leaver *l)
{
        const pic__leaves *was = &l->by[PIC__BEFORE], *is = &l->by[PIC__AFTER];
        pic__one one = { l->id, l->name };
        pic__line *line;

        if (is->id < 0 || same_way(was, is) || (was->id < 0 && is->id == 0))
                return 0;
        line = line_of(m, l);
        return line == NULL ? -1 : pic__vec_push(&line->who, one);
}

int pic__meaning_ways_tell(pic__meaning *m)
{
        size_t i;

        for (i = 0; i < m->leavers.count; i++)
                if (tell(m, &m->leavers.at[i]) < 0)
                        return -1;
        return 0;
}

/* Peers that were not there before. */
static int note_new(pic__meaning *m, pic_error **err)
{
        size_t i, k, noted = m->leavers.count;
        int r = 0;

        for (i = 0; i < m->known.count && r == 0; i++) {
                const pic_obj *peer = pic__snap_get(m->snap, PIC__PEER, m->known.at[i].id);

                if (peer == NULL || m->known.at[i].then[PIC__BEFORE].name != NULL)
                        continue;
                for (k = 0; k < noted && m->leavers.at[k].id != peer->id; k++)
                        ;
                if (k == noted)
                        r = note(m, NULL, peer, err);
        }
        return r;
}

int pic__meaning_ways_after(pic__meaning *m, pic_error **err)
{
        size_t i;
        int r = note_new(m, err);

        for (i = 0; i < m->leavers.count && r == 0; i++) {
                pic__leaver *l = &m->leavers.at[i];
                const pic_obj *peer = pic__snap_get(m->snap, PIC__PEER, l->id);

                l->by[PIC__AFTER].id = -1;
                if (peer != NULL)
                        r = look(m, m->snap, peer, &l->by[PIC__AFTER], err);
        }
        return r;
}
