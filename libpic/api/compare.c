/* Owns: two states of the wishes compared: which objects differ in which fields, and what steps that means. */
#include "api/compare.h"

#include "api/plan.h"
#include "base/vec.h"
#include "plan/derive.h"

typedef PIC__VEC(pic__change) change_vec;
typedef PIC__VEC(pic_obj *) ref_vec;

struct compare {
        const pic__snap *before;
        const pic__snap *after;
        change_vec list;
        ref_vec refs; /* the snapshot lets go of an object when it is told of its change */
        pic__buf json;
        pic__json j;
};

static void compare_free(struct compare *c)
{
        size_t i;

        for (i = 0; i < c->refs.count; i++)
                pic__obj_unref(c->refs.at[i]);
        pic__vec_free(&c->refs);
        pic__vec_free(&c->list);
        pic__buf_free(&c->json);
}

static int put_field(const pic__field *f, const char *before, const char *after, void *data)
{
        pic__json *j = data;

        pic__json_open(j, '{');
        pic__json_kstr(j, "field", f->name);
        pic__json_kstr(j, "before", before);
        pic__json_kstr(j, "after", after);
        pic__json_close(j, '}');
        return 0;
}

static int add_change(struct compare *c, const pic_obj *before, const pic_obj *after)
{
        const pic_obj *some = after != NULL ? after : before;
        pic__change change = { some->kind, some->id, before, after };
        const pic_obj *sides[2] = { before, after };
        size_t i;

        for (i = 0; i < 2; i++) {
                if (sides[i] == NULL)
                        continue;
                if (pic__vec_push(&c->refs, NULL) < 0)
                        return -1;
                c->refs.at[c->refs.count - 1] = pic__obj_ref(sides[i]);
        }
        pic__json_open(&c->j, '{');
        pic__json_kstr(&c->j, "kind", pic__kinds[some->kind].name);
        pic__json_kstr(&c->j, "name", pic__obj_name(some));
        pic__json_kstr(&c->j, "verb", before == NULL ? "add" : after == NULL ? "remove" : "change");
        pic__json_key(&c->j, "fields");
        pic__json_open(&c->j, '[');
        if (pic__obj_diff(before, after, put_field, &c->j) < 0)
                return -1;
        pic__json_close(&c->j, ']');
        pic__json_close(&c->j, '}');
        return pic__vec_push(&c->list, change);
}

/* Everything that differs, in the order cell, groups, peers; removals first within a kind. */
static int compare_kind(struct compare *c, enum pic__kind kind)
{
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(c->before, kind, &at)) != NULL)
                if (pic__snap_get(c->after, kind, o->id) == NULL && add_change(c, o, NULL) < 0)
                        return -1;
        at = 0;
        while ((o = pic__snap_next(c->after, kind, &at)) != NULL) {
                const pic_obj *was = pic__snap_get(c->before, kind, o->id);

                if ((was == NULL || was->revision != o->revision) && add_change(c, was, o) < 0)
                        return -1;
        }
        return 0;
}

static int compare_all(struct compare *c, pic_error **err)
{
        int kind, r = 0;

        c->j = (pic__json)PIC__JSON(&c->json);
        pic__json_open(&c->j, '[');
        for (kind = 0; r == 0 && kind < PIC__KINDS; kind++)
                r = compare_kind(c, (enum pic__kind)kind);
        pic__json_close(&c->j, ']');
        return r < 0 || c->json.failed ? pic__nomem(err) : 0;
}

static int derive(pic_ctx *ctx, pic__snap *before, const struct compare *c, pic_revision revision, pic_plan **ret,
                  pic_error **err)
{
        pic__auto_items pic__items was = PIC__ITEMS_INIT, is = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        int all, r;

        r = pic__derive_delta(before, c->list.at, c->list.count, ctx->clock->now(ctx->clock->data), NULL, &was, &is,
                              &all, err);
        if (r == 0)
                r = pic__plan_diff(&was, &is, &steps, err);
        return r < 0 ? r : pic__plan_make(&steps, revision, pic__buf_str(&c->json), ret, err);
}

int pic__compare(pic_ctx *ctx, pic__snap *before, const pic__snap *after, pic_revision revision, pic_plan **ret,
                 pic_error **err)
{
        PIC__AUTO(compare_free)
        struct compare c = { before, after, PIC__VEC_INIT, PIC__VEC_INIT, PIC__BUF_INIT, { NULL, 0 } };
        int r = pic__snap_clock(before, ctx, err);

        if (r == 0)
                r = compare_all(&c, err);
        return r < 0 ? r : derive(ctx, before, &c, revision, ret, err);
}
