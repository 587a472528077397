/* Owns: the table as a whole. When its shape changes, elements stay: they are read, brought up to date by the steps
 * that come with the change, and written into the text of the new table, which takes the old one's place in the same
 * transaction: traffic never meets a moment without rules. What the kernel then has is compared with what was meant,
 * whatever libnftables said. */
#include "backend/nft/world.h"

#include <string.h>

#include "backend/nft/text.h"
#include "base/map.h"
#include "base/vec.h"

#define TRIES 8

static int look(pic__nft_sock *s, pic__nft_world *w, pic__items *out, pic_error **err)
{
        uint32_t after = 0;
        int r = pic__nft_read_generation(s, &w->generation, err);

        if (r < 0)
                return r;
        w->there = pic__nft_read_print(s, w->digest, &w->sizes, err);
        if (w->there <= 0)
                return w->there;
        r = pic__nft_read_elements(s, PIC__NFT_ALL_FORMS, out, err);
        if (r == 0)
                r = pic__nft_read_generation(s, &after, err);
        if (r == 0 && after != w->generation)
                return pic__fail(err, PIC_STALE, "nftables: somebody keeps changing the ruleset while it is read");
        return r;
}

int pic__nft_world_read(pic__nft_sock *s, pic__nft_world *ret, pic__items *out, pic_error **err)
{
        size_t count = out->count;
        int tries = 0, r;

        do {
                pic__auto_err pic_error *why = NULL;

                *ret = (pic__nft_world){ .there = 0 };
                out->count = count;
                r = look(s, ret, out, &why);
                if (r < 0 && (r != PIC_STALE || tries == TRIES) && err != NULL)
                        *err = pic__take(why);
        } while (r == PIC_STALE && tries++ < TRIES);
        return r;
}

/* --- what is to be in it ------------------------------------------------------------------------------------- */

struct merge {
        pic__map maps[PIC__NFT_SETS]; /* key text -> item, one map a set */
        PIC__VEC(pic__nft_elem) elems;
        uint64_t sum;
};

static pic__map *map_of(struct merge *m, enum pic__item_kind kind)
{
        return &m->maps[pic__nft_set_of(kind) - pic__nft_sets];
}

static int set_item(struct merge *m, const pic__item *item, pic_error **err)
{
        return pic__map_set(map_of(m, item->kind), item->key, strlen(item->key), (void *)(uintptr_t)item) < 0
                       ? pic__nomem(err)
                       : 0;
}

static int take_step(struct merge *m, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->verb == PIC__ADD ? step->after : step->before;
        const pic__nft_set *set = pic__nft_set_of(step->kind);
        int there;

        if (set == NULL)
                return 0;
        there = pic__map_get(map_of(m, step->kind), item->key, strlen(item->key)) != NULL;
        if (there && step->verb == PIC__ADD)
                return pic__fail(err, PIC_CONFLICT, "nftables: %s has %s already", set->name, item->key);
        if (!there && step->verb != PIC__ADD)
                return pic__fail(err, PIC_BACKEND, "nftables: %s has no %s", set->name, item->key);
        if (step->verb != PIC__REMOVE)
                return set_item(m, step->after, err);
        pic__map_remove(map_of(m, step->kind), item->key, strlen(item->key));
        return 0;
}

static uint64_t bag_sum(const pic__items *items)
{
        uint64_t sum = 0;
        size_t i;

        for (i = 0; i < items->count; i++)
                sum += pic__item_sum(&items->at[i]);
        return sum;
}

static int flatten(struct merge *m, pic_error **err)
{
        size_t s;

        for (s = 0; s < PIC__NFT_SETS; s++) {
                const pic__item *item;
                size_t at = 0;

                while ((item = pic__map_next(&m->maps[s], &at)) != NULL) {
                        pic__nft_elem e;
                        int r = pic__nft_elem_parse(item, &e, err);

                        if (r < 0)
                                return r;
                        if (pic__vec_push(&m->elems, e) < 0)
                                return pic__nomem(err);
                        m->sum += pic__item_sum(item);
                }
        }
        return 0;
}

static int merge(struct merge *m, const pic__items *elements, const pic__step *steps, size_t count, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < elements->count && r == 0; i++)
                r = set_item(m, &elements->at[i], err);
        for (i = 0; i < count && r == 0; i++)
                r = take_step(m, &steps[i], err);
        return r < 0 ? r : flatten(m, err);
}

static void merge_free(struct merge *m)
{
        size_t s;

        for (s = 0; s < PIC__NFT_SETS; s++)
                pic__map_free(&m->maps[s]);
        pic__vec_free(&m->elems);
}

/* --- replacing ---------------------------------------------------------------------------------------------- */

static int read_back(pic__nft_sock *s, const struct merge *m, const pic__nft_sizes *sizes, pic__nft_world *ret,
                     pic_error **err)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        int r = pic__nft_world_read(s, ret, &items, err);

        if (r < 0)
                return r;
        if (!ret->there || ret->sizes.chains != sizes->chains || ret->sizes.rules != sizes->rules ||
            ret->sizes.sets != sizes->sets)
                return pic__fail(
                        err, PIC_BACKEND,
                        "nftables: the table reads back with %zu chains, %zu rules, %zu sets, not %zu, %zu, %zu",
                        ret->sizes.chains, ret->sizes.rules, ret->sizes.sets, sizes->chains, sizes->rules, sizes->sets);
        if (items.count != m->elems.count || bag_sum(&items) != m->sum)
                return pic__fail(
                        err, PIC_BACKEND,
                        "nftables: the table reads back with other elements than it was given (%zu, given %zu)",
                        items.count, m->elems.count);
        return 0;
}

static int replace(pic__nft_sock *s, const pic__nft_shape *shape, const struct merge *m, pic__nft_world *ret,
                   int *ret_done, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__nft_sizes sizes;
        int r;

        pic__nft_shape_text(shape, m->elems.at, m->elems.count, &text, &sizes);
        if (text.failed)
                return pic__nomem(err);
        r = pic__nft_text_run(NULL, pic__buf_str(&text), err);
        if (r < 0)
                return r;
        *ret_done = 1;
        return read_back(s, m, &sizes, ret, err);
}

int pic__nft_world_replace(pic__nft_sock *s, const pic__nft_shape *shape, const pic__items *elements,
                           const pic__step *steps, size_t count, pic__nft_world *ret, int *ret_done, pic_error **err)
{
        struct merge m = { .sum = 0 };
        int r = merge(&m, elements, steps, count, err);

        *ret_done = 0;
        if (r == 0)
                r = replace(s, shape, &m, ret, ret_done, err);
        merge_free(&m);
        return r;
}
