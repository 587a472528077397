/* Owns: removing what a document does not name. It runs before the document's objects are put, so that a name or an
 * address that one gives up can be another's. */
#include <string.h>

#include "base/map.h"
#include "change/inner.h"
#include "model/text.h"

typedef PIC__VEC(const char *) name_vec;

typedef struct prune {
        const pic__run *run;
        const pic__map *named;
        pic__arena arena;
        name_vec gone;
} prune;

static void prune_free(prune *p)
{
        pic__vec_free(&p->gone);
        pic__arena_free(&p->arena);
}

static int see(const pic_obj *o, void *data)
{
        prune *p = data;
        const char *name = pic__obj_name(o);
        char folded[128];

        (void)pic__fold(name, folded, sizeof(folded));
        if (pic__map_get(p->named, folded, strlen(folded)) != NULL || pic__run_is_of_domain(p->run, o))
                return 0;
        name = pic__arena_dup(&p->arena, name, strlen(name));
        return name == NULL || pic__vec_push(&p->gone, name) < 0 ? PIC_NOMEM : 0;
}

static int name_all(const pic__wishes *w, const pic__op *op_of, pic__arena *arena, pic__map *named)
{
        size_t i;

        for (i = 0; i < w->ops.count; i++) {
                const pic__op *op = &w->ops.at[i];
                char folded[128];
                const char *key;

                if (op->wish != PIC__WISH_HAVE || op->mark != op_of->mark || op->kind != op_of->kind)
                        continue;
                (void)pic__fold(op->name, folded, sizeof(folded));
                key = pic__arena_dup(arena, folded, strlen(folded));
                if (key == NULL || pic__map_set(named, key, strlen(key), arena) < 0)
                        return -1;
        }
        return 0;
}

int pic__run_prune(pic__run *run, const pic__op *op, pic_error **err)
{
        PIC__AUTO(prune_free) prune p = { run, NULL, PIC__ARENA_INIT, PIC__VEC_INIT };
        PIC__AUTO(pic__map_free) pic__map named = PIC__MAP_INIT;
        size_t i;
        int r;

        if (name_all(run->w, op, &p.arena, &named) < 0)
                return pic__nomem(err);
        p.named = &named;
        r = pic__txn_each(run->t, op->kind, see, &p, err);
        if (r < 0)
                return r == PIC_NOMEM ? pic__nomem(err) : r;
        for (i = 0; r == 0 && i < p.gone.count; i++)
                r = pic__run_remove(run, op->kind, p.gone.at[i], err);
        return r;
}
