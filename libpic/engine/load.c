/* Owns: what an apply is made from: the wishes as a snapshot, the secrets opened, the world as it is. */
#include <malloc.h>
#include <string.h>

#include "engine/engine_i.h"

int pic__engine_load(pic__engine *e, pic__snap **ret, pic_revision *ret_revision, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_free pic_id *ids = NULL;
        size_t count = 0;
        int r;

        r = pic__snap_new(&s, err);
        if (r == 0)
                r = pic__store_load(e->store, s, ret_revision, err);
        if (r == 0)
                r = pic__snap_now(s, e->clock->now(e->clock->data), &ids, &count, err);
        if (r == 0)
                r = pic__engine_attach(e, s, err);
        if (r >= 0)
                r = pic__engine_tell_exits(e, s, err);
        if (r < 0)
                return r;
        *ret = pic__take(s);
        return 0;
}

static int open_secret(const pic_obj *o, const char *field, uint8_t out[32], void *data, pic_error **err)
{
        return pic__seals_recall(data, o, field, out, err);
}

static int open_text(const pic_obj *o, const char *field, pic__buf *out, void *data, pic_error **err)
{
        return pic__seals_open_text(data, o, field, out, err);
}

const pic__secrets *pic__engine_secrets(pic__engine *e, pic__secrets *s)
{
        *s = (pic__secrets){ .open = open_secret, .open_text = open_text, .data = &e->seals };
        return e->fake ? NULL : s;
}

int pic__engine_observe_one(pic__engine *e, enum pic__backend_id id, pic__items *out, pic_error **err)
{
        pic__backend *b = e->backends[id];
        int r;

        if (e->seen[id] != PIC__SEEN_NOT && b->ops->news != NULL) {
                r = b->ops->news(b, out, err);
        } else {
                r = b->ops->observe(b, out, err);
                r = r < 0 ? r : 1;
        }
        if (r < 0)
                (void)pic__wrap(err, "looking at %s", pic__backend_names[id]);
        if (r != 0)
                e->seen[id] = PIC__SEEN_NOT;
        return r;
}

int pic__engine_observe_news(pic__engine *e, pic__items *out, unsigned *ret_parts, pic_error **err)
{
        size_t i;

        *ret_parts = 0;
        for (i = 0; i < PIC__BACKENDS; i++) {
                int r = pic__engine_observe_one(e, (enum pic__backend_id)i, out, err);

                if (r < 0)
                        return r;
                *ret_parts |= r > 0 ? PIC__PART(i) : 0;
        }
        return 0;
}

int pic__engine_observe(pic__engine *e, pic__items *out, pic_error **err)
{
        unsigned all;

        pic__engine_forget(e);
        return pic__engine_observe_news(e, out, &all, err);
}

void pic__engine_forget(pic__engine *e)
{
        memset(e->seen, 0, sizeof(e->seen));
}

void pic__engine_forget_left(pic__engine *e)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++)
                if (e->seen[i] == PIC__SEEN_LEFT)
                        e->seen[i] = PIC__SEEN_NOT;
}

void pic__engine_saw(pic__engine *e, unsigned parts, const pic__steps *steps, enum pic__seen otherwise)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++)
                if (parts & PIC__PART(i))
                        e->seen[i] = PIC__SEEN_MATCHING;
        for (i = 0; i < steps->count; i++)
                e->seen[pic__item_kinds[steps->at[i].kind].backend] = otherwise;
}

void pic__engine_trim(void)
{
        (void)malloc_trim(0);
}
