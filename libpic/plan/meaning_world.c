/* Owns: what classes reach at one time, each grant's reach made once for all classes that have it. */
#include <string.h>

#include "plan/meaning_in.h"

void pic__then_free(pic__then *t)
{
        size_t i;

        for (i = 0; i < t->made.count; i++)
                pic__reach_free(t->made.at[i]);
        pic__vec_free(&t->made);
        pic__map_free(&t->reach);
        pic__map_free(&t->sides);
}

pic__side *pic__then_find(const pic__meaning *m, int time, const char *rights)
{
        return pic__map_get(&m->then[time].sides, rights, strlen(rights));
}

pic__u128 pic__then_last(const pic__meaning *m, int time, int family)
{
        const pic__prefix *net = &m->then[time].net[family];
        pic__range range;

        pic__prefix_range(net, &range);
        return pic__addr_number(&range.last) - pic__addr_number(&range.first);
}

/* An empty one that is registered for the text; it is freed with the rest. */
static pic__reach *new_reach(pic__meaning *m, pic__then *t, const char *text)
{
        pic__reach *reach = pic__arena_alloc(&m->arena, sizeof(*reach));

        if (reach == NULL || pic__vec_push(&t->made, reach) < 0 ||
            pic__map_set(&t->reach, text, strlen(text), reach) < 0)
                return NULL;
        return reach;
}

static int get_reach(pic__meaning *m, pic__then *t, pic__derive *d, const pic__grant *grant, const char *text,
                     const pic__reach **ret, pic_error **err)
{
        pic__reach *reach = pic__map_get(&t->reach, text, strlen(text));
        int r = 0;

        if (reach == NULL) {
                reach = new_reach(m, t, text);
                if (reach == NULL)
                        return pic__nomem(err);
                r = pic__reach_make(d, grant, reach, err);
        }
        *ret = reach;
        return r;
}

static pic__side *new_side(pic__meaning *m, const pic__class *class)
{
        pic__side *side = pic__arena_alloc(&m->arena, sizeof(*side));
        size_t n = class->count + 1;
        pic__grant *grants;

        if (side == NULL)
                return NULL;
        grants = pic__arena_alloc(&m->arena, n * sizeof(*grants));
        side->rights = pic__meaning_keep(m, class->rights);
        side->grants = grants;
        side->texts = pic__arena_alloc(&m->arena, n * sizeof(*side->texts));
        side->reach = pic__arena_alloc(&m->arena, n * sizeof(*side->reach));
        if (side->rights == NULL || grants == NULL || side->texts == NULL || side->reach == NULL)
                return NULL;
        if (class->count > 0)
                memcpy(grants, class->grants, class->count * sizeof(*grants));
        return side;
}

static const char *text_of(pic__meaning *m, const pic__grant *grant)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        pic__grant_print(grant, &b);
        return b.failed ? NULL : pic__meaning_keep(m, pic__buf_str(&b));
}

static int fill(pic__meaning *m, pic__then *t, pic__derive *d, pic__side *side, size_t count, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < count && r == 0; i++) {
                side->texts[i] = text_of(m, &side->grants[i]);
                if (side->texts[i] == NULL)
                        return pic__nomem(err);
                r = get_reach(m, t, d, &side->grants[i], side->texts[i], &side->reach[i], err);
        }
        if (r < 0)
                return r;
        side->texts[count] = "always";
        r = get_reach(m, t, d, NULL, side->texts[count], &side->reach[count], err);
        side->count = count + 1;
        return r;
}

int pic__then_side(pic__meaning *m, int time, pic__derive *d, const pic__class *class, pic__side **ret, pic_error **err)
{
        pic__then *t = &m->then[time];
        pic__side *side = pic__map_get(&t->sides, class->rights, strlen(class->rights));
        int r = 0;

        if (side == NULL) {
                side = new_side(m, class);
                if (side == NULL)
                        return pic__nomem(err);
                r = fill(m, t, d, side, class->count, err);
                if (r == 0 && pic__map_set(&t->sides, side->rights, strlen(side->rights), side) < 0)
                        r = pic__nomem(err);
        }
        if (r == 0 && ret != NULL)
                *ret = side;
        return r;
}
